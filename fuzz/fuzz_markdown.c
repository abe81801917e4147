#include "text_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const jd_format_input input = {.data = (const char *)data, .size = size};
    jd_markdown_sniff(&input);
    fuzz_text_format(&input, jd_markdown_read);
    return 0;
}
