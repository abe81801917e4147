#include "hub/listing.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/remedy.h"

#include <jansson.h>
#include <string.h>

enum { SHA1_DIGITS = 40, SHA256_DIGITS = 64 };

void jd_hub_listing_free(jd_hub_listing *listing)
{
    if (!listing)
        return;
    g_free(listing->repository);
    g_free(listing->revision);
    g_free(listing->licence);
    g_ptr_array_unref(listing->files);
    g_free(listing);
}

static jd_hub_listing *listing_new(const char *repository, const char *revision)
{
    jd_hub_listing *listing = g_new0(jd_hub_listing, 1);
    listing->repository = g_strdup(repository);
    listing->revision = g_strdup(revision);
    listing->files = jd_model_files_new();
    return listing;
}

/* ---- hashes ---- */

/* `text` in lower case where it is a hash of so many digits; NULL else. */
static char *as_hash(const char *text, gsize digits)
{
    if (!text || strlen(text) != digits)
        return NULL;
    for (const char *p = text; *p; p++)
        if (!g_ascii_isxdigit(*p))
            return NULL;
    return g_ascii_strdown(text, -1);
}

static gboolean set_hash(char **kept, char *said, const char *path, GError **error)
{
    g_autofree char *hash = said;
    if (!hash)
        return TRUE;
    if (*kept && !g_str_equal(*kept, hash)) {
        jd_set_error(error, JD_ERROR_INVALID, "try again, or take another source",
                     "the hub contradicts itself about %s: it gives the hashes %s and %s", path,
                     *kept, hash);
        return FALSE;
    }
    if (!*kept)
        *kept = g_steal_pointer(&hash);
    return TRUE;
}

/* ---- the hub's list ---- */

static jd_model_file *file_from_json(const json_t *entry)
{
    const char *path = json_string_value(json_object_get(entry, "rfilename"));
    const json_t *size = json_object_get(entry, "size");
    const json_t *linked = json_object_get(entry, "lfs");
    if (!path || !jd_model_path_is_safe(path))
        return NULL; /* such a file is not wanted anyway */
    jd_model_file *file =
        jd_model_file_new(path, json_is_integer(size) ? json_integer_value(size) : -1);
    file->sha256 = as_hash(json_string_value(json_object_get(linked, "sha256")), SHA256_DIGITS);
    /* Git's hash of a linked file is that of the link. */
    if (!json_is_object(linked))
        file->blob = as_hash(json_string_value(json_object_get(entry, "blobId")), SHA1_DIGITS);
    return file;
}

static char *licence_from_json(const json_t *json)
{
    const json_t *tags = json_object_get(json, "tags");
    size_t i;
    json_t *tag;
    json_array_foreach(tags, i, tag)
    {
        const char *text = json_string_value(tag);
        if (text && g_str_has_prefix(text, "license:"))
            return g_strdup(text + strlen("license:"));
    }
    return NULL;
}

jd_hub_listing *jd_hub_listing_parse(const char *text, gsize length, GError **error)
{
    json_error_t problem;
    json_auto_t *json = json_loadb(text, length, 0, &problem);
    const json_t *files = json_object_get(json, "siblings");
    if (!json_is_array(files) || json_array_size(files) > JD_LIMIT_HUB_FILES) {
        jd_set_error(error, JD_ERROR_INVALID, NULL, "no list of files");
        return NULL;
    }
    g_autofree char *commit = as_hash(json_string_value(json_object_get(json, "sha")), SHA1_DIGITS);
    jd_hub_listing *listing = listing_new(NULL, commit);
    listing->licence = licence_from_json(json);
    size_t i;
    json_t *entry;
    json_array_foreach(files, i, entry)
    {
        jd_model_file *file = file_from_json(entry);
        if (file)
            g_ptr_array_add(listing->files, file);
    }
    return listing;
}

/* ---- asking for single files ---- */

/* An ETag without its quotes; NULL for one that two different contents may share. */
static char *strong_etag(const char *etag)
{
    if (!etag || g_str_has_prefix(etag, "W/"))
        return NULL;
    char *plain = g_strdup(etag);
    gsize length = strlen(plain);
    if (length < 2 || plain[0] != '"' || plain[length - 1] != '"')
        return plain;
    plain[length - 1] = '\0';
    memmove(plain, plain + 1, length - 1);
    return plain;
}

gboolean jd_hub_take_hashes(jd_model_file *file, const jd_hub_reply *reply, GError **error)
{
    const char *said = reply->linked_etag ? reply->linked_etag : reply->etag;
    /* Weak or not, what the hub calls a hash is one. */
    g_autofree char *etag =
        strong_etag(said && g_str_has_prefix(said, "W/") ? said + strlen("W/") : said);
    return set_hash(&file->sha256, as_hash(etag, SHA256_DIGITS), file->path, error) &&
           set_hash(&file->blob, as_hash(etag, SHA1_DIGITS), file->path, error);
}

static gboolean take_size(jd_model_file *file, const jd_hub_reply *reply, GError **error)
{
    gint64 size = reply->linked_size >= 0 ? reply->linked_size : reply->length;
    if (file->size >= 0 && size >= 0 && file->size != size) {
        jd_set_error(error, JD_ERROR_INVALID, "try again, or take another source",
                     "the hub contradicts itself about %s: it gives the sizes %" G_GINT64_FORMAT
                     " and %" G_GINT64_FORMAT,
                     file->path, file->size, size);
        return FALSE;
    }
    file->size = MAX(file->size, size);
    return TRUE;
}

static void take_commit(jd_hub_listing *listing, const jd_hub_reply *reply)
{
    g_autofree char *commit = as_hash(reply->commit, SHA1_DIGITS);
    if (!commit)
        return;
    g_free(listing->revision);
    listing->revision = g_steal_pointer(&commit);
}

gboolean jd_hub_look(jd_hub *hub, jd_hub_listing *listing, jd_model_file *file, gboolean *there,
                     GError **error)
{
    g_autofree char *url = jd_hub_file_url(hub, listing->repository, listing->revision, file->path);
    const jd_hub_request request = {.url = url, .head = TRUE, .cancel = jd_hub_watch(hub)->cancel};
    g_auto(jd_hub_reply) reply = {0};
    if (!jd_hub_ask(hub, &request, &reply, error))
        return FALSE;
    *there = reply.status < 400;
    if (*there) {
        g_free(file->etag);
        file->etag = strong_etag(reply.etag);
        take_commit(listing, &reply);
        return jd_hub_take_hashes(file, &reply, error) && take_size(file, &reply, error);
    }
    if (reply.status == 404)
        return TRUE;
    g_autofree char *what = g_strdup_printf("%s of %s", file->path, listing->repository);
    jd_hub_set_status_error(hub, &reply, what, error);
    return FALSE;
}

/* ---- servers without a list ---- */

static gboolean probe(jd_hub *hub, jd_hub_listing *listing, const char *path, gboolean *there,
                      GError **error)
{
    g_autoptr(jd_model_file) file = jd_model_file_new(path, -1);
    if (!jd_hub_look(hub, listing, file, there, error))
        return FALSE;
    if (*there)
        g_ptr_array_add(listing->files, g_steal_pointer(&file));
    return TRUE;
}

static jd_hub_listing *list_by_probing(jd_hub *hub, const char *repository, const char *revision,
                                       GError **error)
{
    /* config.json and one of the weights must be there; jd_model_files_choose() says so. */
    static const char *const usual[] = {"config.json",
                                        "model.safetensors",
                                        "pytorch_model.bin",
                                        "tokenizer.json",
                                        "tokenizer_config.json",
                                        "special_tokens_map.json",
                                        "vocab.txt",
                                        "vocab.json",
                                        "merges.txt",
                                        "preprocessor_config.json",
                                        "modules.json",
                                        "sentence_bert_config.json",
                                        "config_sentence_transformers.json",
                                        "1_Pooling/config.json",
                                        "1_Dense/config.json",
                                        "1_Dense/model.safetensors",
                                        "2_Dense/config.json",
                                        "2_Dense/model.safetensors",
                                        "3_LayerNorm/config.json",
                                        "3_LayerNorm/model.safetensors",
                                        "4_Dense/config.json",
                                        "4_Dense/model.safetensors",
                                        "LICENSE"};
    g_autoptr(jd_hub_listing) listing = listing_new(repository, revision);
    for (gsize i = 0; i < G_N_ELEMENTS(usual); i++) {
        gboolean there;
        if (!probe(hub, listing, usual[i], &there, error))
            return NULL;
        if (there || i > 0)
            continue;
        jd_set_error(error, JD_ERROR_NOT_FOUND, JD_REMEDY_MODELS_NAME, "%s has no %s (revision %s)",
                     jd_hub_base(hub), repository, revision);
        return NULL;
    }
    return g_steal_pointer(&listing);
}

/* ---- all ---- */

/* A server that knows the hub's interface says what it misses; another one just has no such page.
 */
static gboolean has_no_list(const jd_hub_reply *reply)
{
    return (reply->status == 404 || reply->status == 405 || reply->status == 501) &&
           !reply->error_code;
}

jd_hub_listing *jd_hub_list(jd_hub *hub, const char *repository, const char *revision,
                            GError **error)
{
    g_autofree char *branch = g_uri_escape_string(revision, NULL, FALSE);
    g_autofree char *url = g_strdup_printf("%s/api/models/%s/revision/%s?blobs=true",
                                           jd_hub_base(hub), repository, branch);
    const jd_hub_request request = {.url = url, .cancel = jd_hub_watch(hub)->cancel};
    g_auto(jd_hub_reply) reply = {0};
    if (!jd_hub_ask(hub, &request, &reply, error))
        return NULL;
    if (has_no_list(&reply))
        return list_by_probing(hub, repository, revision, error);
    if (reply.status != 200) {
        g_autofree char *what = g_strcmp0(reply.error_code, "RevisionNotFound") == 0
                                    ? g_strdup_printf("revision %s of %s", revision, repository)
                                    : g_strdup_printf("model %s", repository);
        jd_hub_set_status_error(hub, &reply, what, error);
        return NULL;
    }
    jd_hub_listing *listing = jd_hub_listing_parse(reply.body->str, reply.body->len, NULL);
    if (!listing) /* some servers answer any address with a page of theirs */
        return list_by_probing(hub, repository, revision, error);
    listing->repository = g_strdup(repository);
    if (!listing->revision)
        listing->revision = g_strdup(revision);
    return listing;
}
