#include "embed/tokenizer_pattern.h"

#include "base/error.h"
#include "embed/tokenizer_regex.h"
#include "embed/tokenizer_scan.h"
#include "embed/tokenizer_unicode.h"

#include <string.h>

/* Exactly one of literal, flags, scan and regex is set. */
struct jd_pattern {
    char *literal;
    gsize literal_length;
    guint32 flags;
    jd_scan_fn scan;
    jd_regex *regex;
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

jd_pattern *jd_pattern_from_regex(const char *expression, GError **error)
{
    g_autoptr(jd_pattern) pattern = g_new0(jd_pattern, 1);
    for (gsize i = 0; i < G_N_ELEMENTS(KNOWN) && !pattern->scan; i++)
        if (strcmp(expression, KNOWN[i].expression) == 0)
            pattern->scan = KNOWN[i].scan;
    if (!pattern->scan)
        pattern->regex = jd_regex_new(expression, error);
    return pattern->scan || pattern->regex ? g_steal_pointer(&pattern) : NULL;
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
    jd_regex_free(pattern->regex);
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

static gboolean find_regex(jd_matcher *m, gsize *start, gsize *end)
{
    gsize match[2];
    if (!m->state)
        m->state = jd_regex_state_new(m->pattern->regex);
    if (!jd_regex_find(m->state, m->text, m->length, m->from, match))
        return FALSE;
    *start = match[0];
    *end = match[1];
    return TRUE;
}

static gboolean find(jd_matcher *m, gsize *start, gsize *end)
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

void jd_matcher_clear(jd_matcher *matcher)
{
    jd_regex_state_free(matcher->state);
}
