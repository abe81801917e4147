#include "server/sources.h"

#include "base/error.h"
#include "roots.h"
#include "server/problem.h"

#include <stdlib.h>

static char *real(const char *path)
{
    char *resolved = realpath(path, NULL);
    char *copy = g_strdup(resolved);
    free(resolved);
    return copy;
}

/* The path in this root; NULL where it is not there, or leads out of it. `*inside`: whether it
 * would be in the root if it were there. */
static char *find_in_root(const char *given, const char *path, gboolean *inside)
{
    g_autofree char *root = real(given);
    if (!root)
        return NULL;
    g_autofree char *plain = g_canonicalize_filename(path, root);
    g_autofree char *plain_root = g_canonicalize_filename(given, NULL);
    if (jd_path_is_inside(plain, root) || jd_path_is_inside(plain, plain_root))
        *inside = TRUE;
    g_autofree char *resolved = real(plain);
    return resolved && jd_path_is_inside(resolved, root) ? g_steal_pointer(&resolved) : NULL;
}

char *jd_source_path(const char *const *roots, const char *path, GError **error)
{
    gboolean inside = FALSE;
    for (const char *const *root = roots; root && *root; root++) {
        char *found = find_in_root(*root, path, &inside);
        if (found)
            return found;
    }
    if (inside)
        jd_set_error(error, JD_ERROR_NOT_FOUND, NULL, "there is no such file or folder");
    else
        jd_set_http_error(error, 403, "ask the server's operator to allow its folder",
                          "this path is in no folder that clients may have ingested");
    return NULL;
}
