#include "store/sqlite/vector_cache.h"

#include "base/hash.h"
#include "base/limits.h"
#include "store/sqlite/backend.h"
#include "store/sqlite/items.h"
#include "store/sqlite/vector_set.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* ---- where ---- */

static char *name_beside(const jd_sqlite *store, gint64 space, jd_item_kind kind)
{
    return g_strdup_printf("%s" JD_SCAN_ENDING "%" G_GINT64_FORMAT "%c", store->path, space,
                           jd_item_letter(kind));
}

static char *name_elsewhere(const jd_sqlite *store, gint64 space, jd_item_kind kind)
{
    g_autofree char *hash = jd_sha256(store->path, strlen(store->path));
    g_autofree char *name =
        g_strdup_printf("%.16s-%" G_GINT64_FORMAT "%c", hash, space, jd_item_letter(kind));
    return g_build_filename(g_get_user_cache_dir(), "jackdaw", "scan", name, NULL);
}

static gboolean may_write_beside(const jd_sqlite *store)
{
    g_autofree char *folder = g_path_get_dirname(store->path);
    return access(folder, W_OK) == 0;
}

static jd_scan_cache *make_cache(jd_sqlite *store, const jd_vector_place *place)
{
    enum { PRIVATE = 0700, READ_WRITE = 0666 };
    GStatBuf info;
    g_autofree char *path = name_beside(store, place->space, place->kind);
    jd_scan_options options = {.dimension = place->dimension,
                               .capacity = jd_block_capacity(place->dimension)};
    /* What the vectors tell is as secret as what they were made of. */
    options.mode = g_stat(store->path, &info) == 0 ? (int)(info.st_mode & READ_WRITE) : 0600;
    if (access(path, F_OK) != 0 && !may_write_beside(store)) {
        g_free(path);
        path = name_elsewhere(store, place->space, place->kind);
        g_autofree char *folder = g_path_get_dirname(path);
        g_mkdir_with_parents(folder, PRIVATE);
        options.mode = 0600;
    }
    options.path = path;
    return jd_scan_cache_new(&options);
}

jd_scan_cache *jd_vector_cache_of(jd_sqlite *store, const jd_vector_place *place)
{
    if (!store->caches)
        store->caches = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
                                              (GDestroyNotify)jd_scan_cache_free);
    gint64 key = jd_vector_place_key(place);
    jd_scan_cache *cache = g_hash_table_lookup(store->caches, &key);
    if (!cache) {
        cache = make_cache(store, place);
        g_hash_table_insert(store->caches, g_memdup2(&key, sizeof key), cache);
    }
    return cache;
}

/* ---- the mean ---- */

/* Adds the vectors of a block, each at unit length. */
static void add_units(const jd_vectors *block, gsize dimension, double *sum)
{
    for (gsize i = 0; i < block->n; i++) {
        const float *vector = block->values + i * dimension;
        double norm = sqrt(jd_square_sum(vector, dimension));
        for (gsize d = 0; norm > 0 && d < dimension; d++)
            sum[d] += vector[d] / norm;
    }
}

/* Of blocks spread evenly; NULL where one cannot be read. */
static float *take_mean(jd_vector_set *set)
{
    gsize dimension = set->place.dimension, n = 0;
    gsize blocks = set->blocks->len, looked_at = MIN(blocks, JD_SCAN_MEAN_BLOCKS);
    g_autofree double *sum = g_new0(double, dimension);
    for (gsize i = 0; i < looked_at; i++) {
        jd_vectors block;
        if (!jd_vector_set_read(set, i * blocks / looked_at, &block, NULL))
            return NULL;
        add_units(&block, dimension, sum);
        n += block.n;
    }
    float *mean = g_new(float, dimension);
    for (gsize d = 0; d < dimension; d++)
        mean[d] = (float)(sum[d] / (double)n);
    return mean;
}

/* ---- keeping ---- */

typedef struct keeping {
    gboolean make;    /* the file where there is none */
    gsize most_bytes; /* of vectors */
    int wait_ms;
} keeping;

/* A place's list of blocks as it is now, in a read of its own. */
typedef struct listing {
    jd_vector_set set;
    gboolean entered;
} listing;

static void listing_clear(listing *list)
{
    jd_sqlite *store = list->set.store;
    jd_vector_set_clear(&list->set);
    if (list->entered)
        jd_read_leave(store, TRUE);
    list->entered = FALSE;
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(listing, listing_clear)

static gboolean listing_open(listing *list, jd_sqlite *store, gint64 space, jd_item_kind kind)
{
    *list = (listing){.set.store = store};
    if (!jd_read_enter(store, &list->entered, NULL) ||
        !jd_vector_place_find(store, space, kind, &list->set.place, NULL))
        return FALSE;
    list->set.blocks = jd_vector_blocks(store, &list->set.place, NULL);
    return list->set.blocks != NULL;
}

/* A file whose mean was taken of far fewer vectors is made anew. */
static gboolean is_outgrown(jd_scan_cache *cache, const jd_vector_set *set)
{
    return set->blocks->len / JD_SCAN_MEAN_GROWTH > jd_scan_cache_mean_of(cache);
}

static gboolean begin(jd_scan_cache *cache, jd_vector_set *set, const keeping *how)
{
    jd_scan_start start = {.mean_of = set->blocks->len, .wait_ms = how->wait_ms};
    if (jd_scan_cache_begin(cache, &start)) {
        if (!how->make || how->wait_ms == 0 || !is_outgrown(cache, set))
            return TRUE;
        jd_scan_cache_remove(cache);
    }
    if (jd_scan_cache_is_there(cache)) /* somebody else writes to it, or nobody may */
        return FALSE;
    g_autofree float *mean = how->make ? take_mean(set) : NULL;
    start.mean = mean;
    return mean && jd_scan_cache_begin(cache, &start);
}

static gboolean sweep(jd_scan_cache *cache, const jd_vector_set *set, int wait_ms)
{
    g_autofree gint64 *ids = g_new(gint64, set->blocks->len + 1);
    for (guint i = 0; i < set->blocks->len; i++)
        ids[i] = jd_vector_set_block(set, i)->id;
    return jd_scan_cache_sweep(cache, &(jd_scan_living){ids, set->blocks->len}, wait_ms);
}

static void add_missing(jd_scan_cache *cache, jd_vector_set *set, gsize most_bytes)
{
    gsize bytes = 0;
    for (guint i = 0; i < set->blocks->len && bytes < most_bytes; i++) {
        gint64 id = jd_vector_set_block(set, i)->id;
        jd_vectors block;
        if (jd_scan_cache_find(cache, id) >= 0)
            continue;
        if (!jd_vector_set_read(set, i, &block, NULL))
            return;
        jd_scan_rows rows = {.block = id, .ids = block.ids, .vectors = block.values, .n = block.n};
        if (!jd_scan_cache_add(cache, &rows))
            return;
        bytes += block.n * set->place.dimension * sizeof(float);
    }
}

/* FALSE where there may be a file that could not be swept. */
static gboolean keep(jd_sqlite *store, gint64 space, jd_item_kind kind, const keeping *how)
{
    g_auto(listing) list = {.set.store = store};
    if (!listing_open(&list, store, space, kind) || list.set.blocks->len < JD_SCAN_LEAST_BLOCKS)
        return FALSE;
    jd_scan_cache *cache = jd_vector_cache_of(store, &list.set.place);
    if (!begin(cache, &list.set, how))
        return FALSE;
    /* Once more, now that nobody else writes: whoever changes it from here on sweeps after us. */
    listing_clear(&list);
    if (!listing_open(&list, store, space, kind)) {
        jd_scan_cache_end(cache);
        return FALSE;
    }
    if (!sweep(cache, &list.set, how->wait_ms) && !begin(cache, &list.set, how))
        return FALSE;
    add_missing(cache, &list.set, how->most_bytes);
    jd_scan_cache_end(cache);
    return TRUE;
}

void jd_vector_cache_help(jd_sqlite *store, const jd_vector_place *place)
{
    keep(store, place->space, place->kind,
         &(keeping){.make = TRUE, .most_bytes = JD_SCAN_LAZY_BYTES});
}

/* ---- a writer's ---- */

static void update_place(jd_sqlite *store, gint64 space, jd_item_kind kind, gboolean make)
{
    keeping how = {.make = make, .most_bytes = G_MAXSIZE, .wait_ms = JD_SCAN_WAIT_MS};
    g_autofree char *beside = name_beside(store, space, kind);
    g_autofree char *elsewhere = name_elsewhere(store, space, kind);
    g_unlink(elsewhere); /* of times when the folder could not be written to */
    if (!keep(store, space, kind, &how))
        g_unlink(beside); /* what must not be kept is not, whatever the reason */
}

void jd_vector_caches_update(jd_sqlite *store, gboolean make)
{
    gint64 last = 0;
    if (store->in_batch)
        return;
    /* Spaces that were dropped too: their numbers are not given out again. */
    jd_sql_integer(store, "SELECT seq FROM sqlite_sequence WHERE name = 'space'", 0, &last, NULL);
    for (gint64 space = 1; space <= MIN(last, JD_LIMIT_SPACES); space++)
        for (int kind = JD_ITEM_TEXT; kind <= JD_ITEM_IMAGE; kind++)
            update_place(store, space, (jd_item_kind)kind, make);
}

void jd_sqlite_refresh_caches(jd_store *base)
{
    jd_sqlite *store = jd_sqlite_of(base);
    if (store->lock)
        jd_vector_caches_update(store, TRUE);
}

/* ---- verifying ---- */

/* What is wrong with a block of the cache, or NULL. */
static const char *compare(const jd_vector_set *set, const jd_vectors *stored,
                           const jd_vectors *cached, int slot)
{
    const gsize dimension = set->place.dimension;
    const jd_scan_coder coder = jd_scan_cache_coder(set->cache);
    jd_scan_block block;
    if (stored->n != cached->n ||
        memcmp(stored->ids, cached->ids, stored->n * sizeof(gint64)) != 0 ||
        memcmp(stored->values, cached->values, stored->n * dimension * sizeof(float)) != 0)
        return "holds other vectors than the knowledge base";
    if (!jd_scan_cache_codes(set->cache, slot, &block))
        return "is damaged";
    for (gsize row = 0; row < block.rows; row++) {
        jd_scan_scale scale = block.scales[row];
        double missed =
            jd_scan_residual(&coder, stored->values + row * dimension,
                             block.codes.codes + row * block.codes.stride, (double)scale.step);
        if (!(missed <= (double)scale.residual + 1e-12))
            return "holds codes that do not fit their vectors";
    }
    return NULL;
}

static gboolean verify_place(jd_vector_set *set, const char **problem, GError **error)
{
    *problem = NULL;
    for (guint i = 0; i < set->blocks->len && set->cache && !*problem; i++) {
        jd_vectors stored, cached;
        int slot = jd_vector_set_block(set, i)->slot;
        if (slot < 0)
            continue;
        if (!jd_vector_set_read(set, i, &stored, error))
            return FALSE;
        *problem = jd_vector_set_cached(set, i, &cached) ? compare(set, &stored, &cached, slot)
                                                         : "is damaged";
    }
    return TRUE;
}

gboolean jd_vector_caches_verify(jd_sqlite *store, GPtrArray *problems, GError **error)
{
    g_autoptr(GPtrArray) spaces = jd_sqlite_list_spaces(&store->base, error);
    for (guint i = 0; spaces && i < 2 * spaces->len; i++) {
        const jd_space *space = spaces->pdata[i / 2];
        if (space->dimension < 1 || space->dimension > JD_LIMIT_DIMENSION)
            continue; /* check_vectors() in verify.c tells of it */
        g_auto(jd_vector_set) set = {0};
        jd_set_request request = {.space = space->id, .kind = (jd_item_kind)(i % 2)};
        const char *problem;
        if (!jd_vector_set_open(&set, store, &request, error) ||
            !verify_place(&set, &problem, error))
            return FALSE;
        if (problem)
            g_ptr_array_add(problems,
                            g_strdup_printf("%s %s: it is only a cache, delete it, and it is made "
                                            "anew",
                                            jd_scan_cache_path(set.cache), problem));
    }
    return spaces != NULL;
}
