#include "pictures.h"

#include "base/error.h"
#include "base/limits.h"
#include "picture_file.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A picture that was read, or the reason why it could not be; shared by reference count. */
typedef struct cached_picture {
    char *key;     /* path with the file's time, or URL */
    gboolean done; /* FALSE while some thread reads it */
    jd_item *item; /* carries the bytes and what belongs to them; without bytes: see error */
    GError *error;
    GList link; /* its place in the order of use */
} cached_picture;

struct jd_pictures {
    jd_pictures_options options;
    GMutex lock;
    GCond changed;
    GHashTable *cache; /* key -> cached_picture */
    GQueue order;      /* of the done ones, the least recently used first */
    gsize bytes;       /* held by the cache */
};

static void cached_clear(gpointer data)
{
    cached_picture *picture = data;
    g_free(picture->key);
    jd_item_free(picture->item);
    g_clear_error(&picture->error);
}

static void cached_release(gpointer data)
{
    g_atomic_rc_box_release_full(data, cached_clear);
}

jd_pictures *jd_pictures_new(const jd_pictures_options *options)
{
    jd_pictures *pictures = g_new0(jd_pictures, 1);
    pictures->options = *options;
    g_mutex_init(&pictures->lock);
    g_cond_init(&pictures->changed);
    pictures->cache = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, cached_release);
    return pictures;
}

void jd_pictures_free(jd_pictures *pictures)
{
    if (!pictures)
        return;
    g_hash_table_unref(pictures->cache);
    g_cond_clear(&pictures->changed);
    g_mutex_clear(&pictures->lock);
    g_free(pictures);
}

/* ---- reading one ---- */

static void read_file(const jd_pictures *pictures, const char *path, cached_picture *picture)
{
    int fd = jd_roots_open(pictures->options.roots, path, &picture->error);
    if (fd < 0)
        return;
    jd_picture_file_read(pictures->options.readers, fd, path, picture->item, &picture->error);
    close(fd);
}

static void read_remote(const jd_pictures *pictures, const char *url, cached_picture *picture)
{
    g_autoptr(jd_fetched) fetched =
        jd_fetcher_get(pictures->options.fetcher, url, JD_FETCH_PICTURE, &picture->error);
    if (fetched)
        jd_picture_file_read(pictures->options.readers, fetched->fd, NULL, picture->item,
                             &picture->error);
}

/* ---- the cache; all of these under the lock ---- */

static gsize size_of(const cached_picture *picture)
{
    return picture->item->bytes ? g_bytes_get_size(picture->item->bytes) : 0;
}

/* Forgets the least recently used ones until the limits hold. */
static void trim(jd_pictures *pictures)
{
    while (pictures->order.length > JD_INGEST_PICTURE_CACHE_ENTRIES ||
           pictures->bytes > JD_INGEST_PICTURE_CACHE_BYTES) {
        cached_picture *oldest = g_queue_peek_head(&pictures->order);
        g_queue_unlink(&pictures->order, &oldest->link);
        pictures->bytes -= size_of(oldest);
        g_hash_table_remove(pictures->cache, oldest->key);
    }
}

/* The entry for a key, with a reference. `*fresh` tells that it is a new one, which the caller must
 * read and finish; others wait for that. */
static cached_picture *look_up(jd_pictures *pictures, const char *key, gboolean *fresh)
{
    cached_picture *picture;
    while ((picture = g_hash_table_lookup(pictures->cache, key)) && !picture->done)
        g_cond_wait(&pictures->changed, &pictures->lock);
    *fresh = picture == NULL;
    if (picture) {
        g_queue_unlink(&pictures->order, &picture->link);
        g_queue_push_tail_link(&pictures->order, &picture->link);
        return g_atomic_rc_box_acquire(picture);
    }
    picture = g_atomic_rc_box_new0(cached_picture);
    picture->key = g_strdup(key);
    picture->item = jd_item_new(JD_ITEM_IMAGE);
    picture->link.data = picture;
    g_hash_table_insert(pictures->cache, picture->key, picture);
    return g_atomic_rc_box_acquire(picture);
}

static void finish(jd_pictures *pictures, cached_picture *picture)
{
    picture->done = TRUE;
    pictures->bytes += size_of(picture);
    g_queue_push_tail_link(&pictures->order, &picture->link);
    g_cond_broadcast(&pictures->changed);
    trim(pictures);
}

/* ---- loading ---- */

/* A changed file is another picture: its time and size are part of the key. */
static char *key_of(const jd_reference *reference)
{
    struct stat info = {0};
    if (reference->url)
        return g_strdup(reference->url);
    if (stat(reference->path, &info) < 0)
        return g_strdup(reference->path);
    return g_strdup_printf("%s\n%" G_GINT64_FORMAT ".%09ld %" G_GINT64_FORMAT, reference->path,
                           (gint64)info.st_mtim.tv_sec, info.st_mtim.tv_nsec, (gint64)info.st_size);
}

static cached_picture *get(jd_pictures *pictures, const jd_reference *reference)
{
    g_autofree char *key = key_of(reference);
    gboolean fresh;
    g_mutex_lock(&pictures->lock);
    cached_picture *picture = look_up(pictures, key, &fresh);
    g_mutex_unlock(&pictures->lock);
    if (!fresh)
        return picture;
    if (reference->path)
        read_file(pictures, reference->path, picture);
    else
        read_remote(pictures, reference->url, picture);
    g_mutex_lock(&pictures->lock);
    finish(pictures, picture);
    g_mutex_unlock(&pictures->lock);
    return picture;
}

gboolean jd_pictures_load(jd_pictures *pictures, const jd_reference *reference, jd_item *item,
                          GError **error)
{
    cached_picture *picture = get(pictures, reference);
    gboolean loaded = picture->item->bytes != NULL;
    if (loaded)
        jd_picture_file_copy(item, picture->item);
    else
        g_propagate_error(error, g_error_copy(picture->error));
    cached_release(picture);
    return loaded;
}

/* ---- fingerprints ---- */

void jd_fingerprint_clear(jd_fingerprint *fingerprint)
{
    g_clear_pointer(&fingerprint->sum, jd_sha256_sum_free);
}

void jd_fingerprint_add(jd_fingerprint *fingerprint, const jd_reference *reference)
{
    if (reference && reference->url)
        return;
    g_autofree char *key = reference ? key_of(reference) : g_strdup("missing");
    if (!fingerprint->sum)
        fingerprint->sum = jd_sha256_sum_new();
    jd_sha256_sum_add(fingerprint->sum, key, strlen(key) + 1);
}

char *jd_fingerprint_text(const jd_fingerprint *fingerprint)
{
    return fingerprint->sum ? jd_sha256_sum_text(fingerprint->sum) : NULL;
}
