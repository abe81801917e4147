#include "embed/tokenizer.h"

#include "base/error.h"
#include "base/limits.h"
#include "embed/tokenizer_added.h"
#include "embed/tokenizer_compile.h"
#include "embed/tokenizer_json.h"
#include "embed/tokenizer_model.h"
#include "embed/tokenizer_post.h"
#include "embed/tokenizer_split.h"

#include <string.h>

struct jd_tokenizer {
    jd_tables *tables;
    jd_vocab vocab;
    jd_normalizer *normalizer;
    jd_splitter *splitter;
    jd_token_model *model;
    jd_added *added;
    jd_post *post;
    gint32 size;
    gint32 pad;
};

void jd_tokenizer_free(jd_tokenizer *tokenizer)
{
    if (!tokenizer)
        return;
    jd_normalizer_free(tokenizer->normalizer);
    jd_splitter_free(tokenizer->splitter);
    jd_token_model_free(tokenizer->model);
    jd_added_free(tokenizer->added);
    jd_post_free(tokenizer->post);
    jd_tables_free(tokenizer->tables);
    g_free(tokenizer);
}

static gboolean open_parts(jd_tokenizer *t, const json_t *settings, GError **error)
{
    g_autoptr(GBytes) charsmaps = jd_tables_bytes(t->tables, JD_TABLE_CHARSMAPS);
    t->model = jd_token_model_open(json_object_get(settings, "model"), t->tables, &t->vocab, error);
    if (!t->model)
        return FALSE;
    t->normalizer = jd_normalizer_new(json_object_get(settings, "normalizer"), charsmaps, error);
    if (!t->normalizer)
        return FALSE;
    t->splitter = jd_splitter_new(json_object_get(settings, "pre_tokenizer"), error);
    if (!t->splitter)
        return FALSE;
    t->added =
        jd_added_new(json_object_get(settings, "added_tokens"), &t->vocab, t->normalizer, error);
    if (!t->added)
        return FALSE;
    t->post = jd_post_new(json_object_get(settings, "post_processor"), error);
    return t->post != NULL;
}

jd_tokenizer *jd_tokenizer_open(jd_tables *tables, GError **error)
{
    g_autoptr(jd_tokenizer) t = g_new0(jd_tokenizer, 1);
    t->tables = tables;
    gsize size;
    const char *text = jd_tables_get(tables, JD_TABLE_SETTINGS, &size);
    json_error_t problem;
    json_auto_t *settings = json_loadb(text, size, JSON_ALLOW_NUL, &problem);
    if (!settings) {
        jd_set_error(error, JD_ERROR_INTERNAL, NULL, "the compiled settings are no JSON: %s",
                     problem.text);
        return NULL;
    }
    jd_vocab_open(tables, &t->vocab);
    if (!open_parts(t, settings, error))
        return NULL;
    t->size = MAX((gint32)t->vocab.size, jd_added_end(t->added));
    if (jd_post_end(t->post) > t->size) {
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "the post-processor names the id %d, and there are only %d",
                     jd_post_end(t->post) - 1, t->size);
        return NULL;
    }
    const char *pad = jd_settings_optional(settings, "pad_token");
    t->pad = pad ? jd_tokenizer_id(t, pad) : -1;
    return g_steal_pointer(&t);
}

/* What one call works with. */
typedef struct encoding {
    const jd_tokenizer *tokenizer;
    jd_text_buffer buffer;
    jd_wordlist words;
    jd_token_model_scratch scratch;
    GArray *raw, *normalized; /* jd_segment */
    gsize limit;              /* tokens that are enough */
    gboolean enough;
} encoding;

static void encoding_init(encoding *e, const jd_tokenizer *tokenizer, gsize limit)
{
    *e = (encoding){
        .tokenizer = tokenizer,
        .raw = g_array_new(FALSE, FALSE, sizeof(jd_segment)),
        .normalized = g_array_new(FALSE, FALSE, sizeof(jd_segment)),
        .limit = limit,
    };
    jd_text_buffer_init(&e->buffer);
    jd_wordlist_init(&e->words);
    jd_token_model_scratch_init(&e->scratch);
}

static void encoding_clear(encoding *e)
{
    jd_text_buffer_clear(&e->buffer);
    jd_wordlist_clear(&e->words);
    jd_token_model_scratch_clear(&e->scratch);
    g_array_unref(e->raw);
    g_array_unref(e->normalized);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(encoding, encoding_clear)

static void encode_words(encoding *e, const char *text, gsize length, gboolean origin, GArray *ids)
{
    const jd_token_model *model = e->tokenizer->model;
    jd_wordlist_set(&e->words, text, length, origin);
    jd_splitter_run(e->tokenizer->splitter, &e->words);
    for (guint i = 0; i < e->words.list->len && !e->enough; i++) {
        const jd_word *word = &g_array_index(e->words.list, jd_word, i);
        model->encode(model, e->words.text->str + word->start, word->length, &e->scratch, ids);
        e->enough = ids->len >= e->limit;
    }
}

/* A part of the text that holds none of the tokens which are looked for before normalizing. */
static void encode_part(encoding *e, const char *text, gsize length, gboolean origin, GArray *ids)
{
    g_string_truncate(e->buffer.now, 0);
    g_string_append_len(e->buffer.now, text, (gssize)length);
    e->buffer.origin = origin;
    jd_normalizer_run(e->tokenizer->normalizer, &e->buffer);
    const GString *now = e->buffer.now;
    jd_added_split(e->tokenizer->added, TRUE, now->str, now->len, e->normalized);
    for (guint i = 0; i < e->normalized->len && !e->enough; i++) {
        const jd_segment *part = &g_array_index(e->normalized, jd_segment, i);
        if (part->id >= 0)
            g_array_append_val(ids, part->id);
        else
            encode_words(e, now->str + part->start, part->end - part->start,
                         part->start == 0 && e->buffer.origin, ids);
    }
}

static GArray *encode_text(encoding *e, const char *text, gsize length)
{
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(gint32));
    g_autoptr(GString) repaired = NULL;
    length = MIN(length, (gsize)JD_LIMIT_TOKENIZE_BYTES);
    e->enough = FALSE;
    if (jd_utf8_valid(text, length) < length) {
        repaired = g_string_new(NULL);
        jd_utf8_repair(text, length, repaired);
        text = repaired->str;
        length = repaired->len;
    }
    jd_added_split(e->tokenizer->added, FALSE, text, length, e->raw);
    for (guint i = 0; i < e->raw->len && !e->enough; i++) {
        const jd_segment *part = &g_array_index(e->raw, jd_segment, i);
        if (part->id >= 0)
            g_array_append_val(ids, part->id);
        else
            encode_part(e, text + part->start, part->end - part->start, part->start == 0, ids);
    }
    return ids;
}

/* Shortens one text or two to `max` tokens together: the longer one first, then both to a half. */
static void truncate_longest_first(GArray *first, GArray *second, gsize max)
{
    if (!second) {
        g_array_set_size(first, (guint)MIN(first->len, max));
        return;
    }
    if (first->len + second->len <= max)
        return;
    GArray *shorter = first->len > second->len ? second : first;
    GArray *longer = shorter == first ? second : first;
    gsize n1 = shorter->len;
    gsize n2 = n1 > max ? n1 : MAX(n1, max - n1);
    if (n1 + n2 > max) {
        n1 = max / 2;
        n2 = n1 + max % 2;
    }
    g_array_set_size(shorter, (guint)n1);
    g_array_set_size(longer, (guint)n2);
}

void jd_tokenizer_encode(const jd_tokenizer *tokenizer, const jd_encode_request *request,
                         GArray *ids, GArray *types)
{
    const gsize added =
        request->special ? jd_post_added(tokenizer->post, request->pair != NULL) : 0;
    const gsize max = request->max_tokens - MIN(added, request->max_tokens);
    g_auto(encoding) e;
    /* Of two texts both lengths count, see truncate_longest_first(). */
    encoding_init(&e, tokenizer, request->max_tokens > 0 && !request->pair ? max : G_MAXSIZE);
    g_autoptr(GArray) first = encode_text(&e, request->text, request->length);
    g_autoptr(GArray) second =
        request->pair ? encode_text(&e, request->pair, request->pair_length) : NULL;
    if (request->max_tokens > 0)
        truncate_longest_first(first, second, max);
    jd_post_apply(tokenizer->post, first, second, request->special, (GArray *[2]){ids, types});
}

gint32 jd_tokenizer_id(const jd_tokenizer *tokenizer, const char *token)
{
    const gint32 id = jd_added_find(tokenizer->added, token);
    return id >= 0 ? id : jd_vocab_find(&tokenizer->vocab, token, strlen(token));
}

gsize jd_tokenizer_size(const jd_tokenizer *tokenizer)
{
    return (gsize)tokenizer->size;
}

gint32 jd_tokenizer_pad_id(const jd_tokenizer *tokenizer)
{
    return tokenizer->pad;
}
