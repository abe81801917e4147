/* WordPiece: the longest token that the word begins with, then the longest continuation, ... */
#include "embed/tokenizer_json.h"
#include "embed/tokenizer_model.h"
#include "embed/tokenizer_unicode.h"

#include <string.h>

typedef struct wordpiece {
    jd_token_model base;
    char *prefix; /* of a continuation: "##" */
    gsize prefix_length;
    gint64 max_chars; /* longer words are unknown */
    gint32 unknown;
} wordpiece;

gboolean jd_wordpiece_compile(const json_t *json, jd_tables *tables, GError **error)
{
    return jd_token_model_compile_vocab(json_object_get(json, "vocab"), tables, error);
}

static gboolean is_longer(const char *word, gsize length, gint64 max_chars)
{
    return (gint64)length > max_chars && g_utf8_strlen(word, (gssize)length) > (glong)max_chars;
}

/* The longest token that begins at `text`, and its bytes there; -1 without one. */
static gint32 longest(const wordpiece *model, const char *text, gsize length, GString *prefixed,
                      gsize *taken)
{
    const jd_vocab *vocab = model->base.vocab;
    const gsize prefix = prefixed ? model->prefix_length : 0;
    gsize size = MIN(length, vocab->longest - MIN(prefix, vocab->longest));
    while (size > 0 && size < length && ((guchar)text[size] & 0xC0) == 0x80)
        size--;
    if (prefixed) {
        g_string_truncate(prefixed, prefix);
        g_string_append_len(prefixed, text, (gssize)size);
    }
    while (size > 0) {
        const gint32 id = jd_vocab_find(vocab, prefixed ? prefixed->str : text, prefix + size);
        if (id >= 0) {
            *taken = size;
            return id;
        }
        size = (gsize)(jd_utf8_previous(text + size) - text);
    }
    return -1;
}

static void encode(const jd_token_model *base, const char *word, gsize length,
                   jd_token_model_scratch *scratch, GArray *ids)
{
    const wordpiece *model = (const wordpiece *)base;
    const guint before = ids->len;
    if (is_longer(word, length, model->max_chars)) {
        g_array_append_val(ids, model->unknown);
        return;
    }
    g_string_assign(scratch->word, model->prefix);
    for (gsize at = 0; at < length;) {
        gsize taken;
        const gint32 id =
            longest(model, word + at, length - at, at > 0 ? scratch->word : NULL, &taken);
        if (id < 0) {
            g_array_set_size(ids, before);
            g_array_append_val(ids, model->unknown);
            return;
        }
        g_array_append_val(ids, id);
        at += taken;
    }
}

static void wordpiece_free(jd_token_model *base)
{
    wordpiece *model = (wordpiece *)base;
    g_free(model->prefix);
    g_free(model);
}

jd_token_model *jd_wordpiece_open(const json_t *json, const jd_tables *tables,
                                  const jd_vocab *vocab, GError **error)
{
    const char *prefix = jd_settings_optional(json, "continuing_subword_prefix");
    const json_t *max_chars = json_object_get(json, "max_input_chars_per_word");
    const gint32 unknown = jd_token_model_unknown_id(json, "unk_token", vocab, error);
    if (unknown < 0)
        return NULL;
    wordpiece *model = g_new0(wordpiece, 1);
    model->base = (jd_token_model){vocab, encode, wordpiece_free};
    model->prefix = g_strdup(prefix ? prefix : "##");
    model->prefix_length = strlen(model->prefix);
    model->max_chars = json_is_integer(max_chars) ? json_integer_value(max_chars) : 100;
    model->unknown = unknown;
    return &model->base;
}
