#include "server/page.h"

#include <string.h>

/* Nothing but the page's own files: no inline script or style, nothing from elsewhere. Pictures
 * may also be made by the page itself (a picture that is pasted, before it is sent). */
static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'";

const jd_page_file *jd_page_find(const char *path)
{
    for (const jd_page_file *file = jd_page_files; file->path; file++)
        if (g_str_equal(file->path, path))
            return file;
    return NULL;
}

static gboolean takes_gzip(jd_call *call)
{
    const char *header = jd_call_header(call, "accept-encoding");
    return header && strstr(header, "gzip") && !strstr(header, "gzip;q=0");
}

static gboolean serve(jd_call *call, GError **error)
{
    const jd_page_file *file = jd_page_find(jd_call_path(call));
    const char *known = jd_call_header(call, "if-none-match");
    jd_call_set_header(call, "ETag", file->etag);
    jd_call_set_header(call, "Cache-Control", "no-cache"); /* kept, but asked about every time */
    jd_call_set_header(call, "Content-Security-Policy", policy);
    jd_call_set_header(call, "Vary", "Accept-Encoding");
    if (known && strstr(known, file->etag)) {
        jd_call_reply_empty(call, 304);
        return TRUE;
    }
    gboolean gzip = file->gzip && takes_gzip(call);
    if (gzip)
        jd_call_set_header(call, "Content-Encoding", "gzip");
    g_autoptr(GBytes) bytes = gzip ? g_bytes_new_static(file->gzip, file->gzip_size)
                                   : g_bytes_new_static(file->data, file->size);
    jd_call_reply_bytes(call, 200, file->media_type, bytes);
    return TRUE;
}

const jd_route jd_page_route = {"GET", NULL, serve, .flags = JD_ROUTE_PUBLIC | JD_ROUTE_AT_ONCE};
