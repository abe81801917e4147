/* Reading values of a tokenizer's JSON, with an error that names what is missing. */
#ifndef JD_EMBED_TOKENIZER_JSON_H
#define JD_EMBED_TOKENIZER_JSON_H

#include <glib.h>
#include <jansson.h>

/** The string at `key`, without NUL in it; JD_ERROR_INVALID where there is none. */
const char *jd_settings_text(const json_t *object, const char *key, GError **error);
/** The same, NULL (no error) where it is absent or null. */
const char *jd_settings_optional(const json_t *object, const char *key);
/** TRUE or FALSE; `fallback` where it is absent or null. */
gboolean jd_settings_flag(const json_t *object, const char *key, gboolean fallback);
/** An integer from 0 to `limit` - 1; -1 with JD_ERROR_INVALID else. */
gint64 jd_settings_index(const json_t *value, const char *what, gint64 limit, GError **error);
/** The object's "type", or JD_ERROR_INVALID; `what` names the part it is of. */
const char *jd_settings_type(const json_t *object, const char *what, GError **error);

/**
 * Calls `add` for every object of a chain that is none (NULL, null), one object, or a
 * {"type":"Sequence", `list`: [...]} of such chains, in order. JD_ERROR_LIMIT beyond
 * JD_LIMIT_TOKENIZER_STEPS objects or JD_LIMIT_TOKENIZER_DEPTH sequences in another.
 */
typedef gboolean (*jd_settings_step_fn)(const json_t *object, const char *type, void *user,
                                        GError **error);
typedef struct jd_settings_chain {
    const char *what; /* "normalizer": the part, for errors */
    const char *list; /* "normalizers": where a Sequence has its members */
    jd_settings_step_fn add;
    void *user;
} jd_settings_chain;
gboolean jd_settings_walk(const json_t *json, const jd_settings_chain *chain, GError **error);

#endif
