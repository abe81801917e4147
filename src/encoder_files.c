#include "encoder_files.h"

#include "base/error.h"
#include "base/hash.h"
#include "embed/config.h"
#include "embed/models.h"
#include "embed_text.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* ---- kinds ---- */

static gboolean is_one_of(const char *word, const char *const *words)
{
    return g_strv_contains(words, word);
}

jd_encoder_kind jd_encoder_kind_of(const char *folder)
{
    static const char *const pictures[] = {"clip", "siglip", NULL};
    static const char *const texts[] = {"bert",  "roberta",    "xlm-roberta", "distilbert",
                                        "mpnet", "modernbert", NULL};
    g_autoptr(jd_config) config = jd_config_load(folder, "config.json", NULL);
    if (!config)
        return JD_ENCODER_NONE;
    const char *type = jd_config_get_string(config, "model_type", "");
    if (is_one_of(type, pictures))
        return JD_ENCODER_PICTURES;
    return is_one_of(type, texts) && !jd_models_is_reranker(folder) ? JD_ENCODER_TEXT
                                                                    : JD_ENCODER_NONE;
}

/* ---- what is installed ---- */

/* Earlier ones are better: notes beside encoders.h's order say by what. */
static const char *const preferred[] = {
    "snowflake-arctic-embed-m-v1.5",
    "granite-embedding-english-r2",
    "snowflake-arctic-embed-s",
    "bge-small-en-v1.5",
    "granite-embedding-small-english-r2",
    "snowflake-arctic-embed-xs",
    "granite-embedding-97m-multilingual-r2",
    "multilingual-e5-small",
    "all-MiniLM-L6-v2",
    /* pictures */
    "siglip2-base-patch16-256",
    "siglip-base-patch16-256",
    "CLIP-ViT-B-16-laion2B-s34B-b88K",
    "clip-vit-base-patch16",
    "clip-vit-base-patch32",
};

static gsize place_of(const char *name)
{
    const char *slash = strrchr(name, '/');
    for (gsize i = 0; i < G_N_ELEMENTS(preferred); i++)
        if (g_ascii_strcasecmp(slash ? slash + 1 : name, preferred[i]) == 0)
            return i;
    return G_N_ELEMENTS(preferred);
}

static int by_preference(gconstpointer a, gconstpointer b)
{
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    gsize left = place_of(x), right = place_of(y);
    return left != right ? (left < right ? -1 : 1) : strcmp(x, y);
}

GPtrArray *jd_encoder_installed(jd_encoder_kind kind)
{
    g_autofree char *root = jd_models_folder();
    g_auto(GStrv) all = jd_models_names();
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (gsize i = 0; all[i]; i++) {
        g_autofree char *folder = g_build_filename(root, all[i], NULL);
        if (jd_encoder_kind_of(folder) == kind)
            g_ptr_array_add(names, g_strdup(all[i]));
    }
    g_ptr_array_sort(names, by_preference);
    return names;
}

/* ---- revisions ---- */

static gboolean counts(const char *name)
{
    static const char *const endings[] = {".json", ".txt", ".model", ".safetensors", ".bin", ".pt"};
    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++)
        if (g_str_has_suffix(name, endings[i]))
            return TRUE;
    return FALSE;
}

/* The files of the folder and of a sentence encoder's modules ("1_Pooling"), by name. */
guint64 jd_folder_stamp(const char *folder)
{
    GStatBuf info;
    if (g_stat(folder, &info) != 0)
        return 0;
    const guint64 parts[] = {info.st_dev, info.st_ino, (guint64)info.st_mtim.tv_sec,
                             (guint64)info.st_mtim.tv_nsec};
    guint64 stamp = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        /* Mixing as in splitmix64 (Steele, Lea, Flood 2014). */
        stamp = (stamp ^ parts[i]) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
        stamp ^= stamp >> 27;
    }
    return stamp;
}

/* Of a folder and those below it, `depth` deep; a sum, since they come in any order. */
static guint64 tree_stamp(const char *folder, int depth)
{
    guint64 stamp = jd_folder_stamp(folder);
    g_autoptr(GDir) dir = depth > 0 ? g_dir_open(folder, 0, NULL) : NULL;
    const char *entry;
    while (dir && (entry = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, entry, NULL);
        if (entry[0] != '.' && g_file_test(path, G_FILE_TEST_IS_DIR))
            stamp += tree_stamp(path, depth - 1);
    }
    return stamp;
}

guint64 jd_models_stamp(void)
{
    enum { OWNER_AND_NAME = 2 };
    g_autofree char *root = jd_models_folder();
    return tree_stamp(root, OWNER_AND_NAME);
}

static void find_files(GPtrArray *names, const char *folder, const char *below)
{
    g_autofree char *place = g_build_filename(folder, below, NULL);
    g_autoptr(GDir) dir = g_dir_open(place, 0, NULL);
    const char *entry;
    while (dir && (entry = g_dir_read_name(dir))) {
        char *name = below ? g_strdup_printf("%s/%s", below, entry) : g_strdup(entry);
        if (!below && g_ascii_isdigit(entry[0]) && strchr(entry, '_'))
            find_files(names, folder, entry);
        if (counts(entry))
            g_ptr_array_add(names, name);
        else
            g_free(name);
    }
}

static int by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What the cached revision goes by. NULL with an error where a file cannot be looked at. */
static char *identity_of(const char *folder, const GPtrArray *names, GError **error)
{
    g_autoptr(GString) text = g_string_new("revision 1 " JD_EMBED_TEXT_FORM "\n");
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *path = g_build_filename(folder, names->pdata[i], NULL);
        GStatBuf info;
        if (g_stat(path, &info) != 0) {
            jd_set_error_errno(error, errno, "%s: cannot look at it", path);
            return NULL;
        }
        g_string_append_printf(text, "%s %lld %lld.%ld %llu\n", (char *)names->pdata[i],
                               (long long)info.st_size, (long long)info.st_mtim.tv_sec,
                               info.st_mtim.tv_nsec, (unsigned long long)info.st_ino);
    }
    return jd_sha256(text->str, text->len);
}

static char *hash_files(const char *folder, const GPtrArray *names, GError **error)
{
    g_autoptr(GString) text = g_string_new("form " JD_EMBED_TEXT_FORM "\n");
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *path = g_build_filename(folder, names->pdata[i], NULL);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            jd_set_error_errno(error, errno, "%s: cannot open it", path);
            return NULL;
        }
        g_autofree char *sum = jd_sha256_fd(fd, NULL, error);
        close(fd);
        if (!sum) {
            jd_prefix_error(error, "%s: ", path);
            return NULL;
        }
        g_string_append_printf(text, "%s %s\n", (char *)names->pdata[i], sum);
    }
    return jd_sha256(text->str, text->len);
}

char *jd_encoder_revision(const char *folder, const char *cache, GError **error)
{
    enum { SHA256_CHARS = 64 };
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    find_files(names, folder, NULL);
    g_ptr_array_sort(names, by_name);
    g_autofree char *identity = identity_of(folder, names, error);
    if (!identity)
        return NULL;
    g_autofree char *file = g_strdup_printf("%.32s.revision", identity);
    g_autofree char *path = cache ? g_build_filename(cache, file, NULL) : NULL;
    g_autofree char *kept = NULL;
    gsize size;
    if (path && g_file_get_contents(path, &kept, &size, NULL) && size == SHA256_CHARS)
        return g_steal_pointer(&kept);
    char *revision = hash_files(folder, names, error);
    /* Where it cannot be kept, the next process reads the files again. */
    if (revision && path && g_mkdir_with_parents(cache, 0700) == 0)
        g_file_set_contents(path, revision, -1, NULL);
    return revision;
}
