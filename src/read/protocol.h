/*
 * The protocol between Jackdaw and its reader process, version 2.
 *
 * Everything is a record: u32 length of the payload, u32 type, payload. Integers are little-endian,
 * strings are a u32 length and UTF-8 without NULs (length 0xFFFFFFFF: NULL), flags a byte of 0
 * or 1.
 *
 * The reader starts with a HELLO. Then, for each file:
 *   - Jackdaw sends one request record in one message of a SOCK_SEQPACKET socket, the file's
 *     descriptor beside it (SCM_RIGHTS). The reader reads the file from its start, by pread.
 *   - The reader answers on a pipe: ERROR; or DOCUMENT and its BLOCKs and WARNINGs in any order; or
 *     PIXELS; or PICTURE; or ENTRIES; or UNPACKED and its PIECEs, which an ERROR may end; and after
 *     each of these END.
 *
 *   HELLO    u32 JD_PROTOCOL_MAGIC, u32 version, u32 n, n strings: what confines the reader
 *   READ     u64 size, string name, flag article, flag picture_only
 *   SCALE    u64 size, u32 max_width, u32 max_height
 *   RENDER   u64 size, u32 max_side, u32 n, n times (u64 size, string label): the pictures lie one
 *            after the other in the file
 *   PREPARE  u64 size, u32 size of the square, u32 edge, flag square, u8 jd_resample
 *   LIST     u64 size: what is in the zip archive
 *   UNPACK   u64 size, u32 number of an entry of it, from 0
 *   ERROR    u32 jd_error_code, string message, string hint
 *   DOCUMENT strings title, media_type, language, published, authors, base
 *   BLOCK    u8 kind, u32 n, n section strings, string text, u64 start, u64 end (two's complement,
 *            -1: unknown), u32 page, 4 floats box; for a picture: strings source, caption, alt,
 *            media_type, u32 width, u32 height, flag; with the flag set: u64 size and the bytes
 *   WARNING  string
 *   PIXELS   u32 width, u32 height, 4 * width * height bytes
 *   PICTURE  string media_type, u64 size and the bytes
 *   ENTRIES  u32 n, n times (string name, u64 size): in the archive's order; the name is empty
 * where it is no file UNPACKED u64 size of the entry PIECE    some of its bytes END      u32 number
 * of BLOCKs, u32 number of WARNINGs
 *
 * Jackdaw trusts nothing of what comes back: every length, count, number and string is checked here
 * before it is used, and a reader that breaks a rule is replaced.
 */
#ifndef JD_READ_PROTOCOL_H
#define JD_READ_PROTOCOL_H

#include "read/archive.h"
#include "read/document.h"
#include "read/pixels.h"
#include "read/prepare.h"

#define JD_PROTOCOL_MAGIC 0x444B434Au /* "JCKD" */
#define JD_PROTOCOL_VERSION 2
#define JD_RECORD_HEADER_BYTES 8

/* The reader's own descriptors. */
#define JD_READER_REQUEST_FD 0
#define JD_READER_REPLY_FD 1

/* With this exit status a reader says that an allocation failed under its memory limit. */
#define JD_READER_EXIT_MEMORY 41

typedef enum jd_record_type {
    JD_RECORD_HELLO = 1,
    JD_RECORD_READ,
    JD_RECORD_SCALE,
    JD_RECORD_RENDER,
    JD_RECORD_ERROR,
    JD_RECORD_DOCUMENT,
    JD_RECORD_BLOCK,
    JD_RECORD_WARNING,
    JD_RECORD_PIXELS,
    JD_RECORD_PICTURE,
    JD_RECORD_END,
    JD_RECORD_PREPARE,
    JD_RECORD_LIST,
    JD_RECORD_UNPACK,
    JD_RECORD_ENTRIES,
    JD_RECORD_UNPACKED,
    JD_RECORD_PIECE
} jd_record_type;

/* ---- requests (request.c) ---- */

typedef struct jd_request_picture {
    guint64 size;
    char *label; /* or NULL */
} jd_request_picture;

typedef struct jd_request {
    jd_record_type type; /* JD_RECORD_READ, _SCALE, _RENDER, _PREPARE, _LIST or _UNPACK */
    guint64 size;        /* of the file behind the descriptor */
    char *name;          /* READ; or NULL */
    gboolean article;    /* READ */
    gboolean picture_only;
    int max_width, max_height;  /* SCALE; 0: any */
    int max_side;               /* RENDER */
    jd_prepare_request prepare; /* PREPARE */
    GArray *pictures;           /* RENDER: jd_request_picture; else NULL */
    guint32 entry;              /* UNPACK */
} jd_request;

void jd_request_clear(jd_request *request);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_request, jd_request_clear)

/** An empty list for jd_request.pictures, whose labels are freed with it. */
GArray *jd_request_pictures_new(void);

/** Appends the record to `out`. */
void jd_request_encode(const jd_request *request, GByteArray *out);

/** Reads one record of exactly `size` bytes; `request` is to be cleared by the caller. */
gboolean jd_request_decode(const guint8 *data, gsize size, jd_request *request, GError **error);

/* ---- answers, the reader's side (reply_encode.c) ---- */

/** Where an encoder's bytes go; FALSE where they could not be written. */
typedef gboolean (*jd_sink)(const void *data, gsize size, void *user);

typedef struct jd_reply_encoder {
    jd_sink write;
    void *user;
    GByteArray *buffer;
} jd_reply_encoder;

void jd_reply_encoder_init(jd_reply_encoder *encoder, jd_sink write, void *user);
void jd_reply_encoder_clear(jd_reply_encoder *encoder);

/* Each writes a whole answer, END and all; FALSE where the sink failed. */
gboolean jd_reply_encode_hello(jd_reply_encoder *encoder, const char *const *sandbox);
gboolean jd_reply_encode_error(jd_reply_encoder *encoder, const GError *error);
gboolean jd_reply_encode_document(jd_reply_encoder *encoder, const jd_document *document);
gboolean jd_reply_encode_pixels(jd_reply_encoder *encoder, const jd_pixels *pixels);
gboolean jd_reply_encode_picture(jd_reply_encoder *encoder, GBytes *picture,
                                 const char *media_type);
gboolean jd_reply_encode_entries(jd_reply_encoder *encoder, const GPtrArray *entries);

/* An entry that is unpacked: its size, then its bytes in pieces, then the end; in place of the
 * last, jd_reply_encode_error() may tell what went wrong. */
gboolean jd_reply_encode_unpacked(jd_reply_encoder *encoder, guint64 size);
gboolean jd_reply_encode_piece(jd_reply_encoder *encoder, const void *data, gsize size);
gboolean jd_reply_encode_unpacked_end(jd_reply_encoder *encoder);

/* ---- answers, Jackdaw's side (reply.c, reply_records.c) ---- */

/** What is asked for, and so which answer alone is right beside an ERROR. */
typedef struct jd_reply_expected {
    jd_record_type type; /* JD_RECORD_HELLO, _DOCUMENT, _PIXELS, _PICTURE, _ENTRIES, _UNPACKED */
    guint64 file_size;   /* DOCUMENT: no byte range may end after it */
    int max_width, max_height; /* PIXELS; 0: any that JD_LIMIT_PICTURE_* allow */
    guint64 entry_size;        /* UNPACKED: it has so many bytes */
    jd_sink sink;              /* UNPACKED: gets them; FALSE ends it all */
    void *user;
} jd_reply_expected;

/** One answer. Exactly one of its fields is set when it is complete. */
typedef struct jd_reply {
    char **sandbox;
    GError *error;
    jd_document *document;
    jd_pixels *pixels;
    GBytes *picture;
    const char *media_type; /* of `picture`, static */
    GPtrArray *entries;     /* jd_archive_entry * */
    gboolean unpacked;      /* all bytes of an entry came */
} jd_reply;

void jd_reply_clear(jd_reply *reply);

typedef struct jd_reply_decoder jd_reply_decoder;

jd_reply_decoder *jd_reply_decoder_new(const jd_reply_expected *expected);
void jd_reply_decoder_free(jd_reply_decoder *decoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_reply_decoder, jd_reply_decoder_free)

/**
 * Takes the next bytes of the pipe, cut anywhere. FALSE with JD_ERROR_INVALID or JD_ERROR_LIMIT
 * where they break the protocol; the decoder is of no use then.
 */
gboolean jd_reply_decoder_feed(jd_reply_decoder *decoder, const guint8 *data, gsize size,
                               GError **error);

/** The answer, once its END has come; NULL before. Belongs to the decoder; what is stolen from it
 * is to be set to NULL. */
jd_reply *jd_reply_decoder_result(jd_reply_decoder *decoder);

#endif
