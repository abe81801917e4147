/*
 * What a database must provide to be a knowledge base. Each backend is one folder and one row in
 * store.c; the functions mean what store.h says of their namesakes, arguments already checked.
 */
#ifndef JD_STORE_OPS_H
#define JD_STORE_OPS_H

#include "store/records.h"

typedef struct jd_store_ops {
    /** Beginning of the addresses that this backend opens; "" takes every other one. */
    const char *scheme;
    jd_store *(*open)(const char *where, const jd_store_options *options, GError **error);
    void (*close)(jd_store *store);

    gboolean (*begin)(jd_store *store, GError **error);
    gboolean (*commit)(jd_store *store, GError **error);
    void (*rollback)(jd_store *store);

    gboolean (*find_document)(jd_store *store, const char *collection, const char *uri,
                              jd_document_info **info, GError **error);
    gboolean (*put_document)(jd_store *store, const jd_store_document *document, gint64 *id,
                             GError **error);
    char *(*document_settings)(jd_store *store, gint64 id, GError **error);
    gboolean (*remove_document)(jd_store *store, gint64 id, GError **error);
    gboolean (*remove_item)(jd_store *store, jd_item_kind kind, gint64 id, GError **error);
    gboolean (*compact)(jd_store *store, GError **error);
    GPtrArray *(*list_documents)(jd_store *store, const jd_filter *filter, GError **error);

    gboolean (*each_item)(jd_store *store, const jd_item_walk *walk, GError **error);
    GPtrArray *(*get_items)(jd_store *store, jd_item_kind kind, const gint64 *ids, gsize n,
                            GError **error);
    GPtrArray *(*get_range)(jd_store *store, const jd_item_range *range, GError **error);
    gboolean (*is_shown)(jd_store *store, const char *collection, const char *sha256,
                         gboolean *shown, GError **error);
    GBytes *(*get_picture)(jd_store *store, const char *sha256, GError **error);

    GArray *(*search_words)(jd_store *store, const jd_keyword_query *query, GError **error);
    gboolean (*weigh_words)(jd_store *store, const jd_keyword_query *query, double *idf,
                            GError **error);
    GPtrArray *(*languages)(jd_store *store, GError **error);

    gboolean (*ensure_space)(jd_store *store, const jd_space *space, gint64 *id, GError **error);
    GPtrArray *(*list_spaces)(jd_store *store, GError **error);
    gboolean (*put_vectors)(jd_store *store, const jd_vectors *vectors, GError **error);
    gboolean (*scan_vectors)(jd_store *store, const jd_vector_scan *scan, GError **error);
    GPtrArray *(*search_vectors)(jd_store *store, const jd_vector_query *query, GError **error);
    void (*refresh_caches)(jd_store *store);
    float *(*get_vector)(jd_store *store, gint64 space, jd_item_kind kind, gint64 id,
                         GError **error);
    GArray *(*missing_vectors)(jd_store *store, const jd_missing_query *query, GError **error);
    gboolean (*count_vectors)(jd_store *store, gint64 space, jd_item_kind kind, guint64 *count,
                              GError **error);
    gboolean (*drop_space)(jd_store *store, gint64 space, GError **error);

    GPtrArray *(*page_documents)(jd_store *store, const jd_document_query *query, guint64 *total,
                                 GError **error);
    GPtrArray *(*list_collections)(jd_store *store, GError **error);

    gboolean (*add_job)(jd_store *store, const jd_job *job, gint64 *id, GError **error);
    gboolean (*update_job)(jd_store *store, const jd_job *job, GError **error);
    GPtrArray *(*list_jobs)(jd_store *store, const jd_page *page, GError **error);
    jd_job *(*get_job)(jd_store *store, gint64 id, GError **error);

    gboolean (*add_conversation)(jd_store *store, const char *title, gint64 *id, GError **error);
    gboolean (*rename_conversation)(jd_store *store, gint64 id, const char *title, GError **error);
    gboolean (*remove_conversation)(jd_store *store, gint64 id, GError **error);
    jd_conversation *(*get_conversation)(jd_store *store, gint64 id, GError **error);
    GPtrArray *(*list_conversations)(jd_store *store, const char *part, const jd_page *page,
                                     GError **error);
    gboolean (*add_message)(jd_store *store, gint64 conversation, const jd_message *message,
                            gint64 *id, GError **error);
    GPtrArray *(*list_messages)(jd_store *store, gint64 conversation, GError **error);
    jd_item *(*get_message_picture)(jd_store *store, gint64 conversation, gint64 message,
                                    GError **error);
    gboolean (*remove_messages)(jd_store *store, gint64 conversation, gint64 from, GError **error);

    gboolean (*get_stats)(jd_store *store, jd_store_stats *stats, GError **error);
    GPtrArray *(*verify)(jd_store *store, GError **error);
    gboolean (*backup)(jd_store *store, const char *path, GError **error);
} jd_store_ops;

/** Every backend's own struct begins with this. */
struct jd_store {
    const jd_store_ops *ops;
};

extern const jd_store_ops jd_sqlite_ops;

#endif
