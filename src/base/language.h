/* Guesses the language of a text from its script and its commonest words. No model, no tables on
 * disk. */
#ifndef JD_BASE_LANGUAGE_H
#define JD_BASE_LANGUAGE_H

#include <glib.h>

/**
 * ISO 639-1 code of the language that `text` is most likely in ("en", "de", "es", "fr", "it", "pt",
 * "nl", "sv", "da", "no", "fi", "ru", "hu", "ro", "tr", "ja", "zh", "ko", "ar", "el", "he", "th",
 * "hi", ...), or NULL where it is too short or undecided. The string is static.
 */
const char *jd_language_guess(const char *text, gsize length);

#endif
