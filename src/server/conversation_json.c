#include "server/conversation_json.h"

#include "retrieve/json.h"

json_t *jd_message_to_json(const jd_message *message)
{
    g_autofree char *id = g_strdup_printf("m%" G_GINT64_FORMAT, message->id);
    json_t *content = json_loads(message->content, 0, NULL);
    return json_pack("{s:s, s:s, s:o, s:o, s:I}", "id", id, "role", message->role, "text",
                     jd_json_string(message->text), "content", content ? content : json_null(),
                     "created", (json_int_t)message->created);
}

json_t *jd_conversation_to_json(const jd_conversation *conversation)
{
    g_autofree char *id = g_strdup_printf("c%" G_GINT64_FORMAT, conversation->id);
    return json_pack("{s:s, s:o, s:I, s:I, s:i}", "id", id, "title",
                     jd_json_string(conversation->title), "created",
                     (json_int_t)conversation->created, "updated",
                     (json_int_t)conversation->updated, "messages", (int)conversation->messages);
}

json_t *jd_conversation_to_json_full(const jd_conversation *conversation, const GPtrArray *messages)
{
    json_t *object = jd_conversation_to_json(conversation);
    json_t *array = json_array();
    for (guint i = 0; i < messages->len; i++)
        json_array_append_new(array, jd_message_to_json(messages->pdata[i]));
    json_object_set_new(object, "messages", array);
    return object;
}

/* ---- Markdown ---- */

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* The sources that an answer cites, each once. */
static void append_sources(GString *out, const json_t *answer)
{
    static const char *const lists[] = {"text", "images"};
    const json_t *citations = json_object_get(answer, "citations");
    const json_t *evidence = json_object_get(answer, "evidence");
    g_autoptr(GHashTable) told = g_hash_table_new(NULL, NULL);
    for (gsize i = 0; i < json_array_size(citations); i++) {
        const json_t *citation = json_array_get(citations, i);
        int n = (int)json_integer_value(json_object_get(citation, "n"));
        if (!g_hash_table_add(told, GINT_TO_POINTER(n)))
            continue;
        for (gsize l = 0; l < G_N_ELEMENTS(lists); l++) {
            const json_t *list = json_object_get(evidence, lists[l]);
            for (gsize k = 0; k < json_array_size(list); k++) {
                const json_t *item = json_array_get(list, k);
                const json_t *document = json_object_get(item, "document");
                if (g_str_equal(text_of(item, "id"), text_of(citation, "id")))
                    g_string_append_printf(out, "[%d]: %s (%s)\n", n, text_of(document, "title"),
                                           text_of(document, "uri"));
            }
        }
    }
}

/* That a question had a picture; its bytes are in an export as JSON. */
static void append_picture(GString *out, const json_t *image)
{
    if (json_is_object(image))
        g_string_append_printf(out, "\n(with a picture: %s, %d × %d)\n",
                               text_of(image, "media_type"),
                               (int)json_integer_value(json_object_get(image, "width")),
                               (int)json_integer_value(json_object_get(image, "height")));
}

char *jd_conversation_to_markdown(const jd_conversation *conversation, const GPtrArray *messages)
{
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, "# %s\n", conversation->title);
    for (guint i = 0; i < messages->len; i++) {
        const jd_message *message = messages->pdata[i];
        gboolean asked = g_str_equal(message->role, "user");
        g_string_append_printf(out, "\n## %s\n\n%s\n", asked ? "Question" : "Answer",
                               message->text);
        json_auto_t *content = json_loads(message->content, 0, NULL);
        GString *sources = g_string_new(NULL);
        if (asked)
            append_picture(out, json_object_get(content, "image"));
        append_sources(sources, content);
        if (sources->len > 0)
            g_string_append_printf(out, "\n%s", sources->str);
        g_string_free(sources, TRUE);
    }
    return g_string_free(out, FALSE);
}
