#include "server/token.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TOKEN_BYTES = 32, LEAST_CHARS = 16, MOST_CHARS = 4096 };

char *jd_token_default_path(void)
{
    return g_build_filename(g_get_user_state_dir(), "jackdaw", "token", NULL);
}

static gboolean make(const char *path, GError **error)
{
    guint8 bytes[TOKEN_BYTES];
    char text[2 * TOKEN_BYTES + 2];
    g_autofree char *folder = g_path_get_dirname(path);
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) {
        jd_set_error_errno(error, errno, "cannot make a token");
        return FALSE;
    }
    for (gsize i = 0; i < sizeof bytes; i++)
        g_snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    text[2 * TOKEN_BYTES] = '\n';
    text[2 * TOKEN_BYTES + 1] = '\0';
    int fd = g_mkdir_with_parents(folder, 0700) == 0
                 ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)
                 : -1;
    gboolean ok =
        fd >= 0 && write(fd, text, strlen(text)) == (gssize)strlen(text) && fsync(fd) == 0;
    if (!ok)
        jd_set_error_errno(error, errno, "cannot write the token to %s", path);
    if (fd >= 0)
        close(fd);
    return ok;
}

static char *load(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    GStatBuf info;
    char text[MOST_CHARS + 1];
    gssize n = -1;
    if (fd >= 0 && fstat(fd, &info) == 0)
        n = read(fd, text, MOST_CHARS);
    if (n < 0)
        jd_set_error_errno(error, errno, "cannot read the token in %s", path);
    if (fd >= 0)
        close(fd);
    if (n < 0)
        return NULL;
    text[n] = '\0';
    g_strstrip(text);
    if (info.st_mode & (S_IRWXG | S_IRWXO)) {
        jd_set_error(error, JD_ERROR_INVALID, "chmod 600 it",
                     "%s: the token may be read by others (mode %03o)", path,
                     (guint)info.st_mode & 0777);
        return NULL;
    }
    for (const char *c = text; *c; c++)
        if (!g_ascii_isgraph(*c) || *c == ';')
            text[0] = '\0';
    if (strlen(text) < LEAST_CHARS) {
        jd_set_error(error, JD_ERROR_INVALID, "remove the file to have a new one made",
                     "%s: expected a token of at least %d letters and digits", path, LEAST_CHARS);
        return NULL;
    }
    return g_strdup(text);
}

char *jd_token_load(const char *path, gboolean *made, GError **error)
{
    *made = g_access(path, F_OK) != 0;
    if (*made && !make(path, error))
        return NULL;
    return load(path, error);
}
