/*
 * Goes over the files of the roots, folder by folder, each folder's names in byte order.
 *
 * Passed over without a word: names that jd_name_is_passed_over() knows (a path that the user gave
 * is always read), and symbolic links to what the walk meets anyway. A link to a file inside the
 * roots that the walk would pass over is read under the link's name: that is how git-annex keeps
 * files. Links to folders are never followed, so there are no circles. Reported with the reason:
 * links that lead out of the roots or to nothing, folders that cannot be read or are too deep,
 * names that are no UTF-8, and what is no file (devices, pipes, sockets). Memory grows with the
 * number of names in the folders that are open, not with that of all files.
 */
#ifndef JD_WALK_H
#define JD_WALK_H

#include "roots.h"

typedef struct jd_walk jd_walk;

typedef struct jd_walk_entry {
    const char *path;   /* absolute; valid until the next call */
    const char *reason; /* NULL: a file to read; else why this is skipped */
    gboolean given;     /* the user named this file itself */
} jd_walk_entry;

/** The roots must outlive the walk. */
jd_walk *jd_walk_new(const jd_roots *roots);
void jd_walk_free(jd_walk *walk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_walk, jd_walk_free)

/** The next file, or FALSE at the end. */
gboolean jd_walk_next(jd_walk *walk, jd_walk_entry *entry);

#endif
