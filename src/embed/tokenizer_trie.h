/*
 * A prefix tree of texts, its nodes level by level, so that the children of neighbouring nodes are
 * neighbours: a node needs only the number of its first child.
 */
#ifndef JD_EMBED_TOKENIZER_TRIE_H
#define JD_EMBED_TOKENIZER_TRIE_H

#include <glib.h>
#include <string.h>

typedef struct jd_trie_node {
    guint32 children; /* number of the first child; the next node's says where they end */
    gint32 value;     /* of the text that ends here; -1: none does */
} jd_trie_node;

/** Node 0 is the root; one node more than there are labels. */
typedef struct jd_trie {
    const jd_trie_node *nodes;
    const guint8 *labels; /* the byte that leads to each node */
} jd_trie;

typedef struct jd_trie_entry {
    const char *text; /* not empty */
    gsize length;
    gint32 value;
} jd_trie_entry;

/** Sorts the entries and makes arrays of jd_trie_node and of labels (guint8). Of equal texts the
 * one with the greatest value counts. */
void jd_trie_build(jd_trie_entry *entries, gsize count, GArray *nodes, GArray *labels);

/** The child of `node` by `byte`; 0 where there is none. */
static inline guint32 jd_trie_step(const jd_trie *trie, guint32 node, guchar byte)
{
    const guint32 first = trie->nodes[node].children;
    const guint32 count = trie->nodes[node + 1].children - first;
    if (count > 8) {
        const guint8 *found = memchr(trie->labels + first, byte, count);
        return found ? (guint32)(found - trie->labels) : 0;
    }
    for (guint32 i = first; i < first + count; i++)
        if (trie->labels[i] == byte)
            return i;
    return 0;
}

#endif
