/* What each HTML element means for the text of a page. */
#ifndef JD_READ_WORKER_HTML_ROLE_H
#define JD_READ_WORKER_HTML_ROLE_H

#include <glib.h>
#include <gumbo.h>

typedef enum jd_html_role {
    JD_HTML_INLINE, /* text goes on through it; also everything unknown */
    JD_HTML_SKIP,   /* neither it nor what is in it */
    JD_HTML_BLOCK,
    JD_HTML_BREAK,
    JD_HTML_HEADING,
    JD_HTML_QUOTE,
    JD_HTML_LIST,
    JD_HTML_ITEM, /* and a term */
    JD_HTML_DESCRIPTION,
    JD_HTML_TABLE,
    JD_HTML_ROW,
    JD_HTML_CELL,
    JD_HTML_TABLE_CAPTION,
    JD_HTML_CODE,
    JD_HTML_FIGURE,
    JD_HTML_FIGCAPTION, /* and paragraphs that are marked as a picture's caption */
    JD_HTML_IMAGE,
    JD_HTML_NOSCRIPT,
    JD_HTML_QUOTATION, /* q */
    JD_HTML_CHECKBOX,
    JD_HTML_FORMULA /* a MathML element or a script that holds TeX */
} jd_html_role;

/** `boilerplate`: navigation and the page's own footer are skipped. */
jd_html_role jd_html_role_of(const GumboNode *element, gboolean boilerplate);

/** Whether a table only arranges a page: its cells are then blocks like any other. */
gboolean jd_html_is_layout(const GumboNode *table);

/** The page's one main element, or NULL. */
const GumboNode *jd_html_main(const GumboNode *root);

/** The formula as text (TeX where the page has it); the caller's. */
char *jd_html_formula(const GumboNode *element);

#endif
