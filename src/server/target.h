/* The target of a request, "/api/v1/search?query=two+words", taken apart. */
#ifndef JD_SERVER_TARGET_H
#define JD_SERVER_TARGET_H

#include <glib.h>

/**
 * *path gets the path with its percent signs decoded, `query` (char * -> char *) the parameters.
 * 400 where something is malformed: an escape that is none, a NUL, what is no UTF-8, a parameter
 * that is given twice.
 */
gboolean jd_target_split(const char *target, char **path, GHashTable *query, GError **error);

#endif
