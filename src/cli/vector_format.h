/* How vectors are written: one row of a table each. For vector_file.c only. */
#ifndef JD_CLI_VECTOR_FORMAT_H
#define JD_CLI_VECTOR_FORMAT_H

#include <glib.h>
#include <stdio.h>

typedef struct jd_vector_sink {
    FILE *stream;
    int dimension;
    guint64 rows;  /* so far */
    guint32 check; /* CRC-32 of the rows so far, where the format wants it */
} jd_vector_sink;

typedef struct jd_vector_format {
    const char *ending;
    gboolean ids_beside; /* the ids are not in it */
    void (*begin)(jd_vector_sink *sink);
    void (*add)(jd_vector_sink *sink, const char *id, const float *values);
    /** What can only be written when all rows are known. FALSE where the format cannot hold them.
     */
    gboolean (*end)(jd_vector_sink *sink);
} jd_vector_format;

extern const jd_vector_format jd_vector_format_npy;
extern const jd_vector_format jd_vector_format_jsonl;
extern const jd_vector_format jd_vector_format_pt;

/** A row as little-endian float32, into `bytes` of 4 * dimension. */
void jd_vector_row(const jd_vector_sink *sink, const float *values, guint8 *bytes);

#endif
