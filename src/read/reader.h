/*
 * The pool of reader processes: the only way in which Jackdaw parses a file that it did not write.
 *
 * Each call hands one file descriptor to a sandboxed jackdaw-reader and waits for its answer; calls
 * from several threads run in parallel, each on a process of its own (up to `workers`). A reader
 * that crashes, hangs or bloats is killed and replaced; the call fails with JD_ERROR_LIMIT or
 * JD_ERROR_INVALID and says what happened. The pipe's format is in protocol.h.
 */
#ifndef JD_READ_READER_H
#define JD_READ_READER_H

#include "read/document.h"
#include "read/pixels.h"
#include "read/prepare.h"

typedef struct jd_reader_pool jd_reader_pool;

typedef struct jd_reader_options {
    const char
        *program;  /* path of jackdaw-reader; NULL: JACKDAW_READER, beside this program, libexec */
    int workers;   /* 0: one for each core */
    int seconds;   /* for one file; 0: JD_LIMIT_READER_SECONDS */
    gint64 memory; /* bytes for one file; 0: JD_LIMIT_READER_MEMORY */
} jd_reader_options;

/** Starts nothing yet: a reader starts with the first call that needs it. Fails where the program
 * is not there. */
jd_reader_pool *jd_reader_pool_new(const jd_reader_options *options, GError **error);
/** Ends all readers. No call may be under way. */
void jd_reader_pool_free(jd_reader_pool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_reader_pool, jd_reader_pool_free)

typedef struct jd_read_request {
    const char
        *name; /* the file's name, a hint for its type and its title of last resort; may be NULL */
    gboolean article;      /* blocks as the article's program takes them: see html_article.c */
    gboolean picture_only; /* the file is to be a picture: anything else is JD_ERROR_UNSUPPORTED */
} jd_read_request;

/**
 * Reads the file behind `fd` (from its start; the descriptor stays the caller's). A picture file
 * gives a document with one picture block that holds the file's bytes.
 */
jd_document *jd_reader_pool_read(jd_reader_pool *pool, int fd, const jd_read_request *request,
                                 GError **error);

/** Decodes a picture, scaled down to fit `max_width` x `max_height` (0: any), ratio kept, turned as
 * EXIF says. */
jd_pixels *jd_reader_pool_pixels(jd_reader_pool *pool, GBytes *picture, int max_width,
                                 int max_height, GError **error);

/**
 * Decodes a picture and makes it ready for an encoder (see prepare.h): request->size squared RGB
 * pixels of 3 bytes, rows from the top.
 */
GBytes *jd_reader_pool_prepare(jd_reader_pool *pool, GBytes *picture,
                               const jd_prepare_request *request, GError **error);

/** Pictures for a vision model. */
typedef struct jd_render_request {
    GPtrArray *pictures; /* GBytes *, encoded as stored */
    char *const *labels; /* one a picture ("Picture 1"), or NULL: none */
    int max_side;        /* longest side of the result, pixels */
} jd_render_request;

/**
 * One JPEG or PNG (`media_type`, a static string, tells) that every model server takes. One picture
 * without label: that picture, re-encoded only where its format or size needs it. Several, or a
 * label: a contact sheet, each picture with its label above it.
 */
GBytes *jd_reader_pool_render(jd_reader_pool *pool, const jd_render_request *request,
                              const char **media_type, GError **error);

/** What is in a zip archive (see archive.h), of any size: jd_archive_entry *. */
GPtrArray *jd_reader_pool_list(jd_reader_pool *pool, int fd, GError **error);

/** Gets the bytes of an entry piece by piece; FALSE with an error set ends it. */
typedef gboolean (*jd_unpack_fn)(const void *data, gsize size, void *user, GError **error);

typedef struct jd_unpack_request {
    guint number; /* of the entry in the list */
    guint64 size; /* as the list says */
    jd_unpack_fn write;
    void *user;
} jd_unpack_request;

/** Unpacks one entry of a zip archive. Some of it may have been passed on where it fails. */
gboolean jd_reader_pool_unpack(jd_reader_pool *pool, int fd, const jd_unpack_request *request,
                               GError **error);

/** What confines a reader on this machine, for `doctor`: "seccomp", "landlock 5", "rlimits".
 * NULL-terminated. */
char **jd_reader_pool_sandbox(jd_reader_pool *pool, GError **error);

#endif
