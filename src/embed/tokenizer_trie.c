#include "embed/tokenizer_trie.h"

#include <stdlib.h>

/* The entries that go through a node that is yet to be finished. */
typedef struct range {
    gsize first, end;
    gsize depth; /* bytes that they have in common */
} range;

static int compare(const void *left, const void *right)
{
    const jd_trie_entry *a = left, *b = right;
    const int order = memcmp(a->text, b->text, MIN(a->length, b->length));
    if (order != 0)
        return order;
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    return a->value < b->value ? -1 : a->value > b->value;
}

static void add_node(GArray *nodes, GArray *labels, guint8 label)
{
    const jd_trie_node node = {0, -1};
    g_array_append_val(nodes, node);
    g_array_append_val(labels, label);
}

/* Gives the node its value and its children. */
static void finish_node(guint number, const jd_trie_entry *entries, GArray *ranges, GArray *nodes,
                        GArray *labels)
{
    range r = g_array_index(ranges, range, number);
    jd_trie_node *node = &g_array_index(nodes, jd_trie_node, number);
    node->children = nodes->len;
    for (; r.first < r.end && entries[r.first].length == r.depth; r.first++)
        node->value = entries[r.first].value;
    while (r.first < r.end) {
        const char label = entries[r.first].text[r.depth];
        range child = {r.first, r.first, r.depth + 1};
        while (child.end < r.end && entries[child.end].text[r.depth] == label)
            child.end++;
        g_array_append_val(ranges, child);
        add_node(nodes, labels, (guint8)label);
        r.first = child.end;
    }
}

void jd_trie_build(jd_trie_entry *entries, gsize count, GArray *nodes, GArray *labels)
{
    if (count > 0)
        qsort(entries, count, sizeof *entries, compare);
    g_autoptr(GArray) ranges = g_array_new(FALSE, FALSE, sizeof(range));
    const range all = {0, count, 0};
    g_array_append_val(ranges, all);
    add_node(nodes, labels, 0);
    for (guint i = 0; i < nodes->len; i++)
        finish_node(i, entries, ranges, nodes, labels);
    const jd_trie_node last = {nodes->len, -1};
    g_array_append_val(nodes, last);
}
