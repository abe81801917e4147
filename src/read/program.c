#include "read/program.h"

#include "base/error.h"

#define NAME "jackdaw-reader"

static gboolean runs(const char *path)
{
    return g_file_test(path, G_FILE_TEST_IS_REGULAR) &&
           g_file_test(path, G_FILE_TEST_IS_EXECUTABLE);
}

static char *named_program(const char *path, const char *origin, GError **error)
{
    if (runs(path))
        return g_strdup(path);
    jd_set_error(error, JD_ERROR_UNAVAILABLE, "name the path of jackdaw-reader",
                 "%s, named by %s, is not a program that can be run", path, origin);
    return NULL;
}

char *jd_reader_program(const char *given, GError **error)
{
    if (given)
        return named_program(given, "the option", error);
    const char *variable = g_getenv("JACKDAW_READER");
    if (variable && *variable)
        return named_program(variable, "JACKDAW_READER", error);
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = g_path_get_dirname(self ? self : "");
    char *candidates[] = {g_build_filename(folder, NAME, NULL),
                          g_build_filename(folder, "..", "libexec", "jackdaw", NAME, NULL),
                          g_build_filename(JD_LIBEXECDIR, "jackdaw", NAME, NULL)};
    char *found = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(candidates); i++) {
        if (!found && (self || i == 2) && runs(candidates[i]))
            found = g_steal_pointer(&candidates[i]);
        g_free(candidates[i]);
    }
    if (!found)
        jd_set_error(error, JD_ERROR_UNAVAILABLE,
                     "install Jackdaw, or set JACKDAW_READER to the path of jackdaw-reader",
                     "cannot find " NAME " beside the program or in " JD_LIBEXECDIR "/jackdaw");
    return found;
}
