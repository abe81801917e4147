/*
 * The models that are known by name: the manifest of `jackdaw model pull`.
 *
 * A hash stands here only where it was computed from the file itself; for all others the hash that
 * the hub gives is checked and kept with the model (record.h).
 */
#ifndef JD_HUB_CATALOG_H
#define JD_HUB_CATALOG_H

#include <glib.h>

typedef struct jd_known_file {
    const char *path;
    gint64 size;
    const char *sha256; /* 64 hex digits */
} jd_known_file;

typedef struct jd_known_model {
    const char *repository;     /* as the hub names it, and under which it is installed */
    const char *use;            /* "text", "pictures", "reranker": the kind of model */
    const char *about;          /* what speaks for it, one line */
    const char *licence;        /* SPDX */
    const char *parameters;     /* their number: "23M" */
    const jd_known_file *files; /* whose hashes are known; ends with a NULL path; or NULL */
} jd_known_model;

/** All of them, the better ones of a kind first; the last has a NULL repository. */
extern const jd_known_model jd_known_models[];

/** By repository, or by its part behind the slash, case ignored; NULL where there is none. */
const jd_known_model *jd_known_model_find(const char *name);

/** The known file of a model (both may be NULL), or NULL. */
const jd_known_file *jd_known_model_file(const jd_known_model *model, const char *path);

/** The model that one of whose known files has this SHA-256, or NULL. */
const jd_known_model *jd_known_model_by_hash(const char *sha256);

#endif
