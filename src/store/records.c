#include "store/records.h"

#include "store/ops.h"

GPtrArray *jd_store_page_documents(jd_store *store, const jd_document_query *query, guint64 *total,
                                   GError **error)
{
    return store->ops->page_documents(store, query, total, error);
}

GPtrArray *jd_store_list_collections(jd_store *store, GError **error)
{
    return store->ops->list_collections(store, error);
}

/* ---- jobs ---- */

void jd_job_free(jd_job *job)
{
    if (!job)
        return;
    g_free(job->kind);
    g_free(job->state);
    g_free(job->request);
    g_free(job->result);
    g_free(job);
}

gboolean jd_store_add_job(jd_store *store, const jd_job *job, gint64 *id, GError **error)
{
    return store->ops->add_job(store, job, id, error);
}

gboolean jd_store_update_job(jd_store *store, const jd_job *job, GError **error)
{
    return store->ops->update_job(store, job, error);
}

GPtrArray *jd_store_list_jobs(jd_store *store, const jd_page *page, GError **error)
{
    return store->ops->list_jobs(store, page, error);
}

jd_job *jd_store_get_job(jd_store *store, gint64 id, GError **error)
{
    return store->ops->get_job(store, id, error);
}

/* ---- conversations ---- */

void jd_conversation_free(jd_conversation *conversation)
{
    if (!conversation)
        return;
    g_free(conversation->title);
    g_free(conversation);
}

void jd_message_free(jd_message *message)
{
    if (!message)
        return;
    g_free(message->role);
    g_free(message->text);
    g_free(message->content);
    g_free(message);
}

gboolean jd_store_add_conversation(jd_store *store, const char *title, gint64 *id, GError **error)
{
    return store->ops->add_conversation(store, title, id, error);
}

gboolean jd_store_rename_conversation(jd_store *store, gint64 id, const char *title, GError **error)
{
    return store->ops->rename_conversation(store, id, title, error);
}

gboolean jd_store_remove_conversation(jd_store *store, gint64 id, GError **error)
{
    return store->ops->remove_conversation(store, id, error);
}

jd_conversation *jd_store_get_conversation(jd_store *store, gint64 id, GError **error)
{
    return store->ops->get_conversation(store, id, error);
}

GPtrArray *jd_store_list_conversations(jd_store *store, const char *part, const jd_page *page,
                                       GError **error)
{
    return store->ops->list_conversations(store, part, page, error);
}

gboolean jd_store_add_message(jd_store *store, gint64 conversation, const jd_message *message,
                              gint64 *id, GError **error)
{
    return store->ops->add_message(store, conversation, message, id, error);
}

GPtrArray *jd_store_list_messages(jd_store *store, gint64 conversation, GError **error)
{
    return store->ops->list_messages(store, conversation, error);
}

jd_item *jd_store_get_message_picture(jd_store *store, gint64 conversation, gint64 message,
                                      GError **error)
{
    return store->ops->get_message_picture(store, conversation, message, error);
}

gboolean jd_store_remove_messages(jd_store *store, gint64 conversation, gint64 from, GError **error)
{
    return store->ops->remove_messages(store, conversation, from, error);
}

int jd_id_compare(gconstpointer a, gconstpointer b)
{
    const gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
    return (x > y) - (x < y);
}
