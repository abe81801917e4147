#include "read/protocol.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read is what is written again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_auto(jd_request) request = {0};
    if (!jd_request_decode(data, size, &request, NULL))
        return 0;
    g_autoptr(GByteArray) again = g_byte_array_new();
    jd_request_encode(&request, again);
    g_assert(again->len == size && memcmp(again->data, data, size) == 0);
    return 0;
}
