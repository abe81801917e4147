/* The record beside an installed model. */
#include "hub/record.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(jd_record) record = jd_record_parse((const char *)data, size, NULL);
    if (record && !jd_record_main_file(record))
        abort();
    return 0;
}
