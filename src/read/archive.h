/* What is in a zip archive. */
#ifndef JD_READ_ARCHIVE_H
#define JD_READ_ARCHIVE_H

#include <glib.h>

typedef struct jd_archive_entry {
    char *name; /* as it stands in the archive, as UTF-8; "" where it is no file */
    guint64 size;
} jd_archive_entry;

jd_archive_entry *jd_archive_entry_new(const char *name, guint64 size);
/** An array that frees its jd_archive_entry *; their places are the entries' numbers. */
GPtrArray *jd_archive_entries_new(void);

#endif
