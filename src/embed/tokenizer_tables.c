#include "embed/tokenizer_tables.h"

#include "embed/tokenizer_hash.h"
#include "nn/pack.h"

#include <string.h>

enum { FORMAT = 1 }; /* changes with any table's layout */

/* What the file says about its tables. */
typedef struct directory {
    guint64 format;
    guint64 sizes[JD_TABLE_COUNT];
    guint64 sums[JD_TABLE_COUNT];
} directory;

struct jd_tables {
    jd_pack *pack;
    directory index;
    const void *data[JD_TABLE_COUNT];
};

static const char *const NAMES[JD_TABLE_COUNT] = {
    [JD_TABLE_SETTINGS] = "settings",       [JD_TABLE_POOL] = "pool",
    [JD_TABLE_OFFSETS] = "offsets",         [JD_TABLE_SLOTS] = "slots",
    [JD_TABLE_MERGE_SLOTS] = "merge-slots", [JD_TABLE_MERGE_IDS] = "merge-ids",
    [JD_TABLE_SCORES] = "scores",           [JD_TABLE_TRIE_NODES] = "trie-nodes",
    [JD_TABLE_TRIE_LABELS] = "trie-labels", [JD_TABLE_CHARSMAPS] = "charsmaps",
};

/* Four sums side by side, since the tables are some megabytes that a cold process waits for. */
static guint64 sum_of(const void *data, gsize size)
{
    guint64 sums[4] = {1, 2, 3, 4};
    const char *p = data;
    gsize left = size;
    for (; left >= sizeof sums; p += sizeof sums, left -= sizeof sums)
        for (int i = 0; i < 4; i++) {
            guint64 part;
            memcpy(&part, p + 8 * i, sizeof part);
            sums[i] = (sums[i] ^ part) * 0x9E3779B97F4A7C15ULL;
            sums[i] ^= sums[i] >> 32;
        }
    guint64 sum = jd_hash_bytes(p, left);
    for (int i = 0; i < 4; i++)
        sum = jd_hash_mix(sum ^ sums[i]);
    return sum ^ size;
}

jd_tables *jd_tables_new(const char *path, const char *key)
{
    jd_tables *tables = g_new0(jd_tables, 1);
    tables->pack = jd_pack_open(path, key);
    tables->index.format = FORMAT;
    return tables;
}

static gboolean find_tables(jd_tables *tables)
{
    const directory *index = jd_pack_get(tables->pack, "directory", sizeof *index);
    if (!jd_pack_is_mapped(tables->pack) || !index || index->format != FORMAT)
        return FALSE;
    tables->index = *index;
    for (int i = 0; i < JD_TABLE_COUNT; i++) {
        const gsize size = index->sizes[i];
        tables->data[i] = size > 0 ? jd_pack_get(tables->pack, NAMES[i], size) : NULL;
        if (size > 0 && (!tables->data[i] || sum_of(tables->data[i], size) != index->sums[i]))
            return FALSE;
    }
    return TRUE;
}

jd_tables *jd_tables_open(const char *path, const char *key)
{
    g_autoptr(jd_tables) tables = jd_tables_new(path, key);
    return find_tables(tables) ? g_steal_pointer(&tables) : NULL;
}

void jd_tables_free(jd_tables *tables)
{
    if (!tables)
        return;
    jd_pack_free(tables->pack);
    g_free(tables);
}

gboolean jd_tables_add(jd_tables *tables, jd_table_id id, const void *data, gsize size,
                       GError **error)
{
    if (size == 0)
        return TRUE;
    void *copy = jd_pack_add(tables->pack, NAMES[id], size, error);
    if (!copy)
        return FALSE;
    memcpy(copy, data, size);
    tables->data[id] = copy;
    tables->index.sizes[id] = size;
    return TRUE;
}

void jd_tables_save(jd_tables *tables)
{
    for (int i = 0; i < JD_TABLE_COUNT; i++)
        tables->index.sums[i] = sum_of(tables->data[i], tables->index.sizes[i]);
    directory *index = jd_pack_add(tables->pack, "directory", sizeof *index, NULL);
    if (!index)
        return;
    *index = tables->index;
    jd_pack_save(tables->pack, NULL);
}

const void *jd_tables_get(const jd_tables *tables, jd_table_id id, gsize *size)
{
    if (size)
        *size = tables->index.sizes[id];
    return tables->data[id];
}

GBytes *jd_tables_bytes(const jd_tables *tables, jd_table_id id)
{
    return g_bytes_new_static(tables->data[id], tables->index.sizes[id]);
}
