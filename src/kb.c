#include "kb.h"

#include "base/error.h"

char *jd_kb_default_path(void)
{
    const char *given = g_getenv("JACKDAW_KB");
    if (given && given[0])
        return g_strdup(given);
    return g_build_filename(g_get_user_data_dir(), "jackdaw", "default.db", NULL);
}

/* ---- what several share ---- */

static jd_kb_tools *tools_new(const jd_kb_options *options)
{
    jd_kb_tools *tools = g_new0(jd_kb_tools, 1);
    tools->refs = 1;
    tools->threads = options->threads;
    tools->reader = g_strdup(options->reader);
    tools->encoders = jd_encoders_new(&(jd_encoders_options){.text = options->text_model,
                                                             .pictures = options->image_model,
                                                             .threads = options->threads});
    g_mutex_init(&tools->lock);
    return tools;
}

static void tools_unref(jd_kb_tools *tools)
{
    if (!g_atomic_int_dec_and_test(&tools->refs))
        return;
    jd_reader_pool_free(tools->readers);
    jd_encoders_free(tools->encoders);
    g_free(tools->reader);
    g_mutex_clear(&tools->lock);
    g_free(tools);
}

/* ---- opening ---- */

/* Takes the store; adds a reference to the tools. */
static jd_kb *kb_new(jd_store *store, jd_kb_mode mode, jd_kb_tools *tools)
{
    jd_kb *kb = g_new0(jd_kb, 1);
    g_atomic_int_inc(&tools->refs);
    kb->mode = mode;
    kb->store = store;
    kb->tools = tools;
    kb->encoders = tools->encoders;
    return kb;
}

jd_kb *jd_kb_open(const char *path, jd_kb_mode mode, const jd_kb_options *options, GError **error)
{
    static const jd_kb_options defaults = {0};
    if (!options)
        options = &defaults;
    g_autofree char *where = path ? g_strdup(path) : jd_kb_default_path();
    jd_store_options store_options = {
        .mode = mode, .busy_timeout_ms = options->busy_timeout_ms, .threads = options->threads};
    jd_store *store = jd_store_open(where, &store_options, error);
    if (!store)
        return NULL;
    jd_kb_tools *tools = tools_new(options);
    jd_kb *kb = kb_new(store, mode, tools);
    tools_unref(tools);
    kb->where = g_steal_pointer(&where);
    kb->collection = g_strdup(options->collection);
    return kb;
}

jd_kb *jd_kb_open_again(const jd_kb *kb, jd_kb_mode mode, GError **error)
{
    jd_store_options options = {.mode = mode, .threads = kb->tools->threads};
    jd_store *store = jd_store_open(kb->where, &options, error);
    if (!store)
        return NULL;
    jd_kb *another = kb_new(store, mode, kb->tools);
    another->where = g_strdup(kb->where);
    another->collection = g_strdup(kb->collection);
    return another;
}

void jd_kb_close(jd_kb *kb)
{
    if (!kb)
        return;
    jd_store_close(kb->store);
    tools_unref(kb->tools);
    g_free(kb->where);
    g_free(kb->collection);
    g_free(kb);
}

/* ---- asking it ---- */

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
    jd_kb_tools *tools = kb->tools;
    g_mutex_lock(&tools->lock);
    if (!tools->readers)
        tools->readers = jd_reader_pool_new(&(jd_reader_options){.program = tools->reader}, error);
    jd_reader_pool *readers = tools->readers;
    g_mutex_unlock(&tools->lock);
    return readers;
}
