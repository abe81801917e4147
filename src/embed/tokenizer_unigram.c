/*
 * Unigram: of all ways to cut a word into tokens the one with the greatest sum of scores (Viterbi;
 * as SentencePiece's EncodeOptimized). A character that is no token costs 10 more than the worst
 * token; unknown neighbours become one.
 */
#include "base/error.h"
#include "base/limits.h"
#include "embed/tokenizer_json.h"
#include "embed/tokenizer_model.h"
#include "embed/tokenizer_trie.h"
#include "embed/tokenizer_unicode.h"

#include <string.h>

static const double UNKNOWN_PENALTY = 10.0;

typedef struct unigram {
    jd_token_model base;
    jd_trie trie;
    const double *scores;
    double unknown_score;
    gint32 unknown;
    gboolean byte_fallback; /* and every byte is a token */
    gint32 byte_ids[256];
} unigram;

/* The best way to the end of a character. */
typedef struct path_node {
    double score;
    guint32 start; /* of the last token on it; NOWHERE: no way yet */
    gint32 id;
} path_node;

#define NOWHERE G_MAXUINT32

/* A token of the best way. */
typedef struct path_piece {
    guint32 start, end;
    gint32 id;
} path_piece;

static gboolean read_entry(const json_t *json, jd_vocab_entry *entry, double *score)
{
    const json_t *token = json_array_get(json, 0);
    const json_t *number = json_array_get(json, 1);
    if (json_array_size(json) != 2 || !json_is_string(token) || !json_is_number(number))
        return FALSE;
    *entry = (jd_vocab_entry){json_string_value(token), json_string_length(token)};
    *score = json_number_value(number);
    return TRUE;
}

static gboolean compile_trie(const jd_vocab_entry *entries, gsize count, jd_tables *tables,
                             GError **error)
{
    g_autofree jd_trie_entry *keys = g_new(jd_trie_entry, count);
    g_autoptr(GArray) nodes = g_array_new(FALSE, FALSE, sizeof(jd_trie_node));
    g_autoptr(GArray) labels = g_array_new(FALSE, FALSE, 1);
    gsize kept = 0;
    for (gsize i = 0; i < count; i++)
        if (entries[i].length > 0)
            keys[kept++] = (jd_trie_entry){entries[i].text, entries[i].length, (gint32)i};
    jd_trie_build(keys, kept, nodes, labels);
    return jd_tables_add(tables, JD_TABLE_TRIE_NODES, nodes->data,
                         nodes->len * sizeof(jd_trie_node), error) &&
           jd_tables_add(tables, JD_TABLE_TRIE_LABELS, labels->data, labels->len, error);
}

gboolean jd_unigram_compile(const json_t *json, jd_tables *tables, GError **error)
{
    const json_t *vocab = json_object_get(json, "vocab");
    const gsize count = json_array_size(vocab);
    if (count == 0 || count > JD_LIMIT_VOCABULARY) {
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "the model's \"vocab\" is no list of 1 to %d tokens", JD_LIMIT_VOCABULARY);
        return FALSE;
    }
    g_autofree jd_vocab_entry *entries = g_new(jd_vocab_entry, count);
    g_autofree double *scores = g_new(double, count);
    for (gsize i = 0; i < count; i++)
        if (!read_entry(json_array_get(vocab, i), &entries[i], &scores[i])) {
            jd_set_error(error, JD_ERROR_INVALID, NULL,
                         "token %" G_GSIZE_FORMAT " is not [\"token\", score]", i);
            return FALSE;
        }
    return jd_vocab_compile(entries, count, tables, error) &&
           jd_tables_add(tables, JD_TABLE_SCORES, scores, count * sizeof *scores, error) &&
           compile_trie(entries, count, tables, error);
}

static void offer(path_node *node, double score, guint32 start, gint32 id)
{
    if (node->start == NOWHERE || score > node->score)
        *node = (path_node){score, start, id};
}

/* Extends the best way that ends at `at` by every token that begins there. */
static void extend(const unigram *model, const char *word, gsize length, gsize at, path_node *path)
{
    const double here = path[at].score;
    const gsize size = jd_utf8_size(word[at]);
    gboolean single = FALSE;
    guint32 node = 0;
    for (gsize end = at; end < length;) {
        node = jd_trie_step(&model->trie, node, (guchar)word[end++]);
        if (node == 0)
            break;
        const gint32 id = model->trie.nodes[node].value;
        if (id < 0)
            continue;
        offer(&path[end], model->scores[id] + here, (guint32)at, id);
        single |= end - at == size;
    }
    if (!single)
        offer(&path[at + size], model->unknown_score + here, (guint32)at, model->unknown);
}

/* The best way backwards, as pieces from the last to the first; unknown neighbours are one. */
static void trace(const unigram *model, const path_node *path, gsize length, GArray *pieces)
{
    g_array_set_size(pieces, 0);
    for (gsize end = length; end > 0;) {
        const path_node *node = &path[end];
        path_piece *last =
            pieces->len > 0 ? &g_array_index(pieces, path_piece, pieces->len - 1) : NULL;
        if (last && last->id == model->unknown && node->id == model->unknown) {
            last->start = node->start;
        } else {
            const path_piece piece = {node->start, (guint32)end, node->id};
            g_array_append_val(pieces, piece);
        }
        end = node->start;
    }
}

/* An unknown piece may be a token after all, now that its parts are one. */
static void append_unknown(const unigram *model, const char *text, gsize length, GArray *ids)
{
    const gint32 id = jd_vocab_find(model->base.vocab, text, length);
    if (id < 0 && model->byte_fallback) {
        for (gsize i = 0; i < length; i++)
            if (model->byte_ids[(guchar)text[i]] < 0) {
                g_array_append_val(ids, model->unknown);
                return;
            }
        for (gsize i = 0; i < length; i++)
            g_array_append_val(ids, model->byte_ids[(guchar)text[i]]);
        return;
    }
    g_array_append_val(ids, *(id < 0 ? &model->unknown : &id));
}

static void encode(const jd_token_model *base, const char *word, gsize length,
                   jd_token_model_scratch *scratch, GArray *ids)
{
    const unigram *model = (const unigram *)base;
    if (!scratch->path) {
        scratch->path = g_array_new(FALSE, FALSE, sizeof(path_node));
        scratch->pieces = g_array_new(FALSE, FALSE, sizeof(path_piece));
    }
    g_array_set_size(scratch->path, (guint)length + 1);
    path_node *path = (path_node *)(gpointer)scratch->path->data;
    path[0].score = 0.0;
    for (gsize i = 1; i <= length; i++)
        path[i].start = NOWHERE;
    for (gsize at = 0; at < length; at += jd_utf8_size(word[at]))
        extend(model, word, length, at, path);
    trace(model, path, length, scratch->pieces);
    for (guint i = scratch->pieces->len; i-- > 0;) {
        const path_piece *piece = &g_array_index(scratch->pieces, path_piece, i);
        if (piece->id == model->unknown)
            append_unknown(model, word + piece->start, piece->end - piece->start, ids);
        else
            g_array_append_val(ids, piece->id);
    }
}

static void unigram_free(jd_token_model *base)
{
    g_free(base);
}

jd_token_model *jd_unigram_open(const json_t *json, const jd_tables *tables, const jd_vocab *vocab,
                                GError **error)
{
    const gint64 unknown = jd_settings_index(json_object_get(json, "unk_id"),
                                             "\"unk_id\" of the model", vocab->size, error);
    if (unknown < 0)
        return NULL;
    unigram *model = g_new0(unigram, 1);
    model->base = (jd_token_model){vocab, encode, unigram_free};
    model->trie.nodes = jd_tables_get(tables, JD_TABLE_TRIE_NODES, NULL);
    model->trie.labels = jd_tables_get(tables, JD_TABLE_TRIE_LABELS, NULL);
    model->scores = jd_tables_get(tables, JD_TABLE_SCORES, NULL);
    model->unknown = (gint32)unknown;
    model->byte_fallback = jd_settings_flag(json, "byte_fallback", FALSE);
    jd_vocab_byte_ids(vocab, model->byte_ids);
    double least = G_MAXDOUBLE;
    for (guint32 i = 0; i < vocab->size; i++)
        least = MIN(least, model->scores[i]);
    model->unknown_score = least - UNKNOWN_PENALTY;
    return &model->base;
}
