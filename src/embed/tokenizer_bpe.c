/*
 * Byte-pair encoding: a word's characters are tokens; of all neighbours the pair whose merge comes
 * first is joined, the leftmost of equals first, until none is left. Short words are done by
 * looking for the least rank again and again, long ones with a heap: never in quadratic time.
 */
#include "embed/tokenizer_json.h"
#include "embed/tokenizer_merges.h"
#include "embed/tokenizer_model.h"
#include "embed/tokenizer_unicode.h"

#include <string.h>

enum {
    SHORT_WORD = 24,     /* symbols up to here need no heap */
    QUICK_CHARS = 0x180, /* characters whose tokens are looked up beforehand */
};

/* A character's place in its word, as bits. */
enum { NOT_FIRST = 1, LAST = 2 };

#define META "\xE2\x96\x81" /* U+2581, SentencePiece's sign for a space */

/* What is known of the word that a token's text is. */
enum { UNTRIED, WHOLE, IN_PARTS };

typedef struct bpe {
    jd_token_model base;
    jd_merges merges;
    char *prefix; /* of a character that is not the word's first; or NULL */
    char *suffix; /* of the word's last character; or NULL */
    gint32 unknown;
    gboolean fuse_unknown, byte_fallback, ignore_merges;
    gboolean cuts_at_meta; /* no merge reaches across the place before a META */
    gint32 byte_ids[256];
    gint32 quick[4][QUICK_CHARS]; /* ids of characters, by place */
    guint8 *tried;                /* by id: UNTRIED, ...; written by any thread, always the same */
} bpe;

typedef struct bpe_symbol {
    gint32 id;             /* -1: joined to the one before it */
    gint32 previous, next; /* places of the neighbours; -1 at the ends */
} bpe_symbol;

gboolean jd_bpe_compile(const json_t *json, jd_tables *tables, GError **error)
{
    if (!jd_token_model_compile_vocab(json_object_get(json, "vocab"), tables, error))
        return FALSE;
    jd_vocab vocab;
    jd_vocab_open(tables, &vocab);
    const char *prefix = jd_settings_optional(json, "continuing_subword_prefix");
    return jd_merges_compile(json_object_get(json, "merges"), &vocab, prefix ? strlen(prefix) : 0,
                             tables, error);
}

/* The affixes of a character in its place. */
static const char *prefix_at(const bpe *model, guint place)
{
    return (place & NOT_FIRST) && model->prefix ? model->prefix : "";
}

static const char *suffix_at(const bpe *model, guint place)
{
    return (place & LAST) && model->suffix ? model->suffix : "";
}

/* A character with its affixes. */
static GString *affixed(const bpe *model, const char *text, gsize size, guint place)
{
    GString *name = g_string_new(prefix_at(model, place));
    g_string_append_len(name, text, (gssize)size);
    g_string_append(name, suffix_at(model, place));
    return name;
}

/* The token of a character in its place in the word, or -1. */
static gint32 find_char(const bpe *model, const char *text, gsize size, guint place)
{
    if (!*prefix_at(model, place) && !*suffix_at(model, place))
        return jd_vocab_find(model->base.vocab, text, size);
    GString *name = affixed(model, text, size, place);
    const gint32 id = jd_vocab_find(model->base.vocab, name->str, name->len);
    g_string_free(name, TRUE);
    return id;
}

static gint32 char_id(const bpe *model, const char *text, gsize size, guint place)
{
    const char *p = text;
    const gunichar c = jd_utf8_next(&p);
    return c < QUICK_CHARS ? model->quick[place][c] : find_char(model, text, size, place);
}

static void add_symbol(GArray *symbols, gint32 id)
{
    const gint32 place = (gint32)symbols->len;
    const bpe_symbol symbol = {id, place - 1, place + 1};
    g_array_append_val(symbols, symbol);
}

/* The bytes of a character that is no token, and of its affixes, as tokens; FALSE where one of them
 * is none. */
static gboolean add_bytes(const bpe *model, const char *text, gsize size, guint place,
                          GArray *symbols)
{
    g_autoptr(GString) bytes = affixed(model, text, size, place);
    for (gsize i = 0; i < bytes->len; i++)
        if (model->byte_ids[(guchar)bytes->str[i]] < 0)
            return FALSE;
    for (gsize i = 0; i < bytes->len; i++)
        add_symbol(symbols, model->byte_ids[(guchar)bytes->str[i]]);
    return TRUE;
}

/* The word's characters as symbols. An unknown one is added when the next known one comes, and
 * bytes overtake it: so the reference. */
static void add_symbols(const bpe *model, const char *word, gsize length, GArray *symbols)
{
    gboolean pending = FALSE;
    g_array_set_size(symbols, 0);
    for (gsize at = 0, size; at < length; at += size) {
        size = jd_utf8_size(word[at]);
        const guint place = (at > 0 ? NOT_FIRST : 0) | (at + size == length ? LAST : 0);
        const gint32 id = char_id(model, word + at, size, place);
        if (id >= 0) {
            if (pending)
                add_symbol(symbols, model->unknown);
            pending = FALSE;
            add_symbol(symbols, id);
        } else if (!model->byte_fallback || !add_bytes(model, word + at, size, place, symbols)) {
            if (pending && !model->fuse_unknown)
                add_symbol(symbols, model->unknown);
            pending = model->unknown >= 0;
        }
    }
    if (pending)
        add_symbol(symbols, model->unknown);
    if (symbols->len > 0)
        g_array_index(symbols, bpe_symbol, symbols->len - 1).next = -1;
}

static guint32 rank_of(const bpe *model, const bpe_symbol *left, const bpe_symbol *right)
{
    return jd_merges_rank(&model->merges, (guint32)left->id, (guint32)right->id);
}

/* Joins in place: symbols that are left stay in order at the front. Their links are not used. */
static guint join_short(const bpe *model, bpe_symbol *symbols, guint count)
{
    guint32 ranks[SHORT_WORD];
    for (guint i = 0; i + 1 < count; i++)
        ranks[i] = rank_of(model, &symbols[i], &symbols[i + 1]);
    while (count > 1) {
        guint best = 0;
        for (guint i = 1; i + 1 < count; i++)
            if (ranks[i] < ranks[best])
                best = i;
        if (ranks[best] == JD_NO_MERGE)
            break;
        symbols[best].id = (gint32)model->merges.ids[ranks[best]];
        for (guint i = best + 1; i + 1 < count; i++) {
            symbols[i] = symbols[i + 1];
            ranks[i - 1] = ranks[i];
        }
        count--;
        if (best > 0)
            ranks[best - 1] = rank_of(model, &symbols[best - 1], &symbols[best]);
        if (best + 1 < count)
            ranks[best] = rank_of(model, &symbols[best], &symbols[best + 1]);
    }
    return count;
}

/* A binary heap of (rank, place), the least first. */
static void heap_push(GArray *heap, guint32 rank, gint32 place)
{
    const guint64 item = (guint64)rank << 32 | (guint32)place;
    guint at = heap->len;
    g_array_append_val(heap, item);
    guint64 *items = (guint64 *)(gpointer)heap->data;
    for (; at > 0 && items[(at - 1) / 2] > item; at = (at - 1) / 2)
        items[at] = items[(at - 1) / 2];
    items[at] = item;
}

static guint64 heap_pop(GArray *heap)
{
    guint64 *items = (guint64 *)(gpointer)heap->data;
    const guint64 top = items[0];
    const guint64 item = items[heap->len - 1];
    const guint count = heap->len - 1;
    guint at = 0;
    for (guint child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && items[child + 1] < items[child])
            child++;
        if (items[child] >= item)
            break;
        items[at] = items[child];
    }
    items[at] = item;
    g_array_set_size(heap, count);
    return top;
}

static void push_pair(const bpe *model, const bpe_symbol *symbols, gint32 place, GArray *heap)
{
    if (place < 0 || symbols[place].next < 0)
        return;
    const guint32 rank = rank_of(model, &symbols[place], &symbols[symbols[place].next]);
    if (rank != JD_NO_MERGE)
        heap_push(heap, rank, place);
}

/* Whether the pair that was pushed is still there: by what it makes, as the reference asks. */
static gboolean is_current(const bpe *model, const bpe_symbol *symbols, gint32 place, guint32 rank)
{
    const bpe_symbol *left = &symbols[place];
    if (left->id < 0 || left->next < 0)
        return FALSE;
    const guint32 now = rank_of(model, left, &symbols[left->next]);
    return now != JD_NO_MERGE && model->merges.ids[now] == model->merges.ids[rank];
}

static guint join_long(const bpe *model, bpe_symbol *symbols, guint count, GArray *heap)
{
    g_array_set_size(heap, 0);
    for (guint i = 0; i < count; i++)
        push_pair(model, symbols, (gint32)i, heap);
    while (heap->len > 0) {
        const guint64 top = heap_pop(heap);
        const gint32 place = (gint32)(top & 0xFFFFFFFFU);
        const guint32 rank = (guint32)(top >> 32);
        if (!is_current(model, symbols, place, rank))
            continue;
        bpe_symbol *left = &symbols[place];
        bpe_symbol *right = &symbols[left->next];
        left->id = (gint32)model->merges.ids[rank];
        left->next = right->next;
        right->id = -1;
        if (left->next >= 0)
            symbols[left->next].previous = place;
        push_pair(model, symbols, left->previous, heap);
        push_pair(model, symbols, place, heap);
    }
    guint kept = 0;
    for (gint32 i = 0; i >= 0 && count > 0; i = symbols[i].next)
        symbols[kept++].id = symbols[i].id;
    return kept;
}

static void append_parts(const bpe *model, const char *word, gsize length,
                         jd_token_model_scratch *scratch, GArray *ids)
{
    add_symbols(model, word, length, scratch->symbols);
    bpe_symbol *symbols = (bpe_symbol *)(gpointer)scratch->symbols->data;
    guint count = scratch->symbols->len;
    if (count <= SHORT_WORD)
        count = join_short(model, symbols, count);
    else
        count = join_long(model, symbols, count, scratch->heap);
    for (guint i = 0; i < count; i++)
        g_array_append_val(ids, symbols[i].id);
}

/* The token that the word is as a whole, if the merges lead to it: asked once for each token. */
static gint32 whole_word(const bpe *model, const char *word, gsize length)
{
    if (!model->suffix)
        return jd_vocab_find(model->base.vocab, word, length);
    const gsize suffix = strlen(model->suffix);
    char name[256];
    if (length + suffix > MIN(sizeof name, model->base.vocab->longest))
        return -1;
    memcpy(name, word, length);
    memcpy(name + length, model->suffix, suffix);
    return jd_vocab_find(model->base.vocab, name, length + suffix);
}

static void encode_word(const bpe *model, const char *word, gsize length,
                        jd_token_model_scratch *scratch, GArray *ids)
{
    const gint32 id = whole_word(model, word, length);
    const guint8 tried = id < 0 ? IN_PARTS : __atomic_load_n(&model->tried[id], __ATOMIC_RELAXED);
    if (tried == WHOLE) {
        g_array_append_val(ids, id);
        return;
    }
    const guint before = ids->len;
    append_parts(model, word, length, scratch, ids);
    if (tried == UNTRIED) {
        const gboolean whole = ids->len == before + 1 && g_array_index(ids, gint32, before) == id;
        __atomic_store_n(&model->tried[id], whole ? WHOLE : IN_PARTS, __ATOMIC_RELAXED);
    }
}

/* Bytes up to the next META behind something else: what is before it and behind it never meet. */
static gsize until_meta(const char *word, gsize length)
{
    const gsize size = strlen(META);
    gsize at = 0;
    while (length - at >= size && memcmp(word + at, META, size) == 0)
        at += size;
    const char *next = memmem(word + at, length - at, META, size);
    return next ? (gsize)(next - word) : length;
}

static void encode(const jd_token_model *base, const char *word, gsize length,
                   jd_token_model_scratch *scratch, GArray *ids)
{
    const bpe *model = (const bpe *)base;
    if (!scratch->symbols) {
        scratch->symbols = g_array_new(FALSE, FALSE, sizeof(bpe_symbol));
        scratch->heap = g_array_new(FALSE, FALSE, sizeof(guint64));
    }
    if (model->ignore_merges) {
        const gint32 id = jd_vocab_find(model->base.vocab, word, length);
        if (id >= 0) {
            g_array_append_val(ids, id);
            return;
        }
    }
    while (length > 0) {
        const gsize size = model->cuts_at_meta ? until_meta(word, length) : length;
        encode_word(model, word, size, scratch, ids);
        word += size;
        length -= size;
    }
}

/* A merge makes a token, so nothing reaches across a place that is inside no token. */
static gboolean no_token_has_meta_inside(const jd_vocab *vocab)
{
    const gsize size = strlen(META);
    for (guint32 id = 0; id < vocab->size; id++) {
        gsize length;
        const char *token = jd_vocab_token(vocab, (gint32)id, &length);
        if (until_meta(token, length) != length)
            return FALSE;
    }
    return jd_vocab_find(vocab, META, size) >= 0;
}

static void fill_quick(bpe *model)
{
    for (guint place = 0; place < 4; place++)
        for (gunichar c = 0; c < QUICK_CHARS; c++) {
            char text[6] = "";
            const gsize size = c > 0 ? (gsize)g_unichar_to_utf8(c, text) : 1;
            model->quick[place][c] = find_char(model, text, size, place);
        }
}

static void bpe_free(jd_token_model *base)
{
    bpe *model = (bpe *)base;
    g_free(model->prefix);
    g_free(model->suffix);
    g_free(model->tried);
    g_free(model);
}

/* An affix of no characters is none. */
static char *read_affix(const json_t *json, const char *key)
{
    const char *affix = jd_settings_optional(json, key);
    return affix && *affix ? g_strdup(affix) : NULL;
}

jd_token_model *jd_bpe_open(const json_t *json, const jd_tables *tables, const jd_vocab *vocab,
                            GError **error)
{
    gint32 unknown = -1;
    if (jd_settings_optional(json, "unk_token")) {
        unknown = jd_token_model_unknown_id(json, "unk_token", vocab, error);
        if (unknown < 0)
            return NULL;
    }
    bpe *model = g_new0(bpe, 1);
    model->base = (jd_token_model){vocab, encode, bpe_free};
    jd_merges_open(tables, &model->merges);
    model->prefix = read_affix(json, "continuing_subword_prefix");
    model->suffix = read_affix(json, "end_of_word_suffix");
    model->unknown = unknown;
    model->fuse_unknown = jd_settings_flag(json, "fuse_unk", FALSE);
    model->byte_fallback = jd_settings_flag(json, "byte_fallback", FALSE);
    model->ignore_merges = jd_settings_flag(json, "ignore_merges", FALSE);
    model->cuts_at_meta = !model->prefix && !model->suffix && no_token_has_meta_inside(vocab);
    model->tried = g_malloc0(vocab->size);
    jd_vocab_byte_ids(vocab, model->byte_ids);
    fill_quick(model);
    return &model->base;
}
