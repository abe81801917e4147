/*
 * The encoders that a knowledge base is embedded and searched with.
 *
 * Named by the user (an installed model's name or a model folder; "none": none), or else what is
 * installed, of each kind in this order:
 *
 *   text      snowflake-arctic-embed-m-v1.5, granite-embedding-english-r2,
 *             snowflake-arctic-embed-s, bge-small-en-v1.5, granite-embedding-small-english-r2,
 *             snowflake-arctic-embed-xs, granite-embedding-97m-multilingual-r2,
 *             multilingual-e5-small, all-MiniLM-L6-v2: by published results of retrieval in
 *             English
 *   pictures  siglip2-base-patch16-256, siglip-base-patch16-256, LAION's and OpenAI's CLIP B/16,
 *             B/32: by published recall of pictures for captions
 *
 * then any other by name. New items are embedded with the first; a base that was embedded with
 * another one that is still installed is searched with that. Nothing is read from disk before the
 * first question that needs it, and no weights before something is to be embedded. One jd_encoders
 * may be used from several threads: what is found or loaded stays until it is freed. What is
 * installed, replaced or removed meanwhile is noticed within JD_ENCODERS_LOOK_MS; the memory of one
 * that is gone stays in use until then too.
 */
#ifndef JD_ENCODERS_H
#define JD_ENCODERS_H

#include "embed/model.h"
#include "encoder_files.h"
#include "query_batch.h"
#include "store/store.h"

typedef struct jd_encoder jd_encoder;
struct jd_encoder {
    char *name, *folder;
    jd_encoder_kind kind;
    guint64 stamp;  /* of the folder: another one is another model */
    gboolean exact; /* computes with 32-bit floats, else with what is fastest: docs/encoders.md */
    /* the rest on demand, through the functions below */
    GMutex lock;
    char *revision;
    jd_model *model;
    jd_query_batch questions; /* where the model is loaded */
    jd_encoder *twin;         /* jd_encoder_exact()'s */
};

typedef struct jd_encoders jd_encoders;

typedef struct jd_encoders_options {
    const char *text, *pictures; /* NULL: what is installed */
    int threads;                 /* 0: all cores */
} jd_encoders_options;

jd_encoders *jd_encoders_new(const jd_encoders_options *options);
void jd_encoders_free(jd_encoders *encoders);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_encoders, jd_encoders_free)

/**
 * The encoders of a kind, preferred ones first (jd_encoder *; the list stays its owner's, and as it
 * is, whatever is installed later); empty
 * where none is installed. NULL with an error where the user named one that is not there or is of
 * another kind.
 */
const GPtrArray *jd_encoders_list(jd_encoders *encoders, jd_encoder_kind kind, GError **error);

/** The encoder of this name or folder, whatever its kind. */
jd_encoder *jd_encoders_find(jd_encoders *encoders, const char *name, GError **error);

/** The same encoder with 32-bit floats, whose numbers are those of the article's program, which its
 * profile promises. The encoder's own. */
jd_encoder *jd_encoder_exact(jd_encoder *encoder);

/** See jd_encoder_revision(); the encoder's own. */
const char *jd_encoder_get_revision(jd_encoder *encoder, GError **error);

/** Loads the model where that has not been done. */
const jd_model *jd_encoder_load(jd_encoders *encoders, jd_encoder *encoder, GError **error);

/** What is put in front of a question, or of a passage; NULL: nothing. With a loaded model. */
const char *jd_encoder_prompt(const jd_encoder *encoder, gboolean question);

/** The vector of a question, by a loaded model: of unit length, or `raw`. Questions of several
 * threads go through it together: query_batch.h. g_free() it. */
float *jd_encoder_embed_question(jd_encoder *encoder, const char *question, gboolean raw,
                                 GError **error);

/** Whether the space's vectors were made by this encoder. */
gboolean jd_encoder_made(jd_encoder *encoder, const jd_space *space, gboolean *made,
                         GError **error);

/** The space with the encoder's vectors; *id is 0 where the store has none. */
gboolean jd_encoder_find_space(jd_encoder *encoder, jd_store *store, gint64 *id, GError **error);

/** The same, made where it is absent, for which the model is loaded. */
gboolean jd_encoder_ensure_space(jd_encoders *encoders, jd_encoder *encoder, jd_store *store,
                                 gint64 *id, GError **error);

#endif
