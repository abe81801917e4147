#include "embed/tokenizer_charsmap.h"

#include "base/error.h"
#include "base/limits.h"
#include "embed/tokenizer_unicode.h"

#include <string.h>

enum { CLUSTER_BYTES = 6 }; /* clusters from here on are replaced character by character */

/* A unit of the trie: Darts-clone's bit layout. */
static gsize unit_offset(guint32 unit)
{
    return (gsize)(unit >> 10) << ((unit & (1U << 9)) >> 6);
}

static guint32 unit_label(guint32 unit)
{
    return unit & (1U << 31 | 0xFF);
}

static gboolean unit_has_leaf(guint32 unit)
{
    return unit >> 8 & 1;
}

static guint32 unit_value(guint32 unit)
{
    return unit & ~(1U << 31);
}

static guint32 unit_at(const jd_charsmap *map, gsize at)
{
    return GUINT32_FROM_LE(map->units[at]);
}

/* The replacement of the shortest string in the map that `key` begins with; NULL where there is
 * none, or where the map is damaged. */
static const char *lookup(const jd_charsmap *map, const char *key, gsize length, gsize *size)
{
    if (map->unit_count == 0)
        return NULL;
    gsize at = unit_offset(unit_at(map, 0));
    for (gsize i = 0; i < length && key[i] != '\0'; i++) {
        at ^= (guchar)key[i];
        if (at >= map->unit_count)
            return NULL;
        const guint32 unit = unit_at(map, at);
        if (unit_label(unit) != (guchar)key[i])
            return NULL;
        at ^= unit_offset(unit);
        if (!unit_has_leaf(unit))
            continue;
        const gsize start = at < map->unit_count ? unit_value(unit_at(map, at)) : G_MAXSIZE;
        /* Nor may a replacement begin inside a character. */
        if (start >= map->strings_length || ((guchar)map->strings[start] & 0xC0) == 0x80)
            return NULL;
        const char *found = map->strings + start;
        const char *stop = memchr(found, '\0', map->strings_length - start);
        *size = stop ? (gsize)(stop - found) : map->strings_length - start;
        return found;
    }
    return NULL;
}

gboolean jd_charsmap_open(const void *data, gsize size, jd_charsmap *map, GError **error)
{
    guint32 trie_bytes;
    if (size < sizeof trie_bytes) {
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "the precompiled_charsmap of %" G_GSIZE_FORMAT " bytes is cut off", size);
        return FALSE;
    }
    memcpy(&trie_bytes, data, sizeof trie_bytes);
    trie_bytes = GUINT32_FROM_LE(trie_bytes);
    const gsize units = trie_bytes / sizeof(guint32);
    if (units > (size - sizeof trie_bytes) / sizeof(guint32)) {
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "the precompiled_charsmap has a trie of %u bytes in %" G_GSIZE_FORMAT,
                     trie_bytes, size);
        return FALSE;
    }
    jd_charsmap read = {.units = (const guint32 *)data + 1, .unit_count = units};
    read.strings = (const char *)(read.units + units);
    read.strings_length = size - sizeof trie_bytes - units * sizeof(guint32);
    if (jd_utf8_valid(read.strings, read.strings_length) != read.strings_length) {
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "the replacements of the precompiled_charsmap are no UTF-8");
        return FALSE;
    }
    for (int c = 0; c < 128; c++) {
        const char key = (char)c;
        gsize ignored;
        read.plain[c] = lookup(&read, &key, 1, &ignored) == NULL;
    }
    *map = read;
    return TRUE;
}

/* Copies characters that stay and are clusters by themselves: ASCII before ASCII. */
static const char *copy_plain(const jd_charsmap *map, const char *p, const char *end, GString *out)
{
    const char *start = p;
    while (p < end && (guchar)*p < 0x80 && map->plain[(guchar)*p] && *p != '\r' &&
           (p + 1 == end || (guchar)p[1] < 0x80))
        p++;
    g_string_append_len(out, start, p - start);
    return p;
}

static gboolean replace(const jd_charsmap *map, const char *p, gsize length, GString *out)
{
    gsize size;
    const char *replacement = lookup(map, p, length, &size);
    if (replacement)
        g_string_append_len(out, replacement, (gssize)size);
    return replacement != NULL;
}

void jd_charsmap_apply(const jd_charsmap *map, jd_text_buffer *buffer)
{
    const char *p = buffer->now->str;
    const char *end = p + buffer->now->len;
    GString *out = buffer->next;
    while (p < end && out->len < JD_LIMIT_NORMALIZED_BYTES) {
        p = copy_plain(map, p, end, out);
        if (p == end)
            break;
        const char *cluster = jd_cluster_end(p, end);
        if (cluster - p < CLUSTER_BYTES && replace(map, p, (gsize)(cluster - p), out)) {
            p = cluster;
            continue;
        }
        while (p < cluster) {
            const gsize size = jd_utf8_size(*p);
            if (!replace(map, p, size, out))
                g_string_append_len(out, p, (gssize)size);
            p += size;
        }
    }
    jd_text_buffer_swap(buffer);
}
