/* The files of a model, wherever they lie: which of them make the model, and where it begins. */
#ifndef JD_HUB_FILES_H
#define JD_HUB_FILES_H

#include <glib.h>

/** How far a file is known to be the right one. */
typedef enum jd_verified {
    JD_VERIFIED_LOCAL, /* it came from this machine: its hash was computed, there was none to check
                          it against */
    JD_VERIFIED_SIZE,  /* the server gave its size and no hash */
    JD_VERIFIED_HUB,   /* it has the hash that the hub gave; pinned from then on */
    JD_VERIFIED_KNOWN  /* it has the SHA-256 that stands in Jackdaw's own list */
} jd_verified;

/** "local", "size", "hub", "known". */
const char *jd_verified_name(jd_verified verified);

typedef struct jd_model_file {
    char *path;   /* in the model's folder, with "/" */
    gint64 size;  /* -1: unknown */
    char *sha256; /* 64 lower-case hex digits, or NULL */
    char *blob;   /* git's SHA-1 of the file as a blob, 40 hex digits, or NULL */
    char *etag;   /* a server's name for the bytes where it gives no hash, or NULL */
    jd_verified verified;
} jd_model_file;

jd_model_file *jd_model_file_new(const char *path, gint64 size);
void jd_model_file_free(jd_model_file *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_model_file, jd_model_file_free)
/** An array that frees its jd_model_file *. */
GPtrArray *jd_model_files_new(void);
jd_model_file *jd_model_files_find(const GPtrArray *files, const char *path);
guint64 jd_model_files_bytes(const GPtrArray *files);

/** Whether `path` names a file below a folder and nothing else: no "..", no root, no backslash, no
 * control characters, no part that begins with a dot. */
gboolean jd_model_path_is_safe(const char *path);

/** Whether a name can be a model's: "NAME" or "OWNER/NAME" of letters, digits, "-", "_" and ".". */
gboolean jd_model_name_check(const char *name, GError **error);

/**
 * Where the model begins among `files` (jd_model_file *): "" or a path that ends in "/", the
 * shallowest folder with a config.json and weights. JD_ERROR_UNSUPPORTED where there is none,
 * JD_ERROR_USAGE naming them where there are several. g_free() it.
 */
char *jd_model_files_root(const GPtrArray *files, GError **error);

/**
 * What of a repository makes a model that Jackdaw runs: configuration, tokenizer, preprocessing,
 * modules, and the weights in one form only: safetensors before PyTorch's. The paths of the result,
 * a new array of copies, are without `root`. JD_ERROR_UNSUPPORTED where the configuration or the
 * weights are not among them; JD_ERROR_LIMIT for a file that is too large.
 */
GPtrArray *jd_model_files_choose(const GPtrArray *files, const char *root, GError **error);

#endif
