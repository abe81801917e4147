#include "base/error.h"
#include "base/remedy.h"
#include "base/text.h"
#include "retrieve/retrieve.h"

#include <string.h>

/* Longest piece of a wrong id that an error repeats, in characters. */
enum { SHOWN_CHARS = 40 };

gboolean jd_id_parse(const char *id, char *kind, gint64 *number, GError **error)
{
    guint64 value = 0;
    gboolean ok = id[0] != '\0' && strchr("tid", id[0]) && g_ascii_isdigit(id[1]) &&
                  g_ascii_string_to_unsigned(id + 1, 10, 1, G_MAXINT64, &value, NULL);
    if (!ok) {
        g_autofree char *valid = g_utf8_make_valid(id, -1);
        g_autofree char *shown = jd_text_shorten(valid, SHOWN_CHARS);
        jd_set_error(error, JD_ERROR_USAGE, JD_REMEDY_SEARCH_IDS,
                     "\"%s\" is no id: expected t, i or d and a number from 1, as in t12 (text), "
                     "i3 (image) or d1 (document)",
                     shown);
        return FALSE;
    }
    *kind = id[0];
    *number = (gint64)value;
    return TRUE;
}
