/* Running a loaded model: texts and pairs by length in batches, pictures. */
#include "embed/model_state.h"
#include "embed/tokenizer_rewrite.h"

#include "base/error.h"

#include <math.h>
#include <string.h>

/* ---- tokens ---- */

/* One text's or pair's tokens, and where its result goes. */
typedef struct tokens {
    GArray *ids, *types;
    gsize index;
} tokens;

static void tokens_clear(gpointer data)
{
    tokens *t = data;
    g_array_unref(t->ids);
    g_array_unref(t->types);
}

/* The prompt in front of the text, lower case where the model wants that; all else is the
 * tokenizer's business. */
static char *make_input(const jd_model *model, const jd_text *text, const char *prompt,
                        gsize *length)
{
    g_auto(jd_text_buffer) buffer = {0};
    jd_text_buffer_init(&buffer);
    if (prompt)
        g_string_append(buffer.now, prompt);
    if (model->info.lower_case) {
        jd_utf8_repair(text->text, text->length, buffer.now);
        jd_rewrite_lower(&buffer);
    } else
        g_string_append_len(buffer.now, text->text, (gssize)text->length);
    *length = buffer.now->len;
    return g_strndup(buffer.now->str, buffer.now->len);
}

static gboolean needs_input(const jd_model *model, const char *prompt)
{
    return model->info.lower_case || (prompt && *prompt);
}

/* What is to be tokenised: pair NULL for one text. */
typedef struct wish {
    const jd_text *text, *pair;
    const char *prompt;
} wish;

static void tokenise(const jd_model *model, const wish *w, tokens *to)
{
    g_autofree char *input = NULL;
    jd_encode_request request = {.text = w->text->text,
                                 .length = w->text->length,
                                 .special = TRUE,
                                 .max_tokens = (gsize)model->info.max_tokens};
    if (w->pair) {
        request.pair = w->pair->text;
        request.pair_length = w->pair->length;
    }
    if (needs_input(model, w->prompt))
        request.text = input = make_input(model, w->text, w->prompt, &request.length);
    to->ids = g_array_new(FALSE, FALSE, sizeof(gint32));
    to->types = g_array_new(FALSE, FALSE, sizeof(gint32));
    jd_tokenizer_encode(model->tokenizer, &request, to->ids, to->types);
}

/* A tokenizer may know more tokens than the model has rows for. */
static gboolean check_ids(const jd_model *model, const GArray *ids, GError **error)
{
    for (guint i = 0; i < ids->len; i++) {
        const gint32 id = g_array_index(ids, gint32, i);
        if (id >= 0 && id < model->info.vocabulary)
            continue;
        jd_set_error(error, JD_ERROR_INVALID, "do config.json and tokenizer.json belong together?",
                     "the tokenizer gives the id %d; the model's vocabulary has %d tokens", id,
                     model->info.vocabulary);
        return FALSE;
    }
    if (ids->len > 0)
        return TRUE;
    jd_set_error(error, JD_ERROR_INVALID, NULL,
                 "the tokenizer makes no tokens of a text, not even one that ends it");
    return FALSE;
}

static gboolean check_tokenizer(const jd_model *model, GError **error)
{
    if (model->tokenizer)
        return TRUE;
    jd_set_error(error, JD_ERROR_UNSUPPORTED, "fetch the model again, with its tokenizer.json",
                 "the model's folder has no tokenizer");
    return FALSE;
}

GArray *jd_model_tokens(const jd_model *model, const jd_text *text, const jd_text *pair,
                        GError **error)
{
    if (!check_tokenizer(model, error))
        return NULL;
    tokens t = {0};
    tokenise(model, &(wish){.text = text, .pair = pair}, &t);
    g_array_unref(t.types);
    return t.ids;
}

/* ---- batches ---- */

static int compare_lengths(gconstpointer a, gconstpointer b)
{
    const tokens *x = a;
    const tokens *y = b;
    if (x->ids->len != y->ids->len)
        return x->ids->len < y->ids->len ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static void normalise(float *vector, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += (double)vector[i] * vector[i];
    const float scale = sum > 0 ? (float)(1 / sqrt(sum)) : 0;
    for (int i = 0; i < n; i++)
        vector[i] *= scale;
}

/* All tokens of a call, and where the results go. */
typedef struct text_run {
    const jd_model *model;
    GArray *list; /* tokens, by length once they are all there */
    float *out;
    gboolean raw;
} text_run;

static void run_init(text_run *run)
{
    run->list = g_array_new(FALSE, FALSE, sizeof(tokens));
    g_array_set_clear_func(run->list, tokens_clear);
}

static void run_clear(text_run *run)
{
    g_array_unref(run->list);
}

static gboolean run_add(text_run *run, const wish *w, gsize index, GError **error)
{
    tokens t = {.index = index};
    tokenise(run->model, w, &t);
    g_array_append_val(run->list, t);
    return check_ids(run->model, t.ids, error);
}

/* Texts of the sorted list, from first to before last. */
typedef struct range {
    guint first, last;
    jd_scratch *scratch;
} range;

static gboolean run_range(const text_run *run, range r, GError **error)
{
    const gsize count = r.last - r.first;
    const gsize dimension = (gsize)run->model->info.dimension;
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint32));
    g_autoptr(GArray) types = g_array_new(FALSE, FALSE, sizeof(gint32));
    g_autofree gsize *lengths = g_new(gsize, count);
    g_autofree float *vectors = g_new(float, count *dimension);
    for (guint i = r.first; i < r.last; i++) {
        const tokens *t = &g_array_index(run->list, tokens, i);
        lengths[i - r.first] = t->ids->len;
        g_array_append_vals(ids, t->ids->data, t->ids->len);
        g_array_append_vals(types, t->types->data, t->types->len);
    }
    const jd_token_batch batch = {(const gint32 *)(void *)ids->data,
                                  (const gint32 *)(void *)types->data, lengths, count};
    if (!run->model->family->run_texts(run->model->state, &batch, vectors, r.scratch, error))
        return FALSE;
    for (guint i = r.first; i < r.last; i++) {
        float *vector = vectors + (gsize)(i - r.first) * dimension;
        if (!run->raw)
            normalise(vector, (int)dimension);
        memcpy(run->out + g_array_index(run->list, tokens, i).index * dimension, vector,
               dimension * sizeof(float));
    }
    return TRUE;
}

/* Where each batch begins, and the end of the last (GArray of guint): texts of like length go
 * together, some hundreds of tokens, so that every thread gets some. */
static GArray *cut_batches(const text_run *run)
{
    enum { LEAST_TOKENS = 256, MOST_TOKENS = 1024 };
    GArray *starts = g_array_new(FALSE, FALSE, sizeof(guint));
    gsize all = 0;
    for (guint i = 0; i < run->list->len; i++)
        all += g_array_index(run->list, tokens, i).ids->len;
    const gsize share = all / (gsize)jd_engine_threads(run->model->engine) + 1;
    const gsize limit = CLAMP(share, LEAST_TOKENS, MOST_TOKENS);
    gsize total = 0;
    for (guint i = 0; i < run->list->len; i++) {
        const gsize length = g_array_index(run->list, tokens, i).ids->len;
        if (i == 0 || total + length > limit) {
            g_array_append_val(starts, i);
            total = 0;
        }
        total += length;
    }
    g_array_append_val(starts, run->list->len);
    return starts;
}

/* ---- several batches ---- */

/* Batches that may run at the same time: each by one thread, where there are enough of them;
 * else one after the other, each by all threads. */
typedef struct batches {
    const jd_model *model;
    gint count;
    gboolean (*run)(gconstpointer user, gint batch, jd_scratch *scratch, GError **error);
    gconstpointer user;
} batches;

/* Not a parallel region of one thread: in such a region libgomp starts new threads for every
 * product. */
static gboolean run_in_turn(const batches *all, GError **error)
{
    jd_scratch *scratch = jd_scratch_pool_take(all->model->scratches);
    gboolean ok = TRUE;
    for (gint i = 0; ok && i < all->count; i++)
        ok = all->run(all->user, i, scratch, error);
    jd_scratch_pool_give(all->model->scratches, scratch);
    return ok;
}

/* The error is that of the first batch that fails. */
static gboolean run_together(const batches *all, int threads, GError **error)
{
    GError *first = NULL;
    gint failed = 0;
#pragma omp parallel num_threads(threads)
    {
        jd_scratch *scratch = jd_scratch_pool_take(all->model->scratches);
#pragma omp for schedule(dynamic, 1)
        for (gint i = 0; i < all->count; i++) {
            GError *own = NULL;
            if (g_atomic_int_get(&failed) || all->run(all->user, i, scratch, &own))
                continue;
            if (g_atomic_int_compare_and_exchange(&failed, 0, 1))
                first = own;
            else
                g_error_free(own);
        }
        jd_scratch_pool_give(all->model->scratches, scratch);
    }
    if (!failed)
        return TRUE;
    g_propagate_error(error, first);
    return FALSE;
}

static gboolean run_batches(const batches *all, GError **error)
{
    const int threads = jd_engine_threads(all->model->engine);
    if (threads > 1 && all->count > 1 && 2 * all->count > threads)
        return run_together(all, threads, error);
    return run_in_turn(all, error);
}

typedef struct text_batches {
    const text_run *run;
    const guint *starts;
} text_batches;

static gboolean run_text_batch(gconstpointer user, gint batch, jd_scratch *scratch, GError **error)
{
    const text_batches *b = user;
    return run_range(b->run, (range){b->starts[batch], b->starts[batch + 1], scratch}, error);
}

static gboolean run_all(text_run *run, GError **error)
{
    g_array_sort(run->list, compare_lengths);
    g_autoptr(GArray) starts = cut_batches(run);
    const text_batches user = {run, (const guint *)(void *)starts->data};
    const batches all = {run->model, (gint)starts->len - 1, run_text_batch, &user};
    return run_batches(&all, error);
}

static gboolean check_takes(const jd_model *model, gboolean takes, const char *what, GError **error)
{
    if (takes)
        return TRUE;
    jd_set_error(error, JD_ERROR_UNSUPPORTED,
                 model->info.pairs ? "a cross-encoder scores pairs of texts" : "use another model",
                 "this %s model does not %s", model->info.family, what);
    return FALSE;
}

gboolean jd_model_embed_texts(const jd_model *model, const jd_texts *texts, float *out,
                              GError **error)
{
    if (!check_takes(model, model->info.texts, "embed texts", error) ||
        !check_tokenizer(model, error))
        return FALSE;
    text_run run = {.model = model, .out = out, .raw = texts->raw};
    gboolean ok = TRUE;
    run_init(&run);
    for (gsize i = 0; ok && i < texts->count; i++)
        ok = run_add(&run, &(wish){.text = &texts->items[i], .prompt = texts->prompt}, i, error);
    ok = ok && run_all(&run, error);
    run_clear(&run);
    return ok;
}

gboolean jd_model_score(const jd_model *model, const jd_pairs *pairs, float *scores, GError **error)
{
    if (!check_takes(model, model->info.pairs, "score pairs of texts", error) ||
        !check_tokenizer(model, error))
        return FALSE;
    text_run run = {.model = model, .out = scores, .raw = TRUE};
    gboolean ok = TRUE;
    run_init(&run);
    for (gsize i = 0; ok && i < pairs->count; i++)
        ok =
            run_add(&run, &(wish){.text = &pairs->items[i].query, .pair = &pairs->items[i].passage},
                    i, error);
    ok = ok && run_all(&run, error);
    run_clear(&run);
    return ok;
}

/* ---- pictures ---- */

typedef struct picture_batches {
    const jd_model *model;
    const jd_pictures *pictures;
    gsize size; /* pictures of a batch */
    float *out;
} picture_batches;

static gboolean run_picture_batch(gconstpointer user, gint batch, jd_scratch *scratch,
                                  GError **error)
{
    const picture_batches *b = user;
    const gsize first = (gsize)batch * b->size;
    const jd_pictures some = {b->pictures->items + first, MIN(b->size, b->pictures->count - first),
                              b->pictures->raw};
    float *out = b->out + first * (gsize)b->model->info.dimension;
    return b->model->family->run_pictures(b->model->state, &some, out, scratch, error);
}

gboolean jd_model_embed_pictures(const jd_model *model, const jd_pictures *pictures, float *out,
                                 GError **error)
{
    enum { MOST = 4 };
    if (!check_takes(model, model->info.pictures, "embed pictures", error))
        return FALSE;
    const gsize dimension = (gsize)model->info.dimension;
    const gsize share = pictures->count / (gsize)jd_engine_threads(model->engine);
    const picture_batches user = {model, pictures, CLAMP(share, 1, MOST), out};
    const gsize count = (pictures->count + user.size - 1) / user.size;
    if (!run_batches(&(batches){model, (gint)count, run_picture_batch, &user}, error))
        return FALSE;
    for (gsize i = 0; i < pictures->count && !pictures->raw; i++)
        normalise(out + i * dimension, (int)dimension);
    return TRUE;
}
