/* Writing the scan cache. Whatever fails, what is left is either whole or not taken for anything.
 */
#include "store/scan/cache_state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const jd_scan_head no_head;

static gboolean write_at(const jd_scan_cache *cache, const void *data, gsize size, gsize offset)
{
    const guint8 *at = data;
    while (size > 0) {
        ssize_t done = pwrite(cache->fd, at, size, (off_t)offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return FALSE;
        at += done;
        offset += (gsize)done;
        size -= (gsize)done;
    }
    return TRUE;
}

/* Gives the space back too, where the file system can. */
static gboolean write_zeros(const jd_scan_cache *cache, gsize offset, gsize size)
{
    static const guint8 zeros[16 * JD_SCAN_PAGE];
    if (fallocate(cache->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset,
                  (off_t)size) == 0)
        return TRUE;
    for (gsize done = 0; done < size; done += MIN(size - done, sizeof zeros))
        if (!write_at(cache, zeros, MIN(size - done, sizeof zeros), offset + done))
            return FALSE;
    return TRUE;
}

static gboolean write_head(const jd_scan_cache *cache, guint slot, const jd_scan_head *head)
{
    return write_at(cache, head, sizeof *head, jd_scan_head_offset(cache, slot));
}

/* ---- beginning and ending ---- */

static void write_header(const jd_scan_cache *cache, int fd, const jd_scan_start *start)
{
    const gsize size = cache->layout.header;
    g_autofree guint8 *page = g_malloc0(size);
    jd_scan_header header = {.dimension = (guint32)cache->dimension,
                             .capacity = (guint32)cache->capacity,
                             .mean_of = start->mean_of};
    memcpy(header.magic, JD_SCAN_MAGIC, sizeof header.magic);
    header.check = jd_scan_header_check(&header, start->mean);
    memcpy(page, &header, sizeof header);
    memcpy(page + sizeof header, start->mean, cache->dimension * sizeof(float));
    (void)!pwrite(fd, page, size, 0); /* whoever opens it sees whether it is whole */
}

/* An empty file gets its header; one that is of no use loses its name, and another try makes it
 * anew. */
static void make_file(jd_scan_cache *cache, const jd_scan_start *start)
{
    enum { FLAGS = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK };
    int fd = open(cache->path, FLAGS, cache->mode);
    if (fd < 0)
        return;
    /* The lock before the look: somebody may just be beginning it. */
    struct stat info;
    if (jd_scan_lock_file(fd, JD_SCAN_LOCK_WRITE, F_WRLCK, start->wait_ms) &&
        jd_scan_is_named(fd, cache->path) && fstat(fd, &info) == 0) {
        if (info.st_size == 0)
            write_header(cache, fd, start);
        if (!jd_scan_cache_open(cache))
            unlink(cache->path);
    }
    close(fd);
}

/* The slots that may be written to, the first one last. */
static gboolean find_free(jd_scan_cache *cache)
{
    g_array_set_size(cache->free, 0);
    for (guint slot = cache->slots; slot-- > 0;)
        if (memcmp(&cache->heads[slot], &no_head, sizeof no_head) == 0)
            g_array_append_val(cache->free, slot);
    /* What stands behind the last whole group is nobody's. */
    cache->end = cache->slots;
    return ftruncate(cache->fd, (off_t)cache->mapped) == 0;
}

static gboolean lock_to_write(jd_scan_cache *cache, int wait_ms)
{
    if (!jd_scan_lock_file(cache->fd, JD_SCAN_LOCK_WRITE, F_WRLCK, wait_ms))
        return FALSE;
    cache->writing = TRUE;
    return jd_scan_is_named(cache->fd, cache->path) && jd_scan_cache_hold(cache) &&
           find_free(cache);
}

gboolean jd_scan_cache_begin(jd_scan_cache *cache, const jd_scan_start *start)
{
    enum { TRIES = 4 }; /* to remove what is of no use, to make it, to open it, and one for luck */
    g_return_val_if_fail(!cache->held, FALSE);
    for (int i = 0; i < TRIES; i++) {
        if (jd_scan_cache_open(cache)) {
            if (!cache->writable)
                return FALSE;
            if (lock_to_write(cache, start->wait_ms))
                return TRUE;
            jd_scan_cache_end(cache);
            if (jd_scan_is_named(cache->fd, cache->path))
                return FALSE;
        } else if (!start->mean) {
            return FALSE;
        } else {
            make_file(cache, start);
        }
    }
    return FALSE;
}

void jd_scan_cache_end(jd_scan_cache *cache)
{
    if (cache->writing)
        jd_scan_lock_file(cache->fd, JD_SCAN_LOCK_WRITE, F_UNLCK, 0);
    cache->writing = FALSE;
    jd_scan_cache_release(cache);
}

void jd_scan_cache_remove(jd_scan_cache *cache)
{
    unlink(cache->path);
    jd_scan_cache_close(cache);
}

/* ---- erasing ---- */

/* The head last: until it is gone, whoever looks knows that the slot is to be erased. */
static gboolean erase(const jd_scan_cache *cache, guint slot)
{
    const jd_scan_layout *l = &cache->layout;
    return write_zeros(cache, jd_scan_area_offset(cache, slot), l->area) &&
           write_zeros(cache, jd_scan_vectors_offset(cache, slot), l->vectors) &&
           write_head(cache, slot, &no_head);
}

/* Slots that are neither free nor hold a block that counts. */
static GArray *find_dead(const jd_scan_cache *cache, const jd_scan_living *living)
{
    g_autofree gboolean *lives = g_new0(gboolean, cache->slots);
    for (gsize i = 0; i < living->n; i++) {
        int slot = jd_scan_cache_find(cache, living->blocks[i]);
        if (slot >= 0)
            lives[slot] = TRUE;
    }
    GArray *dead = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint slot = 0; slot < cache->slots; slot++)
        if (!lives[slot] && memcmp(&cache->heads[slot], &no_head, sizeof no_head) != 0)
            g_array_append_val(dead, slot);
    return dead;
}

gboolean jd_scan_cache_sweep(jd_scan_cache *cache, const jd_scan_living *living, int wait_ms)
{
    g_autoptr(GArray) dead = find_dead(cache, living);
    if (dead->len == 0)
        return TRUE;
    /* The lock for reading, which it has, becomes one for writing. */
    gboolean alone = jd_scan_lock_file(cache->fd, JD_SCAN_LOCK_USE, F_WRLCK, wait_ms);
    if (!alone && wait_ms == 0)
        return TRUE;
    for (guint i = 0; alone && i < dead->len; i++)
        alone = erase(cache, g_array_index(dead, guint, i));
    if (!alone) {
        jd_scan_cache_remove(cache);
        return FALSE;
    }
    jd_scan_cache_read_heads(cache);
    jd_scan_lock_file(cache->fd, JD_SCAN_LOCK_USE, F_RDLCK, 0);
    return find_free(cache);
}

/* ---- adding ---- */

static gboolean grow(jd_scan_cache *cache)
{
    gsize size = jd_scan_head_offset(cache, cache->end) + cache->layout.group;
    if (ftruncate(cache->fd, (off_t)size) != 0)
        return FALSE;
    for (guint i = JD_SCAN_GROUP; i-- > 0;) {
        guint slot = cache->end + i;
        g_array_append_val(cache->free, slot);
    }
    cache->end += JD_SCAN_GROUP;
    return TRUE;
}

/* Fills the code area at work. */
static void encode(jd_scan_cache *cache, const jd_scan_rows *rows)
{
    const jd_scan_layout *l = &cache->layout;
    const jd_scan_coder coder = jd_scan_cache_coder(cache);
    if (!cache->area)
        cache->area = g_aligned_alloc(l->area, 1, JD_SCAN_ALIGN);
    memset(cache->area, 0, l->area);
    memcpy(cache->area + l->ids, rows->ids, rows->n * sizeof(gint64));
    guint64 *sums = (guint64 *)(void *)(cache->area + l->sums);
    jd_scan_scale *scales = (jd_scan_scale *)(void *)(cache->area + l->scales);
    for (gsize i = 0; i < rows->n; i++) {
        const float *vector = rows->vectors + i * cache->dimension;
        sums[i] = jd_scan_sum(vector, cache->dimension * sizeof(float));
        jd_scan_encode(&coder, vector, (gint8 *)cache->area + i * l->stride, &scales[i]);
    }
}

gboolean jd_scan_cache_add(jd_scan_cache *cache, const jd_scan_rows *rows)
{
    const gsize size = rows->n * cache->dimension * sizeof(float);
    if (cache->free->len == 0 && !grow(cache))
        return FALSE;
    guint slot = g_array_index(cache->free, guint, cache->free->len - 1);
    g_array_set_size(cache->free, cache->free->len - 1);
    encode(cache, rows);
    jd_scan_head head = {.block = rows->block};
    gboolean ok =
        write_head(cache, slot, &head) &&
        write_at(cache, cache->area, cache->layout.area, jd_scan_area_offset(cache, slot)) &&
        write_at(cache, rows->vectors, size, jd_scan_vectors_offset(cache, slot));
    head.first = rows->ids[0];
    head.last = rows->ids[rows->n - 1];
    head.count = (guint32)rows->n;
    head.sum = jd_scan_sum(cache->area, cache->layout.area);
    head.check = jd_scan_head_check(&head);
    if (ok && write_head(cache, slot, &head))
        return TRUE;
    erase(cache, slot);
    return FALSE;
}
