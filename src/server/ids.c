#include "server/ids.h"

#include "server/problem.h"

#include <string.h>

static gboolean parse(const char *text, const char *letters, gint64 *id)
{
    guint64 number;
    if (!*text || !strchr(letters, *text) || text[1] == '0' ||
        !g_ascii_string_to_unsigned(text + 1, 10, 1, G_MAXINT64, &number, NULL))
        return FALSE;
    *id = (gint64)number;
    return TRUE;
}

gboolean jd_path_id(const jd_call *call, guint n, char letter, gint64 *id, GError **error)
{
    const char *part = jd_call_part(call, n);
    char letters[] = {letter, '\0'};
    if (parse(part, letters, id))
        return TRUE;
    jd_set_http_error(error, 404, NULL, "there is no %s: ids here look like %c12", part, letter);
    return FALSE;
}

gboolean jd_id_read(const char *text, const char *letters, const char *name, gint64 *id,
                    GError **error)
{
    if (parse(text, letters, id))
        return TRUE;
    jd_set_http_error(error, 400, NULL, "%s is to be an id, such as %c12", name, letters[0]);
    return FALSE;
}
