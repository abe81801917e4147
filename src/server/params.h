/*
 * The parameters of a request, wherever they stand: members of a JSON object, parameters of the
 * query string, or fields of a multipart body.
 *
 * Each is read once, by name and type; what is absent leaves the value as it was, and so does null.
 * In text, numbers and booleans are written as in JSON. What is left at the end was not known:
 * jd_params_end() refuses it, so that a misspelt name is not silently ignored. Errors are 400 and
 * name the parameter.
 */
#ifndef JD_SERVER_PARAMS_H
#define JD_SERVER_PARAMS_H

#include "server/call.h"

typedef struct jd_params {
    json_t *object;    /* a reference of its own */
    gboolean text;     /* all values are strings */
    GHashTable *known; /* names that were asked for (const char *) */
} jd_params;

/** Those of a call: of its body where it has one, else of its query string. */
gboolean jd_params_init(jd_params *params, jd_call *call, GError **error);
/** Those of an object that is a member of another one. */
void jd_params_init_json(jd_params *params, json_t *object);
void jd_params_clear(jd_params *params);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_params, jd_params_clear)

/** Whether it is there and not null. */
gboolean jd_params_has(const jd_params *params, const char *name);

/** The string belongs to the parameters. */
gboolean jd_params_text(jd_params *params, const char *name, const char **value, GError **error);
gboolean jd_params_flag(jd_params *params, const char *name, gboolean *value, GError **error);

typedef struct jd_range {
    double min, max; /* both ends included */
} jd_range;
gboolean jd_params_integer(jd_params *params, const char *name, jd_range range, int *value,
                           GError **error);
gboolean jd_params_number(jd_params *params, const char *name, jd_range range, double *value,
                          GError **error);

/** One of `words` (NULL-terminated); *index is its place. */
gboolean jd_params_choice(jd_params *params, const char *name, const char *const *words, int *index,
                          GError **error);

/** A member of any other kind (json_type); NULL where it is absent or null. In text it is written
 * as JSON. */
gboolean jd_params_json(jd_params *params, const char *name, int type, json_t **value,
                        GError **error);

/** An array of strings; the array (NULL-terminated) is the caller's to g_free(), the strings are
 * the parameters'. In text: one string. NULL where it is absent. */
gboolean jd_params_strings(jd_params *params, const char *name, const char ***value,
                           GError **error);

/** FALSE where there are parameters that nobody asked for. */
gboolean jd_params_end(const jd_params *params, GError **error);

#endif
