/* The body of a refusal. The first two bytes are the status. */
#include "answer/failure.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    long status = 100 + (data[0] * 256 + data[1]) % 500;
    g_auto(jd_failure) failure = {0};
    jd_failure_parse(&failure, status, (const char *)data + 2, size - 2);
    if (!failure.message || !g_utf8_validate(failure.message, -1, NULL))
        abort();
    if (failure.prompt_tokens < 0 || failure.context_tokens < 0)
        abort();
    jd_failure_is_busy(&failure);
    jd_failure_minds_pictures(&failure);
    return 0;
}
