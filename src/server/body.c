#include "server/body.h"

#include "base/error.h"
#include "base/limits.h"
#include "server/problem.h"
#include "server/upload.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void upload_free(gpointer data)
{
    jd_upload *upload = data;
    g_free(upload->field);
    g_free(upload->name);
    g_clear_pointer(&upload->bytes, g_bytes_unref);
    g_free(upload->path);
    g_free(upload);
}

void jd_body_init(jd_body *body)
{
    *body = (jd_body){.fd = -1,
                      .media_type = g_strdup(""),
                      .uploads = g_ptr_array_new_with_free_func(upload_free),
                      .fields = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};
}

void jd_body_drop_files(jd_body *body)
{
    if (body->folder && !body->keep_folder)
        jd_upload_folder_erase(body->folder);
    g_clear_pointer(&body->folder, g_free);
}

void jd_body_clear(jd_body *body)
{
    if (body->fd >= 0)
        close(body->fd);
    if (body->post)
        MHD_destroy_post_processor(body->post);
    jd_body_drop_files(body);
    g_free(body->media_type);
    g_clear_pointer(&body->bytes, g_bytes_unref);
    g_clear_pointer(&body->collected, g_byte_array_unref);
    g_ptr_array_unref(body->uploads);
    g_hash_table_unref(body->fields);
    g_free(body->field);
    g_clear_error(&body->error);
}

/* ---- parts ---- */

/* Ends the part at hand: what was collected of it goes where it belongs. */
static gboolean end_part(jd_body *body)
{
    if (body->fd >= 0 && close(body->fd) != 0)
        jd_set_error_errno(&body->error, errno, "cannot write an uploaded file");
    body->fd = -1;
    if (body->part && !body->part->path) {
        body->part->bytes = g_byte_array_free_to_bytes(g_steal_pointer(&body->collected));
    } else if (body->field) {
        const char *text = (const char *)body->collected->data;
        gsize size = body->collected->len;
        if (g_utf8_validate_len(text ? text : "", size, NULL))
            g_hash_table_replace(body->fields, g_steal_pointer(&body->field),
                                 g_strndup(text, size));
        else
            jd_set_http_error(&body->error, 400, NULL, "the field %s is no UTF-8", body->field);
    }
    body->part = NULL;
    g_clear_pointer(&body->field, g_free);
    g_clear_pointer(&body->collected, g_byte_array_unref);
    return body->error == NULL;
}

static gboolean begin_file(jd_body *body, const char *key, const char *name)
{
    if (body->uploads->len >= JD_SERVER_UPLOAD_FILES) {
        jd_set_error(&body->error, JD_ERROR_LIMIT, "send them in several requests",
                     "a request has at most %d files", JD_SERVER_UPLOAD_FILES);
        return FALSE;
    }
    jd_upload *upload = g_new0(jd_upload, 1);
    upload->field = g_utf8_make_valid(key, -1);
    upload->name = jd_upload_safe_name(name);
    g_ptr_array_add(body->uploads, upload);
    body->part = upload;
    if (!body->spool) {
        body->collected = g_byte_array_new();
        return TRUE;
    }
    if (!body->folder)
        body->folder = jd_upload_folder_new(body->spool, &body->error);
    if (body->folder)
        body->fd = jd_upload_file_new(body->folder, upload->name, &upload->path, &body->error);
    return body->fd >= 0;
}

static gboolean begin_part(jd_body *body, const char *key, const char *name)
{
    if (!end_part(body))
        return FALSE;
    if (name)
        return begin_file(body, key, name);
    body->field = g_utf8_make_valid(key, -1);
    body->collected = g_byte_array_new();
    return TRUE;
}

static gboolean write_all(int fd, const char *data, gsize size, GError **error)
{
    while (size > 0) {
        gssize n = write(fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            jd_set_error_errno(error, errno, "cannot keep an uploaded file");
            return FALSE;
        }
        data += n;
        size -= (gsize)n;
    }
    return TRUE;
}

static enum MHD_Result on_part(void *user, enum MHD_ValueKind kind, const char *key,
                               const char *name, const char *type, const char *encoding,
                               const char *data, uint64_t offset, size_t size)
{
    jd_body *body = user;
    if (body->error || (offset == 0 && !begin_part(body, key ? key : "", name)))
        return MHD_NO;
    if (body->part)
        body->part->size += (gint64)size;
    if (body->fd >= 0)
        return write_all(body->fd, data, size, &body->error) ? MHD_YES : MHD_NO;
    if (body->field && body->collected->len + size > JD_SERVER_FIELD_BYTES) {
        jd_set_error(&body->error, JD_ERROR_LIMIT, NULL, "the field %s is over %lld bytes",
                     body->field, JD_SERVER_FIELD_BYTES);
        return MHD_NO;
    }
    if (body->collected)
        g_byte_array_append(body->collected, (const guint8 *)data, (guint)size);
    return MHD_YES;
}

/* ---- the whole ---- */

static char *media_type_of(const char *header)
{
    if (!header)
        return g_strdup("");
    g_autofree char *type = g_strndup(header, strcspn(header, ";"));
    g_strstrip(type);
    return g_ascii_strdown(type, -1);
}

gboolean jd_body_begin(jd_body *body, struct MHD_Connection *connection,
                       const jd_body_options *options, GError **error)
{
    body->limit = options->limit;
    body->spool = options->spool;
    g_free(body->media_type);
    body->media_type = media_type_of(options->content_type);
    if (!g_str_has_prefix(body->media_type, "multipart/")) {
        body->collected = g_byte_array_new();
        return TRUE;
    }
    if (g_str_equal(body->media_type, "multipart/form-data"))
        body->post =
            MHD_create_post_processor(connection, JD_SERVER_MULTIPART_BYTES, on_part, body);
    if (!body->post)
        jd_set_http_error(error, 415, "send multipart/form-data with a boundary",
                          "a body of this kind is not taken: %s", options->content_type);
    return body->post != NULL;
}

gboolean jd_body_add(jd_body *body, const char *data, gsize size)
{
    if (body->error)
        return FALSE;
    body->received += (gint64)size;
    if (body->received > body->limit) {
        g_autofree char *limit = g_format_size_full((guint64)body->limit, G_FORMAT_SIZE_IEC_UNITS);
        jd_set_error(&body->error, JD_ERROR_LIMIT, NULL, "the body is over %s", limit);
    } else if (!body->post) {
        g_byte_array_append(body->collected, (const guint8 *)data, (guint)size);
    } else if (MHD_post_process(body->post, data, size) != MHD_YES && !body->error) {
        jd_set_http_error(&body->error, 400, NULL, "the multipart body is malformed");
    }
    return body->error == NULL;
}

gboolean jd_body_finish(jd_body *body, GError **error)
{
    if (body->post) {
        gboolean whole = MHD_destroy_post_processor(g_steal_pointer(&body->post)) == MHD_YES;
        if (end_part(body) && !whole)
            jd_set_http_error(&body->error, 400, NULL, "the multipart body is cut off");
    }
    body->bytes = body->collected ? g_byte_array_free_to_bytes(g_steal_pointer(&body->collected))
                                  : g_bytes_new(NULL, 0);
    if (!body->error)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&body->error));
    return FALSE;
}
