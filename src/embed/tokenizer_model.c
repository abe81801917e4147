#include "embed/tokenizer_model.h"

#include "base/error.h"
#include "base/limits.h"
#include "embed/tokenizer_json.h"

#include <string.h>

static const struct {
    const char *type;
    gboolean (*compile)(const json_t *json, jd_tables *tables, GError **error);
    jd_token_model *(*open)(const json_t *json, const jd_tables *tables, const jd_vocab *vocab,
                            GError **error);
} KINDS[] = {
    {"BPE", jd_bpe_compile, jd_bpe_open},
    {"WordPiece", jd_wordpiece_compile, jd_wordpiece_open},
    {"Unigram", jd_unigram_compile, jd_unigram_open},
};

/* Files from before the models were named say it by what they have. */
static const char *type_of(const json_t *json)
{
    const char *type = jd_settings_optional(json, "type");
    if (type)
        return type;
    if (json_object_get(json, "merges"))
        return "BPE";
    return json_object_get(json, "max_input_chars_per_word") ? "WordPiece" : "Unigram";
}

static int kind_of(const json_t *json, GError **error)
{
    const char *type = type_of(json);
    for (gsize i = 0; i < G_N_ELEMENTS(KINDS); i++)
        if (strcmp(type, KINDS[i].type) == 0)
            return (int)i;
    jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                 "the model is of type %s; known are BPE, WordPiece and Unigram", type);
    return -1;
}

gboolean jd_token_model_compile(json_t *json, jd_tables *tables, GError **error)
{
    if (!json_is_object(json)) {
        jd_set_error(error, JD_ERROR_INVALID, NULL, "there is no \"model\"");
        return FALSE;
    }
    const int kind = kind_of(json, error);
    if (kind < 0 || !KINDS[kind].compile(json, tables, error))
        return FALSE;
    json_object_set_new(json, "type", json_string(KINDS[kind].type));
    json_object_del(json, "vocab");
    json_object_del(json, "merges");
    return TRUE;
}

jd_token_model *jd_token_model_open(const json_t *json, const jd_tables *tables,
                                    const jd_vocab *vocab, GError **error)
{
    const int kind = kind_of(json, error);
    return kind < 0 ? NULL : KINDS[kind].open(json, tables, vocab, error);
}

void jd_token_model_free(jd_token_model *model)
{
    if (model)
        model->free(model);
}

/* The tokens by id; NULL where an id is none or has two tokens. */
static GArray *tokens_by_id(const json_t *vocab, GError **error)
{
    g_autoptr(GArray) entries = g_array_new(FALSE, TRUE, sizeof(jd_vocab_entry));
    const char *token;
    json_t *value;
    json_object_foreach((json_t *)vocab, token, value)
    {
        const gint64 id = jd_settings_index(value, "the id", JD_LIMIT_VOCABULARY, error);
        if (id < 0) {
            jd_prefix_error(error, "the token \"%.100s\": ", token);
            return NULL;
        }
        if ((guint)id >= entries->len)
            g_array_set_size(entries, (guint)id + 1);
        jd_vocab_entry *entry = &g_array_index(entries, jd_vocab_entry, id);
        if (entry->text) {
            jd_set_error(error, JD_ERROR_INVALID, NULL,
                         "the tokens \"%.100s\" and \"%.100s\" have one id, %" G_GINT64_FORMAT,
                         entry->text, token, id);
            return NULL;
        }
        *entry = (jd_vocab_entry){token, strlen(token)};
    }
    return g_steal_pointer(&entries);
}

gboolean jd_token_model_compile_vocab(const json_t *vocab, jd_tables *tables, GError **error)
{
    if (!json_is_object(vocab) || json_object_size(vocab) == 0) {
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "the model's \"vocab\" is not {\"token\":id, ...}, or is empty");
        return FALSE;
    }
    g_autoptr(GArray) entries = tokens_by_id(vocab, error);
    return entries && jd_vocab_compile((const jd_vocab_entry *)(gpointer)entries->data,
                                       entries->len, tables, error);
}

gint32 jd_token_model_unknown_id(const json_t *json, const char *key, const jd_vocab *vocab,
                                 GError **error)
{
    const char *token = jd_settings_text(json, key, error);
    if (!token)
        return -1;
    const gint32 id = jd_vocab_find(vocab, token, strlen(token));
    if (id < 0)
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "the unknown token \"%.100s\" is not in the vocabulary", token);
    return id;
}

void jd_token_model_scratch_init(jd_token_model_scratch *scratch)
{
    *scratch = (jd_token_model_scratch){.word = g_string_new(NULL)};
}

void jd_token_model_scratch_clear(jd_token_model_scratch *scratch)
{
    g_string_free(scratch->word, TRUE);
    g_clear_pointer(&scratch->symbols, g_array_unref);
    g_clear_pointer(&scratch->heap, g_array_unref);
    g_clear_pointer(&scratch->path, g_array_unref);
    g_clear_pointer(&scratch->pieces, g_array_unref);
}
