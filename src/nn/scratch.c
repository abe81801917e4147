#include "nn/scratch.h"

#include <stdlib.h>

enum { ALIGN = 64 };

struct jd_scratch {
    void *data[JD_SCRATCH_PARTS];
    gsize size[JD_SCRATCH_PARTS];
};

jd_scratch *jd_scratch_new(void)
{
    return g_new0(jd_scratch, 1);
}

void jd_scratch_free(jd_scratch *scratch)
{
    if (!scratch)
        return;
    for (int i = 0; i < JD_SCRATCH_PARTS; i++)
        free(scratch->data[i]);
    g_free(scratch);
}

void *jd_scratch_part_get(jd_scratch *scratch, jd_scratch_part part, gsize size)
{
    if (scratch->size[part] < size) {
        gsize wanted = (size + size / 4 + ALIGN) / ALIGN * ALIGN;
        free(scratch->data[part]);
        scratch->data[part] = aligned_alloc(ALIGN, wanted);
        scratch->size[part] = scratch->data[part] ? wanted : 0;
    }
    return scratch->data[part];
}

void *jd_scratch_block(jd_scratch *scratch, gsize size)
{
    return jd_scratch_part_get(scratch, JD_SCRATCH_BLOCK, size);
}
