#include "answer/prompt.h"

#include "answer/neutral.h"

static void add_field(GString *out, const char *label, const char *value)
{
    g_autofree char *safe = jd_neutral_text(value);
    g_string_append_printf(out, "%s%s\n", label, safe);
}

static const char *innermost(const jd_item *item)
{
    guint n = g_strv_length(item->section);
    return n > 0 ? item->section[n - 1] : "Main";
}

static void add_head(GString *out, const jd_item *item)
{
    add_field(out, "**Article title:** ", item->document ? item->document->title : "Untitled");
    add_field(out, "**Section:**  ", innermost(item));
}

static void add_text(GString *out, const jd_item *item)
{
    add_head(out, item);
    add_field(out, "**Snippet:** ", item->text);
    g_string_append_c(out, '\n');
}

static void add_image(GString *out, const jd_item *item)
{
    const char *caption = item->caption ? item->caption : item->alt;
    add_head(out, item);
    add_field(out, "**Image Path:**  ", item->source);
    add_field(out, "**Image Caption:** ", caption ? caption : "No caption available");
    g_string_append_c(out, '\n');
}

char *jd_prompt_article_text(const char *question, const jd_selection *selection)
{
    g_autofree char *query = jd_neutral_text(question);
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, "Given the query \"%s\" and the following relevant snippets:\n\n",
                           query);
    for (guint i = 0; i < selection->text->len; i++)
        add_text(out, ((jd_source *)g_ptr_array_index(selection->text, i))->evidence->item);
    g_string_append_c(out, '\n');
    for (guint i = 0; i < selection->images->len; i++)
        add_image(out, ((jd_source *)g_ptr_array_index(selection->images, i))->evidence->item);
    g_string_append(out,
                    "\n\nPlease provide a concise and accurate answer to the query, incorporating "
                    "relevant information from the provided snippets where possible.\n\n");
    return g_string_free(out, FALSE);
}
