#include "server/problem.h"

#include "server/hint.h"

#include <stdarg.h>
#include <string.h>

/* GLib keeps this beside every error of the domain; it carries the hint. */
typedef struct jd_http_error_private {
    char *hint;
} jd_http_error_private;

typedef jd_http_error_private jd_http_errorPrivate;

static void jd_http_error_private_init(jd_http_error_private *priv)
{
    priv->hint = NULL;
}

static void jd_http_error_private_copy(const jd_http_error_private *from, jd_http_error_private *to)
{
    to->hint = g_strdup(from->hint);
}

static void jd_http_error_private_clear(jd_http_error_private *priv)
{
    g_free(priv->hint);
}

G_DEFINE_EXTENDED_ERROR(jd_http_error, jd_http_error)

void jd_set_http_error(GError **error, int status, const char *hint, const char *format, ...)
{
    if (!error)
        return;
    va_list args;
    va_start(args, format);
    g_autofree char *message = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, JD_HTTP_ERROR, status, message);
    jd_http_error_get_private(*error)->hint = g_strdup(hint);
}

/* ---- statuses ---- */

static const struct {
    int status;
    const char *code;
} names[] = {
    {400, "usage"},       {401, "unauthorized"}, {403, "forbidden"},   {404, "not-found"},
    {405, "not-allowed"}, {408, "timeout"},      {409, "conflict"},    {411, "usage"},
    {413, "limit"},       {414, "limit"},        {415, "unsupported"}, {421, "misdirected"},
    {429, "busy"},        {503, "unavailable"},
};

static const char *name_of_status(int status)
{
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (names[i].status == status)
            return names[i].code;
    return "internal";
}

static int status_of_code(int code)
{
    static const int statuses[] = {
        [JD_ERROR_USAGE] = 400,       [JD_ERROR_NOT_FOUND] = 404, [JD_ERROR_INVALID] = 400,
        [JD_ERROR_UNSUPPORTED] = 422, [JD_ERROR_LIMIT] = 413,     [JD_ERROR_IO] = 500,
        [JD_ERROR_NO_SPACE] = 507,    [JD_ERROR_READ_ONLY] = 403, [JD_ERROR_BUSY] = 503,
        [JD_ERROR_VERSION] = 500,     [JD_ERROR_CORRUPT] = 500,   [JD_ERROR_UNAVAILABLE] = 503,
        [JD_ERROR_REMOTE] = 502,      [JD_ERROR_CANCELLED] = 503, [JD_ERROR_INTERNAL] = 500,
    };
    return code >= 0 && code < (int)G_N_ELEMENTS(statuses) ? statuses[code] : 500;
}

/* ---- hiding ---- */

static gboolean ends_path(char c)
{
    return c == '\0' || strchr(" \t\n:;,'\"()<>|", c) != NULL;
}

/* Where the path that begins at `at` ends. */
static const char *path_end(const char *at)
{
    while (!ends_path(*at))
        at++;
    return at;
}

static gboolean begins_path(const char *text, const char *at)
{
    return *at == '/' && (at == text || ends_path(at[-1]) || at[-1] == '=') && at[1] &&
           at[1] != '/' && !ends_path(at[1]);
}

char *jd_problem_hide_folders(const char *text)
{
    GString *out = g_string_sized_new(strlen(text));
    for (const char *at = text; *at;) {
        const char *end = at + 1;
        if (begins_path(text, at)) {
            end = path_end(at);
            for (const char *c = at; c < end; c++)
                if (*c == '/' && c + 1 < end)
                    at = c + 1;
        }
        g_string_append_len(out, at, end - at);
        at = end;
    }
    return g_string_free(out, FALSE);
}

void jd_problem_init(jd_problem *problem, const GError *error)
{
    static const char internal[] = "something went wrong on the server; its log says what";
    if (error->domain == JD_HTTP_ERROR) {
        *problem = (jd_problem){.status = error->code,
                                .code = name_of_status(error->code),
                                .message = g_strdup(error->message),
                                .hint = g_strdup(jd_http_error_get_private((GError *)error)->hint)};
        return;
    }
    int code = error->domain == JD_ERROR ? error->code : JD_ERROR_INTERNAL;
    problem->status = status_of_code(code);
    problem->code = jd_error_code_name(code);
    g_autofree char *hint = jd_hint_for_clients(jd_error_hint(error));
    gboolean ours = problem->status == 500;
    problem->message = ours ? g_strdup(internal) : jd_problem_hide_folders(error->message);
    problem->hint = hint && !ours ? jd_problem_hide_folders(hint) : NULL;
}

void jd_problem_clear(jd_problem *problem)
{
    g_free(problem->message);
    g_free(problem->hint);
}
