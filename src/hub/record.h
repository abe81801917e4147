/*
 * What is kept beside an installed model: where it came from, which revision, the hash of every
 * file and how it was verified, and what the model is. A JSON file, `jackdaw.record`.
 */
#ifndef JD_HUB_RECORD_H
#define JD_HUB_RECORD_H

#include "hub/files.h"

#define JD_RECORD_FILE "jackdaw.record"

typedef struct jd_record {
    char *source;     /* a URL, or the path it was added from */
    char *revision;   /* the hub's commit, or NULL */
    char *licence;    /* or NULL */
    char *family;     /* config.json's model_type */
    char *use;        /* "text", "pictures", "reranker" */
    int dimension;    /* of its vectors; 0 for a reranker */
    gint64 installed; /* seconds since 1970 */
    gint64 written;   /* microseconds since 1970, by jd_record_write(): what has not been changed
                         since then is not read again; 0: unknown */
    GPtrArray *files; /* jd_model_file * */
} jd_record;

jd_record *jd_record_new(void);
void jd_record_free(jd_record *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_record, jd_record_free)

/** Writes it into `folder`, so that it is whole or not there. */
gboolean jd_record_write(const jd_record *record, const char *folder, GError **error);

/** Reads that of a model's folder. JD_ERROR_NOT_FOUND without one; JD_ERROR_INVALID, or
 * JD_ERROR_VERSION, saying what is wrong with it. */
jd_record *jd_record_read(const char *folder, GError **error);

/** The same from its bytes. */
jd_record *jd_record_parse(const char *text, gsize length, GError **error);

/** The largest file: what a model is known by. NULL without files. */
const jd_model_file *jd_record_main_file(const jd_record *record);

/** What is amiss with the files of `folder`, one sentence, or NULL: one that is gone, or has
 * another size or another hash. Hashes are computed of what the file system says was changed since.
 */
char *jd_record_compare(const jd_record *record, const char *folder);

#endif
