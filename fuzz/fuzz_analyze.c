/* Any bytes as text: terms are valid UTF-8 of bounded length, ranges are in order and within it,
 * and the same in every language. */
#include "base/analyze.h"
#include "base/language.h"
#include "base/limits.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct check {
    gsize length, last_start;
    guint64 ranges;
} check;

static gboolean look(const jd_token *token, void *user)
{
    check *so_far = user;
    g_assert_cmpuint(token->start, <, token->end);
    g_assert_cmpuint(token->end, <=, so_far->length);
    g_assert_cmpuint(token->start, >=, so_far->last_start);
    g_assert_cmpuint(token->length, >, 0);
    g_assert_cmpuint(token->length, <=, JD_LIMIT_TERM_BYTES);
    g_assert_cmpuint(strlen(token->term), ==, token->length);
    g_assert_true(g_utf8_validate(token->term, -1, NULL));
    so_far->last_start = token->start;
    so_far->ranges = so_far->ranges * 31 + token->start * 7 + token->end;
    return TRUE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const languages[] = {"en", "tr", "el", "ru", "de", NULL};
    guint64 ranges = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(languages); i++) {
        g_autoptr(jd_analyzer) analyzer = jd_analyzer_new(languages[i]);
        check so_far = {.length = size};
        g_assert_true(jd_analyzer_run(analyzer, (const char *)data, size, look, &so_far));
        if (i > 0)
            g_assert_cmpuint(so_far.ranges, ==, ranges);
        ranges = so_far.ranges;
    }
    jd_language_guess((const char *)data, size);
    return 0;
}
