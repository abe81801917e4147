#include "nn/json_tensor.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) file = g_bytes_new_static(data, size);
    g_autoptr(jd_tensor) tensor = jd_json_tensor_load(file, NULL);
    if (tensor)
        g_free(jd_tensor_to_f32(tensor, NULL));
    return 0;
}
