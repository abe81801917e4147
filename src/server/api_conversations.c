/* /api/v1/conversations. */
#include "server/api.h"

#include "base/limits.h"
#include "pipeline.h"
#include "retrieve/json.h"
#include "server/conversation_json.h"
#include "server/ids.h"
#include "server/picture_reply.h"
#include "server/search_params.h"
#include "server/service.h"

#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

static gboolean list(jd_call *call, GError **error)
{
    g_auto(jd_params) params = {0};
    jd_page page;
    const char *query = NULL;
    if (!jd_params_init(&params, call, error) || !jd_page_read(&page, &params, error) ||
        !jd_params_text(&params, "query", &query, error) || !jd_params_end(&params, error))
        return FALSE;
    g_auto(jd_borrowed) base = jd_bases_borrow(jd_call_service(call)->bases, error);
    g_autoptr(GPtrArray) found =
        base.kb ? jd_store_list_conversations(jd_kb_store(base.kb), query && *query ? query : NULL,
                                              &page, error)
                : NULL;
    if (!found)
        return FALSE;
    json_t *conversations = json_array();
    for (guint i = 0; i < found->len; i++)
        json_array_append_new(conversations, jd_conversation_to_json(found->pdata[i]));
    jd_call_reply_json(call, 200, json_pack("{s:o}", "conversations", conversations));
    return TRUE;
}

/* A conversation with its messages. */
typedef struct whole {
    jd_conversation *conversation;
    GPtrArray *messages;
} whole;

static void whole_clear(whole *at)
{
    jd_conversation_free(at->conversation);
    g_clear_pointer(&at->messages, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(whole, whole_clear)

static gboolean load(whole *at, jd_call *call, GError **error)
{
    gint64 id;
    if (!jd_path_id(call, 0, 'c', &id, error))
        return FALSE;
    g_auto(jd_borrowed) base = jd_bases_borrow(jd_call_service(call)->bases, error);
    if (!base.kb)
        return FALSE;
    at->conversation = jd_store_get_conversation(jd_kb_store(base.kb), id, error);
    if (at->conversation)
        at->messages = jd_store_list_messages(jd_kb_store(base.kb), id, error);
    return at->messages != NULL;
}

static gboolean show(jd_call *call, GError **error)
{
    g_auto(whole) at = {0};
    if (!load(&at, call, error))
        return FALSE;
    jd_call_reply_json(call, 200, jd_conversation_to_json_full(at.conversation, at.messages));
    return TRUE;
}

/* Gives a message's "image" the picture's bytes, where it has one. */
static gboolean add_data(jd_store *store, gint64 conversation, gint64 message, json_t *image,
                         GError **error)
{
    g_autoptr(jd_item) picture = jd_store_get_message_picture(store, conversation, message, error);
    g_autoptr(GBytes) bytes = picture ? jd_store_get_picture(store, picture->sha256, error) : NULL;
    if (!bytes)
        return FALSE;
    gsize size;
    const guchar *data = g_bytes_get_data(bytes, &size);
    g_autofree char *encoded = g_base64_encode(data, size);
    g_autofree char *uri = g_strdup_printf("data:%s;base64,%s", picture->media_type, encoded);
    json_object_set_new(image, "data", json_string(uri));
    return TRUE;
}

static gboolean export_json(jd_call *call, const whole *at, GError **error)
{
    g_auto(jd_borrowed) base = jd_bases_borrow(jd_call_service(call)->bases, error);
    if (!base.kb)
        return FALSE;
    json_auto_t *json = jd_conversation_to_json_full(at->conversation, at->messages);
    const json_t *messages = json_object_get(json, "messages");
    for (guint i = 0; i < at->messages->len; i++) {
        const jd_message *message = at->messages->pdata[i];
        const json_t *content = json_object_get(json_array_get(messages, i), "content");
        json_t *image = json_object_get(content, "image");
        g_autoptr(GError) problem = NULL;
        /* What a client put there as "image" may be anything. */
        if (json_is_object(image) &&
            !add_data(jd_kb_store(base.kb), at->conversation->id, message->id, image, &problem) &&
            !g_error_matches(problem, JD_ERROR, JD_ERROR_NOT_FOUND)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return FALSE;
        }
    }
    jd_call_reply_json(call, 200, json_incref(json));
    return TRUE;
}

static gboolean export(jd_call *call, GError **error)
{
    static const char *const formats[] = {"markdown", "json", NULL};
    g_auto(jd_params) params = {0};
    g_auto(whole) at = {0};
    int format = 0;
    if (!jd_params_init(&params, call, error) ||
        !jd_params_choice(&params, "format", formats, &format, error) ||
        !jd_params_end(&params, error) || !load(&at, call, error))
        return FALSE;
    g_autofree char *name =
        g_strdup_printf("attachment; filename=\"conversation-%" G_GINT64_FORMAT ".%s\"",
                        at.conversation->id, format == 0 ? "md" : "json");
    jd_call_set_header(call, "Content-Disposition", name);
    if (format == 1)
        return export_json(call, &at, error);
    char *text = jd_conversation_to_markdown(at.conversation, at.messages);
    g_autoptr(GBytes) bytes = g_bytes_new_take(text, strlen(text));
    jd_call_reply_bytes(call, 200, "text/markdown; charset=utf-8", bytes);
    return TRUE;
}

/* ---- pictures of questions ---- */

static jd_item *find_picture(const jd_call *call, jd_kb *kb, GError **error)
{
    gint64 conversation, message;
    if (!kb || !jd_path_id(call, 0, 'c', &conversation, error) ||
        !jd_path_id(call, 1, 'm', &message, error))
        return NULL;
    return jd_store_get_message_picture(jd_kb_store(kb), conversation, message, error);
}

static gboolean show_image(jd_call *call, GError **error)
{
    g_auto(jd_borrowed) base = jd_bases_borrow(jd_call_service(call)->bases, error);
    g_autoptr(jd_item) picture = find_picture(call, base.kb, error);
    return picture && jd_picture_reply(call, base.kb, picture, error);
}

static gboolean show_thumbnail(jd_call *call, GError **error)
{
    g_auto(jd_borrowed) base = jd_bases_borrow(jd_call_service(call)->bases, error);
    g_autoptr(jd_item) picture = find_picture(call, base.kb, error);
    return picture && jd_thumbnail_reply(call, base.kb, picture, error);
}

/* ---- writing ---- */

/* What is to be written; which of these are set depends on what it is. */
typedef struct change {
    gint64 id, message_id;
    const char *title;
    jd_message message;
} change;

static gboolean do_add(jd_store *store, void *user, GError **error)
{
    change *at = user;
    return jd_store_add_conversation(store, at->title, &at->id, error);
}

static gboolean do_rename(jd_store *store, void *user, GError **error)
{
    const change *at = user;
    return jd_store_rename_conversation(store, at->id, at->title, error);
}

static gboolean do_remove(jd_store *store, void *user, GError **error)
{
    const change *at = user;
    return jd_store_remove_conversation(store, at->id, error) && jd_store_compact(store, error);
}

static gboolean do_add_message(jd_store *store, void *user, GError **error)
{
    change *at = user;
    return jd_store_add_message(store, at->id, &at->message, &at->message_id, error);
}

static gboolean do_remove_messages(jd_store *store, void *user, GError **error)
{
    const change *at = user;
    return jd_store_remove_messages(store, at->id, at->message_id, error);
}

static gboolean write_change(jd_call *call, jd_write_fn write, change *at, GError **error)
{
    return jd_scribe_write(jd_call_service(call)->scribe, write, at, error);
}

static gboolean check_title(const char *title, GError **error)
{
    if (title && *title && strlen(title) <= JD_LIMIT_TITLE_BYTES)
        return TRUE;
    jd_set_http_error(error, 400, NULL, "title is to have 1 to %d bytes", JD_LIMIT_TITLE_BYTES);
    return FALSE;
}

static gboolean add(jd_call *call, GError **error)
{
    g_auto(jd_params) params = {0};
    change at = {.title = "New conversation"};
    if (!jd_params_init(&params, call, error) ||
        !jd_params_text(&params, "title", &at.title, error) || !jd_params_end(&params, error) ||
        !check_title(at.title, error) || !write_change(call, do_add, &at, error))
        return FALSE;
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;
    jd_conversation made = {.id = at.id, .title = (char *)at.title, .created = now, .updated = now};
    jd_call_reply_json(call, 201, jd_conversation_to_json(&made));
    return TRUE;
}

static gboolean rename_conversation(jd_call *call, GError **error)
{
    g_auto(jd_params) params = {0};
    change at = {0};
    if (!jd_path_id(call, 0, 'c', &at.id, error) || !jd_params_init(&params, call, error) ||
        !jd_params_text(&params, "title", &at.title, error) || !jd_params_end(&params, error) ||
        !check_title(at.title, error) || !write_change(call, do_rename, &at, error))
        return FALSE;
    return show(call, error);
}

static gboolean remove_conversation(jd_call *call, GError **error)
{
    change at = {0};
    if (!jd_path_id(call, 0, 'c', &at.id, error) || !write_change(call, do_remove, &at, error))
        return FALSE;
    jd_call_reply_empty(call, 204);
    return TRUE;
}

static gboolean add_message(jd_call *call, GError **error)
{
    static const char *const roles[] = {"user", "assistant", NULL};
    g_auto(jd_params) params = {0};
    change at = {0};
    int role = -1;
    const char *text = NULL;
    json_t *content = NULL;
    if (!jd_path_id(call, 0, 'c', &at.id, error) || !jd_params_init(&params, call, error) ||
        !jd_params_choice(&params, "role", roles, &role, error) ||
        !jd_params_text(&params, "text", &text, error) ||
        !jd_params_json(&params, "content", JSON_OBJECT, &content, error) ||
        !jd_params_end(&params, error))
        return FALSE;
    if (role < 0 || !text) {
        jd_set_http_error(error, 400, NULL, "a message needs a role and a text");
        return FALSE;
    }
    char *kept = content ? json_dumps(content, JSON_COMPACT) : strdup("{}");
    at.message = (jd_message){
        .role = (char *)roles[role], .text = (char *)text, .content = kept, .created = 0};
    gboolean done = write_change(call, do_add_message, &at, error);
    if (done) {
        at.message.id = at.message_id;
        at.message.created = g_get_real_time() / G_USEC_PER_SEC;
        jd_call_reply_json(call, 201, jd_message_to_json(&at.message));
    }
    free(kept); /* jansson's own allocator is malloc() */
    return done;
}

/* A question that is edited: it goes with all that followed. */
static gboolean remove_messages(jd_call *call, GError **error)
{
    change at = {0};
    if (!jd_path_id(call, 0, 'c', &at.id, error) ||
        !jd_path_id(call, 1, 'm', &at.message_id, error) ||
        !write_change(call, do_remove_messages, &at, error))
        return FALSE;
    jd_call_reply_empty(call, 204);
    return TRUE;
}

static const jd_route routes[] = {
    {"GET", "/api/v1/conversations", list},
    {"POST", "/api/v1/conversations", add, JD_ROUTE_WRITES},
    {"GET", "/api/v1/conversations/{id}", show},
    {"PATCH", "/api/v1/conversations/{id}", rename_conversation, JD_ROUTE_WRITES},
    {"DELETE", "/api/v1/conversations/{id}", remove_conversation, JD_ROUTE_WRITES},
    {"GET", "/api/v1/conversations/{id}/export", export},
    {"POST", "/api/v1/conversations/{id}/messages", add_message, JD_ROUTE_WRITES,
     .max_body = JD_SERVER_FIELD_BYTES * 16},
    {"DELETE", "/api/v1/conversations/{id}/messages/{message}", remove_messages, JD_ROUTE_WRITES},
    {"GET", "/api/v1/conversations/{id}/messages/{message}/image", show_image},
    {"GET", "/api/v1/conversations/{id}/messages/{message}/thumbnail", show_thumbnail},
    {NULL},
};

const jd_route_table jd_routes_conversations = {"/api/v1/", routes, jd_put_error};
