/* A small BERT made here: one loaded model used by several threads, raw and unit vectors, packed
 * weights from the cache, a packed file that lacks a layer. */
#include "base/error.h"
#include "embed/model.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

enum { HIDDEN = 24, WIDE = 40, LAYERS = 2, POSITIONS = 32 };

static const char VOCABULARY[] =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\n##a\n##b\n##c\ncat\ndog\n";
enum { TOKENS = 13 };

/* A safetensors file while it is made. */
typedef struct maker {
    GString *header;
    GByteArray *numbers;
    GRand *random;
} maker;

static void add(maker *m, const char *name, int rows, int columns, double spread)
{
    const guint start = m->numbers->len;
    for (int i = 0; i < MAX(rows, 1) * columns; i++) {
        /* A norm's gain is about 1. */
        const float value = (float)(g_rand_double_range(m->random, -spread, spread) +
                                    (g_str_has_suffix(name, "LayerNorm.weight") ? 1 : 0));
        g_byte_array_append(m->numbers, (const guint8 *)&value, sizeof value);
    }
    g_autofree char *shape =
        rows ? g_strdup_printf("%d,%d", rows, columns) : g_strdup_printf("%d", columns);
    g_string_append_printf(m->header,
                           "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[%u,%u]}",
                           m->header->len > 1 ? "," : "", name, shape, start, m->numbers->len);
}

static void add_pair(maker *m, const char *name, int rows, int columns)
{
    g_autofree char *weight = g_strconcat(name, ".weight", NULL);
    g_autofree char *bias = g_strconcat(name, ".bias", NULL);
    add(m, weight, rows, columns, rows ? 2 / sqrt(columns) : 0.1);
    add(m, bias, 0, rows ? rows : columns, 0.1);
}

static void add_layer(maker *m, int layer)
{
    static const struct {
        const char *name;
        int rows, columns;
    } parts[] = {{"attention.self.query", HIDDEN, HIDDEN},
                 {"attention.self.key", HIDDEN, HIDDEN},
                 {"attention.self.value", HIDDEN, HIDDEN},
                 {"attention.output.dense", HIDDEN, HIDDEN},
                 {"attention.output.LayerNorm", 0, HIDDEN},
                 {"intermediate.dense", WIDE, HIDDEN},
                 {"output.dense", HIDDEN, WIDE},
                 {"output.LayerNorm", 0, HIDDEN}};
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *name = g_strdup_printf("encoder.layer.%d.%s", layer, parts[i].name);
        add_pair(m, name, parts[i].rows, parts[i].columns);
    }
}

static void write_weights(const char *folder)
{
    maker m = {g_string_new("{"), g_byte_array_new(), g_rand_new_with_seed(11)};
    add(&m, "embeddings.word_embeddings.weight", TOKENS, HIDDEN, 1);
    add(&m, "embeddings.position_embeddings.weight", POSITIONS, HIDDEN, 0.5);
    add(&m, "embeddings.token_type_embeddings.weight", 2, HIDDEN, 0.5);
    add_pair(&m, "embeddings.LayerNorm", 0, HIDDEN);
    for (int layer = 0; layer < LAYERS; layer++)
        add_layer(&m, layer);
    g_string_append_c(m.header, '}');
    while (m.header->len % 8)
        g_string_append_c(m.header, ' ');
    const guint64 length = GUINT64_TO_LE(m.header->len);
    g_autoptr(GByteArray) file = g_byte_array_new();
    g_byte_array_append(file, (const guint8 *)&length, sizeof length);
    g_byte_array_append(file, (const guint8 *)m.header->str, (guint)m.header->len);
    g_byte_array_append(file, m.numbers->data, m.numbers->len);
    g_autofree char *path = g_build_filename(folder, "model.safetensors", NULL);
    g_assert_true(g_file_set_contents(path, (const char *)file->data, (gssize)file->len, NULL));
    g_string_free(m.header, TRUE);
    g_byte_array_unref(m.numbers);
    g_rand_free(m.random);
}

static void write_text(const char *folder, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static char *make_model(void)
{
    char *folder = g_dir_make_tmp("jackdaw-model-XXXXXX", NULL);
    g_autofree char *config = g_strdup_printf(
        "{\"model_type\":\"bert\",\"vocab_size\":%d,\"hidden_size\":%d,\"num_hidden_layers\":%d,"
        "\"num_attention_heads\":3,\"intermediate_size\":%d,\"hidden_act\":\"gelu\","
        "\"max_position_embeddings\":%d,\"type_vocab_size\":2}",
        TOKENS, HIDDEN, LAYERS, WIDE, POSITIONS);
    write_text(folder, "config.json", config);
    write_text(folder, "vocab.txt", VOCABULARY);
    write_text(folder, "tokenizer_config.json", "{\"tokenizer_class\":\"BertTokenizer\"}");
    write_weights(folder);
    return folder;
}

static void remove_folder(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            remove_folder(path);
        else
            g_unlink(path);
    }
    g_rmdir(folder);
}

static jd_model *load(const char *folder, const char *cache, int threads)
{
    const jd_model_options options = {.dtype = JD_MODEL_F32, .threads = threads, .cache = cache};
    g_autoptr(GError) error = NULL;
    jd_model *model = jd_model_load(folder, &options, &error);
    g_assert_no_error(error);
    return model;
}

static const char *const TEXTS[] = {
    "a cat", "dog", "", "abc abc abc cat dog cat dog cat dog", "b c a b c a", "cat cat"};
enum { TEXT_COUNT = G_N_ELEMENTS(TEXTS) };

static float *embed(const jd_model *model, gboolean raw)
{
    jd_text texts[TEXT_COUNT];
    float *out = g_new(float, TEXT_COUNT *HIDDEN);
    for (gsize i = 0; i < TEXT_COUNT; i++)
        texts[i] = (jd_text){TEXTS[i], strlen(TEXTS[i])};
    g_autoptr(GError) error = NULL;
    jd_model_embed_texts(model, &(jd_texts){texts, TEXT_COUNT, NULL, raw}, out, &error);
    g_assert_no_error(error);
    return out;
}

static void assert_near(const float *a, const float *b)
{
    for (int i = 0; i < TEXT_COUNT * HIDDEN; i++)
        g_assert_cmpfloat_with_epsilon(a[i], b[i], 1e-6);
}

static void test_lengths(void)
{
    g_autofree char *folder = make_model();
    g_autoptr(jd_model) model = load(folder, NULL, 1);
    g_autofree float *unit = embed(model, FALSE);
    g_autofree float *raw = embed(model, TRUE);
    g_assert_cmpint(jd_model_get_info(model)->dimension, ==, HIDDEN);
    g_assert_cmpint(jd_model_get_info(model)->max_tokens, ==, POSITIONS);
    for (int t = 0; t < TEXT_COUNT; t++) {
        double length = 0;
        double raw_length = 0;
        for (int i = 0; i < HIDDEN; i++) {
            length += unit[t * HIDDEN + i] * unit[t * HIDDEN + i];
            raw_length += raw[t * HIDDEN + i] * raw[t * HIDDEN + i];
        }
        g_assert_cmpfloat_with_epsilon(length, 1, 1e-5);
        for (int i = 0; i < HIDDEN; i++)
            g_assert_cmpfloat_with_epsilon(raw[t * HIDDEN + i] / sqrt(raw_length),
                                           unit[t * HIDDEN + i], 1e-6);
    }
    remove_folder(folder);
}

static gpointer embed_often(gpointer data)
{
    const jd_model *model = data;
    g_autofree float *first = embed(model, FALSE);
    for (int i = 0; i < 20; i++) {
        g_autofree float *again = embed(model, FALSE);
        assert_near(first, again);
    }
    return g_steal_pointer(&first);
}

/* One loaded model, four threads: each gets what one thread alone gets. */
static void test_threads(void)
{
    g_autofree char *folder = make_model();
    g_autoptr(jd_model) model = load(folder, NULL, 2);
    g_autofree float *alone = embed(model, FALSE);
    GThread *threads[4];
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("embed", embed_often, model);
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++) {
        g_autofree float *result = g_thread_join(threads[i]);
        assert_near(alone, result);
    }
    remove_folder(folder);
}

/* The file of packed weights in the cache: the largest, since the tokenizer keeps a small one. */
static char *find_pack(const char *cache)
{
    char *largest = NULL;
    goffset most = 0;
    g_autoptr(GDir) dir = g_dir_open(cache, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(cache, name, NULL);
        GStatBuf info;
        if (!g_str_has_suffix(name, ".pack") || g_stat(path, &info) != 0 || info.st_size <= most)
            continue;
        most = info.st_size;
        g_free(largest);
        largest = g_steal_pointer(&path);
    }
    return largest;
}

static void test_cache(void)
{
    g_autofree char *folder = make_model();
    g_autofree char *cache = g_build_filename(folder, "cache", NULL);
    g_autoptr(jd_model) packed = load(folder, cache, 1);
    g_autofree float *first = embed(packed, FALSE);
    g_autofree char *pack = find_pack(cache);
    g_autoptr(jd_model) mapped = load(folder, cache, 1);
    g_autofree float *second = embed(mapped, FALSE);
    g_assert_cmpmem(first, sizeof(float) * TEXT_COUNT * HIDDEN, second,
                    sizeof(float) * TEXT_COUNT * HIDDEN);

    /* A file that says it is whole but holds nothing is made anew. */
    g_autofree char *data = NULL;
    gsize size;
    g_assert_true(g_file_get_contents(pack, &data, &size, NULL));
    enum { HEADER = 64, COUNT_AT = 8 };
    memset(data + COUNT_AT, 0, sizeof(guint64));
    g_assert_true(g_file_set_contents(pack, data, HEADER, NULL));
    g_autoptr(jd_model) anew = load(folder, cache, 1);
    g_autofree float *third = embed(anew, FALSE);
    assert_near(first, third);
    g_autofree char *again = NULL;
    gsize again_size;
    g_assert_true(g_file_get_contents(pack, &again, &again_size, NULL));
    g_assert_cmpuint(again_size, ==, size);
    remove_folder(folder);
}

static void test_takes(void)
{
    g_autofree char *folder = make_model();
    g_autoptr(jd_model) model = load(folder, NULL, 1);
    g_autoptr(GError) error = NULL;
    float out[HIDDEN] = {7};
    const guint8 *picture = (const guint8 *)"";
    g_assert_false(jd_model_embed_pictures(model, &(jd_pictures){&picture, 1, FALSE}, out, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_UNSUPPORTED);
    g_clear_error(&error);
    g_assert_false(jd_model_score(model, &(jd_pairs){NULL, 0}, out, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_UNSUPPORTED);
    g_assert_cmpfloat(out[0], ==, 7);
    g_autofree float *none = g_new0(float, 1);
    g_assert_true(jd_model_embed_texts(model, &(jd_texts){NULL, 0, NULL, FALSE}, none, NULL));
    remove_folder(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/embed/model/lengths", test_lengths);
    g_test_add_func("/embed/model/threads", test_threads);
    g_test_add_func("/embed/model/cache", test_cache);
    g_test_add_func("/embed/model/takes", test_takes);
    return g_test_run();
}
