#include "compare_texts.h"

#include <string.h>

gboolean jd_question_can_compare(jd_kb *kb, gboolean *can, GError **error)
{
    const GPtrArray *list = jd_encoders_list(kb->encoders, JD_ENCODER_TEXT, error);
    if (!list)
        return FALSE;
    *can = list->len > 0;
    return TRUE;
}

static gboolean embed(const jd_encoder *encoder, const jd_text *texts, gsize n, float *out,
                      GError **error)
{
    jd_texts batch = {.items = texts, .count = n, .prompt = jd_encoder_prompt(encoder, FALSE)};
    return jd_model_embed_texts(encoder->model, &batch, out, error);
}

gboolean jd_question_compare(const char *const *texts, gsize n, double *cosines, void *user,
                             GError **error)
{
    const jd_question_texts *about = user;
    jd_encoders *encoders = about->kb->encoders;
    const GPtrArray *list = jd_encoders_list(encoders, JD_ENCODER_TEXT, error);
    if (!list)
        return FALSE;
    jd_encoder *encoder = list->pdata[0];
    const jd_model *model = jd_encoder_load(encoders, encoder, error);
    if (!model)
        return FALSE;
    gsize dimension = (gsize)jd_model_get_info(model)->dimension;
    g_autofree float *question = jd_encoder_embed_question(encoder, about->question, FALSE, error);
    g_autofree float *rows = g_new(float, n *dimension);
    g_autofree jd_text *items = g_new(jd_text, n);
    for (gsize i = 0; i < n; i++)
        items[i] = (jd_text){texts[i], strlen(texts[i])};
    if (!question || !embed(encoder, items, n, rows, error))
        return FALSE;
    for (gsize i = 0; i < n; i++) {
        double sum = 0;
        for (gsize d = 0; d < dimension; d++)
            sum += (double)question[d] * rows[i * dimension + d];
        cosines[i] = sum;
    }
    return TRUE;
}
