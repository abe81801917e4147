#include "hub/download.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "hub/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file on its way. */
typedef struct transfer {
    jd_hub *hub;
    const jd_download *download;
    char *path; /* of the partial file */
    int fd;
    gint64 have;      /* bytes in it */
    gint64 furthest;  /* what it had at most */
    gboolean joined;  /* not all of them came with one answer */
    gboolean started; /* the answer at hand has given its first bytes */
    gint64 before;    /* bytes of an earlier run that are still of use */
    gint64 counted;   /* bytes that the watch was told of */
} transfer;

/* Two files with the same bytes may be fetched at once by nobody: one process holds the lock. */
static char *part_path(const jd_download *download)
{
    const jd_model_file *file = download->file;
    g_autofree char *name = NULL;
    if (file->sha256)
        name = g_strdup_printf("%s.part", file->sha256);
    else if (file->blob)
        name = g_strdup_printf("%s.part", file->blob);
    else {
        g_autofree char *what =
            g_strdup_printf("%s\n%s", download->url, file->etag ? file->etag : "");
        g_autofree char *hash = jd_sha256(what, strlen(what));
        name = g_strdup_printf("etag-%s.part", hash);
    }
    return g_build_filename(download->parts, name, NULL);
}

static void set_write_error(const transfer *t, GError **error)
{
    jd_set_error_errno(error, errno, "cannot write %s", t->download->file->path);
}

/* Tells the watch how much of the file is there. */
static gboolean count(transfer *t, gint64 bytes, GError **error)
{
    jd_watch *watch = jd_hub_watch(t->hub);
    const gint64 before = MIN(t->before, bytes); /* less where all is fetched anew */
    const gint64 skipped = before - t->before, more = bytes - t->counted - skipped;
    t->before = before;
    t->counted = bytes;
    return jd_watch_skip(watch, skipped, error) && jd_watch_advance(watch, more, error);
}

static gboolean cut(transfer *t, gint64 length, GError **error)
{
    if (ftruncate(t->fd, length) != 0 || lseek(t->fd, length, SEEK_SET) < 0) {
        set_write_error(t, error);
        return FALSE;
    }
    t->have = length;
    t->joined = length > 0;
    return TRUE;
}

static gboolean open_part(transfer *t, GError **error)
{
    const jd_model_file *file = t->download->file;
    struct stat info;
    t->path = part_path(t->download);
    t->fd = open(t->path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (t->fd < 0 || fstat(t->fd, &info) != 0) {
        set_write_error(t, error);
        return FALSE;
    }
    /* Without any name for its bytes there is no telling what it is a part of. */
    gboolean nameless = !file->sha256 && !file->blob && !file->etag;
    gboolean too_long = file->size >= 0 && info.st_size > file->size;
    if (!cut(t, nameless || too_long ? 0 : info.st_size, error))
        return FALSE;
    t->before = t->counted = t->have;
    return jd_watch_skip(jd_hub_watch(t->hub), t->have, error);
}

/* ---- the body ---- */

static gboolean set_longer(const transfer *t, GError **error)
{
    jd_set_error(error, JD_ERROR_INVALID, "try again, or take another source",
                 "%s is longer than the %" G_GINT64_FORMAT " bytes that were promised",
                 t->download->file->path, t->download->file->size);
    return FALSE;
}

/* The first bytes of an answer: whether they go on where the file ends. */
static gboolean start_body(transfer *t, const jd_hub_reply *reply, GError **error)
{
    const gint64 size = t->download->file->size;
    if (reply->status == 200)
        return cut(t, 0, error) && count(t, 0, error);
    if (reply->range_start == t->have &&
        (size < 0 || reply->range_total < 0 || reply->range_total == size))
        return TRUE;
    jd_set_error(error, JD_ERROR_REMOTE, NULL,
                 "%s: bytes from %" G_GINT64_FORMAT " on were asked for, and those from "
                 "%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " came",
                 t->download->file->path, t->have, reply->range_start, reply->range_total);
    /* The next request is for the whole. */
    cut(t, 0, NULL);
    return FALSE;
}

static gboolean on_body(const jd_hub_reply *reply, const void *data, gsize length, void *user,
                        GError **error)
{
    transfer *t = user;
    const gint64 size = t->download->file->size;
    if (!t->started && !start_body(t, reply, error))
        return FALSE;
    t->started = TRUE;
    if ((gint64)length > (size >= 0 ? size : JD_LIMIT_MODEL_FILE_BYTES) - t->have)
        return set_longer(t, error);
    for (const char *at = data; length > 0;) {
        ssize_t put = write(t->fd, at, length);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0) {
            set_write_error(t, error);
            return FALSE;
        }
        at += put;
        length -= (gsize)put;
        t->have += put;
    }
    return count(t, t->have, error);
}

/* ---- fetching ---- */

static gboolean is_whole(const transfer *t)
{
    return t->download->file->size >= 0 && t->have == t->download->file->size;
}

/* One request for what is missing. TRUE with *cause unset: the server has said all it wanted. */
static void ask_for_rest(transfer *t, jd_hub_reply *reply, GError **cause)
{
    const jd_model_file *file = t->download->file;
    g_autofree char *quoted = file->etag ? g_strdup_printf("\"%s\"", file->etag) : NULL;
    /* With a hash the whole is checked; that ETag may be the hub's, and another host sends it. */
    const char *condition = file->sha256 || file->blob ? NULL : quoted;
    const jd_hub_request request = {.url = t->download->url,
                                    .from = t->have,
                                    .if_range = condition,
                                    .on_body = on_body,
                                    .user = t,
                                    .cancel = jd_hub_watch(t->hub)->cancel};
    t->started = FALSE;
    t->joined |= t->have > 0;
    if (!jd_hub_send(t->hub, &request, reply, cause))
        return;
    if (reply->status == 416 && cut(t, 0, cause)) {
        jd_set_error(cause, JD_ERROR_REMOTE, NULL, "%s: the server does not go on with it",
                     file->path);
        return;
    }
    if (!*cause && reply->status < 300 && file->size >= 0 && t->have < file->size)
        jd_set_error(cause, JD_ERROR_REMOTE, "try again: what has come is kept",
                     "%s ended after %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " bytes",
                     file->path, t->have, file->size);
}

static void set_status(const transfer *t, const jd_hub_reply *reply, GError **error)
{
    g_autofree char *what =
        g_strdup_printf("%s of %s", t->download->file->path, t->download->repository);
    jd_hub_set_status_error(t->hub, reply, what, error);
}

static gboolean fetch(transfer *t, GError **error)
{
    jd_hub_retries retries = {0};
    g_auto(jd_hub_reply) reply = {0};
    while (!is_whole(t)) {
        g_autoptr(GError) cause = NULL;
        ask_for_rest(t, &reply, &cause);
        /* A server that always ends at the same place is not asked for ever. */
        if (t->have > t->furthest)
            retries.count = 0;
        t->furthest = MAX(t->furthest, t->have);
        if (jd_hub_try_again(t->hub, &retries, &reply, &cause))
            continue;
        if (cause) {
            g_propagate_error(error, g_steal_pointer(&cause));
            return FALSE;
        }
        if (reply.status != 200 && reply.status != 206) {
            set_status(t, &reply, error);
            return FALSE;
        }
        /* An empty body is a whole file, where that is what was promised. */
        if (!t->started && reply.status == 200 && !cut(t, 0, error))
            return FALSE;
        return jd_hub_take_hashes(t->download->file, &reply, error);
    }
    return TRUE;
}

/* ---- all ---- */

static gboolean put_in_place(transfer *t, GError **error)
{
    if (fsync(t->fd) == 0 && g_rename(t->path, t->download->to) == 0)
        return TRUE;
    set_write_error(t, error);
    return FALSE;
}

static gboolean run(transfer *t, GError **error)
{
    for (gboolean again = FALSE;; again = TRUE) {
        g_autoptr(GError) cause = NULL;
        if (fetch(t, &cause) &&
            jd_digest_check(t->path, t->download->file, jd_hub_watch(t->hub)->cancel, &cause))
            return put_in_place(t, error);
        const gboolean wrong = g_error_matches(cause, JD_ERROR, JD_ERROR_INVALID);
        /* Where it was put together from several answers, one of them may be to blame: once more,
         * from the start. */
        if (wrong && t->joined && !again && cut(t, 0, NULL)) {
            jd_watch_note(jd_hub_watch(t->hub), "%s: fetching it anew", cause->message);
            continue;
        }
        if (wrong)
            g_unlink(t->path);
        g_propagate_error(error, g_steal_pointer(&cause));
        return FALSE;
    }
}

gboolean jd_hub_download(jd_hub *hub, const jd_download *download, GError **error)
{
    transfer t = {.hub = hub, .download = download, .fd = -1};
    gboolean done = open_part(&t, error) && run(&t, error);
    if (t.fd >= 0)
        close(t.fd);
    g_free(t.path);
    return done;
}
