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

struct jd_scratch_pool {
    GMutex lock;
    GPtrArray *idle; /* jd_scratch * */
};

jd_scratch_pool *jd_scratch_pool_new(void)
{
    jd_scratch_pool *pool = g_new0(jd_scratch_pool, 1);
    g_mutex_init(&pool->lock);
    pool->idle = g_ptr_array_new_with_free_func((GDestroyNotify)jd_scratch_free);
    return pool;
}

void jd_scratch_pool_free(jd_scratch_pool *pool)
{
    if (!pool)
        return;
    g_ptr_array_unref(pool->idle);
    g_mutex_clear(&pool->lock);
    g_free(pool);
}

jd_scratch *jd_scratch_pool_take(jd_scratch_pool *pool)
{
    g_mutex_lock(&pool->lock);
    jd_scratch *scratch =
        pool->idle->len > 0 ? g_ptr_array_steal_index_fast(pool->idle, pool->idle->len - 1) : NULL;
    g_mutex_unlock(&pool->lock);
    return scratch ? scratch : jd_scratch_new();
}

void jd_scratch_pool_give(jd_scratch_pool *pool, jd_scratch *scratch)
{
    g_mutex_lock(&pool->lock);
    g_ptr_array_add(pool->idle, scratch);
    g_mutex_unlock(&pool->lock);
}
