/*
 * Sentence encoders and cross-encoders: an encoder of text with modules behind it, which end in a
 * vector of one text or in the score of a pair. Sources: sentence-transformers' SentenceTransformer
 * and CrossEncoder.
 */
#include "embed/encoder.h"
#include "embed/patches.h"

#include "base/error.h"

#include <math.h>
#include <string.h>

typedef struct sentence {
    const jd_encoder *encoder;
    void *state; /* the encoder's */
    jd_modules *modules;
    int width; /* of the encoder's rows */
    gboolean sigmoid;
} sentence;

static void sentence_free(void *state)
{
    sentence *s = state;
    if (s->state)
        s->encoder->free(s->state);
    jd_modules_free(s->modules);
    g_free(s);
}

/*
 * sentence_bert_config.json's word is what sentence-transformers takes; without one the
 * tokenizer's. Neither allows more tokens than there are positions.
 */
static void read_limits(const char *folder, jd_model_info *info)
{
    static const struct {
        const char *file, *key;
    } places[] = {{"sentence_bert_config.json", "max_seq_length"},
                  {"tokenizer_config.json", "model_max_length"}};
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autoptr(jd_config) config = jd_config_load(folder, places[i].file, NULL);
        const double limit = config ? jd_config_get_number(config, places[i].key, 0) : 0;
        if (limit < 1)
            continue;
        if (limit < info->max_tokens)
            info->max_tokens = (int)limit;
        return;
    }
}

/* What becomes of a score: the first of these that is there says it; a sigmoid else. */
static gboolean read_activation(const jd_family_source *source, gboolean *sigmoid, GError **error)
{
    g_autoptr(jd_config) own =
        jd_config_load(source->folder, "config_sentence_transformers.json", NULL);
    const jd_config *inner = jd_config_object(source->config, "sentence_transformers");
    const char *name = own ? jd_config_get_string(own, "activation_fn", NULL) : NULL;
    if (!name)
        name = jd_config_get_string(inner, "activation_fn", NULL);
    if (!name)
        name = jd_config_get_string(source->config, "sbert_ce_default_activation_function",
                                    "torch.nn.Sigmoid");
    *sigmoid = g_str_has_suffix(name, ".Sigmoid");
    if (*sigmoid || g_str_has_suffix(name, ".Identity"))
        return TRUE;
    jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                 "the model's scores go through %s; known are Sigmoid and Identity", name);
    return FALSE;
}

static gboolean read_scores(sentence *s, const jd_family_source *source, jd_model_info *info,
                            GError **error)
{
    info->pairs = jd_modules_scores(s->modules);
    info->texts = !info->pairs;
    if (!info->pairs)
        return TRUE;
    if (info->dimension == 1)
        return read_activation(source, &s->sigmoid, error);
    jd_set_error(error, JD_ERROR_UNSUPPORTED, "use a reranker with one label",
                 "the model gives %d scores for a pair; a reranker gives one", info->dimension);
    return FALSE;
}

static gboolean load_into(sentence *s, const jd_family_source *source, jd_model_info *info,
                          GError **error)
{
    const char *key = jd_config_has(source->config, "dim") ? "dim" : "hidden_size";
    s->encoder =
        strcmp(info->family, "modernbert") == 0 ? &jd_encoder_modernbert : &jd_encoder_bert;
    if (!jd_config_get_int(source->config, &(jd_config_int){key, 8, 16384, 0}, &s->width, error) ||
        !(s->modules = jd_modules_load(source, s->width, error)))
        return FALSE;
    const gboolean pooled = jd_modules_pooling(s->modules) == JD_POOLING_CLS;
    s->state = s->encoder->load(source, pooled, info, error);
    if (!s->state)
        return FALSE;
    read_limits(source->folder, info);
    info->dimension = jd_modules_dimension(s->modules);
    info->normalised = jd_modules_normalised(s->modules);
    return read_scores(s, source, info, error);
}

static void *sentence_load(const jd_family_source *source, jd_model_info *info, GError **error)
{
    sentence *s = g_new0(sentence, 1);
    if (load_into(s, source, info, error))
        return s;
    sentence_free(s);
    return NULL;
}

static gboolean sentence_texts(const void *state, const jd_token_batch *batch, float *out,
                               jd_scratch *scratch, GError **error)
{
    const sentence *s = state;
    g_autoptr(jd_floats) pooled = jd_floats_new(batch->count * (gsize)s->width, error);
    if (!pooled)
        return FALSE;
    const jd_linear_call to_pooled = {.y = pooled->data, .scratch = scratch};
    const jd_linear_call to_out = {pooled->data, out, batch->count, scratch};
    if (!s->encoder->run(s->state, batch, jd_modules_pooling(s->modules), &to_pooled, error) ||
        !jd_modules_run(s->modules, &to_out, error))
        return FALSE;
    for (gsize i = 0; s->sigmoid && i < batch->count; i++)
        out[i] = 1 / (1 + expf(-out[i]));
    return TRUE;
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
SENTENCE(jd_family_modernbert, "modernbert");
