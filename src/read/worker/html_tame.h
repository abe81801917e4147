/*
 * Makes HTML harmless for gumbo, whose time grows with the square of the nesting: before the page
 * is parsed, a scan of its tags takes away those that would nest too deep and attributes that are
 * too many. Everything else, all text and every place in the file stay.
 */
#ifndef JD_READ_WORKER_HTML_TAME_H
#define JD_READ_WORKER_HTML_TAME_H

#include "read/worker/charset.h"

/**
 * Tags nested deeper than JD_LIMIT_HTML_DEPTH (formatting: JD_LIMIT_HTML_FORMATTING) become
 * comments of the same length, attributes over JD_LIMIT_HTML_ATTRIBUTES become blanks, in a copy of
 * the text that then replaces it; a warning says so. In a file that says to be XML, elements closed
 * in themselves (<title/>) that HTML would leave open become comments too.
 */
gboolean jd_html_tame(jd_decoded *page, GPtrArray *warnings, GError **error);

#endif
