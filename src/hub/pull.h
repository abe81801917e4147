/* A model from a hub into a folder, every file of it verified. */
#ifndef JD_HUB_PULL_H
#define JD_HUB_PULL_H

#include "hub/catalog.h"
#include "hub/record.h"
#include "hub/shelf.h"

typedef struct jd_hub_sources {
    char **bases;     /* of hubs, tried in turn */
    char *token;      /* or NULL */
    char *token_base; /* the hub that it is for */
} jd_hub_sources;

/**
 * The hubs to ask: those `given` (NULL-terminated; NULL or empty: none), else HF_ENDPOINT, else
 * Hugging Face. HF_TOKEN is for HF_ENDPOINT, or Hugging Face, and for no other.
 */
void jd_hub_sources_init(jd_hub_sources *sources, const char *const *given);
void jd_hub_sources_clear(jd_hub_sources *sources);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_hub_sources, jd_hub_sources_clear)

/** Whether HF_HUB_OFFLINE forbids asking a hub. */
gboolean jd_hub_is_offline(void);

typedef struct jd_hub_pull {
    const char *repository;
    const char *revision; /* a branch, tag or commit; NULL: "main" */
    const jd_hub_sources *sources;
    const jd_known_model *known; /* or NULL */
    const jd_record *before;     /* of the model that is there, or NULL: its hashes are pinned */
    /** Sees the folder before the large files are fetched: FALSE with an error ends it. */
    gboolean (*look)(const char *folder, GError **error);
    gboolean unverified;         /* files that the server gives no hash of are taken too */
    const jd_shelf_place *place; /* its model folder is filled */
    jd_watch *watch;
} jd_hub_pull;

/**
 * Fetches it from the first source that has it whole. The record says where it came from and how
 * each file was verified; use, family and dimension are the caller's to fill in. What has come is
 * kept when it fails, and a later call goes on from there.
 */
jd_record *jd_hub_pull_model(const jd_hub_pull *pull, GError **error);

#endif
