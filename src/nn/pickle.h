/*
 * A machine for the part of Python's pickle protocol 2 that torch's checkpoints need. It builds
 * values and calls only what its owner lists; every other opcode or global is JD_ERROR_UNSUPPORTED,
 * naming it. Nothing is imported, nothing is executed. Source: Python's pickletools.
 */
#ifndef JD_NN_PICKLE_H
#define JD_NN_PICKLE_H

#include <glib.h>

typedef enum jd_pickle_kind {
    JD_PICKLE_NONE,
    JD_PICKLE_BOOL,
    JD_PICKLE_INT,
    JD_PICKLE_FLOAT,
    JD_PICKLE_STRING,
    JD_PICKLE_TUPLE,
    JD_PICKLE_LIST,
    JD_PICKLE_DICT,   /* items: key, value, key, value ...; a later key replaces an earlier one */
    JD_PICKLE_GLOBAL, /* what GLOBAL named */
    JD_PICKLE_OBJECT  /* what a call or a persistent id gave */
} jd_pickle_kind;

typedef struct jd_pickle_value jd_pickle_value;
typedef struct jd_pickle jd_pickle;

/** Makes a value of `args` (a tuple). NULL with an error. */
typedef jd_pickle_value *(*jd_pickle_call)(jd_pickle *pickle, const jd_pickle_value *args,
                                           GError **error);

/** A global that a pickle may name. */
typedef struct jd_pickle_global {
    const char *module, *name;
    jd_pickle_call call; /* NULL: may be named, not called */
    int tag;             /* the owner's */
} jd_pickle_global;

/** Values belong to the machine and live until it is freed; they may refer to each other in
 * circles. */
struct jd_pickle_value {
    jd_pickle_kind kind;
    int type; /* of an object: the owner's */
    union {
        gint64 integer; /* and bool */
        double real;
        char *string; /* UTF-8 */
        GPtrArray *items;
        const jd_pickle_global *global;
        gpointer object; /* the owner's */
    };
};

typedef struct jd_pickle_env {
    const jd_pickle_global *globals;
    gsize global_count;
    jd_pickle_call persistent; /* what a persistent id stands for */
    gpointer user;
} jd_pickle_env;

/** `env` must live as long as the machine. */
jd_pickle *jd_pickle_new(const jd_pickle_env *env);
void jd_pickle_free(jd_pickle *pickle);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_pickle, jd_pickle_free)

/**
 * Runs one pickle from the beginning of `data` to its STOP and returns what it makes. `used` (may
 * be NULL) gets the number of bytes it took. Malformed: JD_ERROR_INVALID.
 */
jd_pickle_value *jd_pickle_run(jd_pickle *pickle, GBytes *data, gsize *used, GError **error);

/** For calls: the owner's data, and a new value. Containers get an empty `items`. */
gpointer jd_pickle_user(const jd_pickle *pickle);
jd_pickle_value *jd_pickle_add(jd_pickle *pickle, jd_pickle_kind kind);

/** Item `i` of a tuple or list where it is of `kind`; else NULL. */
jd_pickle_value *jd_pickle_item(const jd_pickle_value *value, guint i, jd_pickle_kind kind);

#endif
