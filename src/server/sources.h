/* What clients may have ingested. */
#ifndef JD_SERVER_SOURCES_H
#define JD_SERVER_SOURCES_H

#include <jackdaw.h>

/** Uploaded files are known by this and their names: "upload:notes/a.md". */
#define JD_UPLOAD_SCHEME "upload:"

/**
 * The absolute path, without symbolic links, of a file or folder that lies in one of the roots
 * (NULL-terminated; NULL: none). A relative path is one below the first root that has it. 403 for
 * what lies elsewhere, whether it is there or not; JD_ERROR_NOT_FOUND for what is not in its root.
 */
char *jd_source_path(const char *const *roots, const char *path, GError **error);

#endif
