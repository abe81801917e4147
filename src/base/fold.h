/* Spellings that mean the same word become one. */
#ifndef JD_BASE_FOLD_H
#define JD_BASE_FOLD_H

#include <glib.h>

/** A word compatibility-normalised (NFKC) and case-folded, without joiners and soft hyphens.
 * `turkic`: I is the capital of the dotless ı. `word` must be valid UTF-8. */
char *jd_fold(const char *word, gsize length, gboolean turkic);

/** A folded word without diacritics, where its script can do without (see analyze.h). */
char *jd_fold_strip(const char *folded);

#endif
