#include "embed/tokenizer_regex.h"

#include "base/error.h"
#include "base/limits.h"

#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct jd_regex {
    pcre2_code *code;
    pcre2_match_context *limits;
};

struct jd_regex_state {
    const jd_regex *regex;
    pcre2_match_data *data;
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

/* Copies the escape at `p`; the bytes of it. */
static gsize translate_escape(const char *p, gboolean in_set, GString *out)
{
    if (p[1] == '\0') {
        g_string_append_c(out, '\\');
        return 1;
    }
    if (p[1] == 's')
        g_string_append(out, in_set ? SPACES : "[" SPACES "]");
    else if (p[1] == 'S' && !in_set)
        g_string_append(out, "[^" SPACES "]");
    else
        g_string_append_len(out, p, 2);
    return 2;
}

/* Copies "[", "[^", and a "]" behind them that is no end. */
static gsize translate_opening(const char *p, GString *out)
{
    gsize size = p[1] == '^' ? 2 : 1;
    g_string_append_len(out, p, (gssize)size);
    if (p[size] == ']') {
        g_string_append(out, "\\]");
        size++;
    }
    return size;
}

/* From Oniguruma's syntax to PCRE2's, as far as the two differ. */
static gboolean translate(const char *expression, GString *out, GError **error)
{
    gboolean in_set = FALSE;
    for (const char *p = expression; *p;) {
        if (*p == '\\') {
            p += translate_escape(p, in_set, out);
        } else if (*p == '[' && !in_set) {
            p += translate_opening(p, out);
            in_set = TRUE;
        } else if (*p == '[' && p[1] == ':' && strstr(p, ":]")) {
            const gsize size = (gsize)(strstr(p, ":]") - p) + 2;
            g_string_append_len(out, p, (gssize)size);
            p += size;
        } else if (in_set && *p == '[') {
            return unsupported(expression, "a set within a set", error);
        } else if (in_set && p[0] == '&' && p[1] == '&') {
            return unsupported(expression, "an intersection of sets", error);
        } else {
            in_set = in_set && *p != ']';
            g_string_append_c(out, *p++);
        }
    }
    return TRUE;
}

static pcre2_code *compile(const char *expression, const char *translated, GError **error)
{
    int number;
    PCRE2_SIZE place;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    /* In Oniguruma ^ and $ are those of a line. */
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)translated, PCRE2_ZERO_TERMINATED,
                      PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C, &number,
                      &place, context);
    pcre2_compile_context_free(context);
    if (!code) {
        char message[256] = "";
        pcre2_get_error_message(number, (PCRE2_UCHAR *)message, sizeof message);
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL, "the pattern %s is not understood: %s",
                     expression, message);
    }
    return code;
}

jd_regex *jd_regex_new(const char *expression, GError **error)
{
    if (strlen(expression) > JD_LIMIT_TOKENIZER_PATTERN_BYTES) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL,
                     "a pattern of %" G_GSIZE_FORMAT " bytes is longer than %d", strlen(expression),
                     JD_LIMIT_TOKENIZER_PATTERN_BYTES);
        return NULL;
    }
    g_autoptr(GString) translated = g_string_new(NULL);
    if (!translate(expression, translated, error))
        return NULL;
    pcre2_code *code = compile(expression, translated->str, error);
    if (!code)
        return NULL;
    jd_regex *regex = g_new0(jd_regex, 1);
    regex->code = code;
    regex->limits = pcre2_match_context_create(NULL);
    pcre2_set_heap_limit(regex->limits, JD_LIMIT_TOKENIZER_PATTERN_HEAP / JD_KIB);
    return regex;
}

void jd_regex_free(jd_regex *regex)
{
    if (!regex)
        return;
    pcre2_match_context_free(regex->limits);
    pcre2_code_free(regex->code);
    g_free(regex);
}

jd_regex_state *jd_regex_state_new(const jd_regex *regex)
{
    jd_regex_state *state = g_new0(jd_regex_state, 1);
    state->regex = regex;
    state->data = pcre2_match_data_create(1, NULL);
    return state;
}

void jd_regex_state_free(jd_regex_state *state)
{
    if (!state)
        return;
    pcre2_match_data_free(state->data);
    g_free(state);
}

gboolean jd_regex_find(jd_regex_state *state, const char *text, gsize length, gsize from,
                       gsize match[2])
{
    const int found = pcre2_match(state->regex->code, (PCRE2_SPTR)text, length, from,
                                  PCRE2_NO_UTF_CHECK, state->data, state->regex->limits);
    if (found < 0)
        return FALSE;
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(state->data);
    match[0] = ends[0];
    match[1] = ends[1];
    return TRUE;
}
