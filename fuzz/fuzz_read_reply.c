#include "read/protocol.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static gboolean take(const void *data, gsize size, void *user)
{
    return size < 10;
}

/* The first byte chooses what is expected, the second into how small pieces the pipe is cut. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const jd_reply_expected expected[] = {
        {.type = JD_RECORD_DOCUMENT, .file_size = 1000},
        {.type = JD_RECORD_PIXELS, .max_width = 100},
        {.type = JD_RECORD_PICTURE},
        {.type = JD_RECORD_HELLO},
        {.type = JD_RECORD_ENTRIES},
        {.type = JD_RECORD_UNPACKED, .entry_size = 20, .sink = take},
    };
    if (size < 2)
        return 0;
    g_autoptr(jd_reply_decoder) decoder =
        jd_reply_decoder_new(&expected[data[0] % G_N_ELEMENTS(expected)]);
    gsize step = (gsize)data[1] + 1;
    for (gsize at = 2; at < size; at += step)
        if (!jd_reply_decoder_feed(decoder, data + at, MIN(step, size - at), NULL))
            break;
    return 0;
}
