/* Sentence encoders: BERT's kin with sentence-transformers' modules behind. */
#include "embed/bert.h"
#include "embed/patches.h"

#include "base/error.h"

typedef struct sentence {
    jd_bert *bert;
    jd_modules *modules;
} sentence;

static void sentence_free(void *state)
{
    sentence *s = state;
    jd_bert_free(s->bert);
    jd_modules_free(s->modules);
    g_free(s);
}

/* sentence_bert_config.json may allow fewer tokens than the positions; its word is what
 * sentence-transformers takes. */
static void read_limits(const char *folder, jd_model_info *info)
{
    g_autoptr(jd_config) config = jd_config_load(folder, "sentence_bert_config.json", NULL);
    int limit;
    if (config && jd_config_get_int(config, &(jd_config_int){"max_seq_length", 1, 1 << 20, 1 << 20},
                                    &limit, NULL))
        info->max_tokens = MIN(info->max_tokens, limit);
}

static void *sentence_load(const jd_family_source *source, jd_model_info *info, GError **error)
{
    sentence *s = g_new0(sentence, 1);
    int width;
    const char *key = jd_config_has(source->config, "dim") ? "dim" : "hidden_size";
    if (jd_config_get_int(source->config, &(jd_config_int){key, 8, 16384, 0}, &width, error) &&
        (s->modules = jd_modules_load(source, width, error)) &&
        (s->bert =
             jd_bert_load(source, jd_modules_pooling(s->modules) == JD_POOLING_CLS, info, error))) {
        read_limits(source->folder, info);
        info->dimension = jd_modules_dimension(s->modules);
        info->normalised = jd_modules_normalised(s->modules);
        info->texts = TRUE;
        return s;
    }
    sentence_free(s);
    return NULL;
}

static gboolean sentence_texts(const void *state, const jd_token_batch *batch, float *out,
                               jd_scratch *scratch, GError **error)
{
    const sentence *s = state;
    g_autoptr(jd_floats) pooled =
        jd_floats_new(batch->count * (gsize)jd_bert_width(s->bert), error);
    if (!pooled)
        return FALSE;
    const jd_linear_call to_pooled = {.y = pooled->data, .scratch = scratch};
    const jd_linear_call to_out = {pooled->data, out, batch->count, scratch};
    return jd_bert_run(s->bert, batch, jd_modules_pooling(s->modules), &to_pooled, error) &&
           jd_modules_run(s->modules, &to_out, error);
}

#define SENTENCE(name, type)                                                                       \
    const jd_family name = {.model_type = type,                                                    \
                            .load = sentence_load,                                                 \
                            .free = sentence_free,                                                 \
                            .run_texts = sentence_texts}

SENTENCE(jd_family_bert, "bert");
SENTENCE(jd_family_roberta, "roberta");
SENTENCE(jd_family_xlm_roberta, "xlm-roberta");
SENTENCE(jd_family_distilbert, "distilbert");
SENTENCE(jd_family_mpnet, "mpnet");
