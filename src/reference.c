#include "reference.h"

#include "base/error.h"
#include "read/fetch.h"

#include <string.h>

void jd_reference_clear(jd_reference *reference)
{
    g_clear_pointer(&reference->path, g_free);
    g_clear_pointer(&reference->url, g_free);
}

static gboolean has_prefix_nocase(const char *text, const char *prefix)
{
    return g_ascii_strncasecmp(text, prefix, strlen(prefix)) == 0;
}

/* The scheme of an address where it is one that no file's name begins with by chance. */
static gboolean has_foreign_scheme(const char *source)
{
    static const char *const schemes[] = {
        "data:",   "javascript:", "blob:",   "about:",           "cid:",
        "mailto:", "ftp://",      "ftps://", "chrome-extension:"};
    for (gsize i = 0; i < G_N_ELEMENTS(schemes); i++)
        if (has_prefix_nocase(source, schemes[i]))
            return TRUE;
    return FALSE;
}

/* The path in a file:// URL of this machine; NULL where it is none. */
static const char *file_url_path(const char *source)
{
    if (!has_prefix_nocase(source, "file://"))
        return NULL;
    const char *path = source + strlen("file://");
    if (has_prefix_nocase(path, "localhost/"))
        path += strlen("localhost");
    return path[0] == '/' ? path : NULL;
}

/* Resolves against a base URL; NULL where the result is not http or https. */
static char *join_url(const char *base, const char *source)
{
    g_autofree char *url =
        g_uri_resolve_relative(base, source, G_URI_FLAGS_PARSE_RELAXED | G_URI_FLAGS_ENCODED, NULL);
    return url && jd_fetch_is_url(url) ? g_steal_pointer(&url) : NULL;
}

/* The spellings under which a local file is looked for, best first. */
static GPtrArray *spellings_of(const char *source)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *plain = g_strndup(source, strcspn(source, "?#"));
    g_autofree char *slashes = g_strdelimit(g_strdup(source), "\\", '/');
    const char *const forms[] = {source, plain, slashes};
    for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
        char *decoded = g_uri_unescape_string(forms[i], NULL);
        g_ptr_array_add(list, g_strdup(forms[i]));
        if (decoded)
            g_ptr_array_add(list, decoded);
    }
    return list;
}

/* Tries one path. What was wrong with the best of them so far is kept in `worst`: that it lies
 * outside tells more than that there is none. */
static char *try_path(const jd_roots *roots, const char *path, GError **worst)
{
    g_autoptr(GError) error = NULL;
    char *resolved = jd_roots_resolve(roots, path, &error);
    if (resolved)
        return resolved;
    if (!*worst || (g_error_matches(*worst, JD_ERROR, JD_ERROR_NOT_FOUND) &&
                    !g_error_matches(error, JD_ERROR, JD_ERROR_NOT_FOUND))) {
        g_clear_error(worst);
        *worst = g_steal_pointer(&error);
    }
    return NULL;
}

static char *try_below_roots(const jd_roots *roots, const char *path, GError **worst)
{
    for (guint i = 0; i < roots->list->len; i++) {
        const jd_root *root = roots->list->pdata[i];
        g_autofree char *below = g_build_filename(root->folder, path, NULL);
        char *resolved = try_path(roots, below, worst);
        if (resolved)
            return resolved;
    }
    return NULL;
}

static char *find_local(const jd_roots *roots, const char *folder, const char *source,
                        GError **error)
{
    g_autoptr(GError) worst = NULL;
    g_autoptr(GPtrArray) spellings = spellings_of(source);
    for (guint i = 0; i < spellings->len; i++) {
        const char *name = spellings->pdata[i];
        if (!name[0])
            continue;
        gboolean absolute = name[0] == '/';
        g_autofree char *path = absolute ? g_strdup(name) : g_build_filename(folder, name, NULL);
        char *found = absolute ? try_below_roots(roots, name, &worst) : NULL;
        if (!found)
            found = try_path(roots, path, &worst);
        if (found)
            return found;
    }
    if (worst)
        g_propagate_error(error, g_steal_pointer(&worst));
    else
        jd_set_error(error, JD_ERROR_NOT_FOUND, NULL, "has no address");
    return NULL;
}

/* The folder that a local document's relative addresses start from. */
static char *base_folder(const jd_referrer *from)
{
    g_autofree char *own = g_path_get_dirname(from->document);
    if (!from->base)
        return g_steal_pointer(&own);
    const char *url_path = file_url_path(from->base);
    g_autofree char *decoded = g_uri_unescape_string(url_path ? url_path : from->base, NULL);
    if (!decoded)
        return g_steal_pointer(&own);
    /* A base names a document; what is behind its last slash does not count. */
    char *slash = strrchr(decoded, '/');
    if (!slash)
        return g_steal_pointer(&own);
    slash[1] = '\0';
    return decoded[0] == '/' ? g_steal_pointer(&decoded) : g_build_filename(own, decoded, NULL);
}

static char *find_url(const jd_referrer *from, const char *source)
{
    if (jd_fetch_is_url(source))
        return g_strdup(source);
    g_autofree char *base = NULL;
    if (jd_fetch_is_url(from->document))
        base = from->base ? join_url(from->document, from->base) : g_strdup(from->document);
    else if (from->base && jd_fetch_is_url(from->base))
        base = g_strdup(from->base);
    if (base)
        return join_url(base, source);
    return g_str_has_prefix(source, "//") ? g_strconcat("https:", source, NULL) : NULL;
}

gboolean jd_reference_find(const jd_roots *roots, const jd_referrer *from, const char *source,
                           jd_reference *reference, GError **error)
{
    if (has_foreign_scheme(source)) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL, "has a scheme that is not read");
        return FALSE;
    }
    g_autofree char *url = find_url(from, source);
    if (url) {
        *reference = (jd_reference){.url = g_steal_pointer(&url)};
        return TRUE;
    }
    if (jd_fetch_is_url(from->document)) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL, "is no address on the web");
        return FALSE;
    }
    const char *url_path = file_url_path(source);
    g_autofree char *folder = base_folder(from);
    char *path = find_local(roots, folder, url_path ? url_path : source, error);
    if (!path)
        return FALSE;
    *reference = (jd_reference){.path = path};
    return TRUE;
}
