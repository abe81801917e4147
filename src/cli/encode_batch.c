#include "cli/encode_batch.h"

#include "base/error.h"
#include "base/limits.h"
#include "embed/tokenizer_text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef enum kind { KIND_TEXT, KIND_PAIR, KIND_IMAGE } kind;

typedef struct item {
    kind kind;
    json_t *root; /* of the line; what follows points into it */
    guint64 line;
    char *prompted; /* prompt and text, where there is a prompt */
    jd_text query, text;
    const char *path;
    GBytes *picture; /* prepared */
    gsize place;     /* among the items of its kind */
} item;

struct jd_encode_batch {
    jd_encode_options options;
    jd_reader_pool *readers; /* NULL until a picture comes */
    GArray *items;
    gsize bytes; /* of the lines */
};

static void item_clear(gpointer data)
{
    item *i = data;
    json_decref(i->root);
    g_free(i->prompted);
    g_clear_pointer(&i->picture, g_bytes_unref);
}

jd_encode_batch *jd_encode_batch_new(const jd_encode_options *options)
{
    jd_encode_batch *batch = g_new0(jd_encode_batch, 1);
    batch->options = *options;
    batch->items = g_array_new(FALSE, TRUE, sizeof(item));
    g_array_set_clear_func(batch->items, item_clear);
    return batch;
}

void jd_encode_batch_free(jd_encode_batch *batch)
{
    if (!batch)
        return;
    g_array_unref(batch->items);
    jd_reader_pool_free(batch->readers);
    g_free(batch);
}

gboolean jd_encode_batch_is_full(const jd_encode_batch *batch)
{
    return batch->items->len >= JD_ENCODE_BATCH_LINES || batch->bytes >= JD_ENCODE_BATCH_BYTES;
}

/* ---- one line ---- */

static gboolean get_text(const json_t *root, const char *key, jd_text *to)
{
    const json_t *value = json_object_get(root, key);
    if (!json_is_string(value))
        return FALSE;
    *to = (jd_text){json_string_value(value), json_string_length(value)};
    return TRUE;
}

/* The model's own prompt of that name stands in front of the text. */
static gboolean add_prompt(const jd_encode_batch *batch, item *i, GError **error)
{
    const json_t *name = json_object_get(i->root, "prompt");
    if (!name || json_is_null(name))
        return TRUE;
    const char *prompt = json_is_string(name)
                             ? jd_model_prompt(batch->options.model, json_string_value(name))
                             : NULL;
    if (!prompt || i->kind != KIND_TEXT) {
        jd_set_error(error, JD_ERROR_NOT_FOUND,
                     "config_sentence_transformers.json in its folder names a model's prompts",
                     "the model has no such \"prompt\" for this line");
        return FALSE;
    }
    GString *all = g_string_new(prompt);
    g_string_append_len(all, i->text.text, (gssize)i->text.length);
    i->text.length = all->len;
    i->text.text = i->prompted = g_string_free(all, FALSE);
    return TRUE;
}

static gboolean check_kind(const jd_encode_batch *batch, kind wanted, GError **error)
{
    const jd_model_info *info = jd_model_get_info(batch->options.model);
    const gboolean takes[] = {
        [KIND_TEXT] = info->texts, [KIND_PAIR] = info->pairs, [KIND_IMAGE] = info->pictures};
    const char *const names[] = {
        [KIND_TEXT] = "texts", [KIND_PAIR] = "pairs of texts", [KIND_IMAGE] = "pictures"};
    if (batch->options.tokens ? wanted != KIND_IMAGE : takes[wanted])
        return TRUE;
    jd_set_error(error, JD_ERROR_UNSUPPORTED, "use another model",
                 batch->options.tokens ? "a picture has no tokens" : "this %s model takes no %s",
                 info->family, names[wanted]);
    return FALSE;
}

static gboolean read_item(const jd_encode_batch *batch, item *i, GError **error)
{
    const gboolean has_text = get_text(i->root, "text", &i->text);
    const gboolean has_query = get_text(i->root, "query", &i->query);
    i->path = json_string_value(json_object_get(i->root, "image"));
    i->kind = i->path ? KIND_IMAGE : has_query ? KIND_PAIR : KIND_TEXT;
    if (has_text != !i->path || (has_query && !has_text)) {
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "expected an object with \"text\", with \"image\", or with \"query\" and "
                     "\"text\", all strings");
        return FALSE;
    }
    return check_kind(batch, i->kind, error) && add_prompt(batch, i, error);
}

static json_t *parse(const char *text, gsize length, GError **error)
{
    g_autoptr(GString) repaired = g_string_sized_new(length);
    json_error_t where;
    jd_utf8_repair(text, length, repaired);
    json_t *root = json_loadb(repaired->str, repaired->len, JSON_ALLOW_NUL, &where);
    if (json_is_object(root))
        return root;
    jd_set_error(error, JD_ERROR_INVALID,
                 "each line is one JSON object: {\"id\": 1, \"text\": \"...\"}",
                 root ? "expected a JSON object" : "it is no JSON: %s", where.text);
    json_decref(root);
    return NULL;
}

gboolean jd_encode_batch_add(jd_encode_batch *batch, const char *text, gsize length, guint64 line,
                             GError **error)
{
    item i = {.line = line};
    i.root = parse(text, length, error);
    if (!i.root || !read_item(batch, &i, error)) {
        jd_prefix_error(error, "line %" G_GUINT64_FORMAT ": ", line);
        item_clear(&i);
        return FALSE;
    }
    if (!json_object_get(i.root, "id"))
        json_object_set_new(i.root, "id", json_integer((json_int_t)line));
    g_array_append_val(batch->items, i);
    batch->bytes += length;
    return TRUE;
}

/* ---- printing ---- */

static void print_start(const jd_encode_batch *batch, const item *i)
{
    char *id = json_dumps(json_object_get(i->root, "id"), JSON_ENCODE_ANY);
    fprintf(batch->options.out, "{\"id\":%s,", id ? id : "null");
    free(id);
}

/* Nine digits tell one f32 from every other. */
static void print_number(FILE *out, float value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    fputs(g_ascii_formatd(text, sizeof text, "%.9g", (double)value), out);
}

static gboolean print_vector(const jd_encode_batch *batch, const item *i, const float *vector,
                             GError **error)
{
    const int dimension = jd_model_get_info(batch->options.model)->dimension;
    FILE *out = batch->options.out;
    for (int d = 0; d < dimension; d++)
        if (!isfinite(vector[d])) {
            jd_set_error(error, JD_ERROR_INVALID, "try --dtype f32",
                         "the model gave numbers that are not finite");
            return FALSE;
        }
    print_start(batch, i);
    fputs(i->kind == KIND_PAIR ? "\"score\":" : "\"embedding\":[", out);
    for (int d = 0; d < dimension; d++) {
        if (d > 0)
            fputc(',', out);
        print_number(out, vector[d]);
    }
    fputs(i->kind == KIND_PAIR ? "}\n" : "]}\n", out);
    return TRUE;
}

static gboolean print_tokens(const jd_encode_batch *batch, const item *i, GError **error)
{
    const gboolean pair = i->kind == KIND_PAIR;
    g_autoptr(GArray) ids = jd_model_tokens(batch->options.model, pair ? &i->query : &i->text,
                                            pair ? &i->text : NULL, error);
    if (!ids)
        return FALSE;
    print_start(batch, i);
    fputs("\"ids\":[", batch->options.out);
    for (guint n = 0; n < ids->len; n++)
        fprintf(batch->options.out, "%s%d", n ? "," : "", g_array_index(ids, gint32, n));
    fputs("]}\n", batch->options.out);
    return TRUE;
}

/* ---- pictures ---- */

static GBytes *load_file(const char *path, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, &cause);
    if (file && g_mapped_file_get_length(file) <= JD_LIMIT_PICTURE_BYTES)
        return g_mapped_file_get_bytes(file);
    if (file)
        jd_set_error(error, JD_ERROR_LIMIT, "make the picture smaller", "%s has more than %lld MiB",
                     path, JD_LIMIT_PICTURE_BYTES / JD_MIB);
    else
        jd_set_error(error,
                     g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_NOENT) ? JD_ERROR_NOT_FOUND
                                                                              : JD_ERROR_IO,
                     NULL, "%s", cause->message);
    return NULL;
}

/* What the threads that prepare pictures share. */
typedef struct preparing {
    jd_reader_pool *readers;
    const jd_prepare_request *request;
    GMutex lock;
    const item *failed; /* the first by its line */
    GError *error;      /* its own */
} preparing;

static void prepare_one(gpointer data, gpointer user)
{
    item *i = data;
    preparing *p = user;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) file = load_file(i->path, &error);
    if (file)
        i->picture = jd_reader_pool_prepare(p->readers, file, p->request, &error);
    if (i->picture)
        return;
    jd_prefix_error(&error, "%s: ", i->path);
    g_mutex_lock(&p->lock);
    if (!p->failed || i->line < p->failed->line) {
        g_clear_error(&p->error);
        p->failed = i;
        p->error = g_steal_pointer(&error);
    }
    g_mutex_unlock(&p->lock);
}

/* Decodes all pictures, in parallel. Lines from the first that fails on are dropped, with `error`
 * set. */
static gboolean prepare_pictures(jd_encode_batch *batch, GError **error)
{
    preparing p = {.request = &jd_model_get_info(batch->options.model)->picture.prepare};
    if (!batch->readers)
        batch->readers =
            jd_reader_pool_new(&(jd_reader_options){.program = batch->options.reader}, error);
    if (!batch->readers) {
        g_array_set_size(batch->items, 0);
        return FALSE;
    }
    p.readers = batch->readers;
    g_mutex_init(&p.lock);
    GThreadPool *threads =
        g_thread_pool_new(prepare_one, &p, (gint)g_get_num_processors(), FALSE, NULL);
    for (guint n = 0; n < batch->items->len; n++) {
        item *i = &g_array_index(batch->items, item, n);
        if (i->kind == KIND_IMAGE)
            g_thread_pool_push(threads, i, NULL);
    }
    g_thread_pool_free(threads, FALSE, TRUE);
    g_mutex_clear(&p.lock);
    if (!p.failed)
        return TRUE;
    jd_prefix_error(&p.error, "line %" G_GUINT64_FORMAT ": ", p.failed->line);
    g_propagate_error(error, p.error);
    g_array_set_size(batch->items, (guint)(p.failed - (item *)(void *)batch->items->data));
    return FALSE;
}

/* ---- running ---- */

/* The results of each kind, item after item. */
typedef struct results {
    float *of[3];
} results;

static gsize count_kind(jd_encode_batch *batch, kind wanted)
{
    gsize count = 0;
    for (guint n = 0; n < batch->items->len; n++) {
        item *i = &g_array_index(batch->items, item, n);
        if (i->kind == wanted)
            i->place = count++;
    }
    return count;
}

/* The next item of the kind, from *n on; *n is left behind it. */
static const item *next_of(const jd_encode_batch *batch, kind wanted, guint *n)
{
    while (*n < batch->items->len) {
        const item *i = &g_array_index(batch->items, item, (*n)++);
        if (i->kind == wanted)
            return i;
    }
    return NULL;
}

static gboolean run_texts(jd_encode_batch *batch, gsize count, float *out, GError **error)
{
    g_autofree jd_text *texts = g_new(jd_text, count);
    guint n = 0;
    for (const item *i; (i = next_of(batch, KIND_TEXT, &n));)
        texts[i->place] = i->text;
    return jd_model_embed_texts(
        batch->options.model,
        &(jd_texts){.items = texts, .count = count, .raw = batch->options.raw}, out, error);
}

static gboolean run_pairs(jd_encode_batch *batch, gsize count, float *out, GError **error)
{
    g_autofree jd_pair *pairs = g_new(jd_pair, count);
    guint n = 0;
    for (const item *i; (i = next_of(batch, KIND_PAIR, &n));)
        pairs[i->place] = (jd_pair){i->query, i->text};
    return jd_model_score(batch->options.model, &(jd_pairs){pairs, count}, out, error);
}

static gboolean run_images(jd_encode_batch *batch, gsize count, float *out, GError **error)
{
    g_autofree const guint8 **pictures = g_new(const guint8 *, count);
    guint n = 0;
    for (const item *i; (i = next_of(batch, KIND_IMAGE, &n));)
        pictures[i->place] = g_bytes_get_data(i->picture, NULL);
    return jd_model_embed_pictures(batch->options.model,
                                   &(jd_pictures){pictures, count, batch->options.raw}, out, error);
}

static gboolean compute(jd_encode_batch *batch, results *r, GError **error)
{
    gboolean (*const run[])(jd_encode_batch *, gsize, float *, GError **) = {
        [KIND_TEXT] = run_texts, [KIND_PAIR] = run_pairs, [KIND_IMAGE] = run_images};
    const gsize dimension = (gsize)jd_model_get_info(batch->options.model)->dimension;
    for (int k = KIND_TEXT; k <= KIND_IMAGE; k++) {
        const gsize count = count_kind(batch, k);
        if (count == 0)
            continue;
        r->of[k] = g_new(float, count *dimension);
        if (!run[k](batch, count, r->of[k], error))
            return FALSE;
    }
    return TRUE;
}

static gboolean print_all(const jd_encode_batch *batch, const results *r, GError **error)
{
    const gsize dimension = (gsize)jd_model_get_info(batch->options.model)->dimension;
    for (guint n = 0; n < batch->items->len; n++) {
        const item *i = &g_array_index(batch->items, item, n);
        const gboolean ok =
            batch->options.tokens
                ? print_tokens(batch, i, error)
                : print_vector(batch, i, r->of[i->kind] + i->place * dimension, error);
        if (!ok) {
            jd_prefix_error(error, "line %" G_GUINT64_FORMAT ": ", i->line);
            return FALSE;
        }
    }
    return TRUE;
}

gboolean jd_encode_batch_run(jd_encode_batch *batch, GError **error)
{
    results r = {0};
    guint n = 0;
    g_autoptr(GError) failed = NULL;
    if (next_of(batch, KIND_IMAGE, &n))
        prepare_pictures(batch, &failed);
    gboolean ok =
        (batch->options.tokens || compute(batch, &r, error)) && print_all(batch, &r, error);
    if (ok && failed) {
        g_propagate_error(error, g_steal_pointer(&failed));
        ok = FALSE;
    }
    for (gsize k = 0; k < G_N_ELEMENTS(r.of); k++)
        g_free(r.of[k]);
    g_array_set_size(batch->items, 0);
    batch->bytes = 0;
    fflush(batch->options.out);
    return ok;
}
