#include "kb.h"

#include "base/error.h"

char *jd_kb_default_path(void)
{
    const char *given = g_getenv("JACKDAW_KB");
    if (given && given[0])
        return g_strdup(given);
    return g_build_filename(g_get_user_data_dir(), "jackdaw", "default.db", NULL);
}

jd_kb *jd_kb_open(const char *path, jd_kb_mode mode, const jd_kb_options *options, GError **error)
{
    static const jd_kb_options defaults = {0};
    if (!options)
        options = &defaults;
    g_autofree char *where = path ? g_strdup(path) : jd_kb_default_path();
    jd_store_options store_options = {.mode = mode, .busy_timeout_ms = options->busy_timeout_ms};
    jd_store *store = jd_store_open(where, &store_options, error);
    if (!store)
        return NULL;
    jd_kb *kb = g_new0(jd_kb, 1);
    kb->mode = mode;
    kb->store = store;
    kb->where = g_steal_pointer(&where);
    kb->collection = g_strdup(options->collection);
    kb->reader = g_strdup(options->reader);
    kb->encoders = jd_encoders_new(&(jd_encoders_options){.text = options->text_model,
                                                          .pictures = options->image_model,
                                                          .threads = options->threads});
    return kb;
}

void jd_kb_close(jd_kb *kb)
{
    if (!kb)
        return;
    jd_reader_pool_free(kb->readers);
    jd_encoders_free(kb->encoders);
    jd_store_close(kb->store);
    g_free(kb->where);
    g_free(kb->collection);
    g_free(kb->reader);
    g_free(kb);
}

jd_store *jd_kb_store(jd_kb *kb)
{
    return kb->store;
}

const char *jd_kb_collection(jd_kb *kb)
{
    return kb->collection;
}

const char *jd_kb_write_collection(const jd_kb *kb)
{
    return kb->collection ? kb->collection : "default";
}

gboolean jd_kb_check_writable(const jd_kb *kb, GError **error)
{
    if (kb->mode == JD_KB_WRITE)
        return TRUE;
    jd_set_error(error, JD_ERROR_READ_ONLY, "open it with JD_KB_WRITE",
                 "the knowledge base was opened for reading");
    return FALSE;
}

jd_reader_pool *jd_kb_readers(jd_kb *kb, GError **error)
{
    if (!kb->readers)
        kb->readers = jd_reader_pool_new(&(jd_reader_options){.program = kb->reader}, error);
    return kb->readers;
}
