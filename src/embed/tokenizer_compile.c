#include "embed/tokenizer_compile.h"

#include "base/error.h"
#include "embed/tokenizer_json.h"
#include "embed/tokenizer_model.h"

#include <stdlib.h>
#include <string.h>

enum { CHARSMAP_ALIGN = 8 };

/* Moves the map of a Precompiled normalizer into `user` (GByteArray). */
static gboolean take_charsmap(const json_t *object, const char *type, void *user, GError **error)
{
    if (strcmp(type, "Precompiled") != 0)
        return TRUE;
    GByteArray *maps = user;
    json_t *json = (json_t *)object;
    const char *text = jd_settings_text(json, "precompiled_charsmap", error);
    if (!text)
        return FALSE;
    gsize size;
    g_autofree guchar *map = g_base64_decode(text, &size);
    while (maps->len % CHARSMAP_ALIGN != 0)
        g_byte_array_append(maps, (const guint8 *)"", 1);
    json_object_set_new(json, "offset", json_integer(maps->len));
    json_object_set_new(json, "size", json_integer((json_int_t)size));
    json_object_del(json, "precompiled_charsmap");
    g_byte_array_append(maps, map, (guint)size);
    return TRUE;
}

static gboolean compile_charsmaps(const json_t *json, jd_tables *tables, GError **error)
{
    g_autoptr(GByteArray) maps = g_byte_array_new();
    const jd_settings_chain chain = {"normalizer", "normalizers", take_charsmap, maps};
    return jd_settings_walk(json_object_get(json, "normalizer"), &chain, error) &&
           jd_tables_add(tables, JD_TABLE_CHARSMAPS, maps->data, maps->len, error);
}

gboolean jd_tokenizer_compile(json_t *json, jd_tables *tables, GError **error)
{
    if (!json_is_object(json)) {
        jd_set_error(error, JD_ERROR_INVALID, NULL, "it is no JSON object");
        return FALSE;
    }
    const char *version = jd_settings_optional(json, "version");
    if (version && strcmp(version, "1.0") != 0) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL, "it is of version %s; version 1.0 is known",
                     version);
        return FALSE;
    }
    if (!jd_token_model_compile(json_object_get(json, "model"), tables, error) ||
        !compile_charsmaps(json, tables, error))
        return FALSE;
    json_object_del(json, "decoder");
    char *text = json_dumps(json, JSON_COMPACT);
    const gboolean ok = text && jd_tables_add(tables, JD_TABLE_SETTINGS, text, strlen(text), error);
    free(text);
    return ok;
}

jd_tokenizer *jd_tokenizer_parse(const char *text, gsize length, GError **error)
{
    json_error_t problem;
    json_auto_t *json = json_loadb(text, length, JSON_ALLOW_NUL, &problem);
    if (!json) {
        jd_set_error(error, JD_ERROR_INVALID, NULL, "line %d, column %d: %s", problem.line,
                     problem.column, problem.text);
        return NULL;
    }
    g_autoptr(jd_tables) tables = jd_tables_new(NULL, "");
    if (!jd_tokenizer_compile(json, tables, error))
        return NULL;
    return jd_tokenizer_open(g_steal_pointer(&tables), error);
}
