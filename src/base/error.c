#include "base/error.h"

#include <errno.h>
#include <stdarg.h>

/* GLib keeps this beside every error of the domain; it carries the hint. */
typedef struct jd_error_private {
    char *hint;
} jd_error_private;

typedef jd_error_private jd_errorPrivate;

static void jd_error_private_init(jd_error_private *priv)
{
    priv->hint = NULL;
}

static void jd_error_private_copy(const jd_error_private *from, jd_error_private *to)
{
    to->hint = g_strdup(from->hint);
}

static void jd_error_private_clear(jd_error_private *priv)
{
    g_free(priv->hint);
}

G_DEFINE_EXTENDED_ERROR(jd_error, jd_error)

const char *jd_error_code_name(int code)
{
    static const char *const names[] = {
        [JD_ERROR_USAGE] = "usage",       [JD_ERROR_NOT_FOUND] = "not-found",
        [JD_ERROR_INVALID] = "invalid",   [JD_ERROR_UNSUPPORTED] = "unsupported",
        [JD_ERROR_LIMIT] = "limit",       [JD_ERROR_IO] = "io",
        [JD_ERROR_NO_SPACE] = "no-space", [JD_ERROR_READ_ONLY] = "read-only",
        [JD_ERROR_BUSY] = "busy",         [JD_ERROR_VERSION] = "version",
        [JD_ERROR_CORRUPT] = "corrupt",   [JD_ERROR_UNAVAILABLE] = "unavailable",
        [JD_ERROR_REMOTE] = "remote",     [JD_ERROR_CANCELLED] = "cancelled",
        [JD_ERROR_INTERNAL] = "internal",
    };
    return code >= 0 && code < (int)G_N_ELEMENTS(names) ? names[code] : "internal";
}

const char *jd_error_hint(const GError *error)
{
    if (!error || error->domain != JD_ERROR)
        return NULL;
    return jd_error_get_private(error)->hint;
}

static void set_error_va(GError **error, int code, const char *hint, char *message)
{
    if (!error) {
        g_free(message);
        return;
    }
    g_set_error_literal(error, JD_ERROR, code, message);
    jd_error_get_private(*error)->hint = g_strdup(hint);
    g_free(message);
}

void jd_set_error(GError **error, jd_error_code code, const char *hint, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_error_va(error, code, hint, g_strdup_vprintf(format, args));
    va_end(args);
}

static jd_error_code code_from_errno(int number)
{
    switch (number) {
    case ENOSPC:
    case EDQUOT:
        return JD_ERROR_NO_SPACE;
    case EACCES:
    case EPERM:
    case EROFS:
        return JD_ERROR_READ_ONLY;
    case ENOENT:
    case ENOTDIR:
        return JD_ERROR_NOT_FOUND;
    default:
        return JD_ERROR_IO;
    }
}

void jd_set_error_errno(GError **error, int number, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    set_error_va(error, code_from_errno(number), NULL,
                 g_strdup_printf("%s: %s", what, g_strerror(number)));
}

void jd_prefix_error(GError **error, const char *format, ...)
{
    if (!error || !*error)
        return;
    va_list args;
    va_start(args, format);
    g_autofree char *prefix = g_strdup_vprintf(format, args);
    va_end(args);
    char *message = g_strconcat(prefix, (*error)->message, NULL);
    g_free((*error)->message);
    (*error)->message = message;
}
