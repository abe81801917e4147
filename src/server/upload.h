/* Uploaded files on disk: a folder a request, below the service's spool folder. */
#ifndef JD_SERVER_UPLOAD_H
#define JD_SERVER_UPLOAD_H

#include <jackdaw.h>

/**
 * A relative path, made of what a client calls its file: "/" between its parts, none of them empty,
 * "." or "..", no control characters, at most JD_SERVER_NAME_PARTS parts. A single name does not
 * begin with a dot: it would be passed over as hidden.
 */
char *jd_upload_safe_name(const char *name);

/** Makes a new folder in `spool`, which is made where it is absent (readable by the user alone). */
char *jd_upload_folder_new(const char *spool, GError **error);

/** Makes a file of this safe name in the folder; of two with the same name the later one gets
 * another. Returns its descriptor, or -1; *path is set to where it is. */
int jd_upload_file_new(const char *folder, const char *name, char **path, GError **error);

/** Erases the folder with all that is in it. */
void jd_upload_folder_erase(const char *folder);

#endif
