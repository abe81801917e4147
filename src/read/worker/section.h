/* The section path: the headings that are open at a place in a document. */
#ifndef JD_READ_WORKER_SECTION_H
#define JD_READ_WORKER_SECTION_H

#include "base/limits.h"

#include <glib.h>

typedef struct jd_section_path {
    char *headings[JD_LIMIT_SECTION_DEPTH + 1]; /* from the outermost in, NULL after the last */
    int levels[JD_LIMIT_SECTION_DEPTH];
    int depth;
} jd_section_path;

/** Closes the headings of this level and deeper ones, and opens this one (copied, cut to
 * JD_LIMIT_HEADING_CHARS). Empty or NULL: only closes. */
void jd_section_path_enter(jd_section_path *path, int level, const char *heading);
void jd_section_path_clear(jd_section_path *path);

/** Whether a heading says the document's title again: the title, or its beginning before a
 * separator and the site's name. Case and white space count. */
gboolean jd_section_is_title(const char *heading, const char *title);

#endif
