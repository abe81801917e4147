/*
 * The folder of installed models: what is installed in it appears whole or not at all.
 *
 *   OWNER/NAME/                 a model
 *   .incoming/OWNER--NAME/      a model on its way: model/ and parts/
 *   .incoming/.add-XXXXXXXX/    one that is copied, which does not go on where it was
 *   .incoming/.lock-*           who is at work on it
 *
 * One process at a time brings or removes a model of one name; the lock dies with its holder. A
 * folder is installed by a rename, after all that is in it has been written to disk.
 */
#ifndef JD_HUB_SHELF_H
#define JD_HUB_SHELF_H

#include "hub/watch.h"

typedef struct jd_shelf_place {
    char *root;   /* the folder of models */
    char *name;   /* of the model */
    char *folder; /* where it will be */
    char *incoming, *model, *parts;
    char *lock_path;
    int lock;        /* held while this lives */
    gboolean waited; /* another process had it first */
} jd_shelf_place;

/**
 * Takes the place of a model, waiting for another process that has it, which the watch is told.
 * Makes the incoming folders. JD_ERROR_CANCELLED; JD_ERROR_READ_ONLY and the like where the folder
 * cannot be made.
 */
jd_shelf_place *jd_shelf_take(const char *root, const char *name, jd_watch *watch, GError **error);

/** Gives the place back. What is incoming stays for the next who takes it, unless it was installed
 * or cleared. */
void jd_shelf_place_free(jd_shelf_place *place);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_shelf_place, jd_shelf_place_free)

/** Whether the place has a model. */
gboolean jd_shelf_has(const jd_shelf_place *place);

/** Makes `from`, a folder on the same file system, the model at this place, instead of one that is
 * there. */
gboolean jd_shelf_install(const jd_shelf_place *place, const char *from, GError **error);

/** Removes what is incoming. */
void jd_shelf_clear(const jd_shelf_place *place);

/** Removes the model and what is incoming; an owner's folder without models too. */
gboolean jd_shelf_remove(const jd_shelf_place *place, GError **error);

/** A folder beside the models that is nobody else's. */
typedef struct jd_shelf_scratch {
    char *folder;
    char *lock_path;
    int lock;
} jd_shelf_scratch;

/** Makes an empty one; those that dead processes left behind are removed. */
jd_shelf_scratch *jd_shelf_scratch_new(const char *root, GError **error);
/** Removes the folder, where it is still there, with all in it. */
void jd_shelf_scratch_free(jd_shelf_scratch *scratch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_shelf_scratch, jd_shelf_scratch_free)

/** Names of models that are incoming, partly there (char *). */
GPtrArray *jd_shelf_incoming(const char *root);
/** Bytes that are there of one. */
guint64 jd_shelf_incoming_bytes(const char *root, const char *name);

/**
 * Names in the message what is on its way as the user knows it: a file of a model by its path in
 * the model, all else by the folder of models. Does nothing where *error is NULL.
 */
void jd_shelf_name_places(const char *root, GError **error);

#endif
