#include "store/scan/cache_state.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef JD_HAVE_XXH_DISPATCH
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

G_STATIC_ASSERT(G_BYTE_ORDER == G_LITTLE_ENDIAN); /* the file is used as it is */

/* ---- the format ---- */

static gsize round_up(gsize size, gsize to)
{
    return (size + to - 1) / to * to;
}

static jd_scan_layout make_layout(gsize dimension, gsize capacity)
{
    jd_scan_layout l = {.stride = jd_scan_stride(dimension)};
    l.header = round_up(sizeof(jd_scan_header) + dimension * sizeof(float), JD_SCAN_PAGE);
    l.scales = capacity * l.stride;
    l.ids = l.scales + capacity * sizeof(jd_scan_scale);
    l.sums = l.ids + capacity * sizeof(gint64);
    l.area = round_up(l.sums + capacity * sizeof(guint64), JD_SCAN_PAGE);
    l.vectors = round_up(capacity * dimension * sizeof(float), JD_SCAN_PAGE);
    l.group = JD_SCAN_PAGE + JD_SCAN_GROUP * (l.area + l.vectors);
    return l;
}

static gsize group_offset(const jd_scan_cache *cache, guint slot)
{
    return cache->layout.header + slot / JD_SCAN_GROUP * cache->layout.group;
}

gsize jd_scan_head_offset(const jd_scan_cache *cache, guint slot)
{
    return group_offset(cache, slot) + slot % JD_SCAN_GROUP * sizeof(jd_scan_head);
}

gsize jd_scan_area_offset(const jd_scan_cache *cache, guint slot)
{
    return group_offset(cache, slot) + JD_SCAN_PAGE + slot % JD_SCAN_GROUP * cache->layout.area;
}

gsize jd_scan_vectors_offset(const jd_scan_cache *cache, guint slot)
{
    return group_offset(cache, slot) + JD_SCAN_PAGE + JD_SCAN_GROUP * cache->layout.area +
           slot % JD_SCAN_GROUP * cache->layout.vectors;
}

guint64 jd_scan_sum(const void *data, gsize size)
{
    return XXH3_64bits(data, size);
}

guint64 jd_scan_header_check(const jd_scan_header *header, const float *mean)
{
    jd_scan_header plain = *header;
    plain.check = 0;
    guint64 sums[] = {jd_scan_sum(&plain, sizeof plain),
                      jd_scan_sum(mean, header->dimension * sizeof(float))};
    return jd_scan_sum(sums, sizeof sums);
}

guint64 jd_scan_head_check(const jd_scan_head *head)
{
    return jd_scan_sum(head, offsetof(jd_scan_head, check));
}

/* ---- the object ---- */

jd_scan_cache *jd_scan_cache_new(const jd_scan_options *options)
{
    jd_scan_cache *cache = g_new0(jd_scan_cache, 1);
    cache->path = g_strdup(options->path);
    cache->mode = options->mode;
    cache->dimension = options->dimension;
    cache->capacity = options->capacity;
    cache->layout = make_layout(options->dimension, options->capacity);
    cache->mean = g_new(float, options->dimension);
    cache->slot_of = g_hash_table_new(g_int64_hash, g_int64_equal);
    cache->free = g_array_new(FALSE, FALSE, sizeof(guint));
    cache->fd = -1;
    return cache;
}

void jd_scan_cache_close(jd_scan_cache *cache)
{
    g_hash_table_remove_all(cache->slot_of);
    g_clear_pointer(&cache->heads, g_free);
    g_clear_pointer(&cache->seen, g_free);
    if (cache->map)
        munmap(cache->map, cache->mapped);
    if (cache->fd >= 0)
        close(cache->fd);
    cache->map = NULL;
    cache->mapped = cache->slots = 0;
    cache->fd = -1;
    cache->held = cache->writing = FALSE;
}

void jd_scan_cache_free(jd_scan_cache *cache)
{
    if (!cache)
        return;
    jd_scan_cache_close(cache);
    g_hash_table_unref(cache->slot_of);
    g_array_unref(cache->free);
    g_aligned_free(cache->area);
    g_free(cache->mean);
    g_free(cache->path);
    g_free(cache);
}

const char *jd_scan_cache_path(const jd_scan_cache *cache)
{
    return cache->path;
}

gsize jd_scan_cache_capacity(const jd_scan_cache *cache)
{
    return cache->capacity;
}

jd_scan_coder jd_scan_cache_coder(const jd_scan_cache *cache)
{
    return (jd_scan_coder){.mean = cache->mean, .dimension = cache->dimension};
}

guint jd_scan_cache_mean_of(const jd_scan_cache *cache)
{
    return cache->mean_of;
}

/* ---- the file ---- */

gboolean jd_scan_lock_file(int fd, jd_scan_lock lock, short type, int wait_ms)
{
    enum { PAUSE_US = 2000 };
    struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)lock, .l_len = 1};
    gint64 deadline = g_get_monotonic_time() + (gint64)wait_ms * 1000;
    for (;;) {
        if (fcntl(fd, F_OFD_SETLK, &range) == 0)
            return TRUE;
        if (errno == EINTR)
            continue;
        if ((errno != EAGAIN && errno != EACCES) || g_get_monotonic_time() >= deadline)
            return FALSE;
        g_usleep(PAUSE_US);
    }
}

gboolean jd_scan_is_named(int fd, const char *path)
{
    struct stat named, open;
    return fd >= 0 && stat(path, &named) == 0 && fstat(fd, &open) == 0 &&
           named.st_dev == open.st_dev && named.st_ino == open.st_ino;
}

/* A mean of unit vectors is not longer than 1, which the bound relies on (code.h). */
static gboolean is_mean(const float *mean, gsize n)
{
    double squares = jd_square_sum(mean, n);
    return squares <= 1 + 1e-6; /* FALSE for NaN */
}

/* Reads the header and its mean; FALSE where they are not this cache's. */
static gboolean read_header(jd_scan_cache *cache)
{
    jd_scan_header header;
    gsize size = cache->dimension * sizeof(float);
    g_autofree float *mean = g_malloc(size);
    if (pread(cache->fd, &header, sizeof header, 0) != sizeof header ||
        pread(cache->fd, mean, size, sizeof header) != (gssize)size ||
        memcmp(header.magic, JD_SCAN_MAGIC, sizeof header.magic) != 0 ||
        header.dimension != cache->dimension || header.capacity != cache->capacity ||
        header.check != jd_scan_header_check(&header, mean) || !is_mean(mean, cache->dimension))
        return FALSE;
    memcpy(cache->mean, mean, size);
    cache->mean_of = header.mean_of;
    return TRUE;
}

gboolean jd_scan_cache_open(jd_scan_cache *cache)
{
    enum { FLAGS = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK };
    if (jd_scan_is_named(cache->fd, cache->path))
        return TRUE;
    jd_scan_cache_close(cache);
    cache->fd = open(cache->path, O_RDWR | FLAGS);
    cache->writable = cache->fd >= 0;
    if (cache->fd < 0)
        cache->fd = open(cache->path, O_RDONLY | FLAGS);
    struct stat info;
    if (cache->fd >= 0 && fstat(cache->fd, &info) == 0 && S_ISREG(info.st_mode) &&
        info.st_size >= (off_t)cache->layout.header && read_header(cache))
        return TRUE;
    jd_scan_cache_close(cache);
    return FALSE;
}

gboolean jd_scan_cache_is_there(jd_scan_cache *cache)
{
    return jd_scan_cache_open(cache);
}

/* Room for the heads of so many slots, the new ones free. */
static void grow_heads(jd_scan_cache *cache, guint slots)
{
    g_hash_table_remove_all(cache->slot_of); /* its keys are in the heads */
    cache->heads = g_renew(jd_scan_head, cache->heads, slots);
    cache->seen = g_renew(jd_scan_seen, cache->seen, slots);
    for (guint slot = cache->slots; slot < slots; slot++) {
        cache->heads[slot] = (jd_scan_head){0};
        cache->seen[slot] = (jd_scan_seen){0};
    }
    cache->slots = slots;
}

/* Maps all whole groups that the file has by now; one that another process begins later is seen
 * when the cache is taken hold of again. */
static gboolean map_file(jd_scan_cache *cache)
{
    struct stat info;
    const jd_scan_layout *l = &cache->layout;
    if (fstat(cache->fd, &info) != 0 || info.st_size < (off_t)l->header ||
        (guint64)info.st_size > G_MAXSIZE / 2)
        return FALSE;
    gsize groups = ((gsize)info.st_size - l->header) / l->group;
    gsize size = l->header + groups * l->group;
    if (size <= cache->mapped)
        return size == cache->mapped; /* else somebody cut it off: the map cannot be read */
    void *map = mmap(NULL, size, PROT_READ, MAP_SHARED, cache->fd, 0);
    if (map == MAP_FAILED)
        return FALSE;
    /* What is needed is asked for: the kernel's guesses read megabytes of vectors beside it. */
    madvise(map, size, MADV_RANDOM);
    posix_fadvise(cache->fd, 0, 0, POSIX_FADV_RANDOM);
    if (cache->map)
        munmap(cache->map, cache->mapped);
    cache->map = map;
    cache->mapped = size;
    grow_heads(cache, (guint)(groups * JD_SCAN_GROUP));
    return TRUE;
}

static gboolean is_sound(const jd_scan_cache *cache, const jd_scan_head *head)
{
    return head->block != 0 && head->count > 0 && head->count <= cache->capacity &&
           head->first <= head->last && head->check == jd_scan_head_check(head);
}

/* Follows what changed since the last time. */
void jd_scan_cache_read_heads(jd_scan_cache *cache)
{
    gboolean changed = FALSE;
    for (guint slot = 0; slot < cache->slots; slot += JD_SCAN_GROUP) {
        /* Not through the map: a page here and there would have megabytes around it read too. */
        jd_scan_head now[JD_SCAN_GROUP] = {0};
        if (pread(cache->fd, now, sizeof now, (off_t)jd_scan_head_offset(cache, slot)) !=
            sizeof now)
            memset(now, 0, sizeof now);
        for (guint i = 0; i < JD_SCAN_GROUP; i++) {
            if (memcmp(&cache->heads[slot + i], &now[i], sizeof now[i]) == 0)
                continue;
            cache->heads[slot + i] = now[i];
            cache->seen[slot + i] = (jd_scan_seen){0};
            changed = TRUE;
        }
    }
    if (!changed && g_hash_table_size(cache->slot_of) > 0)
        return;
    g_hash_table_remove_all(cache->slot_of);
    for (guint slot = cache->slots; slot-- > 0;)
        if (is_sound(cache, &cache->heads[slot]))
            g_hash_table_insert(cache->slot_of, &cache->heads[slot].block, GUINT_TO_POINTER(slot));
}

/* ---- reading ---- */

gboolean jd_scan_cache_hold(jd_scan_cache *cache)
{
    if (cache->held)
        return TRUE;
    if (!jd_scan_cache_open(cache) || !jd_scan_lock_file(cache->fd, JD_SCAN_LOCK_USE, F_RDLCK, 0))
        return FALSE;
    cache->held = map_file(cache);
    if (cache->held)
        jd_scan_cache_read_heads(cache);
    else
        jd_scan_cache_close(cache);
    return cache->held;
}

void jd_scan_cache_release(jd_scan_cache *cache)
{
    if (cache->held)
        jd_scan_lock_file(cache->fd, JD_SCAN_LOCK_USE, F_UNLCK, 0);
    cache->held = FALSE;
}

int jd_scan_cache_find(const jd_scan_cache *cache, gint64 block)
{
    gpointer value;
    if (!g_hash_table_lookup_extended(cache->slot_of, &block, NULL, &value))
        return -1;
    guint slot = GPOINTER_TO_UINT(value);
    gboolean damaged =
        cache->seen[slot].codes == JD_SCAN_DAMAGED || cache->seen[slot].vectors == JD_SCAN_DAMAGED;
    return damaged ? -1 : (int)slot;
}

void jd_scan_cache_range(const jd_scan_cache *cache, int slot, jd_scan_block *block)
{
    const jd_scan_head *head = &cache->heads[slot];
    *block = (jd_scan_block){.first = head->first, .last = head->last, .rows = head->count};
}

/* What a wrong row could lead astray. Ids are used as places to look for: they must rise, and begin
 * and end as the head says. Differences of vectors of length 1 are not longer than 2. */
static gboolean makes_sense(const jd_scan_head *head, const jd_scan_block *block)
{
    for (guint i = 0; i < head->count; i++) {
        const jd_scan_scale scale = block->scales[i];
        if ((i > 0 && block->ids[i] <= block->ids[i - 1]) ||
            !(scale.step >= 0 && scale.step <= 2) || !(scale.residual >= 0 && scale.residual <= 4))
            return FALSE;
    }
    return block->ids[0] == head->first && block->ids[head->count - 1] == head->last;
}

gboolean jd_scan_cache_codes(jd_scan_cache *cache, int slot, jd_scan_block *block)
{
    const jd_scan_layout *l = &cache->layout;
    const jd_scan_head *head = &cache->heads[slot];
    jd_scan_seen *seen = &cache->seen[slot];
    const guint8 *area = cache->map + jd_scan_area_offset(cache, (guint)slot);
    jd_scan_cache_range(cache, slot, block);
    block->ids = (const gint64 *)(const void *)(area + l->ids);
    block->scales = (const jd_scan_scale *)(const void *)(area + l->scales);
    block->codes =
        (jd_scan_codes){.codes = (const gint8 *)area, .stride = l->stride, .rows = head->count};
    if (seen->codes == JD_SCAN_UNSEEN) {
        gboolean sound = jd_scan_sum(area, l->area) == head->sum && makes_sense(head, block);
        seen->codes = sound ? JD_SCAN_SOUND : JD_SCAN_DAMAGED;
    }
    return seen->codes == JD_SCAN_SOUND;
}

void jd_scan_cache_expect(jd_scan_cache *cache, int slot, gboolean vectors)
{
    const jd_scan_seen *seen = &cache->seen[slot];
    if (seen->codes == JD_SCAN_UNSEEN)
        madvise(cache->map + jd_scan_area_offset(cache, (guint)slot), cache->layout.area,
                MADV_WILLNEED);
    if (vectors && seen->vectors == JD_SCAN_UNSEEN)
        madvise(cache->map + jd_scan_vectors_offset(cache, (guint)slot), cache->layout.vectors,
                MADV_WILLNEED);
}

static gboolean is_vector(jd_scan_cache *cache, int slot, gsize row, const void *vector)
{
    const guint8 *area = cache->map + jd_scan_area_offset(cache, (guint)slot);
    const guint64 *sums = (const guint64 *)(const void *)(area + cache->layout.sums);
    if (jd_scan_sum(vector, cache->dimension * sizeof(float)) == sums[row])
        return TRUE;
    cache->seen[slot].vectors = JD_SCAN_DAMAGED;
    return FALSE;
}

const float *jd_scan_cache_vectors(jd_scan_cache *cache, int slot)
{
    jd_scan_block block;
    const guint8 *bytes = cache->map + jd_scan_vectors_offset(cache, (guint)slot);
    const float *vectors = (const float *)(const void *)bytes;
    if (!jd_scan_cache_codes(cache, slot, &block) || cache->seen[slot].vectors == JD_SCAN_DAMAGED)
        return NULL;
    if (cache->seen[slot].vectors == JD_SCAN_SOUND)
        return vectors;
    for (gsize row = 0; row < block.rows; row++)
        if (!is_vector(cache, slot, row, vectors + row * cache->dimension))
            return NULL;
    cache->seen[slot].vectors = JD_SCAN_SOUND;
    return vectors;
}

gboolean jd_scan_cache_vector(jd_scan_cache *cache, int slot, gsize row, float *vector)
{
    /* Not through the map, which would read what stands around it too. */
    const gsize size = cache->dimension * sizeof(float);
    gsize offset = jd_scan_vectors_offset(cache, (guint)slot) + row * size;
    return pread(cache->fd, vector, size, (off_t)offset) == (gssize)size &&
           is_vector(cache, slot, row, vector);
}
