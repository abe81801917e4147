/*
 * The file formats that the reader process knows: one row each in format.c's table.
 *
 * A new format is one new file with a sniff and a read function, and one line in that table.
 */
#ifndef JD_READ_WORKER_FORMAT_H
#define JD_READ_WORKER_FORMAT_H

#include "read/document.h"

typedef struct jd_format_input {
    const char *data; /* the whole file, not NUL-terminated; untrusted */
    gsize size;
    const char *name; /* the file's name, a hint only; may be NULL */
    gboolean article; /* blocks as the article's program takes them */
} jd_format_input;

typedef struct jd_format {
    const char *media_type; /* "text/html" */
    const char *extensions; /* ".html .htm .xhtml": decides only between formats that the content
                               allows alike */
    /** Whether the content is of this format: 0 no, 1 perhaps (a name decides), 2 surely. */
    int (*sniff)(const jd_format_input *input);
    /** Reads it. Runs inside the sandbox; may crash or hang on hostile input without harm, but
     * should not. */
    jd_document *(*read)(const jd_format_input *input, GError **error);
    /** Loads what reading needs later and the sandbox forbids then (a converter, a locale). May be
     * NULL. */
    void (*warm_up)(void);
} jd_format;

#define JD_HTML_EXTENSIONS ".html .htm .xhtml .xht"
#define JD_MARKDOWN_EXTENSIONS ".md .markdown .mdown .mkd .mdx .rmd .qmd"

/** Whether a name (may be NULL) ends in one of these extensions (".a .b"), case ignored. */
gboolean jd_format_name_fits(const char *extensions, const char *name);

/** Calls every format's warm_up; once, before the sandbox closes. */
void jd_reader_warm_up(void);

/** The format of a file, or NULL with JD_ERROR_UNSUPPORTED that says what it looks like. */
const jd_format *jd_format_find(const jd_format_input *input, GError **error);

/* html.c, html_article.c */
int jd_html_sniff(const jd_format_input *input);
jd_document *jd_html_read(const jd_format_input *input, GError **error);
/* markdown.c */
int jd_markdown_sniff(const jd_format_input *input);
jd_document *jd_markdown_read(const jd_format_input *input, GError **error);
/* plain.c: text in any encoding that a byte order mark or the bytes themselves tell */
int jd_plain_sniff(const jd_format_input *input);
jd_document *jd_plain_read(const jd_format_input *input, GError **error);
/* picture.c: checks a picture file (or a data: URI's bytes) by decoding it whole; sets media type
 * and size. The document refers to the input's bytes: free it first. */
int jd_picture_sniff(const jd_format_input *input);
jd_document *jd_picture_read(const jd_format_input *input, GError **error);
gboolean jd_picture_check(jd_picture *picture, GError **error);

#endif
