/* The pictures of a prompt. */
#include "answer/prompt_parts.h"
#include "base/limits.h"

#include <string.h>

int jd_model_picture_limit(const jd_server_model *model)
{
    if (!model->vision)
        return 0;
    return g_strcmp0(model->architecture, "mllama") == 0 ? 1 : G_MAXINT;
}

int jd_picture_tokens(const jd_server_model *model, const jd_item *item)
{
    static const struct {
        const char *architecture;
        int tokens;
    } fixed[] = {{"mllama", 16}, {"gemma3", 256}, {"llama", 576}};
    enum { PATCH = 28, FRAME = 32 };
    for (gsize i = 0; i < G_N_ELEMENTS(fixed); i++) {
        if (g_strcmp0(model->architecture, fixed[i].architecture) == 0)
            return fixed[i].tokens;
    }
    double width = JD_ASK_PICTURE_SIDE, height = JD_ASK_PICTURE_SIDE;
    if (item && item->width > 0 && item->height > 0) {
        double scale = MIN(1.0, (double)JD_ASK_PICTURE_SIDE / MAX(item->width, item->height));
        width = item->width * scale;
        height = item->height * scale;
    }
    return ((int)width / PATCH + 1) * ((int)height / PATCH + 1) + FRAME;
}

/* A picture that is to be sent: an item of the knowledge base, or the question's own. */
typedef struct wanted {
    jd_item *item;
    char *label; /* "Picture 6", "The question's picture" */
    jd_source *source;
} wanted;

static void wanted_clear(gpointer data)
{
    wanted *w = data;
    g_free(w->label);
    if (!w->source)
        jd_item_free(w->item);
}

/* The question's picture as an item, so that it is rendered like the others. */
static jd_item *question_item(GBytes *picture)
{
    jd_item *item = jd_item_new(JD_ITEM_IMAGE);
    item->bytes = g_bytes_ref(picture);
    return item;
}

static GArray *list_wanted(const jd_picture_plan *plan)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(wanted));
    g_array_set_clear_func(list, wanted_clear);
    if (plan->limit == 0 || !plan->request->pictures)
        return list;
    for (guint i = 0; i < plan->selection->images->len; i++) {
        jd_source *source = g_ptr_array_index(plan->selection->images, i);
        if (!source->shown)
            continue;
        guint n = plan->selection->text->len + i + 1;
        wanted w = {.item = source->evidence->item,
                    .label = g_strdup_printf("Picture %u", n),
                    .source = source};
        g_array_append_val(list, w);
    }
    if (plan->request->question_picture) {
        wanted w = {.item = question_item(plan->request->question_picture),
                    .label = g_strdup("The question's picture")};
        g_array_append_val(list, w);
    }
    return list;
}

/* Renders some of the pictures as one. NULL, with a note, where that fails. */
static GBytes *render(const jd_picture_plan *plan, const GArray *list, guint first,
                      const char **media_type, jd_prompt *prompt)
{
    g_autoptr(GPtrArray) images = g_ptr_array_new();
    g_autoptr(GPtrArray) labels = g_ptr_array_new();
    gboolean sheet = plan->limit == 1 && list->len > 1;
    guint last = sheet ? list->len : first + 1;
    for (guint i = first; i < last; i++) {
        g_ptr_array_add(images, g_array_index(list, wanted, i).item);
        g_ptr_array_add(labels, g_array_index(list, wanted, i).label);
    }
    g_ptr_array_add(labels, NULL);
    jd_picture_wish wish = {.images = images,
                            .max_side = JD_ASK_PICTURE_SIDE,
                            .labels = sheet ? (char *const *)labels->pdata : NULL};
    g_autoptr(GError) error = NULL;
    const jd_picture_source *source = plan->request->pictures;
    GBytes *bytes = source->render(&wish, media_type, source->user, &error);
    for (guint i = first; i < last && !bytes; i++) {
        const wanted *w = &g_array_index(list, wanted, i);
        if (w->source)
            w->source->shown = FALSE;
        g_ptr_array_add(prompt->notes, g_strdup_printf("%s was not sent: %s", w->label,
                                                       error ? error->message : "no reason"));
    }
    return bytes;
}

static void add_one(jd_prompt *prompt, jd_message *message, char *label, GBytes *bytes,
                    const char *media_type)
{
    if (label)
        jd_message_add_text(message, label);
    jd_message_add_picture(message, bytes, media_type);
    if (label)
        jd_message_add_text(message, g_strdup("\n"));
    prompt->pictures++;
}

/* "The pictures stand on one sheet, each under its label: Picture 4, Picture 5." */
static char *sheet_label(const GArray *list)
{
    GString *text = g_string_new("The pictures stand on one sheet, each under its label: ");
    for (guint i = 0; i < list->len; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "",
                               g_array_index(list, wanted, i).label);
    g_string_append(text, ".\n");
    return g_string_free(text, FALSE);
}

void jd_prompt_add_pictures(jd_prompt *prompt, jd_message *message, const jd_picture_plan *plan)
{
    g_autoptr(GArray) list = list_wanted(plan);
    gboolean sheet = plan->limit == 1 && list->len > 1;
    /* The article's prompt names its pictures itself; several still need text between them. */
    gboolean bare = plan->bare && (sheet || list->len == 1);
    for (guint i = 0; i < (sheet ? 1 : list->len); i++) {
        const char *media_type = NULL;
        g_autoptr(GBytes) bytes = render(plan, list, i, &media_type, prompt);
        if (!bytes)
            continue;
        char *label = sheet ? sheet_label(list)
                            : g_strdup_printf("%s:\n", g_array_index(list, wanted, i).label);
        if (bare)
            g_clear_pointer(&label, g_free);
        add_one(prompt, message, label, bytes, media_type);
    }
}
