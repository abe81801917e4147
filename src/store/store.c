/* Finds the backend for an address and checks what is asked of it. */
#include "store/store.h"

#include "base/error.h"
#include "base/limits.h"
#include "store/dot.h"
#include "store/ops.h"

#include <string.h>

/* The first whose scheme an address begins with; the last takes files. */
static const jd_store_ops *const backends[] = {&jd_sqlite_ops};

static gboolean is_other_server(const char *where)
{
    static const char *const schemes[] = {"postgresql://", "postgres://"};
    for (gsize i = 0; i < G_N_ELEMENTS(schemes); i++)
        if (g_str_has_prefix(where, schemes[i]))
            return TRUE;
    return FALSE;
}

jd_store *jd_store_open(const char *where, const jd_store_options *options, GError **error)
{
    if (where[0] == '\0') {
        jd_set_error(error, JD_ERROR_USAGE, "give a file with --kb",
                     "the knowledge base has no name");
        return NULL;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(backends); i++) {
        const char *scheme = backends[i]->scheme;
        if (*scheme ? g_str_has_prefix(where, scheme) : !is_other_server(where))
            return backends[i]->open(where, options, error);
    }
    jd_set_error(error, JD_ERROR_UNSUPPORTED, "give a file with --kb",
                 "%s: this Jackdaw is built without PostgreSQL", where);
    return NULL;
}

void jd_store_close(jd_store *store)
{
    if (store)
        store->ops->close(store);
}

/* ---- documents ---- */

gboolean jd_store_begin(jd_store *store, GError **error)
{
    return store->ops->begin(store, error);
}

gboolean jd_store_commit(jd_store *store, GError **error)
{
    return store->ops->commit(store, error);
}

void jd_store_rollback(jd_store *store)
{
    store->ops->rollback(store);
}

gboolean jd_store_find_document(jd_store *store, const char *collection, const char *uri,
                                jd_document_info **info, GError **error)
{
    return store->ops->find_document(store, collection, uri, info, error);
}

static gboolean check_document(const jd_document_info *info, GError **error)
{
    if (info->collection && info->collection[0] && info->uri && info->uri[0])
        return TRUE;
    jd_set_error(error, JD_ERROR_INVALID, NULL, "a document must have a %s, and \"%s\" has none",
                 info->uri && info->uri[0] ? "collection" : "URI",
                 info->uri     ? info->uri
                 : info->title ? info->title
                               : "");
    return FALSE;
}

gboolean jd_store_put_document(jd_store *store, const jd_store_document *document, gint64 *id,
                               GError **error)
{
    return check_document(document->info, error) &&
           store->ops->put_document(store, document, id, error);
}

char *jd_store_document_settings(jd_store *store, gint64 id, GError **error)
{
    return store->ops->document_settings(store, id, error);
}

gboolean jd_store_remove_document(jd_store *store, gint64 id, GError **error)
{
    return store->ops->remove_document(store, id, error);
}

gboolean jd_store_remove_item(jd_store *store, jd_item_kind kind, gint64 id, GError **error)
{
    return store->ops->remove_item(store, kind, id, error);
}

gboolean jd_store_compact(jd_store *store, GError **error)
{
    return store->ops->compact(store, error);
}

GPtrArray *jd_store_list_documents(jd_store *store, const jd_filter *filter, GError **error)
{
    return store->ops->list_documents(store, filter, error);
}

/* ---- items ---- */

gboolean jd_store_each_item(jd_store *store, const jd_item_walk *walk, GError **error)
{
    return store->ops->each_item(store, walk, error);
}

GPtrArray *jd_store_get_items(jd_store *store, jd_item_kind kind, const gint64 *ids, gsize n,
                              GError **error)
{
    return store->ops->get_items(store, kind, ids, n, error);
}

GPtrArray *jd_store_get_range(jd_store *store, const jd_item_range *range, GError **error)
{
    return store->ops->get_range(store, range, error);
}

gboolean jd_store_is_shown(jd_store *store, const char *collection, const char *sha256,
                           gboolean *shown, GError **error)
{
    return store->ops->is_shown(store, collection, sha256, shown, error);
}

GBytes *jd_store_get_picture(jd_store *store, const char *sha256, GError **error)
{
    return store->ops->get_picture(store, sha256, error);
}

/* ---- words ---- */

GArray *jd_store_search_words(jd_store *store, const jd_keyword_query *query, GError **error)
{
    return store->ops->search_words(store, query, error);
}

gboolean jd_store_weigh_words(jd_store *store, const jd_keyword_query *query, double *idf,
                              GError **error)
{
    return store->ops->weigh_words(store, query, idf, error);
}

GPtrArray *jd_store_languages(jd_store *store, GError **error)
{
    return store->ops->languages(store, error);
}

/* ---- vectors ---- */

void jd_space_free(jd_space *space)
{
    if (!space)
        return;
    g_free(space->model);
    g_free(space->revision);
    g_free(space);
}

gboolean jd_store_ensure_space(jd_store *store, const jd_space *space, gint64 *id, GError **error)
{
    if (space->dimension < 1 || space->dimension > JD_LIMIT_DIMENSION || !space->model) {
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "an embedding space must have a model and 1 to %d dimensions, not %d",
                     JD_LIMIT_DIMENSION, space->dimension);
        return FALSE;
    }
    jd_space complete = *space;
    if (!complete.revision)
        complete.revision = (char *)"";
    return store->ops->ensure_space(store, &complete, id, error);
}

GPtrArray *jd_store_list_spaces(jd_store *store, GError **error)
{
    return store->ops->list_spaces(store, error);
}

gboolean jd_store_put_vectors(jd_store *store, const jd_vectors *vectors, GError **error)
{
    return store->ops->put_vectors(store, vectors, error);
}

gboolean jd_store_scan_vectors(jd_store *store, const jd_vector_scan *scan, GError **error)
{
    return store->ops->scan_vectors(store, scan, error);
}

static gboolean check_queries(const jd_vector_query *query, GError **error)
{
    for (gsize q = 0; q < query->count; q++) {
        double squares = jd_square_sum(query->values + q * query->dimension, query->dimension);
        if (isfinite(squares) && squares > 0)
            continue;
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     squares == 0 ? "the query vector is all zeros: nothing can be compared with it"
                                  : "the query vector has a value that is not a finite number");
        return FALSE;
    }
    return TRUE;
}

GPtrArray *jd_store_search_vectors(jd_store *store, const jd_vector_query *query, GError **error)
{
    return check_queries(query, error) ? store->ops->search_vectors(store, query, error) : NULL;
}

void jd_store_refresh_caches(jd_store *store)
{
    store->ops->refresh_caches(store);
}

float *jd_store_get_vector(jd_store *store, gint64 space, jd_item_kind kind, gint64 id,
                           GError **error)
{
    return store->ops->get_vector(store, space, kind, id, error);
}

GArray *jd_store_missing_vectors(jd_store *store, const jd_missing_query *query, GError **error)
{
    return store->ops->missing_vectors(store, query, error);
}

gboolean jd_store_count_vectors(jd_store *store, gint64 space, jd_item_kind kind, guint64 *count,
                                GError **error)
{
    return store->ops->count_vectors(store, space, kind, count, error);
}

gboolean jd_store_drop_space(jd_store *store, gint64 space, GError **error)
{
    return store->ops->drop_space(store, space, error);
}

/* ---- keeping it ---- */

gboolean jd_store_get_stats(jd_store *store, jd_store_stats *stats, GError **error)
{
    return store->ops->get_stats(store, stats, error);
}

GPtrArray *jd_store_verify(jd_store *store, GError **error)
{
    return store->ops->verify(store, error);
}

gboolean jd_store_backup(jd_store *store, const char *path, GError **error)
{
    return store->ops->backup(store, path, error);
}
