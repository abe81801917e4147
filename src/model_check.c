#include "model_check.h"

#include "base/error.h"
#include "embed/config.h"
#include "embed/family.h"
#include "embed/models.h"
#include "encoder_files.h"

#include <math.h>
#include <string.h>

const char *jd_model_use(const char *folder)
{
    switch (jd_encoder_kind_of(folder)) {
    case JD_ENCODER_TEXT:
        return "text";
    case JD_ENCODER_PICTURES:
        return "pictures";
    case JD_ENCODER_NONE:
        break;
    }
    return jd_models_is_reranker(folder) ? "reranker" : NULL;
}

gboolean jd_model_look(const char *folder, GError **error)
{
    g_autoptr(jd_config) config = jd_config_load(folder, "config.json", error);
    if (!config)
        return FALSE;
    const char *type = jd_config_get_string(config, "model_type", "");
    return jd_family_require(type, error) != NULL;
}

static gboolean is_sound(const float *numbers, gsize count)
{
    double sum = 0;
    for (gsize i = 0; i < count; i++)
        sum += fabsf(numbers[i]);
    return isfinite(sum) && sum > 0;
}

static gboolean run_text(const jd_model *model, float *out, GError **error)
{
    static const char text[] = "Jackdaws love my big sphinx of quartz.";
    const jd_text item = {text, strlen(text)};
    return jd_model_embed_texts(model, &(jd_texts){.items = &item, .count = 1}, out, error);
}

static gboolean run_picture(const jd_model *model, float *out, GError **error)
{
    const gsize side = (gsize)jd_model_get_info(model)->picture.prepare.size;
    g_autofree guint8 *pixels = g_malloc_n(side * side, 3);
    for (gsize i = 0; i < side * side * 3; i++)
        pixels[i] = (guint8)(i * 7);
    const guint8 *item = pixels;
    return jd_model_embed_pictures(model, &(jd_pictures){.items = &item, .count = 1}, out, error);
}

static gboolean run_pair(const jd_model *model, float *out, GError **error)
{
    static const char query[] = "a bird", passage[] = "Jackdaws love my big sphinx of quartz.";
    const jd_pair item = {{query, strlen(query)}, {passage, strlen(passage)}};
    return jd_model_score(model, &(jd_pairs){.items = &item, .count = 1}, out, error);
}

static gboolean run_all(const jd_model *model, GError **error)
{
    const jd_model_info *info = jd_model_get_info(model);
    const struct {
        gboolean wanted;
        gboolean (*run)(const jd_model *, float *, GError **);
        const char *what;
    } runs[] = {{info->texts && !info->pairs, run_text, "a text"},
                {info->pictures, run_picture, "a picture"},
                {info->pairs, run_pair, "a pair of texts"}};
    g_autofree float *out = g_new0(float, info->dimension);
    for (gsize i = 0; i < G_N_ELEMENTS(runs); i++) {
        if (!runs[i].wanted)
            continue;
        if (!runs[i].run(model, out, error))
            return FALSE;
        if (is_sound(out, (gsize)info->dimension))
            continue;
        jd_set_error(error, JD_ERROR_INVALID, "its weights are damaged: get it again",
                     "what it makes of %s is no vector of finite numbers", runs[i].what);
        return FALSE;
    }
    return TRUE;
}

gboolean jd_model_check(const char *folder, jd_record *record, GError **error)
{
    if (!jd_model_look(folder, error))
        return FALSE;
    const char *use = jd_model_use(folder);
    g_autoptr(jd_model) model = jd_model_load(folder, NULL, error);
    if (!model || !run_all(model, error))
        return FALSE;
    const jd_model_info *info = jd_model_get_info(model);
    g_free(record->family);
    g_free(record->use);
    record->family = g_strdup(info->family);
    record->use = g_strdup(use ? use : "none");
    record->dimension = info->pairs ? 0 : info->dimension;
    return TRUE;
}
