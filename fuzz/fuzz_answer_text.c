/* Text from documents on its way into a prompt, and a model's answer read for sources. */
#include "answer/neutral.h"
#include "answer/words.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Nothing that was made harmless may be harmful still. */
static void check_neutral(const char *text)
{
    g_autofree char *safe = jd_neutral_text(text);
    g_autofree char *again = jd_neutral_text(safe);
    g_autofree char *passage = jd_neutral_passage(text);
    if (strcmp(safe, again) || !g_utf8_validate(safe, -1, NULL) ||
        !g_utf8_validate(passage, -1, NULL))
        abort();
    static const char *const tokens[] = {"<|", "[img]", "[INST]", "<s>", "<start_of_turn>", "\x1b"};
    for (gsize i = 0; i < G_N_ELEMENTS(tokens); i++) {
        if (strstr(safe, tokens[i]))
            abort();
    }
}

static void check_sentences(const char *text)
{
    g_autoptr(GArray) spans = jd_sentences(text);
    gsize end = 0;
    for (guint i = 0; i < spans->len; i++) {
        jd_span span = g_array_index(spans, jd_span, i);
        if (span.start < end || span.end <= span.start || span.end > strlen(text))
            abort();
        end = span.end;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *bytes = g_strndup((const char *)data, size);
    g_autofree char *text = g_utf8_make_valid(bytes, -1);
    check_neutral(text);
    check_sentences(text);
    return 0;
}
