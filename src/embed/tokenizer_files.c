#include "embed/tokenizer_files.h"

#include "base/error.h"
#include "base/limits.h"
#include "embed/tokenizer_classic.h"
#include "embed/tokenizer_json.h"
#include "embed/tokenizer_text.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static const char *const FILES[] = {
    "tokenizer.json",         "vocab.json", "merges.txt", "vocab.txt", "tokenizer_config.json",
    "special_tokens_map.json"};

char *jd_tokenizer_files_key(const char *folder)
{
    g_autoptr(GString) key = g_string_new("tokenizer");
    for (gsize i = 0; i < G_N_ELEMENTS(FILES); i++) {
        g_autofree char *path = g_build_filename(folder, FILES[i], NULL);
        struct stat info;
        if (stat(path, &info) != 0)
            continue;
        g_string_append_printf(
            key, "|%s %lld %lld.%09ld %lld.%09ld %llu:%llu", FILES[i], (long long)info.st_size,
            (long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec, (long long)info.st_ctim.tv_sec,
            info.st_ctim.tv_nsec, (unsigned long long)info.st_dev, (unsigned long long)info.st_ino);
    }
    return g_string_free(g_steal_pointer(&key), FALSE);
}

/* The bytes of a file; NULL without an error where it is not there. */
static char *read_file(const char *folder, const char *name, gsize *length, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    struct stat info;
    if (stat(path, &info) != 0) {
        if (errno != ENOENT && errno != ENOTDIR)
            jd_set_error_errno(error, errno, "cannot read %s", path);
        return NULL;
    }
    if (!S_ISREG(info.st_mode) || info.st_size > JD_LIMIT_TOKENIZER_BYTES) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "%s is no file of at most %lld bytes", path,
                     (long long)JD_LIMIT_TOKENIZER_BYTES);
        return NULL;
    }
    char *data = NULL;
    g_autoptr(GError) inner = NULL;
    if (!g_file_get_contents(path, &data, length, &inner))
        jd_set_error(error, JD_ERROR_IO, NULL, "cannot read %s: %s", path, inner->message);
    return data;
}

json_t *jd_tokenizer_files_json(const char *folder, const char *name, GError **error)
{
    gsize length;
    g_autofree char *data = read_file(folder, name, &length, error);
    if (!data)
        return NULL;
    /* "model_max_length" is 1e30 as an integer where a model has none. */
    const gboolean config = strcmp(name, "tokenizer_config.json") == 0;
    json_error_t problem;
    json_t *json =
        json_loadb(data, length, JSON_ALLOW_NUL | (config ? JSON_DECODE_INT_AS_REAL : 0), &problem);
    if (!json)
        jd_set_error(error, JD_ERROR_INVALID, "fetch the model again",
                     "%s of %s is no JSON: line %d, column %d: %s", name, folder, problem.line,
                     problem.column, problem.text);
    return json;
}

char **jd_tokenizer_files_lines(const char *folder, const char *name, GError **error)
{
    gsize length;
    g_autofree char *data = read_file(folder, name, &length, error);
    if (!data)
        return NULL;
    if (jd_utf8_valid(data, length) < length || strlen(data) < length) {
        jd_set_error(error, JD_ERROR_INVALID, "fetch the model again",
                     "%s of %s is no text in UTF-8", name, folder);
        return NULL;
    }
    char **lines = g_strsplit(data, "\n", -1);
    gsize count = g_strv_length(lines);
    for (gsize i = 0; i < count; i++) {
        const gsize size = strlen(lines[i]);
        if (size > 0 && lines[i][size - 1] == '\r')
            lines[i][size - 1] = '\0';
    }
    if (count > 0 && *lines[count - 1] == '\0')
        g_clear_pointer(&lines[count - 1], g_free);
    return lines;
}

/* The text of a token that is a string or {"content": ...}. */
static const char *token_text(const json_t *value)
{
    return json_is_string(value) ? json_string_value(value)
                                 : jd_settings_optional(value, "content");
}

/* Names the token for padding where any of the files does. */
static void set_pad_token(json_t *json, const jd_special_tokens *tokens)
{
    const json_t *padding = json_object_get(json, "padding");
    const char *pad = token_text(jd_special_token(tokens, "pad_token"));
    if (!pad)
        pad = jd_settings_optional(padding, "pad_token");
    if (pad)
        json_object_set_new(json, "pad_token", json_string(pad));
}

static json_t *read_any(const char *folder, const jd_special_tokens *tokens, GError **error)
{
    g_autoptr(GError) inner = NULL;
    json_t *json = jd_tokenizer_files_json(folder, "tokenizer.json", &inner);
    if (!json && !inner)
        json = jd_classic_from_merges(folder, tokens, &inner);
    if (!json && !inner)
        json = jd_classic_from_lines(folder, tokens, &inner);
    if (!json && !inner)
        jd_set_error(
            &inner, JD_ERROR_NOT_FOUND,
            "a model folder has tokenizer.json, or vocab.json and merges.txt, or vocab.txt",
            "there is no tokenizer in %s", folder);
    if (inner)
        g_propagate_error(error, g_steal_pointer(&inner));
    return json;
}

json_t *jd_tokenizer_files_read(const char *folder, GError **error)
{
    g_autoptr(GError) inner = NULL;
    json_auto_t *config = jd_tokenizer_files_json(folder, "tokenizer_config.json", &inner);
    json_auto_t *map =
        inner ? NULL : jd_tokenizer_files_json(folder, "special_tokens_map.json", &inner);
    if (inner) {
        g_propagate_error(error, g_steal_pointer(&inner));
        return NULL;
    }
    const jd_special_tokens tokens = {config, map};
    json_t *json = read_any(folder, &tokens, error);
    if (json)
        set_pad_token(json, &tokens);
    return json;
}
