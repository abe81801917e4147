/* Any bytes as a tokenizer.json; what can be loaded encodes a text with a bit of everything. */
#include "embed/tokenizer_compile.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char text[] =
        "It's a test, 42  caf\u00e9! \u0130\u1e9e e\u0301\u0323\n<s>\u4e16\u754c \U0001F469\u200D"
        "\U0001F467 \u0958\u0301\uFB01 [MASK] abcabc \xFF";
    g_autoptr(GError) error = NULL;
    g_autoptr(jd_tokenizer) tokenizer = jd_tokenizer_parse((const char *)data, size, &error);
    if (!tokenizer) {
        g_assert_nonnull(error);
        return 0;
    }
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint32));
    g_autoptr(GArray) types = g_array_new(FALSE, FALSE, sizeof(gint32));
    const jd_encode_request request = {
        .text = text, .length = strlen(text), .pair = "ab  ba", .pair_length = 6, .special = TRUE};
    jd_tokenizer_encode(tokenizer, &request, ids, types);
    g_assert_cmpuint(ids->len, ==, types->len);
    for (guint i = 0; i < ids->len; i++)
        g_assert_cmpuint(g_array_index(ids, guint32, i), <, jd_tokenizer_size(tokenizer));
    return 0;
}
