/* An HTML page as gumbo's tree. */
#ifndef JD_READ_WORKER_HTML_PARSE_H
#define JD_READ_WORKER_HTML_PARSE_H

#include <glib.h>
#include <gumbo.h>

typedef struct jd_html_page {
    GumboOutput *tree;
    struct jd_html_block *blocks; /* where the tree is; NULL: in memory that is gumbo's own */
    gsize left;                   /* bytes free at the end of the first block */
} jd_html_page;

/** Parses a page in UTF-8, `size` bytes, which must outlive it. Any bytes have a tree. */
jd_html_page *jd_html_page_new(const char *html, gsize size);
void jd_html_page_free(jd_html_page *page);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_html_page, jd_html_page_free)

#endif
