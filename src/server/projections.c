#include "server/projections.h"

#include "base/hash.h"
#include "base/limits.h"

typedef struct entry {
    char *key;
    gsize n;
    jd_projection made;
} entry;

struct jd_projections {
    GMutex lock;
    GQueue entries; /* entry *, the one that was asked for last first */
};

static void entry_free(entry *at)
{
    g_free(at->key);
    jd_projection_clear(&at->made);
    g_free(at);
}

jd_projections *jd_projections_new(void)
{
    jd_projections *projections = g_new0(jd_projections, 1);
    g_mutex_init(&projections->lock);
    g_queue_init(&projections->entries);
    return projections;
}

void jd_projections_free(jd_projections *projections)
{
    g_queue_clear_full(&projections->entries, (GDestroyNotify)entry_free);
    g_mutex_clear(&projections->lock);
    g_free(projections);
}

static char *key_of(const jd_rows *rows)
{
    g_autoptr(jd_sha256_sum) sum = jd_sha256_sum_new();
    guint64 shape[] = {rows->n, rows->dimension};
    jd_sha256_sum_add(sum, shape, sizeof shape);
    for (gsize i = 0; i < rows->n; i++)
        jd_sha256_sum_add(sum, rows->values + i * rows->dimension, rows->dimension * sizeof(float));
    return jd_sha256_sum_text(sum);
}

static void copy(jd_projection *to, const jd_projection *from, gsize n)
{
    *to = *from;
    to->points = g_memdup2(from->points, n * 2 * sizeof(double));
}

/* With the lock. NULL: not there. */
static entry *find(jd_projections *projections, const char *key)
{
    for (GList *link = projections->entries.head; link; link = link->next) {
        entry *at = link->data;
        if (!g_str_equal(at->key, key))
            continue;
        g_queue_unlink(&projections->entries, link);
        g_queue_push_head_link(&projections->entries, link);
        return at;
    }
    return NULL;
}

/* With the lock. Takes the key. */
static void keep(jd_projections *projections, char *key, const jd_projection *made, gsize n)
{
    entry *at = g_new0(entry, 1);
    at->key = key;
    at->n = n;
    copy(&at->made, made, n);
    g_queue_push_head(&projections->entries, at);
    if (projections->entries.length > JD_MAP_CACHED)
        entry_free(g_queue_pop_tail(&projections->entries));
}

gboolean jd_projections_get(jd_projections *projections, const jd_rows *rows,
                            jd_projection *projection, GError **error)
{
    g_autofree char *key = key_of(rows);
    g_mutex_lock(&projections->lock);
    const entry *known = find(projections, key);
    if (known)
        copy(projection, &known->made, known->n);
    g_mutex_unlock(&projections->lock);
    if (known)
        return TRUE;
    if (!jd_project(rows->values, rows->n, rows->dimension, projection, error))
        return FALSE;
    g_mutex_lock(&projections->lock);
    if (!find(projections, key)) /* another call may have made it as well */
        keep(projections, g_steal_pointer(&key), projection, rows->n);
    g_mutex_unlock(&projections->lock);
    return TRUE;
}
