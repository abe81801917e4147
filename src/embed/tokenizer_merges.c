#include "embed/tokenizer_merges.h"

#include "base/error.h"
#include "base/limits.h"

#include <string.h>

/* One merge as it is written. */
typedef struct merge {
    const char *left, *right;
    gsize left_length, right_length;
} merge;

static gboolean split_text(const json_t *json, merge *m)
{
    const char *text = json_string_value(json);
    const gsize length = json_string_length(json);
    const char *space = memchr(text, ' ', length);
    if (!space || memchr(space + 1, ' ', length - (gsize)(space + 1 - text)))
        return FALSE;
    *m = (merge){text, space + 1, (gsize)(space - text), length - (gsize)(space + 1 - text)};
    return TRUE;
}

static gboolean read_merge(const json_t *json, merge *m)
{
    if (json_is_string(json))
        return split_text(json, m);
    const json_t *left = json_array_get(json, 0);
    const json_t *right = json_array_get(json, 1);
    if (json_array_size(json) != 2 || !json_is_string(left) || !json_is_string(right))
        return FALSE;
    *m = (merge){json_string_value(left), json_string_value(right), json_string_length(left),
                 json_string_length(right)};
    return TRUE;
}

/* Where merges are resolved. */
typedef struct resolver {
    const jd_vocab *vocab;
    gsize prefix_length;
    gsize rank; /* of the merge at hand */
} resolver;

static gint32 find_token(const resolver *r, const char *text, gsize length, GError **error)
{
    const gint32 id = jd_vocab_find(r->vocab, text, length);
    if (id < 0)
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "merge %" G_GSIZE_FORMAT " needs the token \"%.*s\", which is not in the "
                     "vocabulary",
                     r->rank, (int)MIN(length, 100), text);
    return id;
}

/* The pair's ids, and that of what they become. */
static gboolean resolve(const resolver *r, const merge *m, guint32 ids[3], GError **error)
{
    const gint32 left = find_token(r, m->left, m->left_length, error);
    const gint32 right = left < 0 ? -1 : find_token(r, m->right, m->right_length, error);
    if (right < 0)
        return FALSE;
    if (m->right_length <= r->prefix_length) {
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "merge %" G_GSIZE_FORMAT " adds nothing to its first token", r->rank);
        return FALSE;
    }
    g_autoptr(GString) whole = g_string_new_len(m->left, (gssize)m->left_length);
    g_string_append_len(whole, m->right + r->prefix_length,
                        (gssize)(m->right_length - r->prefix_length));
    const gint32 result = find_token(r, whole->str, whole->len, error);
    if (result < 0)
        return FALSE;
    ids[0] = (guint32)left;
    ids[1] = (guint32)right;
    ids[2] = (guint32)result;
    return TRUE;
}

/* Of equal pairs the last one counts. */
static void insert(jd_merge_slot *slots, guint32 mask, guint32 left, guint32 right, guint32 rank)
{
    gsize at = jd_merges_hash(left, right) & mask;
    while (slots[at].rank != JD_NO_MERGE && (slots[at].left != left || slots[at].right != right))
        at = (at + 1) & mask;
    slots[at] = (jd_merge_slot){left, right, rank};
}

gboolean jd_merges_compile(const json_t *merges, const jd_vocab *vocab, gsize prefix_length,
                           jd_tables *tables, GError **error)
{
    const gsize count = json_array_size(merges);
    if (!json_is_array(merges) || count >= JD_LIMIT_MERGES) {
        jd_set_error(error, JD_ERROR_INVALID, NULL, "\"merges\" is no list of less than %d merges",
                     JD_LIMIT_MERGES);
        return FALSE;
    }
    const gsize capacity = jd_hash_capacity(count);
    g_autofree jd_merge_slot *slots = g_new(jd_merge_slot, capacity);
    g_autofree guint32 *ids = g_new(guint32, count + 1);
    memset(slots, 0xFF, capacity * sizeof *slots);
    for (gsize i = 0; i < count; i++) {
        merge m;
        guint32 found[3];
        if (!read_merge(json_array_get(merges, i), &m)) {
            jd_set_error(error, JD_ERROR_INVALID, NULL,
                         "merge %" G_GSIZE_FORMAT " is not two tokens with one space between", i);
            return FALSE;
        }
        if (!resolve(&(resolver){vocab, prefix_length, i}, &m, found, error))
            return FALSE;
        insert(slots, (guint32)capacity - 1, found[0], found[1], (guint32)i);
        ids[i] = found[2];
    }
    return jd_tables_add(tables, JD_TABLE_MERGE_SLOTS, slots, capacity * sizeof *slots, error) &&
           jd_tables_add(tables, JD_TABLE_MERGE_IDS, ids, count * sizeof *ids, error);
}

void jd_merges_open(const jd_tables *tables, jd_merges *merges)
{
    gsize size;
    merges->slots = jd_tables_get(tables, JD_TABLE_MERGE_SLOTS, &size);
    merges->mask = (guint32)(size / sizeof(jd_merge_slot)) - 1;
    merges->ids = jd_tables_get(tables, JD_TABLE_MERGE_IDS, NULL);
}
