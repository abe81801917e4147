/* GPT-2's byte alphabet: each byte of a text as one visible character, U+0021 to U+0143. */
#ifndef JD_EMBED_TOKENIZER_BYTES_H
#define JD_EMBED_TOKENIZER_BYTES_H

#include <glib.h>

/** Appends the characters of the text's bytes. */
void jd_bytes_expand(const char *text, gsize length, GString *out);

#endif
