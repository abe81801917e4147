/* The one thing of EXIF that matters here: how a picture is to be turned. */
#include "read/worker/picture.h"

#include <string.h>

#define TAG_ORIENTATION 0x0112
#define TYPE_SHORT 3
#define ENTRY_BYTES 12

static guint read16(const guint8 *p, gboolean big)
{
    return big ? (guint)(p[0] << 8 | p[1]) : (guint)(p[1] << 8 | p[0]);
}

static guint32 read32(const guint8 *p, gboolean big)
{
    guint32 first = read16(p, big);
    guint32 second = read16(p + 2, big);
    return big ? first << 16 | second : second << 16 | first;
}

int jd_exif_orientation(const guint8 *data, gsize size)
{
    if (size >= 6 && memcmp(data, "Exif\0\0", 6) == 0) {
        data += 6;
        size -= 6;
    }
    if (size < 8 || (memcmp(data, "II*\0", 4) != 0 && memcmp(data, "MM\0*", 4) != 0))
        return 1;
    gboolean big = data[0] == 'M';
    gsize directory = read32(data + 4, big);
    if (directory > size - 2)
        return 1;
    gsize entries = read16(data + directory, big);
    entries = MIN(entries, (size - directory - 2) / ENTRY_BYTES);
    const guint8 *entry = data + directory + 2;
    for (gsize i = 0; i < entries; i++, entry += ENTRY_BYTES) {
        if (read16(entry, big) != TAG_ORIENTATION || read16(entry + 2, big) != TYPE_SHORT)
            continue;
        guint value = read16(entry + 8, big);
        return value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}
