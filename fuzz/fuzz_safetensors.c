#include "nn/safetensors.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) file = g_bytes_new_static(data, size);
    g_autoptr(GHashTable) tensors = jd_safetensors_load(file, NULL);
    if (!tensors)
        return 0;
    GHashTableIter iter;
    gpointer tensor;
    g_hash_table_iter_init(&iter, tensors);
    while (g_hash_table_iter_next(&iter, NULL, &tensor))
        g_free(jd_tensor_to_f32(tensor, NULL));
    return 0;
}
