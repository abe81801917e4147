#include "server/search_params.h"

#include "base/limits.h"
#include "base/since.h"
#include "server/ids.h"
#include "server/picture_text.h"
#include "server/problem.h"

#include <math.h>

void jd_search_request_clear(jd_search_request *request)
{
    g_free(request->embedding);
    g_clear_pointer(&request->picture, g_bytes_unref);
}

/* ---- lists ---- */

gboolean jd_page_read(jd_page *page, jd_params *params, GError **error)
{
    int offset = 0;
    page->limit = JD_SERVER_PAGE_ITEMS;
    if (!jd_params_integer(params, "limit", (jd_range){1, JD_SERVER_MOST_PAGE_ITEMS}, &page->limit,
                           error) ||
        !jd_params_integer(params, "offset", (jd_range){0, G_MAXINT}, &offset, error))
        return FALSE;
    page->offset = offset;
    return TRUE;
}

/* ---- filters ---- */

static gboolean read_since(jd_filter *filter, jd_params *params, GError **error)
{
    const char *since = NULL;
    if (!jd_params_text(params, "since", &since, error))
        return FALSE;
    if (!since)
        return TRUE;
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    return jd_since_parse(since, now, "since", &filter->since, error);
}

gboolean jd_filter_read(jd_filter *filter, jd_params *params, GError **error)
{
    const char *document = NULL;
    return jd_params_text(params, "collection", &filter->collection, error) &&
           jd_params_text(params, "title", &filter->title, error) &&
           jd_params_text(params, "section", &filter->section, error) &&
           jd_params_text(params, "type", &filter->type, error) &&
           jd_params_text(params, "document", &document, error) &&
           (!document || jd_id_read(document, "d", "document", &filter->document, error)) &&
           read_since(filter, params, error);
}

/* ---- vectors and pictures ---- */

static gboolean read_embedding(jd_search_request *request, jd_params *params, GError **error)
{
    json_t *array = NULL;
    if (!jd_params_json(params, "embedding", JSON_ARRAY, &array, error))
        return FALSE;
    gsize n = json_array_size(array);
    if (!array)
        return TRUE;
    if (n < 1 || n > JD_LIMIT_DIMENSION) {
        jd_set_http_error(error, 400, NULL, "embedding is to have 1 to %d numbers",
                          JD_LIMIT_DIMENSION);
        return FALSE;
    }
    g_autofree float *values = g_new(float, n);
    for (gsize i = 0; i < n; i++) {
        const json_t *value = json_array_get(array, i);
        values[i] = json_is_number(value) ? (float)json_number_value(value) : NAN;
        if (!isfinite(values[i])) {
            jd_set_http_error(error, 400, NULL, "embedding is to be an array of numbers");
            return FALSE;
        }
    }
    request->embedding = g_steal_pointer(&values);
    request->search.embedding = request->embedding;
    request->search.embedding_size = n;
    return TRUE;
}

static const jd_upload *find_upload(const jd_call *call, const char *field)
{
    const GPtrArray *uploads = call ? jd_call_uploads(call) : NULL;
    for (guint i = 0; uploads && i < uploads->len; i++) {
        const jd_upload *upload = uploads->pdata[i];
        if (g_str_equal(upload->field, field))
            return upload;
    }
    return NULL;
}

static gboolean read_picture(jd_search_request *request, jd_params *params, const jd_call *call,
                             GError **error)
{
    const char *text = NULL;
    const jd_upload *upload = find_upload(call, "image");
    if (!jd_params_text(params, "image", &text, error))
        return FALSE;
    if (text)
        request->picture = jd_picture_from_text(text);
    else if (upload && upload->bytes)
        request->picture = g_bytes_ref(upload->bytes);
    gsize size = request->picture ? g_bytes_get_size(request->picture) : 0;
    if ((text || upload) && size == 0) {
        jd_set_http_error(error, 400, NULL, "image is to be a picture file, as base64 in JSON");
        return FALSE;
    }
    if (size <= JD_LIMIT_PICTURE_BYTES)
        return TRUE;
    jd_set_http_error(error, 413, NULL, "a picture has at most %lld bytes", JD_LIMIT_PICTURE_BYTES);
    return FALSE;
}

/* ---- all of it ---- */

static gboolean read_numbers(jd_search_options *search, jd_params *params, GError **error)
{
    const jd_range k = {1, JD_LIMIT_K}, threshold = {0, 1};
    const jd_range temperature = {JD_LIMIT_TEMPERATURE_MIN, JD_LIMIT_TEMPERATURE_MAX};
    int both = -1;
    double both_thresholds = NAN;
    if (!jd_params_integer(params, "k", k, &both, error) ||
        !jd_params_number(params, "threshold", threshold, &both_thresholds, error))
        return FALSE;
    search->k_text = search->k_images = both;
    search->threshold_text = search->threshold_images = both_thresholds;
    return jd_params_integer(params, "k_text", k, &search->k_text, error) &&
           jd_params_integer(params, "k_images", k, &search->k_images, error) &&
           jd_params_number(params, "threshold_text", threshold, &search->threshold_text, error) &&
           jd_params_number(params, "threshold_images", threshold, &search->threshold_images,
                            error) &&
           jd_params_number(params, "temperature", temperature, &search->temperature, error);
}

static gboolean read_like(jd_search_options *search, jd_params *params, GError **error)
{
    gint64 id;
    return jd_params_text(params, "like", &search->like, error) &&
           (!search->like || jd_id_read(search->like, "ti", "like", &id, error));
}

gboolean jd_search_request_read(jd_search_request *request, jd_params *params, jd_call *call,
                                GError **error)
{
    static const char *const profiles[] = {"default", "article", NULL};
    static const jd_search_options defaults = JD_SEARCH_OPTIONS_INIT;
    int profile = JD_PROFILE_DEFAULT;
    jd_search_options *search = &request->search;
    *search = defaults;
    if (!jd_params_choice(params, "profile", profiles, &profile, error) ||
        !jd_params_flag(params, "text", &search->text, error) ||
        !jd_params_flag(params, "images", &search->images, error) ||
        !read_numbers(search, params, error) || !read_like(search, params, error) ||
        !read_embedding(request, params, error) || !read_picture(request, params, call, error) ||
        !jd_filter_read(&search->filter, params, error))
        return FALSE;
    search->profile = (jd_profile)profile;
    return TRUE;
}
