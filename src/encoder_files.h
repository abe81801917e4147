/*
 * Model folders as they lie on disk: which there are, what kind of model each holds, and the hash
 * that tells one revision of it from another. Nothing here loads weights.
 */
#ifndef JD_ENCODER_FILES_H
#define JD_ENCODER_FILES_H

#include <glib.h>

typedef enum jd_encoder_kind {
    JD_ENCODER_NONE,    /* no model, a cross-encoder, or a family that Jackdaw does not run */
    JD_ENCODER_TEXT,    /* a sentence encoder */
    JD_ENCODER_PICTURES /* pictures and texts in one space: CLIP, SigLIP */
} jd_encoder_kind;

/** A model folder, by what config.json, modules.json and its kin say. */
jd_encoder_kind jd_encoder_kind_of(const char *folder);

/** Names of the installed models of a kind ("all-MiniLM-L6-v2", "openai/clip-vit-base-patch16"):
 * char *, in the order in which encoders.h prefers them. */
GPtrArray *jd_encoder_installed(jd_encoder_kind kind);

/** Changes where a file or folder right in this one is made, renamed or removed, or the folder
 * itself is another one; 0 where there is none. */
guint64 jd_folder_stamp(const char *folder);

/** Changes where a model is installed, replaced or removed. */
guint64 jd_models_stamp(void);

/**
 * SHA-256 over everything that a model's vectors depend on: names, sizes and contents of its
 * weights, configuration and vocabulary, and the form in which items are given to it
 * (embed_text.h). Reading gigabytes takes seconds, so it is kept in `cache` (a folder; NULL: not
 * kept) as long as the files keep their names, sizes, times and inodes.
 */
char *jd_encoder_revision(const char *folder, const char *cache, GError **error);

#endif
