#include "read/pool.h"

#include "base/error.h"
#include "base/limits.h"
#include "read/process.h"
#include "read/program.h"

/* A reader that ended while it was idle is replaced; more than once in a row is no accident. */
#define MAX_ATTEMPTS 3

struct jd_reader_pool {
    char *program;
    int workers;
    int seconds;
    gint64 memory;
    GMutex lock;
    GCond freed;
    guint busy;      /* calls that hold a reader, or a reader's place */
    GPtrArray *idle; /* jd_process *; the last one used comes first: its memory is warm */
};

jd_reader_pool *jd_reader_pool_new(const jd_reader_options *options, GError **error)
{
    const jd_reader_options defaults = {0};
    if (!options)
        options = &defaults;
    char *program = jd_reader_program(options->program, error);
    if (!program)
        return NULL;
    jd_reader_pool *pool = g_new0(jd_reader_pool, 1);
    pool->program = program;
    pool->workers = options->workers > 0 ? options->workers : (int)g_get_num_processors();
    pool->seconds = options->seconds > 0 ? options->seconds : JD_LIMIT_READER_SECONDS;
    pool->memory = options->memory > 0 ? options->memory : JD_LIMIT_READER_MEMORY;
    pool->idle = g_ptr_array_new_with_free_func((GDestroyNotify)jd_process_free);
    g_mutex_init(&pool->lock);
    g_cond_init(&pool->freed);
    return pool;
}

void jd_reader_pool_free(jd_reader_pool *pool)
{
    if (!pool)
        return;
    g_assert(pool->busy == 0);
    g_ptr_array_unref(pool->idle);
    g_mutex_clear(&pool->lock);
    g_cond_clear(&pool->freed);
    g_free(pool->program);
    g_free(pool);
}

/* A place for one more call, and with it an idle reader where there is one. */
static jd_process *enter(jd_reader_pool *pool)
{
    jd_process *process = NULL;
    g_mutex_lock(&pool->lock);
    while (pool->busy >= (guint)pool->workers)
        g_cond_wait(&pool->freed, &pool->lock);
    pool->busy++;
    if (pool->idle->len > 0)
        process = g_ptr_array_steal_index(pool->idle, pool->idle->len - 1);
    g_mutex_unlock(&pool->lock);
    return process;
}

/* Gives the place back and keeps the reader, unless it is worn out. NULL: there is none to keep. */
static void leave(jd_reader_pool *pool, jd_process *process)
{
    if (process && jd_process_files(process) >= JD_LIMIT_READER_FILES)
        g_clear_pointer(&process, jd_process_free);
    g_mutex_lock(&pool->lock);
    pool->busy--;
    if (process)
        g_ptr_array_add(pool->idle, process);
    g_cond_signal(&pool->freed);
    g_mutex_unlock(&pool->lock);
}

static jd_process *start(const jd_reader_pool *pool, GError **error)
{
    const jd_process_options options = {pool->program, pool->seconds, pool->memory};
    return jd_process_start(&options, error);
}

/* Asks `process`, or a new one where that is NULL or has ended. On success `process` is the one to
 * keep; on failure it is NULL. */
static gboolean ask(const jd_reader_pool *pool, jd_process **process, const jd_reader_job *job,
                    jd_reply *reply, GError **error)
{
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        if (!*process && !(*process = start(pool, error)))
            return FALSE;
        switch (jd_process_ask(*process, job, reply, error)) {
        case JD_ASK_ANSWERED:
            return TRUE;
        case JD_ASK_BROKEN:
            g_clear_pointer(process, jd_process_free);
            return FALSE;
        case JD_ASK_GONE:
            g_clear_pointer(process, jd_process_free);
            break;
        }
    }
    jd_set_error(error, JD_ERROR_UNAVAILABLE, NULL, "jackdaw-reader takes no files");
    return FALSE;
}

gboolean jd_reader_pool_ask(jd_reader_pool *pool, const jd_reader_job *job, jd_reply *reply,
                            GError **error)
{
    jd_reply answer = {0};
    jd_process *process = enter(pool);
    gboolean ok = ask(pool, &process, job, &answer, error);
    leave(pool, process);
    if (!ok)
        return FALSE;
    if (answer.error) {
        g_propagate_error(error, answer.error);
        return FALSE;
    }
    *reply = answer;
    return TRUE;
}

char **jd_reader_pool_sandbox(jd_reader_pool *pool, GError **error)
{
    jd_process *process = enter(pool);
    if (!process)
        process = start(pool, error);
    char **sandbox = process ? g_strdupv((char **)jd_process_sandbox(process)) : NULL;
    leave(pool, process);
    return sandbox;
}
