#include "server/picture_text.h"

#include <string.h>

GBytes *jd_picture_from_text(const char *text)
{
    const char *comma = g_str_has_prefix(text, "data:") ? strchr(text, ',') : NULL;
    const char *start = comma ? comma + 1 : text;
    gsize size, length = strspn(start, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                       "0123456789+/=\r\n");
    if (start[length] != '\0' || length == 0)
        return NULL;
    guchar *data = g_base64_decode(start, &size);
    return g_bytes_new_take(data, size);
}
