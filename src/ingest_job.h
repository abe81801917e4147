/*
 * One file of an ingest: what a worker thread does with it. Opened, hashed, and where it is not
 * what the knowledge base already holds, read, chunked and given its pictures.
 */
#ifndef JD_INGEST_JOB_H
#define JD_INGEST_JOB_H

#include "chunk/chunk.h"
#include "pictures.h"
#include "store/terms.h"

/** What all jobs of a run share; nothing in it changes while they run. */
typedef struct jd_ingest_context {
    jd_roots *roots;
    jd_reader_pool *readers;
    jd_pictures *pictures;
    jd_fetcher *fetcher; /* NULL: nothing is fetched */
    jd_chunk_options chunk;
    char *settings; /* "v1;chunking=default;target=900;overlap=120": what the items depend on */
    const char *collection;
    gboolean force;
    GAsyncQueue *term_makers; /* jd_term_maker *, one for each thread */
    gint *stop;               /* not 0: jobs that have not begun are not to begin */
} jd_ingest_context;

/** The settings string of these chunk options. g_free() it. */
char *jd_ingest_settings(const jd_chunk_options *chunk);

typedef enum jd_job_outcome {
    JD_JOB_READ,      /* info, items and settings are there to be stored */
    JD_JOB_UNCHANGED, /* the knowledge base holds it as it is */
    JD_JOB_PICTURE,   /* a picture file: put off, because a document may show it */
    JD_JOB_SKIPPED,   /* for the error's reason */
    JD_JOB_FAILED     /* and so would every other one: there is no reader */
} jd_job_outcome;

typedef struct jd_ingest_job {
    char *uri;                /* what the document is known by: absolute path, URL, other name */
    char *path;               /* where it lies; NULL: at `uri` */
    guint number;             /* jobs of a run are counted as they begin */
    gboolean put_off_picture; /* leave picture files for later */

    /* what the knowledge base holds under this URI; all NULL where nothing */
    jd_document_info *known;
    char *known_settings;
    GPtrArray *known_sources; /* char *: of its images, in their order */

    jd_job_outcome outcome;
    GError *error; /* of a job that was skipped or failed */
    char *sha256;  /* of the file, where it came so far */
    jd_document_info *info;
    GPtrArray *items;    /* jd_item * */
    GPtrArray *terms;    /* jd_item_terms * */
    char *settings;      /* the context's, and what only this document depends on */
    GPtrArray *warnings; /* char * */
} jd_ingest_job;

jd_ingest_job *jd_ingest_job_new(const char *uri);
void jd_ingest_job_free(jd_ingest_job *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_ingest_job, jd_ingest_job_free)

/** Where the job's file lies: a path or a URL. */
static inline const char *jd_ingest_job_path(const jd_ingest_job *job)
{
    return job->path ? job->path : job->uri;
}

/** Does the job; runs in any thread. */
void jd_ingest_job_run(jd_ingest_job *job, const jd_ingest_context *context);

#endif
