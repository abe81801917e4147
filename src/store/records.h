/*
 * What a server keeps in the knowledge base besides documents: jobs that are to be done, and
 * conversations. And the lists that it shows a page at a time.
 */
#ifndef JD_STORE_RECORDS_H
#define JD_STORE_RECORDS_H

#include "store/store.h"

/** A piece of a list. */
typedef struct jd_page {
    int limit;     /* at most so many; 0: all */
    gint64 offset; /* so many are passed over */
} jd_page;

/* ---- documents and collections, a page at a time ---- */

typedef enum jd_document_order {
    JD_ORDER_OLDEST, /* by id */
    JD_ORDER_NEWEST,
    JD_ORDER_TITLE,
    JD_ORDER_CHANGED /* by the file's time, the latest first */
} jd_document_order;

typedef struct jd_document_query {
    const jd_filter *filter; /* may be NULL */
    jd_document_order order;
    jd_page page;
} jd_document_query;

/** Compares two ids (gint64 *), for sorting them in rising order. */
int jd_id_compare(gconstpointer a, gconstpointer b);

/** Documents (jd_document_info *) of one page; *total: how many pass the filter. */
GPtrArray *jd_store_page_documents(jd_store *store, const jd_document_query *query, guint64 *total,
                                   GError **error);

typedef struct jd_collection_info {
    char *name;
    guint64 documents, chunks, images, bytes;
} jd_collection_info;

/** All collections by name: jd_collection_info *. */
GPtrArray *jd_store_list_collections(jd_store *store, GError **error);

/* ---- jobs ---- */

typedef struct jd_job {
    gint64 id;
    char *kind;                        /* "ingest" */
    char *state;                       /* "queued", "running", "done", "failed", "cancelled" */
    char *request;                     /* what is to be done, as JSON */
    char *result;                      /* what came of it, as JSON; NULL before */
    gint64 created, started, finished; /* seconds since 1970; 0: not yet */
} jd_job;

void jd_job_free(jd_job *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_job, jd_job_free)

/** Keeps a new job (its id is ignored); *id gets its number. Of jobs that are over the latest
 * JD_LIMIT_JOBS are kept. */
gboolean jd_store_add_job(jd_store *store, const jd_job *job, gint64 *id, GError **error);
/** State, result, started and finished of the job of this id. */
gboolean jd_store_update_job(jd_store *store, const jd_job *job, GError **error);
/** Jobs, the newest first: jd_job *. */
GPtrArray *jd_store_list_jobs(jd_store *store, const jd_page *page, GError **error);
/** JD_ERROR_NOT_FOUND where there is none of this id. */
jd_job *jd_store_get_job(jd_store *store, gint64 id, GError **error);

/* ---- conversations ---- */

typedef struct jd_conversation {
    gint64 id;
    char *title;
    gint64 created, updated; /* seconds since 1970 */
    guint messages;          /* how many it has */
} jd_conversation;

void jd_conversation_free(jd_conversation *conversation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_conversation, jd_conversation_free)

typedef struct jd_message {
    gint64 id;
    char *role;    /* "user", "assistant" */
    char *text;    /* what is searched */
    char *content; /* all that is to be shown again, as JSON */
    gint64 created;
    const jd_item *picture; /* that goes with a message to be added, or NULL; not its own. It is
                               kept with the message: jd_store_get_message_picture() */
} jd_message;

void jd_message_free(jd_message *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_message, jd_message_free)

gboolean jd_store_add_conversation(jd_store *store, const char *title, gint64 *id, GError **error);
/** JD_ERROR_NOT_FOUND where there is none of this id, as with all that follow. */
gboolean jd_store_rename_conversation(jd_store *store, gint64 id, const char *title,
                                      GError **error);
gboolean jd_store_remove_conversation(jd_store *store, gint64 id, GError **error);
jd_conversation *jd_store_get_conversation(jd_store *store, gint64 id, GError **error);

/** Conversations whose title or messages contain `part` (NULL: all; case ignored), the one that was
 * used last first: jd_conversation *. */
GPtrArray *jd_store_list_conversations(jd_store *store, const char *part, const jd_page *page,
                                       GError **error);

/** Adds a message at the end; its id and time are ignored. *id (may be NULL) gets its number. */
gboolean jd_store_add_message(jd_store *store, gint64 conversation, const jd_message *message,
                              gint64 *id, GError **error);
/** Its messages, the oldest first: jd_message *. */
GPtrArray *jd_store_list_messages(jd_store *store, gint64 conversation, GError **error);
/** An image item with the sha256 and the media type of the picture that goes with a message;
 * JD_ERROR_NOT_FOUND where there is none. */
jd_item *jd_store_get_message_picture(jd_store *store, gint64 conversation, gint64 message,
                                      GError **error);
/** Removes the message `from` and all that follow it. */
gboolean jd_store_remove_messages(jd_store *store, gint64 conversation, gint64 from,
                                  GError **error);

#endif
