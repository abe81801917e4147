/* An open knowledge base, for the files of the pipeline. */
#ifndef JD_KB_H
#define JD_KB_H

#include "encoders.h"
#include "pipeline.h"

struct jd_kb {
    jd_kb_mode mode;
    jd_store *store;
    char *where;             /* its file, or a server's address */
    char *collection;        /* or NULL */
    char *reader;            /* path of jackdaw-reader, or NULL: where it is looked for */
    jd_reader_pool *readers; /* NULL until something needs it */
    jd_encoders *encoders;
};

/** The collection that documents are written to. */
const char *jd_kb_write_collection(const jd_kb *kb);

/** JD_ERROR_READ_ONLY where the knowledge base was opened for reading. */
gboolean jd_kb_check_writable(const jd_kb *kb, GError **error);

#endif
