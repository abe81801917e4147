#include "base/fold.h"

static gboolean is_ignorable(gunichar c)
{
    return c == 0x00AD || (c >= 0x200C && c <= 0x200D) || c == 0x2060 ||
           (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF;
}

static gunichar turkic_lower(gunichar c)
{
    if (c == 'I')
        return 0x0131;
    return c == 0x0130 ? 'i' : c;
}

char *jd_fold(const char *word, gsize length, gboolean turkic)
{
    g_autofree char *normal = g_utf8_normalize(word, (gssize)length, G_NORMALIZE_ALL_COMPOSE);
    if (!normal)
        return g_strdup("");
    g_autoptr(GString) kept = g_string_sized_new(length);
    for (const char *p = normal; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (!is_ignorable(c))
            g_string_append_unichar(kept, turkic ? turkic_lower(c) : c);
    }
    g_autofree char *folded = g_utf8_casefold(kept->str, (gssize)kept->len);
    /* Folding can take a text apart: ΐ becomes three characters. */
    char *composed = g_utf8_normalize(folded, -1, G_NORMALIZE_ALL_COMPOSE);
    return composed ? composed : g_strdup("");
}

static gboolean is_diacritic(gunichar c)
{
    static const gunichar ranges[][2] = {
        {0x0300, 0x036F}, /* combining diacritical marks */
        {0x0483, 0x0487}, /* Cyrillic */
        {0x0591, 0x05BD}, {0x05BF, 0x05BF}, {0x05C1, 0x05C2},
        {0x05C4, 0x05C5}, {0x05C7, 0x05C7},                   /* Hebrew points */
        {0x0610, 0x061A}, {0x0640, 0x0640}, {0x064B, 0x065F}, /* Arabic marks and tatweel */
        {0x0670, 0x0670}, {0x06D6, 0x06ED}, {0x1AB0, 0x1AFF}, /* extended diacritical marks */
        {0x1DC0, 0x1DFF},                                     /* diacritical marks supplement */
    };
    for (gsize i = 0; i < G_N_ELEMENTS(ranges) && c >= ranges[i][0]; i++)
        if (c <= ranges[i][1])
            return TRUE;
    return FALSE;
}

/* What a letter that does not decompose is without its stroke, or NULL. */
static const char *plain_letter(gunichar c)
{
    static const struct {
        gunichar from;
        const char *to;
    } letters[] = {
        {0x00E6, "ae"}, {0x00F0, "d"}, {0x00F8, "o"}, {0x00FE, "th"}, {0x0111, "d"}, {0x0127, "h"},
        {0x0131, "i"},  {0x0142, "l"}, {0x014B, "n"}, {0x0153, "oe"}, {0x0167, "t"}, {0x0180, "b"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(letters); i++)
        if (letters[i].from == c)
            return letters[i].to;
    return NULL;
}

char *jd_fold_strip(const char *folded)
{
    g_autofree char *parts = g_utf8_normalize(folded, -1, G_NORMALIZE_ALL);
    g_autoptr(GString) kept = g_string_new(NULL);
    for (const char *p = parts; p && *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        const char *plain = plain_letter(c);
        if (plain)
            g_string_append(kept, plain);
        else if (!is_diacritic(c))
            g_string_append_unichar(kept, c);
    }
    /* What was not stripped must be as it was: Hangul, kana with voicing marks, Indic vowels. */
    char *composed = g_utf8_normalize(kept->str, (gssize)kept->len, G_NORMALIZE_ALL_COMPOSE);
    return composed ? composed : g_strdup("");
}
