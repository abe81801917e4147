#include "base/language.h"

#include "base/stopwords.h"

#include <string.h>

/* So much of a text is looked at. */
enum { SAMPLE_CHARS = 2000 };

/* What the characters of a sample show. */
typedef struct sample {
    guint letters;
    guint latin, cyrillic, greek, hebrew, arabic, devanagari, bengali, tamil, thai, armenian,
        georgian, hangul, kana, han;
    guint persian;   /* Arabic letters that only Persian (and Urdu) has */
    guint urdu;      /* that only Urdu has */
    guint ukrainian; /* Cyrillic letters that Russian has not */
    guint serbian, belarusian;
    guint no_bulgarian; /* Cyrillic letters that Bulgarian has not */
    guint hard_sign;    /* a vowel in Bulgarian and rare in Russian */
    const char *text;
    gsize bytes;
} sample;

static gboolean is_one_of(gunichar c, const char *letters)
{
    return g_utf8_strchr(letters, -1, c) != NULL;
}

static void look_at_cyrillic(sample *from, gunichar c)
{
    from->cyrillic++;
    c = g_unichar_tolower(c);
    from->ukrainian += is_one_of(c, "іїєґ");
    from->serbian += is_one_of(c, "ђјљњћџ");
    from->belarusian += is_one_of(c, "ў");
    from->no_bulgarian += is_one_of(c, "ыэё");
    from->hard_sign += is_one_of(c, "ъ");
}

static void look_at(sample *from, gunichar c)
{
    from->letters++;
    switch (g_unichar_get_script(c)) {
    case G_UNICODE_SCRIPT_LATIN:
        from->latin++;
        break;
    case G_UNICODE_SCRIPT_CYRILLIC:
        look_at_cyrillic(from, c);
        break;
    case G_UNICODE_SCRIPT_GREEK:
        from->greek++;
        break;
    case G_UNICODE_SCRIPT_HEBREW:
        from->hebrew++;
        break;
    case G_UNICODE_SCRIPT_ARABIC:
        from->arabic++;
        from->persian += is_one_of(c, "پچژگ");
        from->urdu += is_one_of(c, "ٹڈڑےں");
        break;
    case G_UNICODE_SCRIPT_DEVANAGARI:
        from->devanagari++;
        break;
    case G_UNICODE_SCRIPT_BENGALI:
        from->bengali++;
        break;
    case G_UNICODE_SCRIPT_TAMIL:
        from->tamil++;
        break;
    case G_UNICODE_SCRIPT_THAI:
        from->thai++;
        break;
    case G_UNICODE_SCRIPT_ARMENIAN:
        from->armenian++;
        break;
    case G_UNICODE_SCRIPT_GEORGIAN:
        from->georgian++;
        break;
    case G_UNICODE_SCRIPT_HANGUL:
        from->hangul++;
        break;
    case G_UNICODE_SCRIPT_HIRAGANA:
    case G_UNICODE_SCRIPT_KATAKANA:
        from->kana++;
        break;
    case G_UNICODE_SCRIPT_HAN:
        from->han++;
        break;
    default:
        break;
    }
}

static sample take_sample(const char *text, gsize length)
{
    sample taken = {.text = text};
    const char *p = text, *end = text + length;
    for (guint n = 0; p < end && n < SAMPLE_CHARS; n++) {
        gunichar c = g_utf8_get_char_validated(p, end - p);
        if (c == (gunichar)-1 || c == (gunichar)-2 || c == 0) {
            p++;
            continue;
        }
        if (g_unichar_isalpha(c))
            look_at(&taken, c);
        p = g_utf8_next_char(p);
    }
    taken.bytes = p - text;
    return taken;
}

/* ---- by words ---- */

enum { MOST_LANGUAGES = 8 * sizeof(jd_language_set) };

static void count_word(const char *word, gsize length, guint *counts)
{
    g_autofree char *lower = g_utf8_strdown(word, (gssize)length);
    jd_language_set found = jd_stopword_find(lower);
    for (guint i = 0; found; i++, found >>= 1)
        counts[i] += found & 1;
}

static gboolean is_word_char(const char *p, const char *end)
{
    gunichar c = g_utf8_get_char_validated(p, end - p);
    return c != (gunichar)-1 && c != (gunichar)-2 && (g_unichar_isalpha(c) || g_unichar_ismark(c));
}

/* The number of words; counts[i] gets how many of them language i has on its list. */
static guint count_words(const sample *from, guint *counts)
{
    const char *p = from->text, *end = from->text + from->bytes;
    guint words = 0;
    while (p < end) {
        const char *start = p;
        while (p < end && is_word_char(p, end))
            p = g_utf8_next_char(p);
        if (p > start) {
            words++;
            count_word(start, p - start, counts);
        } else {
            p++;
        }
    }
    return words;
}

/* The language with clearly the most common words, or NULL. */
static const char *guess_by_words(const sample *from)
{
    /* About every third word of a running text is on its language's list. */
    enum { FEWEST_HITS = 2, WORDS_A_HIT = 8 };
    guint counts[MOST_LANGUAGES] = {0};
    guint words = count_words(from, counts);
    guint best = 0, second = 0;
    for (guint i = 1; jd_stopword_language(i); i++)
        if (counts[i] > counts[best])
            best = i;
    for (guint i = 0; jd_stopword_language(i); i++)
        if (i != best)
            second = MAX(second, counts[i]);
    if (counts[best] < FEWEST_HITS || counts[best] * WORDS_A_HIT < words ||
        counts[best] * 10 < second * 11 || counts[best] == second)
        return NULL;
    return jd_stopword_language(best);
}

/* ---- by script ---- */

static const char *guess_cyrillic(const sample *from)
{
    if (from->serbian > 0 && from->no_bulgarian == 0)
        return "sr";
    if (from->belarusian > 0)
        return "be";
    if (from->ukrainian > 0 && from->no_bulgarian == 0)
        return "uk";
    if (from->no_bulgarian > 0)
        return "ru";
    if (from->hard_sign * 100 > from->cyrillic)
        return "bg";
    return guess_by_words(from);
}

static const char *guess_arabic(const sample *from)
{
    if (from->urdu > 0)
        return "ur";
    return from->persian > 0 ? "fa" : "ar";
}

const char *jd_language_guess(const char *text, gsize length)
{
    enum { FEWEST_LETTERS = 2 };
    sample from = take_sample(text, length);
    if (from.letters < FEWEST_LETTERS)
        return NULL;
    /* Japanese mixes kana with Han; Korean may. */
    guint east = from.kana + from.han + from.hangul;
    if (east * 2 > from.letters) {
        if (from.kana * 10 > east)
            return "ja";
        return from.hangul * 3 > east ? "ko" : "zh";
    }
    const struct {
        guint letters;
        const char *language;
    } scripts[] = {{from.greek, "el"},    {from.hebrew, "he"},  {from.devanagari, "hi"},
                   {from.bengali, "bn"},  {from.tamil, "ta"},   {from.thai, "th"},
                   {from.armenian, "hy"}, {from.georgian, "ka"}};
    for (gsize i = 0; i < G_N_ELEMENTS(scripts); i++)
        if (scripts[i].letters * 2 > from.letters)
            return scripts[i].language;
    if (from.cyrillic * 2 > from.letters)
        return guess_cyrillic(&from);
    if (from.arabic * 2 > from.letters)
        return guess_arabic(&from);
    return from.latin * 2 > from.letters ? guess_by_words(&from) : NULL;
}
