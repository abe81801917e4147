#include "server/bases.h"

#include "base/limits.h"
#include "pipeline.h"

#include <glib/gstdio.h>

struct jd_bases {
    char *path;
    jd_kb *first; /* what the others share their encoders and readers with; not used itself */
    GMutex lock;
    GPtrArray *idle;  /* jd_kb *, the one used last at the end */
    GHashTable *lent; /* jd_kb *: those that are open on the base as it is now */
    GStatBuf file;    /* the file that all of these are open on */
};

static void kb_close(gpointer kb)
{
    jd_kb_close(kb);
}

jd_bases *jd_bases_new(const char *path, const jd_kb_options *options, GError **error)
{
    jd_kb *first = jd_kb_open(path, JD_KB_READ, options, error);
    if (!first)
        return NULL;
    jd_bases *bases = g_new0(jd_bases, 1);
    bases->path = g_strdup(path);
    bases->first = first;
    bases->idle = g_ptr_array_new_with_free_func(kb_close);
    bases->lent = g_hash_table_new(NULL, NULL);
    g_stat(path, &bases->file);
    g_mutex_init(&bases->lock);
    return bases;
}

void jd_bases_free(jd_bases *bases)
{
    if (!bases)
        return;
    g_ptr_array_unref(bases->idle);
    g_hash_table_unref(bases->lent);
    jd_kb_close(bases->first);
    g_mutex_clear(&bases->lock);
    g_free(bases->path);
    g_free(bases);
}

const char *jd_bases_path(const jd_bases *bases)
{
    return bases->path;
}

jd_kb *jd_bases_open(jd_bases *bases, jd_kb_mode mode, GError **error)
{
    return jd_kb_open_again(bases->first, mode, error);
}

/* With the lock held: closes what is open on a file that is no longer the base; what is lent is
 * closed when it comes back. */
static void notice_replacement(jd_bases *bases)
{
    GStatBuf now;
    if (g_stat(bases->path, &now) != 0 ||
        (now.st_dev == bases->file.st_dev && now.st_ino == bases->file.st_ino))
        return;
    g_ptr_array_set_size(bases->idle, 0);
    g_hash_table_remove_all(bases->lent);
    bases->file = now;
}

jd_kb *jd_bases_take(jd_bases *bases, GError **error)
{
    jd_kb *kb = NULL;
    g_mutex_lock(&bases->lock);
    notice_replacement(bases);
    if (bases->idle->len > 0)
        kb = g_ptr_array_steal_index(bases->idle, bases->idle->len - 1);
    g_mutex_unlock(&bases->lock);
    if (!kb)
        kb = jd_bases_open(bases, JD_KB_READ, error);
    if (!kb)
        return NULL;
    g_mutex_lock(&bases->lock);
    g_hash_table_add(bases->lent, kb);
    g_mutex_unlock(&bases->lock);
    return kb;
}

void jd_bases_give(jd_bases *bases, jd_kb *kb)
{
    g_mutex_lock(&bases->lock);
    gboolean current = g_hash_table_remove(bases->lent, kb);
    gboolean kept = current && bases->idle->len < JD_SERVER_IDLE_BASES;
    if (kept)
        g_ptr_array_add(bases->idle, kb);
    g_mutex_unlock(&bases->lock);
    if (!kept)
        jd_kb_close(kb);
}
