#include "retrieve/pixels.h"

#include "store/dot.h"
#include "store/topk.h"

#include <math.h>

enum {
    MEAN_OF = 4096, /* vectors that a mean is taken over */
    LEAST_SIDE = 3, /* pictures without which there is no mean */
    BEST = 50,      /* pictures that are looked at */
};

/* ---- means ---- */

typedef struct mean {
    double *sum;
    gsize dimension, n;
} mean;

static gboolean add_to_mean(const jd_vectors *block, void *user)
{
    mean *of = user;
    for (gsize i = 0; i < block->n; i++)
        for (gsize d = 0; d < of->dimension; d++)
            of->sum[d] += block->values[i * of->dimension + d];
    of->n += block->n;
    return of->n < MEAN_OF;
}

/* The mean of a side; zeros where it has no vectors. */
static double *mean_of(const jd_search *search, jd_item_kind kind, gsize *n, GError **error)
{
    mean of = {.sum = g_new0(double, search->pixels->size), .dimension = search->pixels->size};
    jd_vector_scan scan = {
        .space = search->pixels->space, .kind = kind, .each = add_to_mean, .user = &of};
    if (!jd_store_scan_vectors(search->store, &scan, error)) {
        g_free(of.sum);
        return NULL;
    }
    for (gsize d = 0; of.n > 0 && d < of.dimension; d++)
        of.sum[d] /= (double)of.n;
    *n = of.n;
    return of.sum;
}

/* ---- the scan ---- */

typedef struct pixel_scan {
    const double *query, *middle; /* the question without its side's mean; the pictures' mean */
    double query_norm, query_middle, middle_square;
    gsize dimension;
    jd_dot_fn dot;
    jd_topk top;
} pixel_scan;

static gboolean scan_pictures(const jd_vectors *block, void *user)
{
    pixel_scan *state = user;
    for (gsize i = 0; i < block->n; i++) {
        const float *x = block->values + i * state->dimension;
        double along = state->dot(state->query, x, state->dimension) - state->query_middle;
        double square = jd_square_sum(x, state->dimension) -
                        2 * state->dot(state->middle, x, state->dimension) + state->middle_square;
        double norm = sqrt(MAX(square, 0)) * state->query_norm;
        jd_topk_add(&state->top, block->ids[i], norm > 1e-9 ? along / norm : 0);
    }
    return TRUE;
}

static void *fork_scan(const void *user)
{
    const pixel_scan *like = user;
    pixel_scan *state = g_memdup2(like, sizeof *like);
    jd_topk_init(&state->top, like->top.k);
    return state;
}

static void join_scan(void *user, const void *state)
{
    jd_topk_join(&((pixel_scan *)user)->top, &((const pixel_scan *)state)->top);
}

static void drop_scan(void *state)
{
    jd_topk_clear(&((pixel_scan *)state)->top);
    g_free(state);
}

static double sum_of_products(const double *a, const double *b, gsize n)
{
    double sum = 0;
    for (gsize i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* jd_hit of the best pictures; empty where there are too few. */
static GArray *find_pictures(const jd_search *search, GError **error)
{
    gsize n = search->pixels->size, texts, pictures;
    g_autofree double *query = mean_of(search, JD_ITEM_TEXT, &texts, error);
    g_autofree double *middle = query ? mean_of(search, JD_ITEM_IMAGE, &pictures, error) : NULL;
    if (!middle)
        return NULL;
    if (pictures < LEAST_SIDE)
        return g_array_new(FALSE, FALSE, sizeof(jd_hit));
    for (gsize i = 0; i < n; i++)
        query[i] = search->pixels->values[i] - query[i];
    pixel_scan state = {.query = query,
                        .middle = middle,
                        .query_norm = sqrt(sum_of_products(query, query, n)),
                        .query_middle = sum_of_products(query, middle, n),
                        .middle_square = sum_of_products(middle, middle, n),
                        .dimension = n,
                        .dot = jd_dot_best()};
    jd_topk_init(&state.top, BEST);
    jd_vector_scan scan = {.space = search->pixels->space,
                           .kind = JD_ITEM_IMAGE,
                           .filter = &search->options->filter,
                           .each = scan_pictures,
                           .user = &state,
                           .fork = fork_scan,
                           .join = join_scan,
                           .drop = drop_scan};
    GArray *best =
        jd_store_scan_vectors(search->store, &scan, error) ? jd_topk_take(&state.top) : NULL;
    jd_topk_clear(&state.top);
    return best;
}

/* ---- lifting ---- */

static double chance(double cosine)
{
    const double most = 0.9, middle = 0.25, width = 0.05;
    return most / (1 + exp(-(cosine - middle) / width));
}

static gboolean lift(jd_search *search, GPtrArray *images, const jd_hit *hit, GError **error)
{
    jd_candidate_wish wish = {.kind = JD_ITEM_IMAGE, .id = hit->id};
    if (!jd_search_candidate(search, images, &wish, error))
        return FALSE;
    if (wish.candidate)
        wish.candidate->relevance = 1 - (1 - wish.candidate->relevance) * (1 - chance(hit->score));
    return TRUE;
}

gboolean jd_pixels_lift(jd_search *search, GPtrArray *images, GError **error)
{
    if (!search->pixels)
        return TRUE;
    g_autoptr(GArray) best = find_pictures(search, error);
    if (!best)
        return FALSE;
    for (guint i = 0; i < best->len; i++)
        if (!lift(search, images, &g_array_index(best, jd_hit, i), error))
            return FALSE;
    return TRUE;
}
