#include "base/analyze.h"

#include "base/fold.h"
#include "base/limits.h"
#include "base/segment.h"
#include "base/stopwords.h"

#include <libstemmer.h>
#include <string.h>

/*
 * Folding and stemming a word costs a hundred times what finding it does, and few words make up
 * most of a text: what a word became is remembered in a table of 2 MiB. A word that falls on
 * another's place replaces it.
 */
enum { CACHE_BITS = 15, CACHE_TEXT = 31 };

/* A word as the table knows it: up to CACHE_TEXT bytes, zeros, and in the last byte its length and
 * kind. All zero: none. As numbers, since it is compared and hashed for every word of a text. */
typedef union cached_word {
    char text[CACHE_TEXT + 1];
    guint64 piece[4];
} cached_word;

typedef struct cached_term {
    cached_word word;
    char term[CACHE_TEXT - 1]; /* NUL-terminated */
    guint8 term_length;
    guint8 stopword;
} cached_term;

G_STATIC_ASSERT(sizeof(cached_term) == 64);

struct jd_analyzer {
    struct sb_stemmer *stemmer; /* NULL: none for the language */
    jd_language_set language;
    gboolean turkic;    /* I is the capital of the dotless ı */
    gboolean plain;     /* written without diacritics, loan words aside */
    cached_term *cache; /* 1 << CACHE_BITS, each on a line of the CPU's cache */
    void *memory;       /* that the cache is in */
};

static cached_term *align(char *memory)
{
    const guintptr past = (guintptr)memory % sizeof(cached_term);
    return (cached_term *)(memory + (past > 0 ? sizeof(cached_term) - past : 0));
}

jd_analyzer *jd_analyzer_new(const char *language)
{
    jd_analyzer *analyzer = g_new0(jd_analyzer, 1);
    /* Not g_aligned_alloc0(): it would touch all of what a question needs a few lines of. */
    analyzer->memory = g_malloc0(((1 << CACHE_BITS) + 1) * sizeof(cached_term));
    analyzer->cache = align(analyzer->memory);
    analyzer->stemmer = language ? sb_stemmer_new(language, "UTF_8") : NULL;
    analyzer->language = jd_stopword_language_set(language);
    analyzer->turkic = g_strcmp0(language, "tr") == 0 || g_strcmp0(language, "az") == 0;
    analyzer->plain = g_strcmp0(language, "en") == 0;
    return analyzer;
}

void jd_analyzer_free(jd_analyzer *analyzer)
{
    if (!analyzer)
        return;
    sb_stemmer_delete(analyzer->stemmer);
    g_free(analyzer->memory);
    g_free(analyzer);
}

/* ---- making terms ---- */

typedef struct made_term {
    char text[JD_LIMIT_TERM_BYTES + 1];
    gsize length;
    gboolean stopword;
} made_term;

static void set_text(made_term *out, const char *text, gsize length)
{
    if (length > JD_LIMIT_TERM_BYTES) {
        length = JD_LIMIT_TERM_BYTES;
        while (length > 0 && ((guchar)text[length] & 0xC0) == 0x80)
            length--;
    }
    memcpy(out->text, text, length);
    out->text[length] = '\0';
    out->length = length;
}

static gboolean is_ascii(const char *text)
{
    for (; *text; text++)
        if ((guchar)*text >= 0x80)
            return FALSE;
    return TRUE;
}

static void stem(const jd_analyzer *analyzer, made_term *out)
{
    if (!analyzer->stemmer)
        return;
    const sb_symbol *stemmed =
        sb_stemmer_stem(analyzer->stemmer, (const sb_symbol *)out->text, (int)out->length);
    int length = sb_stemmer_length(analyzer->stemmer);
    if (stemmed && length > 0)
        set_text(out, (const char *)stemmed, (gsize)length);
}

static void strip(made_term *out)
{
    if (is_ascii(out->text))
        return;
    g_autofree char *stripped = jd_fold_strip(out->text);
    set_text(out, stripped, strlen(stripped));
}

/* `word` is lower case already where it is ASCII. */
static void make_term(const jd_analyzer *analyzer, const char *word, gsize length,
                      jd_span_kind kind, made_term *out)
{
    set_text(out, word, length);
    if (!is_ascii(out->text) || analyzer->turkic) {
        g_autofree char *folded = jd_fold(word, length, analyzer->turkic);
        set_text(out, folded, strlen(folded));
    }
    out->stopword = kind == JD_SPAN_WORD && analyzer->language &&
                    (jd_stopword_find(out->text) & analyzer->language) != 0;
    /* Most stemmers know their language by its diacritics; the English one knows no diacritics. */
    if (analyzer->plain)
        strip(out);
    if (kind == JD_SPAN_WORD)
        stem(analyzer, out);
    strip(out);
}

/* ---- the cache ---- */

/* ASCII capitals of eight bytes in small letters. `word` has ASCII only. */
static inline guint64 lower_eight(guint64 word)
{
    const guint64 ones = G_GUINT64_CONSTANT(0x0101010101010101);
    guint64 from_a = word + ones * (0x80 - 'A'), past_z = word + ones * (0x7f - 'Z');
    return word | ((from_a ^ past_z) & (ones * 0x80)) >> 2;
}

static inline cached_word make_key(const char *word, gsize length, jd_span_kind kind,
                                   gboolean lower)
{
    cached_word key = {.piece = {0}};
    memcpy(key.text, word, length);
    for (gsize i = 0; lower && i < G_N_ELEMENTS(key.piece); i++)
        key.piece[i] = lower_eight(key.piece[i]);
    key.text[CACHE_TEXT] = (char)(length << 2 | kind);
    return key;
}

static inline guint hash_key(const cached_word *key)
{
    const guint64 odd = G_GUINT64_CONSTANT(0x9E3779B97F4A7C15);
    guint64 hash = key->piece[0] * odd;
    hash = (hash ^ key->piece[1]) * odd;
    hash = (hash ^ hash >> 32 ^ key->piece[2]) * odd;
    hash = (hash ^ key->piece[3]) * odd;
    return (guint)(hash >> (64 - CACHE_BITS));
}

static inline gboolean is_same(const cached_word *a, const cached_word *b)
{
    return ((a->piece[0] ^ b->piece[0]) | (a->piece[1] ^ b->piece[1]) |
            (a->piece[2] ^ b->piece[2]) | (a->piece[3] ^ b->piece[3])) == 0;
}

/* The slot of a word of at most CACHE_TEXT bytes, filled; NULL where its term does not fit. */
static const cached_term *look_up(jd_analyzer *analyzer, const cached_word *key, gsize length,
                                  jd_span_kind kind)
{
    cached_term *slot = &analyzer->cache[hash_key(key)];
    if (G_LIKELY(is_same(&slot->word, key)))
        return slot;
    made_term made;
    make_term(analyzer, key->text, length, kind, &made);
    if (made.length >= sizeof slot->term)
        return NULL;
    slot->word = *key;
    memcpy(slot->term, made.text, made.length + 1);
    slot->term_length = (guint8)made.length;
    slot->stopword = made.stopword != FALSE;
    return slot;
}

/* ---- running ---- */

/* A word that was found, and what it is in the cache where it is short enough to be there. */
typedef struct found_word {
    cached_word key;
    jd_span span;
} found_word;

/* A text knows more words than the CPU's nearest caches hold. So that the wait for one word's slot
 * passes while others are looked for, slots are fetched as words are found, and read later. */
enum { WORDS_AHEAD = 8 };

typedef struct run {
    jd_analyzer *analyzer;
    const char *text;
    jd_token_fn each;
    void *user;
    guint waiting;
    found_word words[WORDS_AHEAD];
} run;

/* What `c` is in small letters, in ASCII. */
static inline char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static gboolean pass_uncached(const run *self, const jd_span *span)
{
    char word[JD_LIMIT_TERM_BYTES];
    gsize length = MIN(span->end - span->start, sizeof word);
    for (gsize i = 0; i < length; i++)
        word[i] = self->analyzer->turkic ? self->text[span->start + i]
                                         : lower(self->text[span->start + i]);
    /* What is longer is cut before it is folded, at a character's end. */
    while (length < span->end - span->start && length > 0 &&
           ((guchar)self->text[span->start + length] & 0xC0) == 0x80)
        length--;
    made_term made;
    make_term(self->analyzer, word, length, span->kind, &made);
    jd_token token = {.term = made.text,
                      .length = made.length,
                      .start = span->start,
                      .end = span->end,
                      .stopword = made.stopword};
    return made.length == 0 || self->each(&token, self->user);
}

static gboolean pass_word(const run *self, const found_word *word)
{
    const jd_span *span = &word->span;
    const gsize length = span->end - span->start;
    const cached_term *found = NULL;
    if (length <= CACHE_TEXT)
        found = look_up(self->analyzer, &word->key, length, span->kind);
    if (!found)
        return pass_uncached(self, span);
    jd_token token = {.term = found->term,
                      .length = found->term_length,
                      .start = span->start,
                      .end = span->end,
                      .stopword = found->stopword};
    return found->term_length == 0 || self->each(&token, self->user);
}

static gboolean pass_waiting(run *self)
{
    const guint n = self->waiting;
    self->waiting = 0;
    for (guint i = 0; i < n; i++)
        if (!pass_word(self, &self->words[i]))
            return FALSE;
    return TRUE;
}

static gboolean take_span(const jd_span *span, void *user)
{
    run *self = user;
    found_word *word = &self->words[self->waiting++];
    const gsize length = span->end - span->start;
    word->span = *span;
    if (length <= CACHE_TEXT) {
        word->key = make_key(self->text + span->start, length, span->kind,
                             span->ascii && !self->analyzer->turkic);
        __builtin_prefetch(&self->analyzer->cache[hash_key(&word->key)]);
    }
    return self->waiting < WORDS_AHEAD || pass_waiting(self);
}

gboolean jd_analyzer_run(jd_analyzer *analyzer, const char *text, gsize length, jd_token_fn each,
                         void *user)
{
    run self = {.analyzer = analyzer, .text = text, .each = each, .user = user};
    return jd_segment(text, length, take_span, &self) && pass_waiting(&self);
}
