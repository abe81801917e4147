#include "embed/family.h"

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
