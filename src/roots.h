/*
 * Roots: the files and folders that the user gave. Nothing outside them is ever read, however a
 * document refers to it and wherever a symbolic link leads.
 */
#ifndef JD_ROOTS_H
#define JD_ROOTS_H

#include <jackdaw.h>

typedef struct jd_root {
    char *path;   /* absolute, without symbolic links */
    char *folder; /* what may be read: the path itself, or the folder that a file is in */
    gboolean is_folder;
} jd_root;

typedef struct jd_roots {
    GPtrArray *list; /* jd_root *, ordered by path, none inside another one's walk */
} jd_roots;

/**
 * From what the user gave (paths, char *). What is not there goes to `skipped` (jd_skipped *) with
 * the reason.
 */
jd_roots *jd_roots_new(const GPtrArray *paths, GPtrArray *skipped);
void jd_roots_free(jd_roots *roots);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_roots, jd_roots_free)

/**
 * The absolute path without symbolic links of a file that may be read. JD_ERROR_NOT_FOUND: there is
 * none; JD_ERROR_USAGE: it lies outside all roots.
 */
char *jd_roots_resolve(const jd_roots *roots, const char *path, GError **error);

/**
 * Opens a file or folder for reading whose path jd_roots_resolve() gave, without following any
 * symbolic link that may have been put there since. -1 on failure.
 */
int jd_roots_open(const jd_roots *roots, const char *resolved, GError **error);

/** Whether `path` is `folder` or lies in it (both absolute and without "..": text alone decides).
 */
gboolean jd_path_is_inside(const char *path, const char *folder);

/**
 * Whether names like this are passed over in folders: hidden ones (".git"), those that programs
 * keep for themselves (node_modules, __pycache__, lost+found), and copies that editors leave
 * ("x~").
 */
gboolean jd_name_is_passed_over(const char *name);

/** Whether a walk of `folder` passes over `path` in it, because of one of the names on the way. */
gboolean jd_path_is_passed_over(const char *path, const char *folder);

#endif
