/* /api/v1/map: where passages and pictures lie in an embedding space, drawn in two dimensions. */
#include "server/api.h"

#include "base/limits.h"
#include "base/text.h"
#include "pipeline.h"
#include "report_json.h"
#include "retrieve/json.h"
#include "server/params.h"
#include "server/search_params.h"
#include "server/service.h"

#include <string.h>

/* A sample of a space: every so many of its vectors. */
typedef struct sample {
    const jd_space *space;
    guint64 counts[2]; /* vectors of passages, of pictures */
    int limit;         /* vectors in it */
    guint64 stride, at;
    GArray *rows;   /* float, dimension a vector */
    GArray *ids[2]; /* gint64 */
    jd_filter filter;
    gboolean align;
} sample;

static void sample_clear(sample *s)
{
    g_clear_pointer(&s->rows, g_array_unref);
    g_clear_pointer(&s->ids[JD_ITEM_TEXT], g_array_unref);
    g_clear_pointer(&s->ids[JD_ITEM_IMAGE], g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(sample, sample_clear)

static gboolean take(const jd_vectors *block, void *user)
{
    sample *s = user;
    gsize dimension = (gsize)s->space->dimension;
    for (gsize i = 0; i < block->n; i++)
        if (s->at++ % s->stride == 0) {
            g_array_append_vals(s->rows, block->values + i * dimension, (guint)dimension);
            g_array_append_val(s->ids[block->kind], block->ids[i]);
        }
    return TRUE;
}

/* The space that is asked for, else the one with pictures in it, else the first. NULL: none. */
static const jd_space *choose_space(jd_store *store, const GPtrArray *spaces, int wanted,
                                    GError **error)
{
    const jd_space *chosen = NULL;
    for (guint i = 0; i < spaces->len; i++) {
        const jd_space *space = spaces->pdata[i];
        guint64 images = 0;
        if (wanted > 0 ? space->id == wanted : !chosen)
            chosen = space;
        if (wanted > 0)
            continue;
        if (!jd_store_count_vectors(store, space->id, JD_ITEM_IMAGE, &images, error))
            return NULL;
        if (images > 0)
            return space;
    }
    if (wanted > 0 && !chosen)
        jd_set_http_error(error, 404, NULL, "there is no space %d", wanted);
    return chosen;
}

static gboolean collect(sample *s, jd_store *store, GError **error)
{
    for (int kind = JD_ITEM_TEXT; kind <= JD_ITEM_IMAGE; kind++)
        if (!jd_store_count_vectors(store, s->space->id, (jd_item_kind)kind, &s->counts[kind],
                                    error))
            return FALSE;
    guint64 all = s->counts[JD_ITEM_TEXT] + s->counts[JD_ITEM_IMAGE];
    s->stride = MAX(1, (all + (guint64)s->limit - 1) / (guint64)s->limit);
    s->rows = g_array_new(FALSE, FALSE, sizeof(float));
    for (int kind = JD_ITEM_TEXT; kind <= JD_ITEM_IMAGE; kind++) {
        jd_vector_scan scan = {.space = s->space->id,
                               .kind = (jd_item_kind)kind,
                               .filter = &s->filter,
                               .each = take,
                               .user = s};
        s->ids[kind] = g_array_new(FALSE, FALSE, sizeof(gint64));
        if (!jd_store_scan_vectors(store, &scan, error))
            return FALSE;
    }
    return TRUE;
}

/* What is said of a point where somebody hovers over it. */
static json_t *point_json(const jd_item *item, const double *at)
{
    g_autofree char *id = jd_item_id(item->kind, item->id);
    const char *words = item->kind == JD_ITEM_TEXT ? item->text
                        : item->caption            ? item->caption
                                                   : item->alt;
    g_autofree char *label = words ? jd_text_shorten(words, JD_MAP_LABEL_CHARS) : NULL;
    return json_pack("{s:s, s:f, s:f, s:o, s:o, s:o, s:i}", "id", id, "x", at[0], "y", at[1],
                     "label", jd_json_string(label), "sha256", jd_json_string(item->sha256),
                     "document", jd_document_to_json(item->document), "ordinal", item->ordinal);
}

static json_t *points(const sample *s, jd_store *store, const jd_projection *made, GError **error)
{
    json_auto_t *array = json_array();
    const double *at = made->points;
    for (int kind = JD_ITEM_TEXT; kind <= JD_ITEM_IMAGE; kind++) {
        const GArray *ids = s->ids[kind];
        g_autoptr(GPtrArray) items = jd_store_get_items(
            store, (jd_item_kind)kind, (const gint64 *)(void *)ids->data, ids->len, error);
        if (!items)
            return NULL;
        for (guint i = 0; i < items->len; i++, at += 2)
            json_array_append_new(array, point_json(items->pdata[i], at));
    }
    return json_incref(array);
}

/* Moves passages and pictures so that the mean of each is the origin. An encoder trained by
 * contrast keeps the two apart by nearly the same offset everywhere (Liang et al., "Mind the Gap",
 * 2022), which would otherwise be all that the first axis shows. */
static void align_kinds(sample *s)
{
    gsize dimension = (gsize)s->space->dimension;
    float *rows = (float *)(void *)s->rows->data;
    g_autofree double *mean = g_new(double, dimension);
    for (int kind = JD_ITEM_TEXT; kind <= JD_ITEM_IMAGE; kind++) {
        gsize n = s->ids[kind]->len;
        memset(mean, 0, dimension * sizeof *mean);
        for (gsize i = 0; i < n * dimension; i++)
            mean[i % dimension] += rows[i] / (double)n;
        for (gsize i = 0; i < n * dimension; i++)
            rows[i] -= (float)mean[i % dimension];
        rows += n * dimension;
    }
}

static json_t *draw(sample *s, jd_kb *kb, jd_projections *projections, GError **error)
{
    jd_store *store = jd_kb_store(kb);
    g_auto(jd_projection) made = {0};
    if (!collect(s, store, error))
        return NULL;
    if (s->align)
        align_kinds(s);
    const jd_rows rows = {.values = (const float *)(void *)s->rows->data,
                          .n = (gsize)s->ids[JD_ITEM_TEXT]->len + s->ids[JD_ITEM_IMAGE]->len,
                          .dimension = (gsize)s->space->dimension};
    if (!jd_projections_get(projections, &rows, &made, error))
        return NULL;
    json_t *array = points(s, store, &made, error);
    if (!array)
        return NULL;
    return json_pack("{s:o, s:[f, f], s:o}", "space",
                     jd_space_to_json(s->space, s->counts[JD_ITEM_TEXT], s->counts[JD_ITEM_IMAGE]),
                     "variance", made.variance[0], made.variance[1], "points", array);
}

static gboolean map(jd_call *call, GError **error)
{
    g_auto(jd_params) params = {0};
    g_auto(sample) s = {0};
    int wanted = 0;
    s.limit = JD_MAP_POINTS;
    if (!jd_params_init(&params, call, error) ||
        !jd_params_integer(&params, "limit", (jd_range){1, JD_MAP_MOST_POINTS}, &s.limit, error) ||
        !jd_params_integer(&params, "space", (jd_range){1, G_MAXINT}, &wanted, error) ||
        !jd_params_text(&params, "collection", &s.filter.collection, error) ||
        !jd_params_flag(&params, "align", &s.align, error) || !jd_params_end(&params, error))
        return FALSE;
    jd_service *service = jd_call_service(call);
    g_auto(jd_borrowed) base = jd_bases_borrow(service->bases, error);
    jd_store *store = base.kb ? jd_kb_store(base.kb) : NULL;
    g_autoptr(GPtrArray) spaces = store ? jd_store_list_spaces(store, error) : NULL;
    if (!spaces)
        return FALSE;
    s.space = spaces->len > 0 || wanted > 0 ? choose_space(store, spaces, wanted, error) : NULL;
    if (!s.space && (spaces->len > 0 || wanted > 0))
        return FALSE;
    json_t *json =
        s.space ? draw(&s, base.kb, service->projections, error)
                : json_pack("{s:n, s:[f, f], s:[]}", "space", "variance", 0.0, 0.0, "points");
    if (!json)
        return FALSE;
    jd_call_reply_json(call, 200, json);
    return TRUE;
}

static const jd_route routes[] = {
    {"GET", "/api/v1/map", map, JD_ROUTE_LONG},
    {NULL},
};

const jd_route_table jd_routes_map = {"/api/v1/", routes, jd_put_error};
