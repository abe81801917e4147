/* Having Ollama fetch a model. */
#include "answer/http.h"
#include "answer/lines.h"
#include "answer/probe.h"
#include "answer/url.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/progress.h"

#include <string.h>

/* How far one file is. */
typedef struct blob {
    guint64 done, total;
} blob;

typedef struct pull {
    const jd_pull_options *options;
    jd_reporter reporter;
    jd_lines lines;
    GHashTable *blobs; /* digest -> blob */
    jd_failure failure;
    char *status; /* the server's last word */
    gboolean success, garbage;
} pull;

static guint64 bytes_of(const json_t *line, const char *key)
{
    return (guint64)MAX(json_integer_value(json_object_get(line, key)), 0);
}

/* Final lines repeat, and a line after a resumption may count less than one before: the largest
 * figure of each file holds. "completed" is absent while it is 0. */
static void take_blob(pull *p, const json_t *line, const char *digest)
{
    blob *b = g_hash_table_lookup(p->blobs, digest);
    if (!b) {
        b = g_new0(blob, 1);
        g_hash_table_insert(p->blobs, g_strdup(digest), b);
    }
    b->total = MAX(b->total, bytes_of(line, "total"));
    b->done = MIN(MAX(b->done, bytes_of(line, "completed")), b->total);
}

static void report(pull *p)
{
    jd_progress progress = {.stage = "pull", .what = p->status, .unit = "bytes"};
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, p->blobs);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        progress.done += ((blob *)value)->done;
        progress.total += ((blob *)value)->total;
    }
    jd_reporter_update(&p->reporter, &progress);
}

static gboolean on_line(const char *line, gsize length, void *user)
{
    pull *p = user;
    if (length == 0)
        return TRUE;
    json_t *object = jd_line_object(line, length);
    p->garbage = object == NULL;
    if (!object)
        return FALSE;
    const json_t *problem = json_object_get(object, "error");
    const char *status = json_string_value(json_object_get(object, "status"));
    const char *digest = json_string_value(json_object_get(object, "digest"));
    if (problem)
        jd_failure_from_json(&p->failure, problem);
    if (status) {
        g_free(p->status);
        p->status = g_strdup(status);
        p->success = !strcmp(status, "success");
    }
    if (digest)
        take_blob(p, object, digest);
    report(p);
    json_decref(object);
    return !problem;
}

static gboolean on_data(const char *data, gsize length, void *user)
{
    return jd_lines_feed(&((pull *)user)->lines, data, length) == JD_LINES_ON;
}

static gboolean judge(const pull *p, const char *shown, GError **error)
{
    const char *model = p->options->model;
    if (p->failure.message)
        jd_set_error(error, JD_ERROR_REMOTE, "look the model's name up on ollama.com/library",
                     "Ollama at %s could not fetch \"%s\": %s", shown, model, p->failure.message);
    else if (p->garbage || p->lines.state == JD_LINES_OVERLONG)
        jd_set_error(error, JD_ERROR_REMOTE, NULL, "%s does not answer as Ollama does", shown);
    else if (!p->success)
        jd_set_error(error, JD_ERROR_REMOTE, "pull again: it goes on where it was",
                     "Ollama at %s broke off while fetching \"%s\"", shown, model);
    return p->success && !p->failure.message;
}

static gboolean run(pull *p, const char *base, GError **error)
{
    g_autofree char *shown = jd_url_for_display(base);
    g_autofree char *url = g_strconcat(base, "/api/pull", NULL);
    json_t *body = jd_ollama_name(p->options->model);
    g_autofree char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    jd_http_request request = {.url = url,
                               .body = text,
                               .hint = "start it with `ollama serve`, or say where it is in "
                                       "OLLAMA_HOST",
                               /* Verifying a large file is silent for minutes. */
                               .stall_ms = JD_LIMIT_SERVER_FIRST_BYTE_SECONDS * 1000,
                               .on_data = on_data,
                               .user = p,
                               .cancel = p->options->cancel};
    g_auto(jd_http_reply) reply = {0};
    if (!jd_http_run(&request, &reply, error))
        return FALSE;
    jd_lines_end(&p->lines);
    if (reply.status < 200 || reply.status >= 300)
        jd_failure_parse(&p->failure, reply.status, reply.body->str, reply.body->len);
    return judge(p, shown, error);
}

gboolean jd_ollama_pull(const jd_pull_options *options, GError **error)
{
    g_autofree char *base = jd_ollama_base(options->server, error);
    if (!base)
        return FALSE;
    pull p = {.options = options,
              .reporter = {.fn = options->progress, .user = options->user},
              .blobs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};
    jd_lines_init(&p.lines, JD_LIMIT_SERVER_LINE_BYTES, on_line, &p);
    gboolean good = run(&p, base, error);
    jd_lines_clear(&p.lines);
    jd_failure_clear(&p.failure);
    g_hash_table_unref(p.blobs);
    g_free(p.status);
    return good;
}
