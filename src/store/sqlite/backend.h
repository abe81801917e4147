/* The operations of the SQLite backend, one file after another; sqlite.c puts them into the table.
 */
#ifndef JD_STORE_SQLITE_BACKEND_H
#define JD_STORE_SQLITE_BACKEND_H

#include "store/ops.h"

/* open.c */
jd_store *jd_sqlite_open(const char *where, const jd_store_options *options, GError **error);
void jd_sqlite_close(jd_store *store);

/* batch.c */
gboolean jd_sqlite_begin(jd_store *store, GError **error);
gboolean jd_sqlite_commit(jd_store *store, GError **error);
void jd_sqlite_rollback(jd_store *store);

/* documents.c */
gboolean jd_sqlite_find_document(jd_store *store, const char *collection, const char *uri,
                                 jd_document_info **info, GError **error);
char *jd_sqlite_document_settings(jd_store *store, gint64 id, GError **error);

/* put.c */
gboolean jd_sqlite_put_document(jd_store *store, const jd_store_document *document, gint64 *id,
                                GError **error);

/* remove.c */
gboolean jd_sqlite_remove_document(jd_store *store, gint64 id, GError **error);
gboolean jd_sqlite_remove_item(jd_store *store, jd_item_kind kind, gint64 id, GError **error);

/* items.c */
gboolean jd_sqlite_each_item(jd_store *store, const jd_item_walk *walk, GError **error);
GPtrArray *jd_sqlite_get_items(jd_store *store, jd_item_kind kind, const gint64 *ids, gsize n,
                               GError **error);
GPtrArray *jd_sqlite_get_range(jd_store *store, const jd_item_range *range, GError **error);
gboolean jd_sqlite_is_shown(jd_store *store, const char *collection, const char *sha256,
                            gboolean *shown, GError **error);

/* pictures.c */
GBytes *jd_sqlite_get_picture(jd_store *store, const char *sha256, GError **error);

/* search.c */
GArray *jd_sqlite_search_words(jd_store *store, const jd_keyword_query *query, GError **error);
gboolean jd_sqlite_weigh_words(jd_store *store, const jd_keyword_query *query, double *idf,
                               GError **error);

/* words.c */
GPtrArray *jd_sqlite_languages(jd_store *store, GError **error);

/* vectors.c */
gboolean jd_sqlite_ensure_space(jd_store *store, const jd_space *space, gint64 *id, GError **error);
GPtrArray *jd_sqlite_list_spaces(jd_store *store, GError **error);
gboolean jd_sqlite_put_vectors(jd_store *store, const jd_vectors *vectors, GError **error);
float *jd_sqlite_get_vector(jd_store *store, gint64 space, jd_item_kind kind, gint64 id,
                            GError **error);

/* vector_scan.c */
gboolean jd_sqlite_scan_vectors(jd_store *store, const jd_vector_scan *scan, GError **error);

/* vector_search.c */
GPtrArray *jd_sqlite_search_vectors(jd_store *store, const jd_vector_query *query, GError **error);

/* vector_cache.c */
void jd_sqlite_refresh_caches(jd_store *store);

/* spaces.c */
GArray *jd_sqlite_missing_vectors(jd_store *store, const jd_missing_query *query, GError **error);
gboolean jd_sqlite_count_vectors(jd_store *store, gint64 space, jd_item_kind kind, guint64 *count,
                                 GError **error);
gboolean jd_sqlite_drop_space(jd_store *store, gint64 space, GError **error);

/* pages.c */
GPtrArray *jd_sqlite_list_documents(jd_store *store, const jd_filter *filter, GError **error);
GPtrArray *jd_sqlite_page_documents(jd_store *store, const jd_document_query *query, guint64 *total,
                                    GError **error);
GPtrArray *jd_sqlite_list_collections(jd_store *store, GError **error);

/* jobs.c */
gboolean jd_sqlite_add_job(jd_store *store, const jd_job *job, gint64 *id, GError **error);
gboolean jd_sqlite_update_job(jd_store *store, const jd_job *job, GError **error);
GPtrArray *jd_sqlite_list_jobs(jd_store *store, const jd_page *page, GError **error);
jd_job *jd_sqlite_get_job(jd_store *store, gint64 id, GError **error);

/* conversations.c */
gboolean jd_sqlite_add_conversation(jd_store *store, const char *title, gint64 *id, GError **error);
gboolean jd_sqlite_rename_conversation(jd_store *store, gint64 id, const char *title,
                                       GError **error);
gboolean jd_sqlite_remove_conversation(jd_store *store, gint64 id, GError **error);
jd_conversation *jd_sqlite_get_conversation(jd_store *store, gint64 id, GError **error);
GPtrArray *jd_sqlite_list_conversations(jd_store *store, const char *part, const jd_page *page,
                                        GError **error);
gboolean jd_sqlite_add_message(jd_store *store, gint64 conversation, const jd_message *message,
                               gint64 *id, GError **error);
GPtrArray *jd_sqlite_list_messages(jd_store *store, gint64 conversation, GError **error);
jd_item *jd_sqlite_get_message_picture(jd_store *store, gint64 conversation, gint64 message,
                                       GError **error);
gboolean jd_sqlite_remove_messages(jd_store *store, gint64 conversation, gint64 from,
                                   GError **error);

/* maintain.c */
gboolean jd_sqlite_compact(jd_store *store, GError **error);
gboolean jd_sqlite_get_stats(jd_store *store, jd_store_stats *stats, GError **error);

/* backup.c */
gboolean jd_sqlite_backup(jd_store *store, const char *path, GError **error);

/* verify.c */
GPtrArray *jd_sqlite_verify(jd_store *store, GError **error);

#endif
