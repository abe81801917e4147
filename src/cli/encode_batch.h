/* Some of the lines that `jackdaw encode` reads: what they ask for, and the answers in their order.
 */
#ifndef JD_CLI_ENCODE_BATCH_H
#define JD_CLI_ENCODE_BATCH_H

#include "embed/model.h"
#include "read/reader.h"

#include <jansson.h>
#include <stdio.h>

typedef struct jd_encode_options {
    const jd_model *model;
    const char *reader; /* path of jackdaw-reader, or NULL: where it is looked for */
    gboolean raw;       /* vectors before normalisation */
    gboolean tokens;    /* ids instead of vectors */
    FILE *out;
} jd_encode_options;

typedef struct jd_encode_batch jd_encode_batch;

jd_encode_batch *jd_encode_batch_new(const jd_encode_options *options);
void jd_encode_batch_free(jd_encode_batch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_encode_batch, jd_encode_batch_free)

/** Adds one line, which is number `line`: a JSON object with "text", "image", or "query" and
 * "text". Nothing is added where that fails. */
gboolean jd_encode_batch_add(jd_encode_batch *batch, const char *text, gsize length, guint64 line,
                             GError **error);

/** Whether it is large enough to be worth running. */
gboolean jd_encode_batch_is_full(const jd_encode_batch *batch);

/**
 * Computes and prints the answers, and empties the batch. Where one line fails, those before it are
 * printed all the same and the error names the line.
 */
gboolean jd_encode_batch_run(jd_encode_batch *batch, GError **error);

#endif
