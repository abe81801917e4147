/*
 * The little of ZIP that torch's checkpoints use: a central directory and stored entries.
 *
 * Sizes come from the central directory (torch sets flag bit 3: local headers have none); ZIP64 is
 * read. Source: PKWARE's APPNOTE.TXT 6.3.
 */
#ifndef JD_NN_ZIP_H
#define JD_NN_ZIP_H

#include <glib.h>

typedef struct jd_zip jd_zip;

/** Reads the directory. Malformed: JD_ERROR_INVALID; more than JD_LIMIT_ZIP_ENTRIES:
 * JD_ERROR_LIMIT. */
jd_zip *jd_zip_open(GBytes *file, GError **error);
void jd_zip_free(jd_zip *zip);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_zip, jd_zip_free)

/** The name of the one entry "<folder>/<name>"; NULL where there is none or more than one. */
const char *jd_zip_find(const jd_zip *zip, const char *name);

/** TRUE where there is an entry of that name. */
gboolean jd_zip_has(const jd_zip *zip, const char *name);

/** The bytes of an entry, shared with the file. Absent or out of the file: JD_ERROR_INVALID;
 * compressed or encrypted: JD_ERROR_UNSUPPORTED. */
GBytes *jd_zip_get(const jd_zip *zip, const char *name, GError **error);

#endif
