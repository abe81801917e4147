/* An open knowledge base, for the files of the pipeline. */
#ifndef JD_KB_H
#define JD_KB_H

#include "encoders.h"
#include "pipeline.h"

/* What costs time or memory to have, and several knowledge bases can use at once. */
typedef struct jd_kb_tools {
    gint refs;
    int threads;           /* for encoders and searches; 0: one for each core */
    char *reader;          /* path of jackdaw-reader, or NULL: where it is looked for */
    jd_encoders *encoders; /* may be used from several threads */
    GMutex lock;
    jd_reader_pool *readers; /* NULL until something needs it */
} jd_kb_tools;

struct jd_kb {
    jd_kb_mode mode;
    jd_store *store;
    char *where;      /* its file, or a server's address */
    char *collection; /* or NULL */
    jd_kb_tools *tools;
    jd_encoders *encoders; /* the tools' */
};

/** The collection that documents are written to. */
const char *jd_kb_write_collection(const jd_kb *kb);

/** JD_ERROR_READ_ONLY where the knowledge base was opened for reading. */
gboolean jd_kb_check_writable(const jd_kb *kb, GError **error);

#endif
