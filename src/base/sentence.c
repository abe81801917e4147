#include "base/sentence.h"

#include <string.h>

/* Abbreviations that another word always follows, those that a number follows, and those that may
 * close a sentence. Lower case, without the last full stop. */
static const char *const always_followed[] = {
    "mr",  "mrs",  "ms",  "dr",   "prof", "st",   "rev",  "gen",    "sen",  "rep",  "lt",
    "col", "capt", "fig", "figs", "eq",   "eqs",  "vol",  "ch",     "sec",  "sect", "pp",
    "ed",  "eds",  "vs",  "e.g",  "i.e",  "cf",   "viz",  "approx", "ca",   "resp", "tab",
    "ref", "refs", "z.b", "d.h",  "bzw",  "abb",  "vgl",  "evtl",   "ggf",  "inkl", "sog",
    "str", "hr",   "fr",  "u.a",  "s.o",  "s.u",  "p.ex", "mme",    "mlle", "sr",   "sra",
    "pág", "dott", "sig", "bijv", "dhr",  "mevr",
};
static const char *const before_a_number[] = {"no", "nos", "nr", "art", "núm"};
static const char *const may_close[] = {"etc", "al",  "inc", "ltd", "co",  "corp", "jr",
                                        "a.m", "p.m", "u.s", "u.k", "usw", "bros", "dept"};

static gboolean is_one_of(const char *word, const char *const *list, gsize n)
{
    for (gsize i = 0; i < n; i++)
        if (strcmp(word, list[i]) == 0)
            return TRUE;
    return FALSE;
}

/* Ends a sentence by itself: scripts that put no space after it. */
static gboolean is_full_stop_without_space(gunichar c)
{
    return c == 0x3002 || c == 0xFF01 || c == 0xFF1F || c == 0xFF61; /* 。！？｡ */
}

static gboolean is_terminator(gunichar c)
{
    return c == '.' || c == '!' || c == '?' || c == 0x2026 /* … */ || c == 0x061F /* ؟ */ ||
           c == 0x06D4 /* ۔ */ || c == 0x0964 /* । */ || is_full_stop_without_space(c);
}

static gboolean is_closing(gunichar c)
{
    if (c == '"' || c == '\'')
        return TRUE;
    switch (g_unichar_type(c)) {
    case G_UNICODE_CLOSE_PUNCTUATION:
    case G_UNICODE_FINAL_PUNCTUATION:
        return TRUE;
    default:
        return FALSE;
    }
}

static const char *skip_spaces(const char *p)
{
    while (*p && g_unichar_isspace(g_utf8_get_char(p)))
        p = g_utf8_next_char(p);
    return p;
}

/* The word in front of `stop` with the full stops inside it ("e.g"), as far back as `begin`. */
static const char *word_before(const char *begin, const char *stop)
{
    const char *p = stop;
    while (p > begin) {
        const char *before = g_utf8_prev_char(p);
        gunichar c = g_utf8_get_char(before);
        if (!g_unichar_isalnum(c) && c != '.')
            break;
        p = before;
    }
    return p;
}

static gboolean all_digits(const char *from, const char *to)
{
    for (const char *p = from; p < to; p++)
        if (!g_ascii_isdigit(*p))
            return FALSE;
    return to > from;
}

/* Whether the full stop at `stop` belongs to its word: an abbreviation, initial or ordinal. `next`
 * is the first character of the word that follows. */
static gboolean stop_belongs_to_word(const char *begin, const char *stop, gunichar next)
{
    enum { LONGEST = 24, ORDINAL_DIGITS = 2 };
    const char *word = word_before(begin, stop);
    gsize length = stop - word;
    if (length == 0 || length > LONGEST)
        return FALSE;
    if (all_digits(word, stop))
        return word == begin || length <= ORDINAL_DIGITS;
    if (g_utf8_strlen(word, length) == 1)
        return g_unichar_isupper(g_utf8_get_char(word)) || g_unichar_isupper(next);
    g_autofree char *lower = g_utf8_strdown(word, length);
    if (is_one_of(lower, always_followed, G_N_ELEMENTS(always_followed)))
        return TRUE;
    if (is_one_of(lower, before_a_number, G_N_ELEMENTS(before_a_number)))
        return g_unichar_isdigit(next);
    return is_one_of(lower, may_close, G_N_ELEMENTS(may_close)) && !g_unichar_isupper(next);
}

/* Whether a sentence ends with the terminators that begin at `stop` and end, closing quotes
 * included, at `after`. */
static gboolean ends_here(const char *begin, const char *stop, const char *after)
{
    const char *next = skip_spaces(after);
    if (*next == '\0')
        return TRUE;
    if (next == after)
        return FALSE;
    gunichar c = g_utf8_get_char(next);
    if (g_unichar_islower(c))
        return FALSE;
    gboolean lone_stop = *stop == '.' && after == stop + 1;
    return !lone_stop || !stop_belongs_to_word(begin, stop, c);
}

gsize jd_sentence_end(const char *text, gsize from)
{
    const char *begin = text + from;
    for (const char *p = begin; *p;) {
        if (g_ascii_isalnum(*p) || *p == ' ') {
            p++; /* nearly all text */
            continue;
        }
        if (!is_terminator(g_utf8_get_char(p))) {
            p = g_utf8_next_char(p);
            continue;
        }
        const char *stop = p;
        gboolean without_space = FALSE;
        for (; *p && is_terminator(g_utf8_get_char(p)); p = g_utf8_next_char(p))
            without_space |= is_full_stop_without_space(g_utf8_get_char(p));
        while (*p && is_closing(g_utf8_get_char(p)))
            p = g_utf8_next_char(p);
        if (without_space || ends_here(begin, stop, p))
            return skip_spaces(p) - text;
    }
    return from + strlen(begin);
}

gsize jd_words_end(const char *text, gsize from, gsize max_chars)
{
    const char *begin = text + from;
    const char *last_gap = NULL;
    const char *p = begin;
    for (gsize n = 0; n < max_chars && *p; n++) {
        gboolean space = g_unichar_isspace(g_utf8_get_char(p));
        p = g_utf8_next_char(p);
        if (space)
            last_gap = p;
    }
    if (*p == '\0' || !last_gap || g_unichar_isspace(g_utf8_get_char(p)))
        return p - text;
    return last_gap - text;
}
