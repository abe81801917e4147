#include "kb.h"

#include "base/error.h"
#include "encode_query.h"
#include "picture_file.h"
#include "retrieve/retrieve.h"

/* ---- searching ---- */

jd_results *jd_kb_search(jd_kb *kb, const char *query, const jd_search_options *options,
                         GError **error)
{
    static const jd_search_options defaults = JD_SEARCH_OPTIONS_INIT;
    jd_search_options complete = options ? *options : defaults;
    if (!complete.filter.collection)
        complete.filter.collection = kb->collection;
    g_auto(jd_encoded_query) encoded = {0};
    if (!jd_query_encode(kb, query, &complete, &encoded, error))
        return NULL;
    jd_results *results = jd_retrieve(kb->store, &encoded.query, &complete, error);
    if (!results)
        return NULL;
    results->embed_ms = encoded.ms;
    results->total_ms += encoded.ms;
    g_ptr_array_extend_and_steal(results->notes, g_steal_pointer(&encoded.notes));
    return results;
}

/* ---- the article's files ---- */

static gboolean load_article_picture(const char *path, jd_item *image, void *user, GError **error)
{
    jd_reader_pool *readers = jd_kb_readers(user, error);
    return readers && jd_picture_file_open(readers, path, image, error);
}

gboolean jd_kb_import_article(jd_kb *kb, const jd_article_files *files, jd_article_report *report,
                              GError **error)
{
    if (!jd_kb_check_writable(kb, error))
        return FALSE;
    jd_article_import import = {.files = *files, .picture = load_article_picture, .user = kb};
    if (!import.files.collection)
        import.files.collection = jd_kb_write_collection(kb);
    if (!jd_import_article(kb->store, &import, report, error))
        return FALSE;
    jd_store_refresh_caches(kb->store);
    return TRUE;
}
