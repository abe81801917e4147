/*
 * Jackdaw: answers questions from your own documents, pictures included.
 *
 * A whole program (the tests compile and run it):
 *
 *     #include <jackdaw.h>
 *     #include <stdio.h>
 *
 *     int main(int argc, char **argv)
 *     {
 *         if (argc != 4)
 *             return fputs("usage: program BASE FOLDER QUESTION\n", stderr), 2;
 *         g_autoptr(GError) error = NULL;
 *         g_autoptr(jd_kb) kb = jd_kb_open(argv[1], JD_KB_WRITE, NULL, &error);
 *         const char *paths[] = {argv[2], NULL};
 *         if (kb && jd_kb_ingest(kb, paths, NULL, NULL, &error)) {
 *             g_autoptr(jd_answer) answer = jd_kb_ask(kb, argv[3], NULL, &error);
 *             if (answer)
 *                 puts(answer->text);
 *         }
 *         if (error)
 *             fprintf(stderr, "%s\n", error->message);
 *         return error ? 1 : 0;
 *     }
 *
 * Build it with `cc program.c $(pkg-config --cflags --libs jackdaw)`.
 *
 * Rules that hold for every function:
 *  - A function that can fail takes a `GError **` last, of the domain JD_ERROR. On failure it
 * returns FALSE or NULL and leaves every other output as it was. An error's message names the file
 * or the option, what was found and what was expected; jd_error_hint() tells what to do.
 *  - What a function returns is the caller's, to be freed with the type's `_free` or `_unref`
 * function (or by g_autoptr), unless it returns a `const` pointer, which lives as long as what it
 * was asked of.
 *  - Strings are UTF-8 and NUL-terminated. Sizes are in bytes unless a name says otherwise.
 *  - Option structs may be NULL (all defaults); else start from the matching `_INIT` macro.
 *  - The library never prints, never exits and has no global state.
 */
#ifndef JACKDAW_H
#define JACKDAW_H

#include <glib.h>
#include <math.h>

G_BEGIN_DECLS

#define JD_API __attribute__((visibility("default")))

/** The version of the library, "0.1.0". */
JD_API const char *jd_version(void);

/* ---- errors ---- */

#define JD_ERROR jd_error_quark()
JD_API GQuark jd_error_quark(void);

typedef enum jd_error_code {
    JD_ERROR_USAGE,       /* an option or argument that makes no sense */
    JD_ERROR_NOT_FOUND,   /* no such file, document, item or model */
    JD_ERROR_INVALID,     /* malformed or truncated input */
    JD_ERROR_UNSUPPORTED, /* well-formed, but nothing that Jackdaw can read */
    JD_ERROR_LIMIT,       /* over a limit of size, depth, time or memory */
    JD_ERROR_IO,          /* the system failed to read or write */
    JD_ERROR_NO_SPACE,    /* the disk is full */
    JD_ERROR_READ_ONLY,   /* no permission to write */
    JD_ERROR_BUSY,        /* another process holds it */
    JD_ERROR_VERSION,     /* written by a newer Jackdaw */
    JD_ERROR_CORRUPT,     /* a knowledge base that is damaged, or is none */
    JD_ERROR_UNAVAILABLE, /* a server or a model that is not there */
    JD_ERROR_REMOTE,      /* a server that answered with an error or broke off */
    JD_ERROR_CANCELLED,   /* stopped on request */
    JD_ERROR_INTERNAL     /* a bug in Jackdaw */
} jd_error_code;

/** The code's name as `--json` prints it: "not-found", "invalid", ... */
JD_API const char *jd_error_code_name(int code);

/** What to do about an error, or NULL where there is nothing to add. Belongs to the error. */
JD_API const char *jd_error_hint(const GError *error);

/* ---- progress and cancelling ---- */

/** Asked to stop when not 0; set it from another thread or a signal handler. */
typedef volatile gint jd_cancel;

typedef struct jd_progress {
    const char *stage; /* "scan", "ingest", "embed", "pull", ... */
    const char *what;  /* the file or model at hand; may be NULL */
    guint64 done;      /* in units of the stage: files, items or bytes */
    guint64 total;     /* 0 while unknown */
    const char *unit;  /* "files", "items", "bytes" */
    guint64 before;    /* of `done`: what was there when the stage began, no part of its rate */
} jd_progress;

/** Called from one thread at a time, not more often than some 20 times a second. */
typedef void (*jd_progress_fn)(const jd_progress *progress, void *user);

/* ---- documents and items ---- */

/** A document as the knowledge base knows it. Shared between its items by reference count. */
typedef struct jd_document_info {
    gint64 id; /* d<id>; 0 before it is stored */
    char *collection;
    char *uri;        /* absolute path or URL */
    char *title;      /* never NULL: the file's name where the document has none */
    char *media_type; /* "text/html" */
    char *sha256;     /* of the file's bytes, 64 hex digits */
    char *language;   /* ISO 639-1 guess, or NULL */
    char *published;  /* the document's own date, ISO 8601, or NULL */
    char *authors;    /* as written, or NULL */
    gint64 mtime;     /* seconds since 1970 */
    gint64 size;      /* bytes */
    guint chunk_count;
    guint image_count;
} jd_document_info;

JD_API jd_document_info *jd_document_info_new(void);
JD_API jd_document_info *jd_document_info_ref(jd_document_info *info);
JD_API void jd_document_info_unref(jd_document_info *info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_document_info, jd_document_info_unref)

typedef enum jd_item_kind { JD_ITEM_TEXT, JD_ITEM_IMAGE } jd_item_kind;

/** What is searched for: a text chunk or an image, with where it came from. */
typedef struct jd_item {
    jd_item_kind kind;
    gint64 id;                  /* t<id> or i<id>; 0 before it is stored */
    jd_document_info *document; /* owned reference; NULL before it is stored */
    char **section;             /* headings from the outermost in; empty vector, never NULL */
    int ordinal;                /* place among the document's items of this kind, from 0 */
    int page;                   /* from 1; 0 where the document has no pages */
    float box[4];      /* left, top, right, bottom in points on the page; all 0 without one */
    gint64 start, end; /* byte range in the source document; both -1 where unknown */
    char *language;    /* ISO 639-1 guess, or NULL */
    char *text;        /* chunk: the passage; image: NULL */

    /* images only */
    char *caption, *alt; /* or NULL */
    char *ocr;           /* text in the picture, or NULL */
    char *nearby;        /* text beside it in the document, or NULL */
    char *source;     /* path or URL as written in the document, or NULL for an embedded picture */
    char *sha256;     /* of the picture's bytes; NULL where they could not be had */
    char *media_type; /* of the picture: "image/png"; NULL without bytes */
    int width, height;
    GBytes *bytes; /* set between chunking and storing; NULL in what a search returns */
} jd_item;

JD_API jd_item *jd_item_new(jd_item_kind kind);
JD_API void jd_item_free(jd_item *item);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_item, jd_item_free)

/* ---- search ---- */

/** An item with the reasons for its rank. Scores that were not computed are NAN. */
typedef struct jd_evidence {
    jd_item *item; /* owned */
    int rank;      /* from 1 */
    double score;  /* orders the list; article: probability; default: relevance in [0,1] */
    double dense, keyword, rerank;
} jd_evidence;

JD_API jd_evidence *jd_evidence_new(jd_item *item); /* takes the item */
JD_API void jd_evidence_free(jd_evidence *evidence);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_evidence, jd_evidence_free)

typedef enum jd_profile { JD_PROFILE_DEFAULT, JD_PROFILE_ARTICLE } jd_profile;

/** Which items may be found. NULL or 0 means any. Applied before the cut to k. */
typedef struct jd_filter {
    const char *collection; /* exact name */
    const char *title;      /* part of the document's title, case ignored */
    const char *section;    /* part of any heading in the section path, case ignored */
    const char *type;       /* its media type, or the beginning ("image/"), or a short name (pdf) */
    gint64 since;           /* documents modified at or after this time, seconds since 1970 */
    gint64 document;        /* only this document */
} jd_filter;

typedef struct jd_search_options {
    jd_profile profile;
    gboolean text, images;   /* which lists to make */
    int k_text, k_images;    /* -1: the profile's default (article: 15 and 5; default: 10 and 5) */
    double threshold_text;   /* NAN: the profile's default (article: 0.01) */
    double threshold_images; /* NAN: the profile's default (article: 0.25) */
    double temperature;      /* NAN: the article's (0.25 for text, 0.5 for images) */
    jd_filter filter;
    const char *like;       /* "t12" or "i3": that item's own vector is the query */
    const float *embedding; /* a query vector, used as it is, never normalised */
    gsize embedding_size;   /* its dimension */
    const char *image_path; /* a picture as the query; beside a text both are searched for */
    GBytes *image;          /* the same in memory: an encoded picture file */
} jd_search_options;

#define JD_SEARCH_OPTIONS_INIT                                                                     \
    {                                                                                              \
        .profile = JD_PROFILE_DEFAULT, .text = TRUE, .images = TRUE, .k_text = -1, .k_images = -1, \
        .threshold_text = NAN, .threshold_images = NAN, .temperature = NAN                         \
    }

/** What a search found: two lists of jd_evidence, best first. */
typedef struct jd_results {
    char *query;
    jd_profile profile;
    GPtrArray *text, *images;
    double embed_ms, search_ms, total_ms;
    GPtrArray *notes; /* char *: what the user should know */
    GPtrArray *terms; /* char *: the query's analysed words, for marking them in snippets */
} jd_results;

JD_API jd_results *jd_results_new(const char *query, jd_profile profile);
JD_API void jd_results_free(jd_results *results);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_results, jd_results_free)

/* ---- answers ---- */

/** "This sentence of the answer is supported by source n." */
typedef struct jd_citation {
    int n; /* the source's number as printed, from 1 */
    jd_item_kind kind;
    gint64 item;      /* id of the chunk or image */
    gsize start, end; /* byte range of the sentence in the answer's text */
} jd_citation;

typedef struct jd_left_out {
    jd_item_kind kind;
    gint64 item;
    char *reason;
} jd_left_out;

typedef struct jd_answer {
    char *question;
    jd_item *picture;   /* that belongs to the question, as it was read, or NULL */
    char *search_query; /* what was searched for instead, or NULL: see jd_ask_options.rewrite */
    char *text;
    gboolean answered;    /* FALSE where the documents do not hold it */
    gboolean complete;    /* FALSE where the model was stopped or its server died in mid-answer */
    char *backend;        /* "ollama", "openai", "extract" */
    char *model;          /* or NULL */
    GArray *citations;    /* jd_citation */
    jd_results *evidence; /* what was sent to the model, in the order of the sources' numbers */
    GPtrArray *left_out;  /* jd_left_out * */
    double search_ms, first_token_ms, total_ms;
    double rewrite_ms; /* the model's time for rewording the question; NAN: it was not asked to */
    GPtrArray *notes;  /* char * */
} jd_answer;

JD_API void jd_answer_free(jd_answer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_answer, jd_answer_free)

/** One earlier turn of a conversation. */
typedef struct jd_turn {
    const char *question;
    const char *answer;
} jd_turn;

typedef struct jd_ask_options {
    jd_search_options search;
    const char *backend;    /* "auto" (default), "ollama", "openai", "extract" */
    const char *model;      /* NULL: the backend's own choice */
    const char *server;     /* base URL; NULL: OLLAMA_HOST or OPENAI_BASE_URL, then the default */
    const char *image_path; /* a picture that belongs to the question */
    GBytes *image;          /* the same in memory: an encoded picture file */
    const jd_turn *history; /* oldest first */
    gsize history_size;
    /** With a history: what is searched for is not the question, which may mean nothing without
     * what was said before, but what the model makes of both; where nothing is found for that, the
     * question itself is searched for. The answer is to the question. */
    gboolean rewrite;
    int context_tokens; /* 0: the default, see limits.h */
    gboolean offline;   /* never talk to a server that is not on this machine */
    /* What is searched for now; may be NULL. Twice where nothing was found for a rewording. */
    void (*on_query)(const char *query, void *user);
    void (*on_results)(const jd_results *results, void *user); /* what was found; may be NULL */
    void (*on_text)(const char *piece, void *user); /* the answer as it streams in; may be NULL */
    void (*on_note)(const char *note, void *user);  /* what is waited for, and why; may be NULL */
    void *user;
    jd_cancel *cancel;
} jd_ask_options;

#define JD_ASK_OPTIONS_INIT                                                                        \
    {                                                                                              \
        .search = JD_SEARCH_OPTIONS_INIT, .backend = "auto", .rewrite = TRUE                       \
    }

/* ---- ingest ---- */

typedef enum jd_chunking { JD_CHUNKING_DEFAULT, JD_CHUNKING_ARTICLE } jd_chunking;

typedef struct jd_ingest_options {
    const char *collection; /* NULL: the one that the knowledge base was opened with */
    jd_chunking chunking;
    int target_chars;  /* 0: default length of a chunk, in characters */
    int overlap_chars; /* -1: default */
    int jobs;          /* readers in parallel; 0: one for each core */
    gboolean prune;    /* drop documents under the given paths that are no longer there */
    gboolean fetch;    /* URLs and remote pictures may be fetched */
    const char *const *fetch_allow; /* "HOST" or "HOST:PORT", NULL-terminated: may be fetched from
                                       although their addresses are private; NULL: none */
    gboolean force;                 /* read unchanged files again */
    const char
        *as; /* a single folder's documents are known by this and their path below it
                ("upload:" gives "upload:notes/a.md"), not by where they lie; NULL: by that */
    jd_progress_fn progress;
    /** Called some times a second by the calling thread when nothing is uncommitted: others may
     * write a little with the same knowledge base. May be NULL. */
    void (*between)(void *user);
    void *user;
    jd_cancel *cancel;
} jd_ingest_options;

#define JD_INGEST_OPTIONS_INIT                                                                     \
    {                                                                                              \
        .overlap_chars = -1                                                                        \
    }

typedef struct jd_skipped {
    char *uri;
    char *reason;
} jd_skipped;

typedef struct jd_ingest_report {
    guint documents; /* read and stored */
    guint unchanged;
    guint chunks, images;
    guint pruned;
    GPtrArray *skipped;  /* jd_skipped *: files that could not be taken, each with the reason */
    GPtrArray *warnings; /* jd_skipped *: stored, but with something amiss: a missing picture */
    guint64 vectors;     /* made of what had none: see jd_kb_embed() */
    double seconds;
} jd_ingest_report;

JD_API void jd_ingest_report_free(jd_ingest_report *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_ingest_report, jd_ingest_report_free)

/* ---- vectors ---- */

typedef struct jd_embed_options {
    const char *model; /* an installed encoder or a model folder; NULL: those that the knowledge
                          base was opened with */
    gboolean exact; /* compute with 32-bit floats, equal to the reference's: slower, and no better
                       to search with */
    jd_progress_fn progress;
    void (*between)(void *user); /* as in jd_ingest_options */
    void *user;
    jd_cancel *cancel;
} jd_embed_options;

typedef struct jd_embed_report {
    guint64 texts, images; /* vectors made of passages and of images */
    GPtrArray *skipped;    /* jd_skipped *: pictures that could not be embedded, with the reason */
    double seconds;
} jd_embed_report;

JD_API void jd_embed_report_free(jd_embed_report *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_embed_report, jd_embed_report_free)

/* ---- the knowledge base ---- */

/** A knowledge base. One thread at a time may use it; several open it several times. */
typedef struct jd_kb jd_kb;

typedef enum jd_kb_mode {
    JD_KB_READ, /* must exist; other processes may write meanwhile */
    JD_KB_WRITE /* made where it is absent; one writer at a time (JD_ERROR_BUSY else) */
} jd_kb_mode;

typedef struct jd_kb_options {
    const char *collection;  /* NULL: "default" for writing, all for searching */
    const char *reader;      /* jackdaw-reader; NULL: JACKDAW_READER, beside the program, libexec */
    int busy_timeout_ms;     /* how long to wait for another writer; 0: limits.h */
    const char *text_model;  /* encoder of texts: an installed model's name or a folder; "none";
                                NULL: what is installed */
    const char *image_model; /* the same of pictures: CLIP, SigLIP */
    int threads;             /* for encoders and vector search; 0: one for each core */
} jd_kb_options;

/** Opens the one in `path` (NULL: JACKDAW_KB, then $XDG_DATA_HOME/jackdaw/default.db). */
JD_API jd_kb *jd_kb_open(const char *path, jd_kb_mode mode, const jd_kb_options *options,
                         GError **error);
JD_API void jd_kb_close(jd_kb *kb);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_kb, jd_kb_close)

/**
 * Reads files, folders and URLs (`paths`, NULL-terminated) into the knowledge base. Files that
 * cannot be read are listed in `report->skipped` and do not make it fail. `report` may be NULL.
 */
JD_API gboolean jd_kb_ingest(jd_kb *kb, const char *const *paths, const jd_ingest_options *options,
                             jd_ingest_report **report, GError **error);

/**
 * Makes the vectors that passages and images lack in the encoders' spaces; jd_kb_ingest() ends with
 * it. What was done before a failure or a cancellation is kept, and a later call goes on from
 * there. `report` may be NULL.
 */
JD_API gboolean jd_kb_embed(jd_kb *kb, const jd_embed_options *options, jd_embed_report **report,
                            GError **error);

/** Finds the evidence for `query` (may be NULL where the options give another query). */
JD_API jd_results *jd_kb_search(jd_kb *kb, const char *query, const jd_search_options *options,
                                GError **error);

/** Answers `question` from the knowledge base. */
JD_API jd_answer *jd_kb_ask(jd_kb *kb, const char *question, const jd_ask_options *options,
                            GError **error);

G_END_DECLS

#include <jackdaw-models.h>

#endif
