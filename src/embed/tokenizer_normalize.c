#include "embed/tokenizer_normalize.h"

#include "base/error.h"
#include "base/limits.h"
#include "embed/tokenizer_bytes.h"
#include "embed/tokenizer_charsmap.h"
#include "embed/tokenizer_forms.h"
#include "embed/tokenizer_json.h"
#include "embed/tokenizer_pattern.h"
#include "embed/tokenizer_rewrite.h"

#include <string.h>

typedef struct step step;

/* One normalizer. `run` says which of the others it uses. */
struct step {
    void (*run)(const step *self, jd_text_buffer *buffer);
    jd_form form;
    jd_bert_options bert;
    gboolean left, right;
    jd_pattern *pattern;
    char *content;
    jd_charsmap charsmap;
};

struct jd_normalizer {
    GArray *steps;
    GBytes *charsmaps;
};

static void run_form(const step *self, jd_text_buffer *buffer)
{
    jd_form_apply(self->form, buffer);
}

static void run_lower(const step *self, jd_text_buffer *buffer)
{
    jd_rewrite_lower(buffer);
}

static void run_marks(const step *self, jd_text_buffer *buffer)
{
    jd_rewrite_drop_marks(buffer);
}

static void run_nmt(const step *self, jd_text_buffer *buffer)
{
    jd_rewrite_nmt(buffer);
}

static void run_bert(const step *self, jd_text_buffer *buffer)
{
    jd_rewrite_bert(&self->bert, buffer);
}

static void run_strip(const step *self, jd_text_buffer *buffer)
{
    jd_rewrite_strip(self->left, self->right, buffer);
}

static void run_replace(const step *self, jd_text_buffer *buffer)
{
    jd_rewrite_replace(self->pattern, self->content, buffer);
}

static void run_prepend(const step *self, jd_text_buffer *buffer)
{
    if (buffer->now->len > 0)
        g_string_prepend(buffer->now, self->content);
}

static void run_bytes(const step *self, jd_text_buffer *buffer)
{
    jd_bytes_expand(buffer->now->str, buffer->now->len, buffer->next);
    jd_text_buffer_swap(buffer);
}

static void run_charsmap(const step *self, jd_text_buffer *buffer)
{
    jd_charsmap_apply(&self->charsmap, buffer);
}

static gboolean parse_bert(const json_t *json, step *s)
{
    s->bert.clean = jd_settings_flag(json, "clean_text", TRUE);
    s->bert.pad_chinese = jd_settings_flag(json, "handle_chinese_chars", TRUE);
    s->bert.lower = jd_settings_flag(json, "lowercase", TRUE);
    s->bert.drop_accents = jd_settings_flag(json, "strip_accents", s->bert.lower);
    return TRUE;
}

static gboolean parse_content(const json_t *json, const char *key, step *s, GError **error)
{
    s->content = g_strdup(jd_settings_text(json, key, error));
    return s->content != NULL;
}

static gboolean parse_replace(const json_t *json, step *s, GError **error)
{
    s->pattern = jd_pattern_from_json(json_object_get(json, "pattern"), error);
    return s->pattern && parse_content(json, "content", s, error);
}

static gboolean parse_charsmap(const json_t *json, GBytes *charsmaps, step *s, GError **error)
{
    gsize size = 0;
    const char *all = charsmaps ? g_bytes_get_data(charsmaps, &size) : NULL;
    const gint64 limit = (gint64)size + 1;
    const gint64 offset =
        jd_settings_index(json_object_get(json, "offset"), "the map's place", limit, error);
    const gint64 length = offset < 0 ? -1
                                     : jd_settings_index(json_object_get(json, "size"),
                                                         "the map's size", limit, error);
    if (length < 0)
        return FALSE;
    if (offset % 8 != 0 || length > (gint64)size - offset) {
        jd_set_error(error, JD_ERROR_INVALID, NULL, "the map does not lie within the maps");
        return FALSE;
    }
    return jd_charsmap_open(all + offset, (gsize)length, &s->charsmap, error);
}

/* Normalizers that are a name alone. */
static const struct {
    const char *type;
    void (*run)(const step *self, jd_text_buffer *buffer);
    jd_form form;
} PLAIN[] = {
    {"NFC", run_form, JD_FORM_NFC},
    {"NFD", run_form, JD_FORM_NFD},
    {"NFKC", run_form, JD_FORM_NFKC},
    {"NFKD", run_form, JD_FORM_NFKD},
    {"Lowercase", run_lower, 0},
    {"StripAccents", run_marks, 0},
    {"Nmt", run_nmt, 0},
    {"ByteLevel", run_bytes, 0},
};

static gboolean parse(const json_t *json, const char *type, GBytes *charsmaps, step *s,
                      GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(PLAIN); i++)
        if (strcmp(type, PLAIN[i].type) == 0) {
            s->run = PLAIN[i].run;
            s->form = PLAIN[i].form;
            return TRUE;
        }
    if (strcmp(type, "BertNormalizer") == 0) {
        s->run = run_bert;
        return parse_bert(json, s);
    }
    if (strcmp(type, "Strip") == 0) {
        s->run = run_strip;
        s->left = jd_settings_flag(json, "strip_left", TRUE);
        s->right = jd_settings_flag(json, "strip_right", TRUE);
        return TRUE;
    }
    if (strcmp(type, "Replace") == 0) {
        s->run = run_replace;
        return parse_replace(json, s, error);
    }
    if (strcmp(type, "Prepend") == 0) {
        s->run = run_prepend;
        return parse_content(json, "prepend", s, error);
    }
    if (strcmp(type, "Precompiled") == 0) {
        s->run = run_charsmap;
        return parse_charsmap(json, charsmaps, s, error);
    }
    jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL, "Jackdaw does not know this type");
    return FALSE;
}

static gboolean add_step(const json_t *json, const char *type, void *user, GError **error)
{
    jd_normalizer *normalizer = user;
    step s = {0};
    const gboolean ok = parse(json, type, normalizer->charsmaps, &s, error);
    g_array_append_val(normalizer->steps, s);
    return ok;
}

static void step_clear(gpointer data)
{
    step *s = data;
    jd_pattern_free(s->pattern);
    g_free(s->content);
}

jd_normalizer *jd_normalizer_new(const json_t *json, GBytes *charsmaps, GError **error)
{
    g_autoptr(jd_normalizer) normalizer = g_new0(jd_normalizer, 1);
    normalizer->steps = g_array_new(FALSE, TRUE, sizeof(step));
    g_array_set_clear_func(normalizer->steps, step_clear);
    normalizer->charsmaps = charsmaps ? g_bytes_ref(charsmaps) : NULL;
    const jd_settings_chain chain = {"normalizer", "normalizers", add_step, normalizer};
    return jd_settings_walk(json, &chain, error) ? g_steal_pointer(&normalizer) : NULL;
}

void jd_normalizer_free(jd_normalizer *normalizer)
{
    if (!normalizer)
        return;
    g_array_unref(normalizer->steps);
    g_clear_pointer(&normalizer->charsmaps, g_bytes_unref);
    g_free(normalizer);
}

void jd_normalizer_run(const jd_normalizer *normalizer, jd_text_buffer *buffer)
{
    for (guint i = 0; i < normalizer->steps->len; i++) {
        const step *s = &g_array_index(normalizer->steps, step, i);
        s->run(s, buffer);
    }
}
