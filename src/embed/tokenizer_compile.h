/* From the JSON of tokenizer.json to a working tokenizer, in two steps with the tables between. */
#ifndef JD_EMBED_TOKENIZER_COMPILE_H
#define JD_EMBED_TOKENIZER_COMPILE_H

#include "embed/tokenizer.h"
#include "embed/tokenizer_tables.h"

#include <jansson.h>

/** Fills the tables from the JSON, which is taken apart. "pad_token" in it, which tokenizer.json
 * itself does not have, names the token for jd_tokenizer_pad_id(). */
gboolean jd_tokenizer_compile(json_t *json, jd_tables *tables, GError **error);

/** Opens a tokenizer on its tables, which it takes. */
jd_tokenizer *jd_tokenizer_open(jd_tables *tables, GError **error);

/** Both at once, for the text of a tokenizer.json. */
jd_tokenizer *jd_tokenizer_parse(const char *text, gsize length, GError **error);

#endif
