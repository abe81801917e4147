/*
 * Zip archives, by libzip, read through pread() from where they lie: the memory that is needed does
 * not depend on their size.
 */
#ifndef JD_READ_WORKER_ARCHIVE_H
#define JD_READ_WORKER_ARCHIVE_H

#include "read/protocol.h"

typedef struct jd_archive_file {
    int fd;
    guint64 size;
} jd_archive_file;

/** Its entries (jd_archive_entry *), all of them, in the archive's order; those that are no regular
 * files have no name. JD_ERROR_INVALID where it is no zip archive, JD_ERROR_LIMIT where it has too
 * many entries. */
GPtrArray *jd_archive_list(const jd_archive_file *file, GError **error);

/** Encodes one entry's size and bytes; their checksum is checked. JD_ERROR_INVALID where they are
 * damaged, JD_ERROR_UNSUPPORTED where it is encrypted. */
gboolean jd_archive_unpack(const jd_archive_file *file, guint32 entry, jd_reply_encoder *encoder,
                           GError **error);

#endif
