#include "picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (jd_webp_sniff(data, size))
        fuzz_picture(jd_webp_decode, data, size);
    return 0;
}
