#include "query_batch.h"

#include "base/limits.h"

#include <string.h>

/* A text that waits for its vector. */
typedef struct waiting {
    const char *text;
    float *vector;
    gboolean taken, done, ok;
    GError *error;
} waiting;

/* Those that go through the encoder together. */
typedef struct round {
    const jd_query_batch *batch;
    waiting *at[JD_QUERY_BATCH_TEXTS];
    gsize count;
} round;

void jd_query_batch_init(jd_query_batch *batch, const jd_model *model, const char *prompt)
{
    *batch = (jd_query_batch){.model = model, .prompt = prompt, .waiting = G_QUEUE_INIT};
    g_mutex_init(&batch->lock);
    g_cond_init(&batch->changed);
}

void jd_query_batch_clear(jd_query_batch *batch)
{
    g_mutex_clear(&batch->lock);
    g_cond_clear(&batch->changed);
}

static void embed_one(const round *together, waiting *one)
{
    jd_text item = {one->text, strlen(one->text)};
    jd_texts texts = {.items = &item, .count = 1, .prompt = together->batch->prompt};
    one->ok = jd_model_embed_texts(together->batch->model, &texts, one->vector, &one->error);
}

static gboolean embed_together(const round *together)
{
    gsize dimension = (gsize)jd_model_get_info(together->batch->model)->dimension;
    g_autofree float *vectors = g_new(float, together->count *dimension);
    jd_text items[JD_QUERY_BATCH_TEXTS];
    for (gsize i = 0; i < together->count; i++)
        items[i] = (jd_text){together->at[i]->text, strlen(together->at[i]->text)};
    jd_texts texts = {.items = items, .count = together->count, .prompt = together->batch->prompt};
    if (!jd_model_embed_texts(together->batch->model, &texts, vectors, NULL))
        return FALSE;
    for (gsize i = 0; i < together->count; i++) {
        memcpy(together->at[i]->vector, vectors + i * dimension, dimension * sizeof *vectors);
        together->at[i]->ok = TRUE;
    }
    return TRUE;
}

/* What one of them does wrong is no fault of the others. */
static void embed(const round *together)
{
    if (together->count > 1 && embed_together(together))
        return;
    for (gsize i = 0; i < together->count; i++)
        embed_one(together, together->at[i]);
}

/* With the lock held, which is let go while the encoder works. */
static void run_round(jd_query_batch *batch, round *together)
{
    while (together->count < JD_QUERY_BATCH_TEXTS && batch->waiting.length > 0)
        (together->at[together->count++] = g_queue_pop_head(&batch->waiting))->taken = TRUE;
    batch->rounds++;
    g_mutex_unlock(&batch->lock);
    embed(together);
    g_mutex_lock(&batch->lock);
    batch->rounds--;
    for (gsize i = 0; i < together->count; i++)
        together->at[i]->done = TRUE;
    g_cond_broadcast(&batch->changed);
}

gboolean jd_query_batch_embed(jd_query_batch *batch, const char *text, float *vector,
                              GError **error)
{
    waiting own = {.text = text, .vector = vector};
    g_mutex_lock(&batch->lock);
    g_queue_push_tail(&batch->waiting, &own);
    while (!own.done) {
        if (own.taken || batch->rounds >= JD_QUERY_BATCH_ROUNDS) {
            g_cond_wait(&batch->changed, &batch->lock);
            continue;
        }
        round together = {.batch = batch};
        run_round(batch, &together);
    }
    g_mutex_unlock(&batch->lock);
    if (own.error)
        g_propagate_error(error, own.error);
    return own.ok;
}
