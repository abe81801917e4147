/* A fast hash of short texts and of tables. Not for keys that an enemy chooses: a tokenizer's own
 * tokens are its only keys. */
#ifndef JD_EMBED_TOKENIZER_HASH_H
#define JD_EMBED_TOKENIZER_HASH_H

#include <glib.h>
#include <string.h>

static inline guint64 jd_hash_mix(guint64 h)
{
    h ^= h >> 32;
    h *= 0x9E3779B97F4A7C15ULL;
    return h ^ h >> 29;
}

static inline guint64 jd_hash_bytes(const char *data, gsize length)
{
    guint64 h = length * 0x9E3779B97F4A7C15ULL;
    guint64 part;
    for (; length >= sizeof part; data += sizeof part, length -= sizeof part) {
        memcpy(&part, data, sizeof part);
        h = jd_hash_mix(h ^ part);
    }
    if (length > 0) {
        part = 0;
        for (gsize i = 0; i < length; i++)
            part |= (guint64)(guchar)data[i] << (8 * i);
        h = jd_hash_mix(h ^ part);
    }
    return jd_hash_mix(h);
}

/** Slots of a hash table for `count` entries: a power of two, at most two thirds full. */
static inline gsize jd_hash_capacity(gsize count)
{
    gsize capacity = 16;
    while (capacity * 2 < count * 3)
        capacity *= 2;
    return capacity;
}

#endif
