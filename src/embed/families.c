#include "embed/family.h"

#include "base/error.h"
#include "base/remedy.h"

#include <string.h>

static const jd_family *const FAMILIES[] = {
    &jd_family_clip,        &jd_family_siglip,     &jd_family_bert,  &jd_family_roberta,
    &jd_family_xlm_roberta, &jd_family_distilbert, &jd_family_mpnet, &jd_family_modernbert,
};

const jd_family *jd_family_find(const char *model_type)
{
    for (gsize i = 0; i < G_N_ELEMENTS(FAMILIES); i++)
        if (strcmp(FAMILIES[i]->model_type, model_type) == 0)
            return FAMILIES[i];
    return NULL;
}

const jd_family *jd_family_require(const char *model_type, GError **error)
{
    const jd_family *family = jd_family_find(model_type);
    if (family)
        return family;
    /* Those of one picture size call themselves "siglip". */
    if (strcmp(model_type, "siglip2") == 0)
        jd_set_error(error, JD_ERROR_UNSUPPORTED,
                     "one of a single picture size is run: google/siglip2-base-patch16-256",
                     "its config.json says that it is a SigLIP 2 for pictures of any shape "
                     "(NaFlex), which Jackdaw does not run");
    else
        jd_set_error(error, JD_ERROR_UNSUPPORTED, JD_REMEDY_MODELS_RUN,
                     "its config.json says that it is of type \"%s\", which Jackdaw does not run",
                     model_type);
    return NULL;
}
