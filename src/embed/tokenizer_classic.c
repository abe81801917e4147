#include "embed/tokenizer_classic.h"

#include "base/error.h"
#include "embed/tokenizer_files.h"
#include "embed/tokenizer_json.h"

#include <string.h>

#define CLIP_PATTERN "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"

const json_t *jd_special_token(const jd_special_tokens *tokens, const char *key)
{
    const json_t *const places[] = {tokens->config, tokens->map};
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        const json_t *value = json_object_get(places[i], key);
        if (json_is_string(value) || jd_settings_optional(value, "content"))
            return value;
    }
    return NULL;
}

/* The same, in the form of "added_tokens", with its id; NULL with an error where it is no token. */
static json_t *special_token(const jd_special_tokens *tokens, const char *key, const char *fallback,
                             const json_t *vocab, GError **error)
{
    const json_t *value = jd_special_token(tokens, key);
    json_t *token = json_is_object(value) ? json_copy((json_t *)value) : json_object();
    if (!json_is_object(value))
        json_object_set_new(token, "content",
                            value ? json_incref((json_t *)value) : json_string(fallback));
    if (!json_object_get(token, "normalized"))
        json_object_set_new(token, "normalized", json_false());
    json_object_set_new(token, "special", json_true());
    const char *content = jd_settings_optional(token, "content");
    const json_t *id = content ? json_object_get(vocab, content) : NULL;
    if (!id) {
        jd_set_error(error, JD_ERROR_INVALID, NULL, "the vocabulary does not have \"%s\", its %s",
                     content ? content : "", key);
        json_decref(token);
        return NULL;
    }
    json_object_set(token, "id", (json_t *)id);
    return token;
}

static const char *content_of(const json_t *token)
{
    return json_string_value(json_object_get(token, "content"));
}

/* ["</s>", 2] */
static json_t *with_id(const json_t *token)
{
    return json_pack("[O,O]", json_object_get(token, "content"), json_object_get(token, "id"));
}

/* {"type", "sep", "cls"}: around the text or texts. */
static json_t *classic_post(const char *type, const json_t *cls, const json_t *sep)
{
    return json_pack("{s:s,s:o,s:o}", "type", type, "sep", with_id(sep), "cls", with_id(cls));
}

/* merges.txt as the list of tokenizer.json. */
static json_t *merges_of(char **lines)
{
    json_t *merges = json_array();
    for (gsize i = 0; lines[i]; i++)
        if (!g_str_has_prefix(lines[i], "#version"))
            json_array_append_new(merges, json_string(lines[i]));
    return merges;
}

static json_t *bpe_model(const json_t *vocab, char **lines, const char *suffix, const char *unknown)
{
    return json_pack("{s:s,s:s?,s:s?,s:O,s:o}", "type", "BPE", "end_of_word_suffix", suffix,
                     "unk_token", unknown, "vocab", vocab, "merges", merges_of(lines));
}

static json_t *byte_level(void)
{
    return json_pack("{s:s,s:b}", "type", "ByteLevel", "add_prefix_space", 0);
}

static json_t *clip(const json_t *vocab, char **lines, const jd_special_tokens *tokens,
                    GError **error)
{
    json_auto_t *start = special_token(tokens, "bos_token", "<|startoftext|>", vocab, error);
    json_auto_t *end =
        start ? special_token(tokens, "eos_token", "<|endoftext|>", vocab, error) : NULL;
    json_auto_t *unknown =
        end ? special_token(tokens, "unk_token", "<|endoftext|>", vocab, error) : NULL;
    if (!unknown)
        return NULL;
    json_t *normalizer = json_pack("{s:s,s:[{s:s},{s:s,s:{s:s},s:s},{s:s}]}", "type", "Sequence",
                                   "normalizers", "type", "NFC", "type", "Replace", "pattern",
                                   "Regex", "\\s+", "content", " ", "type", "Lowercase");
    json_t *splitter = json_pack("{s:s,s:[{s:s,s:{s:s},s:s,s:b},o]}", "type", "Sequence",
                                 "pretokenizers", "type", "Split", "pattern", "Regex", CLIP_PATTERN,
                                 "behavior", "Removed", "invert", 1, byte_level());
    return json_pack("{s:[O,O],s:o,s:o,s:o,s:o}", "added_tokens", start, end, "normalizer",
                     normalizer, "pre_tokenizer", splitter, "post_processor",
                     classic_post("RobertaProcessing", start, end), "model",
                     bpe_model(vocab, lines, "</w>", content_of(unknown)));
}

static json_t *roberta(const json_t *vocab, char **lines, const jd_special_tokens *tokens,
                       GError **error)
{
    static const struct {
        const char *key, *fallback;
    } KEYS[] = {{"cls_token", "<s>"},
                {"pad_token", "<pad>"},
                {"sep_token", "</s>"},
                {"unk_token", "<unk>"},
                {"mask_token", "<mask>"}};
    json_auto_t *added = json_array();
    for (gsize i = 0; i < G_N_ELEMENTS(KEYS); i++) {
        json_t *token = special_token(tokens, KEYS[i].key, KEYS[i].fallback, vocab, error);
        if (!token)
            return NULL;
        if (strcmp(KEYS[i].key, "mask_token") == 0 && !json_object_get(token, "lstrip"))
            json_object_set_new(token, "lstrip", json_true());
        json_array_append_new(added, token);
    }
    json_t *post =
        classic_post("RobertaProcessing", json_array_get(added, 0), json_array_get(added, 2));
    return json_pack("{s:O,s:o,s:o,s:o}", "added_tokens", added, "pre_tokenizer", byte_level(),
                     "post_processor", post, "model", bpe_model(vocab, lines, NULL, NULL));
}

json_t *jd_classic_from_merges(const char *folder, const jd_special_tokens *tokens, GError **error)
{
    g_autoptr(GError) inner = NULL;
    json_auto_t *vocab = jd_tokenizer_files_json(folder, "vocab.json", &inner);
    g_auto(GStrv) lines = vocab ? jd_tokenizer_files_lines(folder, "merges.txt", &inner) : NULL;
    json_t *json = NULL;
    if (lines && json_object_get(vocab, "a</w>"))
        json = clip(vocab, lines, tokens, &inner);
    else if (lines)
        json = roberta(vocab, lines, tokens, &inner);
    if (inner)
        g_propagate_error(error, g_steal_pointer(&inner));
    return json;
}

/* {"token": line, ...}; of equal lines the last one counts. */
static json_t *vocab_of(char **lines)
{
    json_t *vocab = json_object();
    for (gsize i = 0; lines[i]; i++)
        json_object_set_new(vocab, lines[i], json_integer((json_int_t)i));
    return vocab;
}

static json_t *bert_normalizer(const json_t *config)
{
    json_t *strip_accents = json_object_get(config, "strip_accents");
    return json_pack("{s:s,s:b,s:b,s:O?,s:b}", "type", "BertNormalizer", "clean_text", 1,
                     "handle_chinese_chars",
                     jd_settings_flag(config, "tokenize_chinese_chars", TRUE), "strip_accents",
                     strip_accents, "lowercase", jd_settings_flag(config, "do_lower_case", TRUE));
}

static json_t *bert(const json_t *vocab, const jd_special_tokens *tokens, GError **error)
{
    /* MPNet's special tokens are RoBERTa's, and so is its way with two texts. */
    const gboolean mpnet = !json_object_get(vocab, "[CLS]") && json_object_get(vocab, "<s>");
    const struct {
        const char *key, *fallback;
    } keys[] = {{"pad_token", mpnet ? "<pad>" : "[PAD]"},
                {"unk_token", "[UNK]"},
                {"cls_token", mpnet ? "<s>" : "[CLS]"},
                {"sep_token", mpnet ? "</s>" : "[SEP]"},
                {"mask_token", mpnet ? "<mask>" : "[MASK]"}};
    json_auto_t *added = json_array();
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
        json_t *token = special_token(tokens, keys[i].key, keys[i].fallback, vocab, error);
        if (!token)
            return NULL;
        json_array_append_new(added, token);
    }
    if (mpnet)
        json_object_set_new(json_array_get(added, 4), "lstrip", json_true());
    json_t *post = classic_post(mpnet ? "RobertaProcessing" : "BertProcessing",
                                json_array_get(added, 2), json_array_get(added, 3));
    return json_pack("{s:O,s:o,s:{s:s},s:o,s:{s:s,s:s,s:O}}", "added_tokens", added, "normalizer",
                     bert_normalizer(tokens->config), "pre_tokenizer", "type", "BertPreTokenizer",
                     "post_processor", post, "model", "type", "WordPiece", "unk_token",
                     content_of(json_array_get(added, 1)), "vocab", vocab);
}

json_t *jd_classic_from_lines(const char *folder, const jd_special_tokens *tokens, GError **error)
{
    g_auto(GStrv) lines = jd_tokenizer_files_lines(folder, "vocab.txt", error);
    if (!lines)
        return NULL;
    json_auto_t *vocab = vocab_of(lines);
    return bert(vocab, tokens, error);
}
