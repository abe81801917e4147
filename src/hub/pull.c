#include "hub/pull.h"

#include "base/error.h"
#include "base/limits.h"
#include "hub/card.h"
#include "hub/digest.h"
#include "hub/download.h"
#include "hub/tree.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define HUGGING_FACE "https://huggingface.co"

/* ---- sources ---- */

void jd_hub_sources_init(jd_hub_sources *sources, const char *const *given)
{
    const char *endpoint = g_getenv("HF_ENDPOINT");
    const char *token = g_getenv("HF_TOKEN");
    const char *const own[] = {endpoint && *endpoint ? endpoint : HUGGING_FACE, NULL};
    sources->bases = g_strdupv((char **)(given && *given ? given : own));
    sources->token_base = g_strdup(own[0]);
    sources->token = g_strdup(token && *token ? token : NULL);
}

void jd_hub_sources_clear(jd_hub_sources *sources)
{
    g_clear_pointer(&sources->bases, g_strfreev);
    g_clear_pointer(&sources->token_base, g_free);
    g_clear_pointer(&sources->token, g_free);
}

gboolean jd_hub_is_offline(void)
{
    static const char *const yes[] = {"1", "on", "yes", "true", NULL};
    const char *text = g_getenv("HF_HUB_OFFLINE");
    g_autofree char *word = text ? g_ascii_strdown(text, -1) : NULL;
    return word && g_strv_contains(yes, word);
}

/* ---- what is to be fetched ---- */

typedef struct pulling {
    const jd_hub_pull *pull;
    jd_hub *hub;
    jd_hub_listing *listing;
    GPtrArray *files; /* jd_model_file *: those that make the model */
} pulling;

static gboolean set_unverified(const pulling *p, const jd_model_file *file, GError **error)
{
    jd_set_error(error, JD_ERROR_REMOTE,
                 "--unverified takes what this server gives; another source may give hashes",
                 "%s gives no hash of %s, so that it cannot be verified", jd_hub_base(p->hub),
                 file->path);
    return FALSE;
}

static gboolean know_beforehand(const pulling *p, jd_model_file *file, const jd_known_file *known,
                                GError **error)
{
    if (file->sha256 && !g_str_equal(file->sha256, known->sha256)) {
        jd_set_error(error, JD_ERROR_INVALID,
                     "where you trust it, name the revision that you want with --revision",
                     "%s gives another %s than Jackdaw knows: SHA-256 %s, and %s was expected",
                     jd_hub_base(p->hub), file->path, file->sha256, known->sha256);
        return FALSE;
    }
    if (!file->sha256)
        file->sha256 = g_strdup(known->sha256);
    file->verified = JD_VERIFIED_KNOWN;
    return TRUE;
}

/* A branch moves; a commit does not. */
static gboolean is_commit(const char *revision)
{
    enum { SHA1_DIGITS = 40 };
    return strlen(revision) == SHA1_DIGITS && strspn(revision, "0123456789abcdef") == SHA1_DIGITS;
}

/* A hash that is known beforehand, or was pinned by an earlier installation of the same commit,
 * must be what the hub gives now. */
static gboolean pin(const pulling *p, jd_model_file *file, GError **error)
{
    const jd_known_file *known = jd_known_model_file(p->pull->known, file->path);
    const jd_record *before = p->pull->before;
    gboolean same = before && is_commit(p->listing->revision) &&
                    g_strcmp0(before->revision, p->listing->revision) == 0;
    const jd_model_file *old = same ? jd_model_files_find(before->files, file->path) : NULL;
    if (old && file->sha256 && !g_str_equal(old->sha256, file->sha256)) {
        jd_set_error(error, JD_ERROR_INVALID,
                     "one of the two was tampered with: look at the repository's history",
                     "%s now gives another %s for the same revision: SHA-256 %s; %s was installed",
                     jd_hub_base(p->hub), file->path, file->sha256, old->sha256);
        return FALSE;
    }
    if (!file->sha256 && old)
        file->sha256 = g_strdup(old->sha256);
    return !known || p->pull->revision || know_beforehand(p, file, known, error);
}

static gboolean know(pulling *p, jd_model_file *file, GError **error)
{
    gboolean there = TRUE;
    if ((file->size < 0 || (!file->sha256 && !file->blob)) &&
        !jd_hub_look(p->hub, p->listing, file, &there, error))
        return FALSE;
    if (!there) {
        jd_set_error(error, JD_ERROR_NOT_FOUND, NULL, "%s lists %s, but does not have it",
                     jd_hub_base(p->hub), file->path);
        return FALSE;
    }
    file->verified = file->sha256 || file->blob ? JD_VERIFIED_HUB : JD_VERIFIED_SIZE;
    if (!pin(p, file, error))
        return FALSE;
    if (file->verified == JD_VERIFIED_SIZE && !p->pull->unverified)
        return set_unverified(p, file, error);
    return TRUE;
}

/* Small ones first: what they say may make the large ones needless. */
static int by_size(gconstpointer a, gconstpointer b)
{
    const jd_model_file *x = *(jd_model_file *const *)a, *y = *(jd_model_file *const *)b;
    return x->size != y->size ? (x->size < y->size ? -1 : 1) : strcmp(x->path, y->path);
}

static gboolean choose(pulling *p, GError **error)
{
    p->files = jd_model_files_choose(p->listing->files, "", error);
    if (!p->files) {
        jd_prefix_error(error, "%s: ", p->pull->repository);
        return FALSE;
    }
    for (guint i = 0; i < p->files->len; i++)
        if (!know(p, p->files->pdata[i], error))
            return FALSE;
    g_ptr_array_sort(p->files, by_size);
    return TRUE;
}

/* ---- fetching ---- */

static gboolean check_space(const pulling *p, GError **error)
{
    const jd_shelf_place *place = p->pull->place;
    guint64 need = jd_model_files_bytes(p->files), have = jd_tree_bytes(place->incoming);
    return need <= have || jd_check_space(place->root, need - have, p->pull->repository, error);
}

/* Removes what an earlier run fetched that is not part of this revision. */
static void drop_others(const pulling *p, const char *below)
{
    g_autofree char *folder = g_build_filename(p->pull->place->model, below, NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = *below ? g_strconcat(below, "/", name, NULL) : g_strdup(name);
        g_autofree char *whole = g_build_filename(folder, name, NULL);
        if (g_file_test(whole, G_FILE_TEST_IS_DIR))
            drop_others(p, path);
        else if (!jd_model_files_find(p->files, path))
            g_unlink(whole);
    }
}

/* A file that an earlier run has verified and put in its place. */
static gboolean is_there(const pulling *p, jd_model_file *file, const char *to)
{
    const jd_cancel *cancel = p->pull->watch->cancel;
    GStatBuf info;
    if (g_stat(to, &info) != 0)
        return FALSE;
    if ((file->sha256 || file->blob) && info.st_size == file->size &&
        jd_digest_check(to, file, cancel, NULL))
        return TRUE;
    if (!jd_cancelled(cancel, NULL))
        g_unlink(to);
    return FALSE;
}

static gboolean fetch_file(pulling *p, jd_model_file *file, GError **error)
{
    const jd_shelf_place *place = p->pull->place;
    g_autofree char *to = g_build_filename(place->model, file->path, NULL);
    g_autofree char *folder = g_path_get_dirname(to);
    g_autofree char *url =
        jd_hub_file_url(p->hub, p->listing->repository, p->listing->revision, file->path);
    jd_watch_set_what(p->pull->watch, file->path);
    if (is_there(p, file, to))
        return jd_watch_skip(p->pull->watch, file->size, error);
    if (g_mkdir_with_parents(folder, 0755) != 0) {
        jd_set_error_errno(error, errno, "cannot make the folder %s", folder);
        return FALSE;
    }
    const jd_download download = {.url = url,
                                  .repository = p->pull->repository,
                                  .parts = place->parts,
                                  .to = to,
                                  .file = file};
    return jd_hub_download(p->hub, &download, error);
}

static gboolean fetch_all(pulling *p, GError **error)
{
    gboolean looked = FALSE;
    drop_others(p, "");
    jd_watch_begin(p->pull->watch, "pull", jd_model_files_bytes(p->files));
    for (guint i = 0; i < p->files->len; i++) {
        jd_model_file *file = p->files->pdata[i];
        if (!looked && file->size > JD_HUB_LOOK_BYTES) {
            looked = TRUE;
            if (!p->pull->look(p->pull->place->model, error))
                return FALSE;
        }
        if (!fetch_file(p, file, error))
            return FALSE;
    }
    return TRUE;
}

static jd_record *make_record(pulling *p)
{
    jd_record *record = jd_record_new();
    g_autofree char *source = g_strdup_printf("%s/%s", jd_hub_base(p->hub), p->listing->repository);
    record->source = g_steal_pointer(&source);
    record->revision = g_strdup(p->listing->revision);
    record->licence = g_steal_pointer(&p->listing->licence);
    if (!record->licence)
        record->licence = jd_model_card_licence(p->pull->place->model);
    if (!record->licence && p->pull->known)
        record->licence = g_strdup(p->pull->known->licence);
    record->installed = g_get_real_time() / G_USEC_PER_SEC;
    g_ptr_array_unref(record->files);
    record->files = g_steal_pointer(&p->files);
    return record;
}

static jd_record *pull_from(const jd_hub_pull *pull, const char *base, GError **error)
{
    const jd_hub_sources *sources = pull->sources;
    const char *revision = pull->revision ? pull->revision : "main";
    gboolean trusted = g_str_equal(base, sources->token_base);
    g_autoptr(jd_hub) hub = jd_hub_new(base, trusted ? sources->token : NULL, pull->watch, error);
    if (!hub)
        return NULL;
    pulling p = {.pull = pull, .hub = hub};
    p.listing = jd_hub_list(hub, pull->repository, revision, error);
    jd_record *record = NULL;
    if (p.listing && choose(&p, error) && check_space(&p, error) && fetch_all(&p, error))
        record = make_record(&p);
    jd_hub_listing_free(p.listing);
    g_clear_pointer(&p.files, g_ptr_array_unref);
    return record;
}

/* Another source may do what this one did not. */
static gboolean may_go_on(const GError *cause)
{
    static const jd_error_code codes[] = {JD_ERROR_NOT_FOUND,   JD_ERROR_INVALID,
                                          JD_ERROR_UNSUPPORTED, JD_ERROR_LIMIT,
                                          JD_ERROR_UNAVAILABLE, JD_ERROR_REMOTE};
    for (gsize i = 0; i < G_N_ELEMENTS(codes); i++)
        if (g_error_matches(cause, JD_ERROR, codes[i]))
            return TRUE;
    return FALSE;
}

jd_record *jd_hub_pull_model(const jd_hub_pull *pull, GError **error)
{
    for (char **base = pull->sources->bases;; base++) {
        g_autoptr(GError) cause = NULL;
        jd_record *record = pull_from(pull, *base, &cause);
        if (record)
            return record;
        if (!base[1] || !may_go_on(cause)) {
            g_propagate_error(error, g_steal_pointer(&cause));
            return NULL;
        }
        jd_watch_note(pull->watch, "%s: trying %s", cause->message, base[1]);
    }
}
