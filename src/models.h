/* Between models.c and models_add.c: how a model that has come is checked and made visible. */
#ifndef JD_MODELS_H
#define JD_MODELS_H

#include "hub/catalog.h"
#include "hub/record.h"
#include "hub/shelf.h"

/** The watch of the caller's options, which outlive it. */
jd_watch jd_models_watch(const jd_models_options *options);

/** A model that is there, with its record's words; NULL where there is none of that name. */
jd_installed_model *jd_models_describe(const char *name);

/** JD_ERROR_USAGE where a model of that name is there and may not be replaced. */
gboolean jd_models_check_free(const char *name, const jd_models_options *options, GError **error);

/** Checks what lies in `folder` (see model_check.h), writes its record, and installs it at the
 * place, which is held. */
gboolean jd_models_install(const jd_shelf_place *place, const char *folder, jd_record *record,
                           jd_watch *watch, GError **error);

#endif
