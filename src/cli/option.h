/*
 * Options: what one is, how its value is checked, and the values of one run.
 *
 * A value comes from the command line, else from the option's environment variable, else from the
 * settings file (settings.h); all three are checked here, by the same rules.
 */
#ifndef JD_CLI_OPTION_H
#define JD_CLI_OPTION_H

#include <glib.h>

typedef enum jd_option_kind {
    JD_OPTION_FLAG, /* --name, and --no-name to take it back */
    JD_OPTION_TEXT,
    JD_OPTION_FILE,
    JD_OPTION_INTEGER,
    JD_OPTION_NUMBER,
    JD_OPTION_CHOICE /* one of the words of `argument`, which are separated by | */
} jd_option_kind;

typedef struct jd_option {
    const char *name; /* without dashes; the key in the settings file too */
    char letter;      /* its one-letter form, or 0 */
    jd_option_kind kind;
    const char *argument; /* as help shows it: "N", "FILE", "auto|always|never"; NULL for a flag */
    const char *help;
    double min, max;      /* for integers and numbers: what is allowed, both ends included */
    const char *variable; /* environment variable, or NULL */
    gboolean repeats;     /* may be given several times, or with ; between several values */
} jd_option;

/** Every table of options ends with this. */
#define JD_OPTION_END                                                                              \
    {                                                                                              \
        .name = NULL                                                                               \
    }

/**
 * Checks `text` as a value of the option. `where` is how messages name it: "--threads",
 * "JACKDAW_THREADS". `number` (may be NULL) gets integers, numbers, and 0 or 1 for flags.
 * JD_ERROR_USAGE says what was expected.
 */
gboolean jd_option_check(const jd_option *option, const char *text, const char *where,
                         double *number, GError **error);

/** The word most like `word`, or NULL where none is near. Belongs to `words` (NULL-terminated). */
const char *jd_nearest_word(const char *word, const char *const *words);

/* ---- the values of one run ---- */

typedef struct jd_values jd_values;

jd_values *jd_values_new(void);
void jd_values_free(jd_values *values);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_values, jd_values_free)

/** Checks and keeps a value, in place of an earlier one, or beside it where the option repeats.
 * `where` as in jd_option_check(). */
gboolean jd_values_set(jd_values *values, const jd_option *option, const char *text,
                       const char *where, GError **error);

gboolean jd_values_has(const jd_values *values, const char *name);
/** Where a value came from: "--threads", "JACKDAW_THREADS", or the settings file's name and key. */
const char *jd_values_origin(const jd_values *values, const char *name);

gboolean jd_values_flag(const jd_values *values, const char *name);
/** NULL where it was not set. */
const char *jd_values_text(const jd_values *values, const char *name);
/** All values of an option that repeats, NULL-terminated; NULL where it was not set. */
const char *const *jd_values_list(const jd_values *values, const char *name);
int jd_values_integer(const jd_values *values, const char *name, int otherwise);
double jd_values_number(const jd_values *values, const char *name, double otherwise);

#endif
