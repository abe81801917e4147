#include "embed/tokenizer_pattern.h"

#include "base/error.h"
#include "base/limits.h"
#include "embed/tokenizer_scan.h"
#include "embed/tokenizer_unicode.h"

#include <string.h>

/* Exactly one of literal, flags, scan and regex is set. */
struct jd_pattern {
    char *literal;
    gsize literal_length;
    guint32 flags;
    jd_scan_fn scan;
    GRegex *regex;
};

static const struct {
    const char *expression;
    jd_scan_fn scan;
} KNOWN[] = {
    {"'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+", jd_scan_clip},
    {JD_PATTERN_GPT2, jd_scan_gpt2},
    {"\\s+", jd_scan_spaces},
    {" {2,}", jd_scan_two_spaces},
};

/* Oniguruma's \s; PCRE2's has U+180E too. */
#define SPACES                                                                                     \
    "\\x{9}-\\x{d}\\x{20}\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}"             \
    "\\x{202f}\\x{205f}\\x{3000}"

static gboolean unsupported(const char *expression, const char *what, GError **error)
{
    jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL, "the pattern %s has %s, which is not known",
                 expression, what);
    return FALSE;
}

/* Copies the escape at *p. */
static void translate_escape(const char **p, gboolean in_set, GString *out)
{
    const char c = (*p)[1];
    if (c == 's')
        g_string_append(out, in_set ? SPACES : "[" SPACES "]");
    else if (c == 'S' && !in_set)
        g_string_append(out, "[^" SPACES "]");
    else if (c == '\0')
        g_string_append_c(out, '\\');
    else
        g_string_append_len(out, *p, 2);
    *p += c == '\0' ? 1 : 2;
}

/* From Oniguruma's syntax to PCRE2's, as far as the two differ. */
static gboolean translate(const char *expression, GString *out, GError **error)
{
    gboolean in_set = FALSE;
    for (const char *p = expression; *p;) {
        if (*p == '\\') {
            translate_escape(&p, in_set, out);
            continue;
        }
        if (in_set && *p == '[' && p[1] != ':')
            return unsupported(expression, "a set within a set", error);
        if (in_set && p[0] == '&' && p[1] == '&')
            return unsupported(expression, "an intersection of sets", error);
        if (in_set && *p == '[') {
            const char *close = strstr(p, ":]");
            const gsize size = close ? (gsize)(close - p) + 2 : 1;
            g_string_append_len(out, p, (gssize)size);
            p += size;
            continue;
        }
        if (!in_set && *p == '[') {
            in_set = TRUE;
            g_string_append_c(out, *p++);
            if (*p == '^')
                g_string_append_c(out, *p++);
            if (*p == ']') {
                g_string_append(out, "\\]");
                p++;
            }
            continue;
        }
        if (*p == ']')
            in_set = FALSE;
        g_string_append_c(out, *p++);
    }
    return TRUE;
}

jd_pattern *jd_pattern_from_regex(const char *expression, GError **error)
{
    if (strlen(expression) > JD_LIMIT_TOKENIZER_PATTERN_BYTES) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL,
                     "a pattern of %" G_GSIZE_FORMAT " bytes is longer than %d", strlen(expression),
                     JD_LIMIT_TOKENIZER_PATTERN_BYTES);
        return NULL;
    }
    g_autoptr(jd_pattern) pattern = g_new0(jd_pattern, 1);
    for (gsize i = 0; i < G_N_ELEMENTS(KNOWN); i++)
        if (strcmp(expression, KNOWN[i].expression) == 0) {
            pattern->scan = KNOWN[i].scan;
            return g_steal_pointer(&pattern);
        }
    g_autoptr(GString) translated = g_string_new(NULL);
    if (!translate(expression, translated, error))
        return NULL;
    g_autoptr(GError) inner = NULL;
    /* In Oniguruma ^ and $ are those of a line. */
    pattern->regex =
        g_regex_new(translated->str, G_REGEX_MULTILINE | G_REGEX_NEWLINE_LF, 0, &inner);
    if (!pattern->regex) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL, "the pattern %s is not understood: %s",
                     expression, inner->message);
        return NULL;
    }
    return g_steal_pointer(&pattern);
}

static jd_pattern *from_literal(const char *literal, gsize length)
{
    jd_pattern *pattern = g_new0(jd_pattern, 1);
    pattern->literal = g_memdup2(literal, length + 1);
    pattern->literal_length = length;
    return pattern;
}

jd_pattern *jd_pattern_from_json(const json_t *json, GError **error)
{
    const json_t *string = json_object_get(json, "String");
    const json_t *regex = json_object_get(json, "Regex");
    if (json_is_string(string) && json_string_length(string) > 0)
        return from_literal(json_string_value(string), json_string_length(string));
    if (json_is_string(regex) && strlen(json_string_value(regex)) == json_string_length(regex))
        return jd_pattern_from_regex(json_string_value(regex), error);
    jd_set_error(error, JD_ERROR_INVALID, NULL,
                 "the pattern is neither {\"String\":\"...\"} nor {\"Regex\":\"...\"}");
    return NULL;
}

jd_pattern *jd_pattern_from_flags(guint32 flags)
{
    jd_pattern *pattern = g_new0(jd_pattern, 1);
    pattern->flags = flags;
    return pattern;
}

jd_pattern *jd_pattern_words(void)
{
    jd_pattern *pattern = g_new0(jd_pattern, 1);
    pattern->scan = jd_scan_words;
    return pattern;
}

void jd_pattern_free(jd_pattern *pattern)
{
    if (!pattern)
        return;
    g_free(pattern->literal);
    g_clear_pointer(&pattern->regex, g_regex_unref);
    g_free(pattern);
}

static gboolean find_literal(const jd_matcher *m, gsize *start, gsize *end)
{
    const char *found = memmem(m->text + m->from, m->length - m->from, m->pattern->literal,
                               m->pattern->literal_length);
    if (!found)
        return FALSE;
    *start = (gsize)(found - m->text);
    *end = *start + m->pattern->literal_length;
    return TRUE;
}

static gboolean find_flags(const jd_matcher *m, gsize *start, gsize *end)
{
    const char *limit = m->text + m->length;
    for (const char *p = m->text + m->from; p < limit;) {
        const char *next = p;
        if (jd_unicode_flags(jd_utf8_next(&next)) & m->pattern->flags) {
            *start = (gsize)(p - m->text);
            *end = (gsize)(next - m->text);
            return TRUE;
        }
        p = next;
    }
    return FALSE;
}

/* A search that gives up (PCRE2's limits on backtracking) counts as no match. */
static gboolean find_regex(const jd_matcher *m, gsize *start, gsize *end)
{
    g_autoptr(GMatchInfo) info = NULL;
    gint first, last;
    if (!g_regex_match_full(m->pattern->regex, m->text, (gssize)m->length, (gint)m->from, 0, &info,
                            NULL) ||
        !g_match_info_fetch_pos(info, 0, &first, &last))
        return FALSE;
    *start = (gsize)first;
    *end = (gsize)last;
    return TRUE;
}

static gboolean find(const jd_matcher *m, gsize *start, gsize *end)
{
    if (m->pattern->regex)
        return find_regex(m, start, end);
    if (m->from >= m->length)
        return FALSE;
    if (m->pattern->scan)
        return m->pattern->scan(m->text, m->length, m->from, start, end);
    return m->pattern->literal ? find_literal(m, start, end) : find_flags(m, start, end);
}

gboolean jd_matcher_next(jd_matcher *matcher, gsize *start, gsize *end)
{
    while (matcher->from <= matcher->length && find(matcher, start, end)) {
        if (*start == *end && *end == matcher->last_match) {
            /* An empty match right behind the last one is none. */
            if (matcher->from >= matcher->length)
                return FALSE;
            matcher->from += jd_utf8_size(matcher->text[matcher->from]);
            continue;
        }
        matcher->from = matcher->last_match = *end;
        return TRUE;
    }
    return FALSE;
}
