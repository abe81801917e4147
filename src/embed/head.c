/*
 * Heads of sequence-classification models, which cross-encoders are: a dense layer, sometimes a
 * norm, and a last layer that gives the score. Sources: transformers' BertPooler,
 * RobertaClassificationHead, DistilBertForSequenceClassification, MPNetClassificationHead,
 * ModernBertPredictionHead.
 */
#include "embed/modules_list.h"

#include "base/error.h"

#include <string.h>

typedef struct head {
    const char *type;
    const char *dense;
    jd_activation activation;
    const char *last;
} head;

static const head HEADS[] = {
    {"bert", "bert.pooler.dense.weight", JD_ACT_TANH, "classifier.weight"},
    {"roberta", "classifier.dense.weight", JD_ACT_TANH, "classifier.out_proj.weight"},
    {"xlm-roberta", "classifier.dense.weight", JD_ACT_TANH, "classifier.out_proj.weight"},
    {"mpnet", "classifier.dense.weight", JD_ACT_TANH, "classifier.out_proj.weight"},
    {"distilbert", "pre_classifier.weight", JD_ACT_RELU, "classifier.weight"},
    {"modernbert", "head.dense.weight", JD_ACT_GELU_ERF, "classifier.weight"},
};

static const head *find_head(const char *type)
{
    for (gsize i = 0; i < G_N_ELEMENTS(HEADS); i++)
        if (strcmp(HEADS[i].type, type) == 0)
            return &HEADS[i];
    return NULL;
}

/* One number out: a head with more tells classes apart and ranks nothing. */
static gboolean check_labels(const jd_family_source *source, const char *name, int width,
                             GError **error)
{
    const jd_tensor_wish wish = {name, 2, {-1, width}};
    const jd_tensor *last = jd_checkpoint_find(source->weights->checkpoint, &wish, error);
    if (!last)
        return FALSE;
    if (last->shape[0] == 1)
        return TRUE;
    jd_set_error(error, JD_ERROR_UNSUPPORTED, "use a reranker with one label",
                 "the model tells %" G_GINT64_FORMAT " classes apart; a reranker gives one score",
                 last->shape[0]);
    return FALSE;
}

/* What ModernBERT's configuration says of its head. */
static gboolean read_modernbert(jd_modules *m, const jd_config *config, jd_linear_source *dense,
                                GError **error)
{
    const char *pooling = jd_config_get_string(config, "classifier_pooling", "cls");
    dense->has_bias = jd_config_get_bool(config, "classifier_bias", FALSE);
    if (strcmp(pooling, "mean") == 0)
        m->pooling = JD_POOLING_MEAN;
    else if (strcmp(pooling, "cls") != 0) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                     "config.json: classifier_pooling is \"%s\"; known are cls and mean", pooling);
        return FALSE;
    }
    return jd_config_get_activation(config, "classifier_activation", "gelu", &dense->activation,
                                    error);
}

static gboolean add_norm(jd_modules *m, const jd_family_source *source, GError **error)
{
    const jd_norm_source norm = {"head.norm.weight", "h.norm",
                                 jd_config_get_bool(source->config, "norm_bias", FALSE),
                                 (float)jd_config_get_number(source->config, "norm_eps", 1e-5)};
    return jd_modules_add_norm(m, source->weights, &norm, error);
}

jd_modules *jd_modules_load_head(const jd_family_source *source, int width, GError **error)
{
    g_autoptr(jd_modules) m = jd_modules_new(width);
    const head *h = find_head(jd_config_get_string(source->config, "model_type", ""));
    const gboolean modernbert = strcmp(h->type, "modernbert") == 0;
    jd_linear_source dense = {.name = h->dense,
                              .short_name = "h.dense",
                              .in = width,
                              .out = width,
                              .has_bias = TRUE,
                              .activation = h->activation,
                              .precision_f32 = TRUE};
    const jd_linear_source last = {.name = h->last,
                                   .short_name = "h.last",
                                   .in = width,
                                   .out = 1,
                                   .has_bias = TRUE,
                                   .precision_f32 = TRUE};
    m->pooling = JD_POOLING_CLS;
    m->scores = TRUE;
    if (!check_labels(source, h->last, width, error) ||
        (modernbert && !read_modernbert(m, source->config, &dense, error)) ||
        !jd_modules_add_dense(m, source->weights, &dense, error) ||
        (modernbert && !add_norm(m, source, error)) ||
        !jd_modules_add_dense(m, source->weights, &last, error))
        return NULL;
    return g_steal_pointer(&m);
}
