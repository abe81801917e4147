/*
 * A compiled tokenizer: the large parts as flat tables, the small ones as the JSON they came as.
 * Tables live in memory or in a mapped cache file; either way the rest of the tokenizer points into
 * them.
 */
#ifndef JD_EMBED_TOKENIZER_TABLES_H
#define JD_EMBED_TOKENIZER_TABLES_H

#include <glib.h>

typedef enum jd_table_id {
    JD_TABLE_SETTINGS,    /* tokenizer.json without the parts that the other tables hold */
    JD_TABLE_POOL,        /* the tokens' bytes, one after another in the order of their ids */
    JD_TABLE_OFFSETS,     /* guint32: where each id's token begins, and one more */
    JD_TABLE_SLOTS,       /* hash table from token to id, embed/tokenizer_vocab.h */
    JD_TABLE_MERGE_SLOTS, /* hash table from a pair of ids to its merge, tokenizer_merges.h */
    JD_TABLE_MERGE_IDS,   /* guint32: what each merge makes, by rank */
    JD_TABLE_SCORES,      /* double: the score of each id (Unigram) */
    JD_TABLE_TRIE_NODES,  /* prefix tree of the tokens (Unigram), tokenizer_trie.h */
    JD_TABLE_TRIE_LABELS,
    JD_TABLE_CHARSMAPS, /* precompiled_charsmap of each Precompiled, at multiples of 8 */
    JD_TABLE_COUNT
} jd_table_id;

typedef struct jd_tables jd_tables;

/** No tables yet; `path` (NULL: none) is where jd_tables_save() keeps them under `key`. */
jd_tables *jd_tables_new(const char *path, const char *key);
/** What was kept in `path` under `key`; NULL where it is not there, or damaged. */
jd_tables *jd_tables_open(const char *path, const char *key);
void jd_tables_free(jd_tables *tables);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_tables, jd_tables_free)

/** Copies a table; JD_ERROR_LIMIT without memory. */
gboolean jd_tables_add(jd_tables *tables, jd_table_id id, const void *data, gsize size,
                       GError **error);
/** Keeps all of them in the file. A file that cannot be written is none. */
void jd_tables_save(jd_tables *tables);

/** The table, at a multiple of 64, or NULL where there is none. */
const void *jd_tables_get(const jd_tables *tables, jd_table_id id, gsize *size);
/** The same as bytes that stay valid as long as the tables. */
GBytes *jd_tables_bytes(const jd_tables *tables, jd_table_id id);

#endif
