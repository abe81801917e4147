#include "embed/picture_spec.h"

#include "base/error.h"
#include "embed/config.h"

#include <math.h>
#include <string.h>

/* PIL's numbers. */
enum { PIL_LANCZOS = 1, PIL_BILINEAR = 2, PIL_BICUBIC = 3 };
enum { MAX_SIDE = 4096 };

static gboolean read_resample(const jd_config *config, jd_resample *resample, GError **error)
{
    int number;
    if (!jd_config_get_int(config, &(jd_config_int){"resample", 0, 5, PIL_BICUBIC}, &number, error))
        return FALSE;
    *resample = number == PIL_BILINEAR ? JD_RESAMPLE_BILINEAR : JD_RESAMPLE_BICUBIC;
    if (number == PIL_BILINEAR || number == PIL_BICUBIC)
        return TRUE;
    jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                 "preprocessor_config.json: resample is %d%s; known are 2 (bilinear) and 3 "
                 "(bicubic)",
                 number, number == PIL_LANCZOS ? " (Lanczos)" : "");
    return FALSE;
}

/* A size is a number, or an object of `keys`, of which the first that is there counts. */
static gboolean read_side(const jd_config *config, const char *name, const char *const *keys,
                          int *side, GError **error)
{
    const jd_config *inner = jd_config_object(config, name);
    for (; *keys; keys++)
        if (jd_config_has(inner, *keys))
            return jd_config_get_int(inner, &(jd_config_int){*keys, 1, MAX_SIDE, 0}, side, error);
    return jd_config_get_int(config, &(jd_config_int){name, 1, MAX_SIDE, 0}, side, error);
}

static gboolean read_sizes(const jd_config *config, jd_prepare_request *to, GError **error)
{
    const jd_config *size = jd_config_object(config, "size");
    int width;
    to->square = jd_config_has(size, "height");
    if (!jd_config_has(config, "size"))
        return TRUE;
    if (!read_side(config, "size", (const char *[]){"height", "shortest_edge", NULL}, &to->edge,
                   error) ||
        (to->square &&
         !jd_config_get_int(size, &(jd_config_int){"width", 1, MAX_SIDE, to->edge}, &width, error)))
        return FALSE;
    to->size = to->edge;
    const gboolean crops = jd_config_get_bool(config, "do_center_crop", !to->square);
    if (crops && jd_config_has(config, "crop_size") &&
        !read_side(config, "crop_size", (const char *[]){"height", NULL}, &to->size, error))
        return FALSE;
    if (to->size <= to->edge && (!to->square || (width == to->edge && to->size == to->edge)) &&
        (to->square || crops) && jd_config_get_bool(config, "do_resize", TRUE))
        return TRUE;
    jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                 "preprocessor_config.json: expected pictures that are resized to a square, or by "
                 "their shorter side with a square cut from their middle");
    return FALSE;
}

static gboolean read_colours(const jd_config *config, jd_picture_spec *spec, GError **error)
{
    jd_config_get_numbers(config, "image_mean", spec->mean, 3);
    jd_config_get_numbers(config, "image_std", spec->std, 3);
    if (!jd_config_get_bool(config, "do_normalize", TRUE))
        for (int c = 0; c < 3; c++) {
            spec->mean[c] = 0;
            spec->std[c] = 1;
        }
    const double factor = jd_config_get_number(config, "rescale_factor", 1.0 / 255);
    gboolean sound =
        jd_config_get_bool(config, "do_rescale", TRUE) && fabs(factor * 255 - 1) < 1e-9;
    for (int c = 0; c < 3; c++)
        sound = sound && isfinite(spec->mean[c]) && isfinite(spec->std[c]) && spec->std[c] > 0;
    if (!sound)
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                     "preprocessor_config.json: expected colours that are rescaled by 1/255, then "
                     "normalised with an image_std above 0");
    return sound;
}

gboolean jd_picture_spec_load(const char *folder, jd_picture_spec *spec, GError **error)
{
    static const jd_picture_spec clip = {.mean = {0.48145466F, 0.4578275F, 0.40821073F},
                                         .std = {0.26862954F, 0.26130258F, 0.27577711F}};
    g_autoptr(GError) absent = NULL;
    g_autoptr(jd_config) file = jd_config_load(folder, "preprocessor_config.json", &absent);
    const jd_config *config = file;
    if (!file && g_error_matches(absent, JD_ERROR, JD_ERROR_NOT_FOUND)) {
        g_clear_error(&absent);
        file = jd_config_load(folder, "processor_config.json", &absent);
        config = file ? jd_config_object(file, "image_processor") : NULL;
    }
    *spec = clip;
    if (!config && g_error_matches(absent, JD_ERROR, JD_ERROR_NOT_FOUND))
        return TRUE;
    if (!config) {
        g_propagate_error(error, g_steal_pointer(&absent));
        return FALSE;
    }
    return read_resample(config, &spec->prepare.resample, error) &&
           read_sizes(config, &spec->prepare, error) && read_colours(config, spec, error);
}
