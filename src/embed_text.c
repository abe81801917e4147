#include "embed_text.h"

#include "base/text.h"

#include <string.h>

static void add_line(GString *text, const char *line)
{
    if (!line || !*line)
        return;
    if (text->len > 0)
        g_string_append_c(text, '\n');
    g_string_append(text, line);
}

char *jd_embed_text(const jd_item *item)
{
    GString *text = g_string_new(NULL);
    g_autofree char *section = jd_text_section(item->section);
    add_line(text, item->document ? item->document->title : NULL);
    add_line(text, section);
    if (item->kind == JD_ITEM_TEXT) {
        add_line(text, item->text);
    } else {
        add_line(text, item->caption);
        add_line(text, g_strcmp0(item->alt, item->caption) == 0 ? NULL : item->alt);
        add_line(text, item->ocr);
        add_line(text, item->nearby);
    }
    return g_string_free(text, FALSE);
}

char *jd_embed_article_text(const jd_item *item)
{
    enum { CHARS = 256 };
    guint depth = g_strv_length(item->section);
    g_autofree char *head = g_strdup_printf("%s: ", depth > 0 ? item->section[depth - 1] : "");
    gssize room = CHARS - (gssize)jd_text_chars(head);
    if (room < 0)
        room = MAX(0, (gssize)jd_text_chars(item->text) + room);
    gsize bytes = jd_text_prefix(item->text, (gsize)room);
    return g_strdup_printf("%s%.*s", head, (int)bytes, item->text);
}
