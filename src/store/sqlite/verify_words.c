#include "store/sqlite/verify_words.h"

#include "base/error.h"
#include "store/bm25.h"
#include "store/sqlite/tokenizer.h"
#include "store/sqlite/words.h"

#include <string.h>

/* Occurrences of words: how many, and the sum of their numbers, which does not depend on order. */
typedef struct word_sum {
    guint64 count, sum;
} word_sum;

typedef struct occurrence {
    gint64 item;
    int field, offset;
} occurrence;

static guint64 mix(guint64 hash, guint64 value)
{
    hash = (hash ^ value) * G_GUINT64_CONSTANT(0x9E3779B97F4A7C15);
    return hash ^ hash >> 32;
}

static void add(word_sum *to, const char *term, gsize length, const occurrence *at)
{
    guint64 hash =
        mix(mix(mix(length, (guint64)at->item), (guint64)at->field), (guint64)at->offset);
    for (gsize i = 0; i < length; i++)
        hash = mix(hash, (guchar)term[i]);
    to->count++;
    to->sum += hash;
}

/* ---- the index's side ---- */

static int field_number(jd_item_kind kind, const char *name)
{
    gsize n;
    const jd_bm25_field *fields = jd_bm25_fields(kind, &n);
    for (gsize i = 0; i < n; i++)
        if (g_strcmp0(fields[i].name, name) == 0)
            return (int)i;
    return -1;
}

static gboolean sum_instances(jd_sqlite *store, jd_item_kind kind, word_sum *sum, GError **error)
{
    g_auto(jd_own_sql) sql =
        jd_sql_new(store, "SELECT term, doc, col, offset FROM temp.word_instances", error);
    if (!sql)
        return FALSE;
    jd_step step;
    while ((step = jd_sql_step(store, sql, error)) == JD_STEP_ROW) {
        const char *term = (const char *)sqlite3_column_text(sql, 0);
        occurrence at = {.item = sqlite3_column_int64(sql, 1),
                         .field = field_number(kind, (const char *)sqlite3_column_text(sql, 2)),
                         .offset = sqlite3_column_int(sql, 3)};
        add(sum, term ? term : "", (gsize)sqlite3_column_bytes(sql, 0), &at);
    }
    return step == JD_STEP_DONE;
}

static gboolean sum_index(jd_sqlite *store, jd_item_kind kind, word_sum *sum, GError **error)
{
    g_autofree char *create = g_strdup_printf(
        "CREATE VIRTUAL TABLE temp.word_instances USING fts5vocab(main, %s, instance)",
        jd_store_words_table(kind));
    if (!jd_sql_exec(store, create, error))
        return FALSE;
    gboolean ok = sum_instances(store, kind, sum, error);
    return jd_sql_exec(store, "DROP TABLE temp.word_instances", ok ? error : NULL) && ok;
}

/* ---- the texts' side ---- */

/* What the tokenizer's callback needs. */
typedef struct text_sum {
    word_sum *sum;
    occurrence next;
} text_sum;

static int add_token(void *context, int flags, const char *term, int length, int start, int end)
{
    text_sum *to = context;
    add(to->sum, term, (gsize)length, &to->next);
    to->next.offset++;
    return SQLITE_OK;
}

/* The tokenizer as FTS5 uses it. */
typedef struct word_tokenizer {
    fts5_tokenizer functions;
    Fts5Tokenizer *self;
} word_tokenizer;

static gboolean sum_texts(jd_sqlite *store, jd_item_kind kind, const word_tokenizer *tokenizer,
                          word_sum *sum, GError **error)
{
    gsize n;
    jd_bm25_fields(kind, &n);
    g_auto(jd_own_sql) sql =
        jd_sql_new(store,
                   kind == JD_ITEM_TEXT
                       ? "SELECT id, title, section, text FROM chunk_content"
                       : "SELECT id, title, section, caption, alt, ocr, nearby FROM image_content",
                   error);
    if (!sql)
        return FALSE;
    jd_step step;
    while ((step = jd_sql_step(store, sql, error)) == JD_STEP_ROW)
        for (int field = 0; field < (int)n; field++) {
            text_sum to = {.sum = sum,
                           .next = {.item = sqlite3_column_int64(sql, 0), .field = field}};
            tokenizer->functions.xTokenize(tokenizer->self, &to, FTS5_TOKENIZE_DOCUMENT,
                                           (const char *)sqlite3_column_text(sql, field + 1),
                                           sqlite3_column_bytes(sql, field + 1), add_token);
        }
    return step == JD_STEP_DONE;
}

static gboolean sum_content(jd_sqlite *store, jd_item_kind kind, word_sum *sum, GError **error)
{
    word_tokenizer tokenizer = {0};
    fts5_api *api = jd_fts5_api(store->db);
    void *user = NULL;
    if (!api ||
        api->xFindTokenizer(api, JD_TOKENIZER_NAME, &user, &tokenizer.functions) != SQLITE_OK ||
        tokenizer.functions.xCreate(user, NULL, 0, &tokenizer.self) != SQLITE_OK) {
        jd_sqlite_set_error(store, error, "make the tokenizer");
        return FALSE;
    }
    gboolean ok = sum_texts(store, kind, &tokenizer, sum, error);
    tokenizer.functions.xDelete(tokenizer.self);
    return ok;
}

/* ---- both ---- */

/* Every item has a row of lengths in the index, also one without words. */
static gboolean count_lengths(jd_sqlite *store, jd_item_kind kind, gint64 *wrong, GError **error)
{
    return jd_sql_integer(
        store,
        kind == JD_ITEM_TEXT
            ? "SELECT (SELECT count(*) FROM chunk WHERE id NOT IN"
              " (SELECT id FROM chunk_words_docsize)) + (SELECT count(*) FROM chunk_words_docsize"
              " WHERE id NOT IN (SELECT id FROM chunk))"
            : "SELECT (SELECT count(*) FROM image WHERE id NOT IN"
              " (SELECT id FROM image_words_docsize)) + (SELECT count(*) FROM image_words_docsize"
              " WHERE id NOT IN (SELECT id FROM image))",
        0, wrong, error);
}

static gboolean verify_kind(jd_sqlite *store, jd_item_kind kind, GPtrArray *problems,
                            GError **error)
{
    word_sum index = {0}, content = {0};
    gint64 wrong = 0;
    const char *what = kind == JD_ITEM_TEXT ? "texts" : "images";
    if (!sum_index(store, kind, &index, error) || !sum_content(store, kind, &content, error) ||
        !count_lengths(store, kind, &wrong, error)) {
        jd_prefix_error(error, "the word index of the %s: ", what);
        return FALSE;
    }
    if (index.count != content.count || index.sum != content.sum)
        g_ptr_array_add(
            problems,
            g_strdup_printf("the word index of the %s does not fit them: it has %" G_GUINT64_FORMAT
                            " words, they have %" G_GUINT64_FORMAT,
                            what, index.count, content.count));
    if (wrong != 0)
        g_ptr_array_add(problems,
                        g_strdup_printf("the word index of the %s has or lacks %" G_GINT64_FORMAT
                                        " of them wrongly",
                                        what, wrong));
    return TRUE;
}

gboolean jd_verify_words(jd_sqlite *store, GPtrArray *problems, GError **error)
{
    return verify_kind(store, JD_ITEM_TEXT, problems, error) &&
           verify_kind(store, JD_ITEM_IMAGE, problems, error);
}
