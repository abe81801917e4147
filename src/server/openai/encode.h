/* Vectors on request, by the encoders that the knowledge base has loaded or would load. */
#ifndef JD_SERVER_OPENAI_ENCODE_H
#define JD_SERVER_OPENAI_ENCODE_H

#include <jackdaw.h>

/** One thing to embed. */
typedef struct jd_encode_input {
    const char *text; /* or */
    GBytes *picture;  /* owned */
} jd_encode_input;

typedef struct jd_encode_request {
    const char *model;             /* with or without its owner */
    const jd_encode_input *inputs; /* at least one */
    gsize count;
    jd_text_role role;
    gsize dimension; /* that is expected; 0: any */
    jd_cancel *cancel;
} jd_encode_request;

typedef struct jd_encoded {
    char *model;    /* its whole name */
    float *vectors; /* count x dimension, each of unit length */
    gsize dimension;
    guint64 tokens; /* of all texts together */
} jd_encoded;

void jd_encoded_clear(jd_encoded *encoded);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_encoded, jd_encoded_clear)

/** Names of the encoders: char *. */
GPtrArray *jd_encode_models(jd_kb *kb, GError **error);

/** 404 (JD_HTTP_ERROR) where there is no such encoder, JD_ERROR_USAGE where it has another
 * dimension, JD_ERROR_UNSUPPORTED for a picture that it cannot take. */
gboolean jd_encode(jd_kb *kb, const jd_encode_request *request, jd_encoded *encoded,
                   GError **error);

#endif
