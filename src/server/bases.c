#include "server/bases.h"

#include "base/limits.h"

struct jd_bases {
    char *path;
    const jd_kb_options *options;
    GMutex lock;
    GPtrArray *idle; /* jd_kb *, the one used last at the end */
};

static void kb_close(gpointer kb)
{
    jd_kb_close(kb);
}

jd_bases *jd_bases_new(const char *path, const jd_kb_options *options, GError **error)
{
    jd_bases *bases = g_new0(jd_bases, 1);
    bases->path = g_strdup(path);
    bases->options = options;
    bases->idle = g_ptr_array_new_with_free_func(kb_close);
    g_mutex_init(&bases->lock);
    jd_kb *first = jd_bases_take(bases, error);
    if (!first) {
        jd_bases_free(bases);
        return NULL;
    }
    jd_bases_give(bases, first);
    return bases;
}

void jd_bases_free(jd_bases *bases)
{
    if (!bases)
        return;
    g_ptr_array_unref(bases->idle);
    g_mutex_clear(&bases->lock);
    g_free(bases->path);
    g_free(bases);
}

jd_kb *jd_bases_take(jd_bases *bases, GError **error)
{
    jd_kb *kb = NULL;
    g_mutex_lock(&bases->lock);
    if (bases->idle->len > 0)
        kb = g_ptr_array_steal_index(bases->idle, bases->idle->len - 1);
    g_mutex_unlock(&bases->lock);
    return kb ? kb : jd_kb_open(bases->path, JD_KB_READ, bases->options, error);
}

void jd_bases_give(jd_bases *bases, jd_kb *kb)
{
    g_mutex_lock(&bases->lock);
    gboolean kept = bases->idle->len < JD_SERVER_IDLE_BASES;
    if (kept)
        g_ptr_array_add(bases->idle, kb);
    g_mutex_unlock(&bases->lock);
    if (!kept)
        jd_kb_close(kb);
}
