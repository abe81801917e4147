#include "server/mcp/stdio.h"

#include "base/error.h"
#include "base/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct session {
    const jd_mcp_host *host;
    int out;
    GThreadPool *pool;
    GMutex lock;         /* guards what follows */
    GHashTable *running; /* a request's id as JSON -> work *: those that can be cancelled */
    int failed;          /* errno of a write; 0: none */
} session;

/* A request on its way. */
typedef struct work {
    json_t *json;
    jd_rpc_message message;
    jd_cancel cancel;
} work;

/* ---- writing ---- */

static gboolean write_all(int fd, const char *text, gsize size)
{
    while (size > 0) {
        ssize_t written = write(fd, text, size);
        if (written < 0 && errno != EINTR)
            return FALSE;
        if (written > 0) {
            text += written;
            size -= (gsize)written;
        }
    }
    return TRUE;
}

/* Takes the message. */
static void put(session *at, json_t *message)
{
    char *text = json_dumps(message, JSON_COMPACT);
    json_decref(message);
    g_autofree char *line = g_strconcat(text ? text : "{}", "\n", NULL);
    free(text); /* jansson's own allocator is malloc() */
    g_mutex_lock(&at->lock);
    if (!at->failed && !write_all(at->out, line, strlen(line)))
        at->failed = errno;
    g_mutex_unlock(&at->lock);
}

static void put_progress(json_t *notification, void *user)
{
    put(user, notification);
}

/* ---- answering ---- */

static char *key_of(const json_t *id)
{
    char *text = json_dumps(id, JSON_COMPACT | JSON_ENCODE_ANY);
    char *key = g_strdup(text ? text : "");
    free(text); /* jansson's own allocator is malloc() */
    return key;
}

static void work_free(work *job)
{
    json_decref(job->json);
    g_free(job);
}

/* Takes the work. */
static void run(gpointer data, gpointer user)
{
    work *job = data;
    session *at = user;
    jd_mcp_call call = {.host = at->host,
                        .message = &job->message,
                        .cancel = &job->cancel,
                        .notify = put_progress,
                        .user = at};
    json_t *reply = jd_mcp_answer(&call);
    g_autofree char *key = key_of(job->message.id);
    g_mutex_lock(&at->lock);
    if (g_hash_table_lookup(at->running, key) == job)
        g_hash_table_remove(at->running, key);
    g_mutex_unlock(&at->lock);
    if (g_atomic_int_get(&job->cancel))
        json_decref(reply); /* nobody waits for it any more */
    else
        put(at, reply);
    work_free(job);
}

static void start(session *at, json_t *json, const jd_rpc_message *message)
{
    work *job = g_new0(work, 1);
    *job = (work){.json = json_incref(json), .message = *message};
    if (!jd_mcp_is_long(message)) {
        run(job, at);
        return;
    }
    g_mutex_lock(&at->lock);
    g_hash_table_replace(at->running, key_of(message->id), job);
    g_mutex_unlock(&at->lock);
    g_thread_pool_push(at->pool, job, NULL);
}

static void cancel(session *at, const jd_rpc_message *message)
{
    if (!g_str_equal(message->method, "notifications/cancelled"))
        return;
    g_autofree char *key = key_of(json_object_get(message->params, "requestId"));
    g_mutex_lock(&at->lock);
    work *job = g_hash_table_lookup(at->running, key);
    if (job)
        g_atomic_int_set(&job->cancel, 1);
    g_mutex_unlock(&at->lock);
}

static void take_message(session *at, json_t *json)
{
    jd_rpc_message message = jd_rpc_read(json);
    if (message.kind == JD_RPC_REQUEST)
        start(at, json, &message);
    else if (message.kind == JD_RPC_NOTIFICATION)
        cancel(at, &message);
    else if (message.kind == JD_RPC_INVALID)
        put(at, jd_rpc_error(message.id, JD_RPC_INVALID_REQUEST,
                             "this is no message of JSON-RPC 2.0", NULL));
}

static void take_line(session *at, const char *line, gsize size)
{
    if (size > 0 && line[size - 1] == '\r')
        size--;
    if (size == 0)
        return;
    json_auto_t *json = jd_rpc_parse(line, size);
    if (json)
        take_message(at, json);
    else
        put(at, jd_rpc_error(NULL, JD_RPC_PARSE_ERROR, "this line is no JSON", NULL));
}

/* ---- reading ---- */

typedef struct lines {
    GByteArray *pending; /* the beginning of a line */
    gboolean skipping;   /* the rest of one that was too long */
} lines;

static void end_line(session *at, lines *in)
{
    if (in->skipping)
        put(at, jd_rpc_error(NULL, JD_RPC_INVALID_REQUEST, "this message is too long", NULL));
    else
        take_line(at, (const char *)in->pending->data, in->pending->len);
    g_byte_array_set_size(in->pending, 0);
    in->skipping = FALSE;
}

static void take_block(session *at, lines *in, const char *data, gsize size)
{
    while (size > 0) {
        const char *end = memchr(data, '\n', size);
        gsize length = end ? (gsize)(end - data) : size;
        if (in->pending->len + length > JD_SERVER_PICTURE_BODY_BYTES)
            in->skipping = TRUE;
        if (!in->skipping)
            g_byte_array_append(in->pending, (const guint8 *)data, (guint)length);
        if (!end)
            return;
        end_line(at, in);
        data = end + 1;
        size -= length + 1;
    }
}

static gboolean has_failed(session *at)
{
    g_mutex_lock(&at->lock);
    gboolean failed = at->failed != 0;
    g_mutex_unlock(&at->lock);
    return failed;
}

/* Returns errno, 0 at the end. */
static int read_all(session *at, int fd)
{
    g_autoptr(GByteArray) pending = g_byte_array_new();
    lines in = {.pending = pending};
    char block[16384];
    while (!has_failed(at)) {
        ssize_t n = read(fd, block, sizeof block);
        if (n < 0 && errno != EINTR)
            return errno;
        if (n > 0)
            take_block(at, &in, block, (gsize)n);
        if (n == 0) {
            end_line(at, &in);
            return 0;
        }
    }
    return 0;
}

gboolean jd_mcp_serve_stdio(const jd_mcp_host *host, int in, int out, GError **error)
{
    session at = {.host = host, .out = out};
    g_mutex_init(&at.lock);
    at.running = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    at.pool = g_thread_pool_new(run, &at, JD_MCP_CALLS, FALSE, NULL);
    int failed = read_all(&at, in);
    g_thread_pool_free(at.pool, FALSE, TRUE);
    if (failed)
        jd_set_error_errno(error, failed, "cannot read standard input");
    else if (at.failed)
        jd_set_error_errno(error, at.failed, "cannot write to standard output");
    g_hash_table_unref(at.running);
    g_mutex_clear(&at.lock);
    return !failed && !at.failed;
}
