#include "embed/tokenizer_vocab.h"

#include "embed/tokenizer_hash.h"

#include <stdio.h>
#include <string.h>

static guint64 slot_for(guint64 hash, guint32 id)
{
    return (hash & 0xFFFFFFFF00000000ULL) | (id + 1);
}

static gint32 slot_id(guint64 slot)
{
    return (gint32)(slot & 0xFFFFFFFFU) - 1;
}

/* The slot that holds the token, or the empty one where it belongs. */
static gsize find_slot(const jd_vocab *vocab, const char *text, gsize length, guint64 hash)
{
    gsize at = hash & vocab->mask;
    for (; vocab->slots[at] != 0; at = (at + 1) & vocab->mask) {
        if ((vocab->slots[at] ^ hash) >> 32 != 0)
            continue;
        gsize size;
        const char *token = jd_vocab_token(vocab, slot_id(vocab->slots[at]), &size);
        if (size == length && memcmp(token, text, length) == 0)
            break;
    }
    return at;
}

gint32 jd_vocab_find(const jd_vocab *vocab, const char *text, gsize length)
{
    if (length == 0 || length > vocab->longest)
        return -1;
    const gsize at = find_slot(vocab, text, length, jd_hash_bytes(text, length));
    return slot_id(vocab->slots[at]);
}

const char *jd_vocab_token(const jd_vocab *vocab, gint32 id, gsize *length)
{
    *length = vocab->offsets[id + 1] - vocab->offsets[id];
    return vocab->pool + vocab->offsets[id];
}

gboolean jd_vocab_compile(const jd_vocab_entry *entries, gsize count, jd_tables *tables,
                          GError **error)
{
    g_autoptr(GString) pool = g_string_new(NULL);
    g_autofree guint32 *offsets = g_new(guint32, count + 1);
    for (gsize i = 0; i < count; i++) {
        offsets[i] = (guint32)pool->len;
        if (entries[i].text)
            g_string_append_len(pool, entries[i].text, (gssize)entries[i].length);
    }
    offsets[count] = (guint32)pool->len;
    const gsize capacity = jd_hash_capacity(count);
    g_autofree guint64 *slots = g_new0(guint64, capacity);
    const jd_vocab vocab = {.pool = pool->str,
                            .offsets = offsets,
                            .slots = slots,
                            .mask = (guint32)capacity - 1,
                            .size = (guint32)count};
    for (gsize i = 0; i < count; i++) {
        gsize length;
        const char *token = jd_vocab_token(&vocab, (gint32)i, &length);
        const guint64 hash = jd_hash_bytes(token, length);
        if (length > 0)
            slots[find_slot(&vocab, token, length, hash)] = slot_for(hash, (guint32)i);
    }
    return jd_tables_add(tables, JD_TABLE_POOL, pool->str, pool->len, error) &&
           jd_tables_add(tables, JD_TABLE_OFFSETS, offsets, (count + 1) * sizeof *offsets, error) &&
           jd_tables_add(tables, JD_TABLE_SLOTS, slots, capacity * sizeof *slots, error);
}

void jd_vocab_open(const jd_tables *tables, jd_vocab *vocab)
{
    gsize offsets_size, slots_size;
    vocab->pool = jd_tables_get(tables, JD_TABLE_POOL, NULL);
    vocab->offsets = jd_tables_get(tables, JD_TABLE_OFFSETS, &offsets_size);
    vocab->slots = jd_tables_get(tables, JD_TABLE_SLOTS, &slots_size);
    vocab->size = (guint32)(offsets_size / sizeof(guint32)) - 1;
    vocab->mask = (guint32)(slots_size / sizeof(guint64)) - 1;
    vocab->longest = 0;
    for (guint32 i = 0; i < vocab->size; i++)
        vocab->longest = MAX(vocab->longest, vocab->offsets[i + 1] - vocab->offsets[i]);
}

void jd_vocab_byte_ids(const jd_vocab *vocab, gint32 ids[256])
{
    for (int i = 0; i < 256; i++) {
        char name[8];
        const int size = snprintf(name, sizeof name, "<0x%02X>", (guint)i);
        ids[i] = jd_vocab_find(vocab, name, (gsize)size);
    }
}

gsize jd_vocab_count(const jd_vocab *vocab)
{
    gsize count = 0;
    for (gsize i = 0; i <= vocab->mask; i++)
        count += vocab->slots[i] != 0;
    return count;
}
