#include "read/worker/format.h"

#include "base/error.h"
#include "read/worker/charset.h"
#include "read/worker/signature.h"

#include <string.h>

/* Where the content allows several formats alike and no name decides, the first one is taken. */
static const jd_format formats[] = {
    {"image/*", ".jpg .jpeg .png .webp .gif", jd_picture_sniff, jd_picture_read, NULL},
    {"text/html", JD_HTML_EXTENSIONS, jd_html_sniff, jd_html_read, jd_charset_warm_up},
    {"text/markdown", JD_MARKDOWN_EXTENSIONS, jd_markdown_sniff, jd_markdown_read, NULL},
    {"text/plain",
     ".txt .text .log .csv .tsv .rst .adoc .org .tex .json .xml .yaml .yml .toml .ini .c .h .cpp "
     ".py .js .ts .java "
     ".go .rs .sh .sql .css",
     jd_plain_sniff, jd_plain_read, NULL},
};

void jd_reader_warm_up(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
        if (formats[i].warm_up)
            formats[i].warm_up();
}

gboolean jd_format_name_fits(const char *extensions, const char *name)
{
    const char *dot = name ? strrchr(name, '.') : NULL;
    if (!dot || strchr(dot, '/'))
        return FALSE;
    gsize length = strlen(dot);
    for (const char *p = extensions; *p; p += strspn(p, " ")) {
        gsize size = strcspn(p, " ");
        if (size == length && g_ascii_strncasecmp(p, dot, length) == 0)
            return TRUE;
        p += size;
    }
    return FALSE;
}

static const jd_format *best_format(const jd_format_input *input, int *best_score)
{
    const jd_format *best = NULL;
    gboolean best_named = FALSE;
    *best_score = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++) {
        int score = formats[i].sniff(input);
        if (score == 0 || score < *best_score)
            continue;
        gboolean named = jd_format_name_fits(formats[i].extensions, input->name);
        if (score > *best_score || (named && !best_named)) {
            best = &formats[i];
            best_named = named;
            *best_score = score;
        }
    }
    return best;
}

const jd_format *jd_format_find(const jd_format_input *input, GError **error)
{
    if (input->size == 0) {
        jd_set_error(error, JD_ERROR_INVALID, NULL, "the file is empty");
        return NULL;
    }
    int score;
    const jd_format *format = best_format(input, &score);
    if (score == 2)
        return format;
    /* A PDF or RTF file may consist of text alone and would pass for it. */
    gboolean sure = FALSE;
    const char *kind = jd_signature_kind(input->data, input->size, &sure);
    if (format && !sure)
        return format;
    jd_set_error(error, JD_ERROR_UNSUPPORTED,
                 "Jackdaw reads HTML, Markdown, plain text, JPEG, PNG, WebP and GIF",
                 "%s are not supported yet", kind ? kind : "files of unknown binary content");
    return NULL;
}
