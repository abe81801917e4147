#include "read/worker/archive.h"

#include "base/error.h"
#include "base/limits.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

/* ---- the file behind libzip ---- */

typedef struct archive_source {
    jd_archive_file file;
    guint64 at;
    zip_error_t error;
} archive_source;

static zip_int64_t read_source(archive_source *source, void *data, zip_uint64_t length)
{
    guint64 left = source->file.size - source->at;
    gssize got;
    do
        got = pread(source->file.fd, data, MIN(length, left), (off_t)source->at);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        zip_error_set(&source->error, ZIP_ER_READ, errno);
    else
        source->at += (guint64)got;
    return got;
}

static zip_int64_t seek_source(archive_source *source, void *data, zip_uint64_t length)
{
    zip_int64_t at =
        zip_source_seek_compute_offset(source->at, source->file.size, data, length, &source->error);
    if (at < 0)
        return -1;
    source->at = (guint64)at;
    return 0;
}

static zip_int64_t stat_source(const archive_source *source, zip_stat_t *info)
{
    zip_stat_init(info);
    info->size = info->comp_size = source->file.size;
    info->valid = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
    return sizeof *info;
}

static zip_int64_t on_source(void *user, void *data, zip_uint64_t length, zip_source_cmd_t command)
{
    archive_source *source = user;
    switch (command) {
    case ZIP_SOURCE_OPEN:
        source->at = 0;
        return 0;
    case ZIP_SOURCE_READ:
        return read_source(source, data, length);
    case ZIP_SOURCE_SEEK:
        return seek_source(source, data, length);
    case ZIP_SOURCE_TELL:
        return (zip_int64_t)source->at;
    case ZIP_SOURCE_STAT:
        return stat_source(source, data);
    case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&source->error, data, length);
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE:
        return 0;
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE,
                                              ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE,
                                              ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, -1);
    default:
        zip_error_set(&source->error, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
}

static void set_damaged(zip_error_t *cause, GError **error)
{
    const char *hint = "the file is cut short or damaged: get it again";
    if (zip_error_code_zip(cause) == ZIP_ER_NOPASSWD ||
        zip_error_code_zip(cause) == ZIP_ER_WRONGPASSWD)
        jd_set_error(error, JD_ERROR_UNSUPPORTED, "unpack it yourself",
                     "the zip archive is encrypted");
    else
        jd_set_error(error, JD_ERROR_INVALID, hint, "the zip archive cannot be read: %s",
                     zip_error_strerror(cause));
}

static zip_t *open_archive(archive_source *source, GError **error)
{
    zip_error_t cause;
    zip_error_init(&cause);
    zip_error_init(&source->error);
    zip_source_t *bytes = zip_source_function_create(on_source, source, &cause);
    zip_t *archive = bytes ? zip_open_from_source(bytes, ZIP_RDONLY, &cause) : NULL;
    if (!archive) {
        set_damaged(&cause, error);
        zip_source_free(bytes);
    }
    zip_error_fini(&cause);
    return archive;
}

/* ---- what is asked of it ---- */

/* A folder ends in a slash; a link or a device says so in its Unix attributes. */
static gboolean is_file(zip_t *archive, zip_uint64_t i, const char *name)
{
    zip_uint8_t system;
    zip_uint32_t attributes;
    if (!*name || g_str_has_suffix(name, "/"))
        return FALSE;
    if (zip_file_get_external_attributes(archive, i, 0, &system, &attributes) != 0 ||
        system != ZIP_OPSYS_UNIX)
        return TRUE;
    mode_t kind = attributes >> 16 & S_IFMT;
    return kind == 0 || kind == S_IFREG;
}

static jd_archive_entry *read_entry(zip_t *archive, zip_uint64_t i)
{
    zip_stat_t info;
    zip_stat_init(&info);
    const char *name = zip_get_name(archive, i, ZIP_FL_ENC_GUESS);
    gboolean known = name && zip_stat_index(archive, i, 0, &info) == 0 &&
                     (info.valid & ZIP_STAT_SIZE) && info.size <= G_MAXINT64;
    if (!known || !g_utf8_validate(name, -1, NULL) || strlen(name) > JD_LIMIT_MODEL_PATH_BYTES ||
        !is_file(archive, i, name))
        return jd_archive_entry_new("", 0);
    return jd_archive_entry_new(name, info.size);
}

GPtrArray *jd_archive_list(const jd_archive_file *file, GError **error)
{
    archive_source source = {.file = *file};
    zip_t *archive = open_archive(&source, error);
    if (!archive)
        return NULL;
    GPtrArray *entries = NULL;
    zip_int64_t count = zip_get_num_entries(archive, 0);
    if (count <= JD_LIMIT_HUB_FILES) {
        entries = jd_archive_entries_new();
        for (zip_int64_t i = 0; i < count; i++)
            g_ptr_array_add(entries, read_entry(archive, (zip_uint64_t)i));
    } else {
        jd_set_error(error, JD_ERROR_LIMIT, NULL,
                     "the zip archive has %lld entries; at most %d are read", (long long)count,
                     JD_LIMIT_HUB_FILES);
    }
    zip_discard(archive);
    return entries;
}

static gboolean encode_entry(zip_t *archive, guint32 number, jd_reply_encoder *encoder,
                             GError **error)
{
    enum { PIECE = 1 << 17 };
    g_autoptr(GPtrArray) one = jd_archive_entries_new();
    g_ptr_array_add(one, read_entry(archive, number));
    const jd_archive_entry *entry = one->pdata[0];
    if (!*entry->name) {
        jd_set_error(error, JD_ERROR_INVALID, NULL, "the zip archive has no file of number %u",
                     number);
        return FALSE;
    }
    zip_file_t *packed = zip_fopen_index(archive, number, 0);
    if (!packed) {
        set_damaged(zip_get_error(archive), error);
        return FALSE;
    }
    g_autofree guint8 *piece = g_malloc(PIECE);
    jd_reply_encode_unpacked(encoder, entry->size);
    zip_int64_t got;
    while ((got = zip_fread(packed, piece, PIECE)) > 0)
        if (!jd_reply_encode_piece(encoder, piece, (gsize)got))
            break;
    if (got < 0)
        set_damaged(zip_file_get_error(packed), error);
    else if (got > 0)
        jd_set_error(error, JD_ERROR_IO, NULL, "nobody takes what is unpacked");
    zip_fclose(packed);
    return got == 0;
}

gboolean jd_archive_unpack(const jd_archive_file *file, guint32 entry, jd_reply_encoder *encoder,
                           GError **error)
{
    archive_source source = {.file = *file};
    zip_t *archive = open_archive(&source, error);
    if (!archive)
        return FALSE;
    gboolean done = encode_entry(archive, entry, encoder, error);
    zip_discard(archive);
    return done;
}
