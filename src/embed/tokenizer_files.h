/* The files of a model folder that make its tokenizer. */
#ifndef JD_EMBED_TOKENIZER_FILES_H
#define JD_EMBED_TOKENIZER_FILES_H

#include <glib.h>
#include <jansson.h>

/** A text that changes with any of the files: names, sizes, times, inodes. g_free() it. */
char *jd_tokenizer_files_key(const char *folder);

/** The tokenizer as the JSON of tokenizer.json with "pad_token", from whichever files are there. A
 * new reference. */
json_t *jd_tokenizer_files_read(const char *folder, GError **error);

/** A JSON file of the folder; a new reference, NULL without an error where it is not there. */
json_t *jd_tokenizer_files_json(const char *folder, const char *name, GError **error);
/** The same for a text file of UTF-8, as lines (without the last one where it is empty). */
char **jd_tokenizer_files_lines(const char *folder, const char *name, GError **error);

#endif
