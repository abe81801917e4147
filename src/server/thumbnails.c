#include "server/thumbnails.h"

#include "base/limits.h"
#include "pipeline.h"

typedef struct entry {
    char *key;
    jd_thumbnail thumbnail;
} entry;

struct jd_thumbnails {
    GMutex lock;
    GQueue used;        /* entry *, the latest first */
    GHashTable *by_key; /* key -> its link in `used` */
    gsize bytes;
};

static void entry_free(gpointer data)
{
    entry *one = data;
    g_free(one->key);
    g_bytes_unref(one->thumbnail.bytes);
    g_free(one);
}

jd_thumbnails *jd_thumbnails_new(void)
{
    jd_thumbnails *thumbnails = g_new0(jd_thumbnails, 1);
    thumbnails->by_key = g_hash_table_new(g_str_hash, g_str_equal);
    g_mutex_init(&thumbnails->lock);
    return thumbnails;
}

void jd_thumbnails_free(jd_thumbnails *thumbnails)
{
    if (!thumbnails)
        return;
    g_hash_table_unref(thumbnails->by_key);
    g_queue_clear_full(&thumbnails->used, entry_free);
    g_mutex_clear(&thumbnails->lock);
    g_free(thumbnails);
}

static gboolean look_up(jd_thumbnails *thumbnails, const char *key, jd_thumbnail *thumbnail)
{
    g_mutex_lock(&thumbnails->lock);
    GList *link = g_hash_table_lookup(thumbnails->by_key, key);
    if (link) {
        const entry *found = link->data;
        *thumbnail = found->thumbnail;
        g_bytes_ref(thumbnail->bytes);
        g_queue_unlink(&thumbnails->used, link);
        g_queue_push_head_link(&thumbnails->used, link);
    }
    g_mutex_unlock(&thumbnails->lock);
    return link != NULL;
}

/* With the lock held. */
static void drop_oldest(jd_thumbnails *thumbnails)
{
    entry *oldest = g_queue_pop_tail(&thumbnails->used);
    g_hash_table_remove(thumbnails->by_key, oldest->key);
    thumbnails->bytes -= g_bytes_get_size(oldest->thumbnail.bytes);
    entry_free(oldest);
}

static void keep(jd_thumbnails *thumbnails, const char *key, const jd_thumbnail *thumbnail)
{
    g_mutex_lock(&thumbnails->lock);
    if (!g_hash_table_contains(thumbnails->by_key, key)) {
        entry *one = g_new0(entry, 1);
        one->key = g_strdup(key);
        one->thumbnail = *thumbnail;
        g_bytes_ref(one->thumbnail.bytes);
        g_queue_push_head(&thumbnails->used, one);
        g_hash_table_insert(thumbnails->by_key, one->key, thumbnails->used.head);
        thumbnails->bytes += g_bytes_get_size(one->thumbnail.bytes);
    }
    while (thumbnails->bytes > JD_SERVER_THUMBNAIL_BYTES)
        drop_oldest(thumbnails);
    g_mutex_unlock(&thumbnails->lock);
}

static gboolean make(jd_kb *kb, const jd_thumbnail_wish *wish, jd_thumbnail *thumbnail,
                     GError **error)
{
    g_autoptr(GBytes) picture = jd_store_get_picture(jd_kb_store(kb), wish->sha256, error);
    jd_reader_pool *readers = picture ? jd_kb_readers(kb, error) : NULL;
    if (!readers)
        return FALSE;
    g_autoptr(GPtrArray) pictures = g_ptr_array_new();
    g_ptr_array_add(pictures, picture);
    jd_render_request request = {.pictures = pictures, .max_side = wish->side};
    thumbnail->bytes = jd_reader_pool_render(readers, &request, &thumbnail->media_type, error);
    return thumbnail->bytes != NULL;
}

gboolean jd_thumbnails_get(jd_thumbnails *thumbnails, jd_kb *kb, const jd_thumbnail_wish *wish,
                           jd_thumbnail *thumbnail, GError **error)
{
    g_autofree char *key = g_strdup_printf("%s-%d", wish->sha256, wish->side);
    if (look_up(thumbnails, key, thumbnail))
        return TRUE;
    if (!make(kb, wish, thumbnail, error))
        return FALSE;
    keep(thumbnails, key, thumbnail);
    return TRUE;
}
