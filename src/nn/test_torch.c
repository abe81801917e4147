#include "base/error.h"
#include "nn/torch.h"
#include "nn/zip.h"

#include <string.h>

/* ---- files as torch writes them ---- */

static void put(GByteArray *out, gconstpointer data, gsize size)
{
    g_byte_array_append(out, data, (guint)size);
}

static void put_le(GByteArray *out, guint64 value, int width)
{
    for (int i = 0; i < width; i++) {
        guint8 byte = i < 8 ? (guint8)(value >> (8 * i)) : 0;
        put(out, &byte, 1);
    }
}

static void put_text(GByteArray *out, const char *text)
{
    put(out, text, strlen(text));
}

static void put_string(GByteArray *out, const char *text)
{
    put_text(out, "X");
    put_le(out, strlen(text), 4);
    put_text(out, text);
}

static void put_int(GByteArray *out, gint64 value)
{
    put_text(out, "\x8A");
    put_le(out, 8, 1);
    put_le(out, (guint64)value, 8);
}

typedef struct tensor_spec {
    const char *type, *key;
    gint64 elements, offset;
    gint64 size[2], stride[2];
} tensor_spec;

/* One tensor of two dimensions, as torch's pickler writes it. */
static void put_tensor(GByteArray *out, const tensor_spec *spec, gboolean legacy)
{
    put_text(out, "ctorch._utils\n_rebuild_tensor_v2\n((");
    put_string(out, "storage");
    put_text(out, "ctorch\n");
    put_text(out, spec->type);
    put_text(out, "\n");
    put_string(out, spec->key);
    put_string(out, "cpu");
    put_int(out, spec->elements);
    put_text(out, legacy ? "NtQ" : "tQ");
    put_int(out, spec->offset);
    put_int(out, spec->size[0]);
    put_int(out, spec->size[1]);
    put_text(out, "\x86");
    put_int(out, spec->stride[0]);
    put_int(out, spec->stride[1]);
    put_text(out, "\x86\x89"
                  "ccollections\nOrderedDict\n)RtR");
}

typedef struct zip_file {
    GByteArray *out, *directory;
    guint count;
    gboolean zip64; /* sizes and offsets in extra fields, counts in the ZIP64 end record */
    int method;
} zip_file;

static void zip_begin(zip_file *zip)
{
    zip->out = g_byte_array_new();
    zip->directory = g_byte_array_new();
}

/* Flag bit 3: the local header has no sizes, as torch does it. */
static void zip_add(zip_file *zip, const char *name, gconstpointer data, gsize size)
{
    guint64 offset = zip->out->len;
    guint64 shown = zip->zip64 ? 0xFFFFFFFF : size;
    put(zip->out, "PK\3\4\0\0\10\0\0\0\0\0\0\0", 14);
    put_le(zip->out, 0, 12);
    put_le(zip->out, strlen(name), 2);
    put_le(zip->out, 5, 2);
    put_text(zip->out, name);
    put(zip->out, "FB\1\0Z", 5);
    put(zip->out, data, size);
    put(zip->directory, "PK\1\2\0\0\0\0\10\0", 10);
    put_le(zip->directory, (guint64)zip->method, 2);
    put_le(zip->directory, 0, 8);
    put_le(zip->directory, shown, 4);
    put_le(zip->directory, shown, 4);
    put_le(zip->directory, strlen(name), 2);
    put_le(zip->directory, zip->zip64 ? 28 : 0, 2);
    put_le(zip->directory, 0, 10);
    put_le(zip->directory, zip->zip64 ? 0xFFFFFFFF : offset, 4);
    put_text(zip->directory, name);
    if (zip->zip64) {
        put(zip->directory, "\1\0\30\0", 4);
        put_le(zip->directory, size, 8);
        put_le(zip->directory, size, 8);
        put_le(zip->directory, offset, 8);
    }
    zip->count++;
}

static GBytes *zip_end(zip_file *zip)
{
    guint64 offset = zip->out->len, size = zip->directory->len;
    put(zip->out, zip->directory->data, zip->directory->len);
    if (zip->zip64) {
        guint64 end = zip->out->len;
        put(zip->out, "PK\6\6", 4);
        put_le(zip->out, 44, 8);
        put_le(zip->out, 0, 12);
        put_le(zip->out, zip->count, 8);
        put_le(zip->out, zip->count, 8);
        put_le(zip->out, size, 8);
        put_le(zip->out, offset, 8);
        put(zip->out, "PK\6\7\0\0\0\0", 8);
        put_le(zip->out, end, 8);
        put_le(zip->out, 1, 4);
    }
    put(zip->out, "PK\5\6\0\0\0\0", 8);
    put_le(zip->out, zip->zip64 ? 0xFFFF : zip->count, 2);
    put_le(zip->out, zip->zip64 ? 0xFFFF : zip->count, 2);
    put_le(zip->out, zip->zip64 ? 0xFFFFFFFF : size, 4);
    put_le(zip->out, zip->zip64 ? 0xFFFFFFFF : offset, 4);
    put_le(zip->out, 0, 2);
    g_byte_array_unref(zip->directory);
    return g_byte_array_free_to_bytes(zip->out);
}

/* A checkpoint of this pickle (without PROTO and STOP) and one storage "0". */
static GBytes *checkpoint(const GByteArray *pickle, gconstpointer numbers, gsize size)
{
    zip_file zip = {0};
    g_autoptr(GByteArray) whole = g_byte_array_new();
    put(whole, "\x80\x02", 2);
    put(whole, pickle->data, pickle->len);
    put_text(whole, ".");
    zip_begin(&zip);
    zip_add(&zip, "archive/data.pkl", whole->data, whole->len);
    zip_add(&zip, "archive/byteorder", "little", 6);
    zip_add(&zip, "archive/data/0", numbers, size);
    zip_add(&zip, "archive/version", "3\n", 2);
    return zip_end(&zip);
}

static const float six[] = {1, 2, 3, 4, 5, 6};
static const tensor_spec plain = {"FloatStorage", "0", 6, 0, {2, 3}, {3, 1}};

static void assert_values(GHashTable *tensors, const char *name, const float *expected, gsize n)
{
    g_assert_nonnull(tensors);
    const jd_tensor *tensor = g_hash_table_lookup(tensors, name);
    g_assert_nonnull(tensor);
    g_assert_cmpuint(tensor->count, ==, n);
    g_autofree float *values = jd_tensor_to_f32(tensor, NULL);
    for (gsize i = 0; i < n; i++)
        g_assert_cmpfloat(values[i], ==, expected[i]);
}

static GHashTable *load_one(const tensor_spec *spec, gconstpointer numbers, gsize size,
                            GError **error)
{
    g_autoptr(GByteArray) pickle = g_byte_array_new();
    put_tensor(pickle, spec, FALSE);
    g_autoptr(GBytes) file = checkpoint(pickle, numbers, size);
    return jd_torch_load(file, error);
}

static void test_bare_tensor(void)
{
    g_autoptr(GHashTable) tensors = load_one(&plain, six, sizeof six, NULL);
    g_assert_cmpuint(g_hash_table_size(tensors), ==, 1);
    assert_values(tensors, "", six, 6);
}

static void test_types(void)
{
    const guint16 f16[] = {0x3C00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600};
    const guint16 bf16[] = {0x3F80, 0x4000, 0x4040, 0x4080, 0x40A0, 0x40C0};
    const double f64[] = {1, 2, 3, 4, 5, 6};
    const struct {
        const char *type;
        gconstpointer numbers;
        gsize size;
    } cases[] = {{"HalfStorage", f16, sizeof f16},
                 {"BFloat16Storage", bf16, sizeof bf16},
                 {"DoubleStorage", f64, sizeof f64}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        tensor_spec spec = plain;
        spec.type = cases[i].type;
        g_autoptr(GHashTable) tensors = load_one(&spec, cases[i].numbers, cases[i].size, NULL);
        assert_values(tensors, "", six, 6);
    }
    const gint64 integers[] = {1, 2, 3, 4, 5, 6};
    tensor_spec spec = plain;
    spec.type = "LongStorage";
    g_autoptr(GHashTable) tensors = load_one(&spec, integers, sizeof integers, NULL);
    const jd_tensor *tensor = g_hash_table_lookup(tensors, "");
    g_assert_cmpint(tensor->dtype, ==, JD_I64);
    g_assert_cmpint(((const gint64 *)tensor->data)[5], ==, 6);
    g_autoptr(GError) error = NULL;
    g_assert_null(jd_tensor_to_f32(tensor, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_UNSUPPORTED);
}

static void test_views(void)
{
    const tensor_spec transposed = {"FloatStorage", "0", 6, 0, {3, 2}, {1, 3}};
    const float columns[] = {1, 4, 2, 5, 3, 6};
    g_autoptr(GHashTable) t = load_one(&transposed, six, sizeof six, NULL);
    assert_values(t, "", columns, 6);
    const tensor_spec part = {"FloatStorage", "0", 6, 3, {1, 3}, {G_MAXINT64, 1}};
    g_autoptr(GHashTable) p = load_one(&part, six, sizeof six, NULL);
    assert_values(p, "", six + 3, 3);
    const tensor_spec expanded = {"FloatStorage", "0", 6, 1, {2, 2}, {0, 2}};
    const float repeated[] = {2, 4, 2, 4};
    g_autoptr(GHashTable) e = load_one(&expanded, six, sizeof six, NULL);
    assert_values(e, "", repeated, 4);
    const tensor_spec empty = {"FloatStorage", "0", 0, 0, {0, 3}, {3, 1}};
    g_autoptr(GHashTable) n = load_one(&empty, six, 0, NULL);
    assert_values(n, "", six, 0);
}

/* {"model": OrderedDict(a=tensor, b=[tensor], epoch=3), 7: parameter}, with attributes on the
 * OrderedDict and one storage shared by all. */
static void test_nested_dicts(void)
{
    const tensor_spec tail = {"FloatStorage", "0", 6, 4, {1, 2}, {2, 1}};
    g_autoptr(GByteArray) pickle = g_byte_array_new();
    put_text(pickle, "}(");
    put_string(pickle, "model");
    put_text(pickle, "ccollections\nOrderedDict\n)R(");
    put_string(pickle, "a");
    put_tensor(pickle, &plain, FALSE);
    put_text(pickle, "q\x07");
    put_string(pickle, "b");
    put_text(pickle, "](h\x07N\x65");
    put_string(pickle, "epoch");
    put_text(pickle, "K\x03u}");
    put_string(pickle, "_metadata");
    put_text(pickle, "}sbK\x07"
                     "ctorch._utils\n_rebuild_parameter\n");
    put_tensor(pickle, &tail, FALSE);
    put_text(pickle, "\x89"
                     "ccollections\nOrderedDict\n)R\x87Ru");
    g_autoptr(GBytes) file = checkpoint(pickle, six, sizeof six);
    g_autoptr(GError) error = NULL;
    g_autoptr(GHashTable) tensors = jd_torch_load(file, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(g_hash_table_size(tensors), ==, 3);
    assert_values(tensors, "model.a", six, 6);
    assert_values(tensors, "model.b.0", six, 6);
    assert_values(tensors, "7", six + 4, 2);
}

static void assert_refused(GByteArray *pickle, int code, const char *says)
{
    g_autoptr(GBytes) file = checkpoint(pickle, six, sizeof six);
    g_autoptr(GError) error = NULL;
    g_assert_null(jd_torch_load(file, &error));
    g_assert_error(error, JD_ERROR, code);
    if (!strstr(error->message, says))
        g_error("\"%s\" does not say \"%s\"", error->message, says);
}

static void test_foreign_pickles(void)
{
    const struct {
        const char *pickle;
        gsize size;
        int code;
        const char *says;
    } cases[] = {
#define PICKLE(text) text, sizeof text - 1
        {PICKLE("cposix\nsystem\nX\4\0\0\0true\x85R"), JD_ERROR_UNSUPPORTED,
         "the pickle asks for posix.system; only tensors are read, nothing is executed"},
        {PICKLE("c__builtin__\neval\n"), JD_ERROR_UNSUPPORTED, "__builtin__.eval"},
        {PICKLE("cos\nsystem"), JD_ERROR_INVALID, "cut short"},
        {PICKLE("(S'true'\nios\nsystem\n"), JD_ERROR_UNSUPPORTED, "opcode 0x53"},
        {PICKLE("\x80\4"), JD_ERROR_UNSUPPORTED, "protocol 4"},
        {PICKLE("ctorch\nFloatStorage\n)R"), JD_ERROR_INVALID, "cannot be called"},
        {PICKLE("K\1)R"), JD_ERROR_INVALID, "cannot be called"},
        {PICKLE("ctorch._utils\n_rebuild_tensor_v2\n)R"), JD_ERROR_INVALID, "rebuilds a tensor"},
        {PICKLE("ctorch._utils\n_rebuild_parameter\nK\1\x85R"), JD_ERROR_INVALID, "no tensor"},
        {PICKLE("ccollections\nOrderedDict\n]K\1a\x85R"), JD_ERROR_INVALID, "OrderedDict"},
        {PICKLE("R"), JD_ERROR_INVALID, "empty stack"},
        {PICKLE("t"), JD_ERROR_INVALID, "did not open"},
        {PICKLE("K\1(\x85"), JD_ERROR_INVALID, "empty stack"},
        {PICKLE("h\1"), JD_ERROR_INVALID, "never made"},
        {PICKLE("}(K\1u"), JD_ERROR_INVALID, "key without a value"},
        {PICKLE("K\1K\2a"), JD_ERROR_INVALID, "no list or dict"},
        {PICKLE("}}K\1s"), JD_ERROR_INVALID, "whole number"},
        {PICKLE("X\377\377\377\377a"), JD_ERROR_INVALID, "cut short"},
        {PICKLE("X\1\0\0\0\377"), JD_ERROR_INVALID, "UTF-8"},
        {PICKLE("\x8A\377"), JD_ERROR_UNSUPPORTED, "255 bytes"},
        {PICKLE("K\1Q"), JD_ERROR_INVALID, "no storage"},
        {PICKLE("]q\1h\1a"), JD_ERROR_LIMIT, "nests more than"},
        {PICKLE("]q\1(h\1h\1h\1e"), JD_ERROR_LIMIT, "nests more than"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) pickle = g_byte_array_new();
        put(pickle, cases[i].pickle, cases[i].size);
        assert_refused(pickle, cases[i].code, cases[i].says);
    }
}

static void test_impossible_tensors(void)
{
    const struct {
        tensor_spec spec;
        const char *says;
    } cases[] = {
        {{"FloatStorage", "0", 6, 0, {2, 4}, {4, 1}}, "beyond its storage"},
        {{"FloatStorage", "0", 6, 1, {2, 3}, {3, 1}}, "beyond its storage"},
        {{"FloatStorage", "0", 6, 0, {2, 3}, {G_MAXINT64, 1}}, "beyond its storage"},
        {{"FloatStorage", "0", 6, 0, {2, 3}, {-3, 1}}, "beyond its storage"},
        {{"FloatStorage", "0", 6, -1, {2, 3}, {3, 1}}, "impossible"},
        {{"FloatStorage", "0", 6, 0, {-2, 3}, {3, 1}}, "impossible"},
        {{"FloatStorage", "0", 6, 0, {G_MAXINT64, G_MAXINT64}, {0, 0}}, "impossible"},
        {{"FloatStorage", "0", 7, 0, {2, 3}, {3, 1}}, "need more"},
        {{"FloatStorage", "0", -1, 0, {2, 3}, {3, 1}}, "impossible type or size"},
        {{"FloatStorage", "1", 6, 0, {2, 3}, {3, 1}}, "no entry archive/data/1"},
        {{"DoubleStorage", "0", 6, 0, {2, 3}, {3, 1}}, "need more"},
        {{"FloatStorage", "0", G_MAXINT64, 0, {2, 3}, {3, 1}}, "need more"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) pickle = g_byte_array_new();
        put_tensor(pickle, &cases[i].spec, FALSE);
        assert_refused(pickle, JD_ERROR_INVALID, cases[i].says);
    }
    /* A storage of six numbers repeated 2^40 times is no memory to be had. */
    const tensor_spec bomb = {"FloatStorage", "0", 6, 0, {1LL << 40, 6}, {0, 1}};
    g_autoptr(GByteArray) pickle = g_byte_array_new();
    put_tensor(pickle, &bomb, FALSE);
    assert_refused(pickle, JD_ERROR_LIMIT, "repeats a small storage");
}

/* ---- the older format ---- */

static GBytes *legacy_checkpoint(const tensor_spec *spec, guint64 stored_elements)
{
    GByteArray *out = g_byte_array_new();
    put(out, "\x80\x02\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19.", 15);
    put(out, "\x80\x02M\xE9\x03.", 6);
    put(out, "\x80\x02}", 3);
    put_string(out, "little_endian");
    put(out, "\x88s.\x80\x02", 5);
    put_tensor(out, spec, TRUE);
    put(out, ".\x80\x02]", 4);
    put_string(out, "0");
    put_text(out, "a.");
    put_le(out, stored_elements, 8);
    put(out, six, (gsize)spec->elements * sizeof *six);
    return g_byte_array_free_to_bytes(out);
}

static void test_legacy(void)
{
    g_autoptr(GBytes) file = legacy_checkpoint(&plain, 6);
    g_autoptr(GError) error = NULL;
    g_autoptr(GHashTable) tensors = jd_torch_load(file, &error);
    g_assert_no_error(error);
    assert_values(tensors, "", six, 6);
    for (gsize size = 0; size < g_bytes_get_size(file); size++) {
        g_autoptr(GBytes) cut = g_bytes_new(g_bytes_get_data(file, NULL), size);
        g_autoptr(GError) problem = NULL;
        g_assert_null(jd_torch_load(cut, &problem));
        g_assert_nonnull(problem);
    }
    const tensor_spec nothing = {"FloatStorage", "0", 0, 0, {0, 3}, {3, 1}};
    g_autoptr(GBytes) empty = legacy_checkpoint(&nothing, 0);
    g_autoptr(GHashTable) none = jd_torch_load(empty, &error);
    g_assert_no_error(error);
    assert_values(none, "", six, 0);
    g_autoptr(GBytes) lying = legacy_checkpoint(&plain, G_MAXUINT64);
    g_assert_null(jd_torch_load(lying, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_INVALID);
}

/* ---- the archive ---- */

static GBytes *small_zip(gboolean zip64, int method)
{
    zip_file zip = {.zip64 = zip64, .method = method};
    zip_begin(&zip);
    zip_add(&zip, "a/one", "1", 1);
    zip_add(&zip, "a/three", "333", 3);
    return zip_end(&zip);
}

static void test_zip(void)
{
    for (int zip64 = 0; zip64 <= 1; zip64++) {
        g_autoptr(GBytes) file = small_zip(zip64, 0);
        g_autoptr(jd_zip) zip = jd_zip_open(file, NULL);
        g_assert_cmpstr(jd_zip_find(zip, "three"), ==, "a/three");
        g_assert_null(jd_zip_find(zip, "two"));
        g_autoptr(GBytes) entry = jd_zip_get(zip, "a/three", NULL);
        g_assert_cmpmem(g_bytes_get_data(entry, NULL), g_bytes_get_size(entry), "333", 3);
    }
    g_autoptr(GBytes) deflated = small_zip(FALSE, 8);
    g_autoptr(jd_zip) zip = jd_zip_open(deflated, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_null(jd_zip_get(zip, "a/one", &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_UNSUPPORTED);
}

/* Every byte of an archive set to several values, and every cut of it, is read or refused, and
 * never outside the file (the sanitizers watch). */
static void test_damaged_archives(void)
{
    g_autoptr(GByteArray) pickle = g_byte_array_new();
    put_tensor(pickle, &plain, FALSE);
    g_autoptr(GBytes) file = checkpoint(pickle, six, sizeof six);
    gsize size = g_bytes_get_size(file);
    static const guint8 values[] = {0x00, 0x01, 0x7F, 0x80, 0xFF};
    for (gsize i = 0; i < size; i++) {
        for (gsize v = 0; v < G_N_ELEMENTS(values); v++) {
            g_autofree guint8 *copy = g_memdup2(g_bytes_get_data(file, NULL), size);
            copy[i] = values[v];
            g_autoptr(GBytes) damaged = g_bytes_new(copy, size);
            g_autoptr(GError) error = NULL;
            g_autoptr(GHashTable) tensors = jd_torch_load(damaged, &error);
            g_assert_true((tensors != NULL) == (error == NULL));
        }
        g_autoptr(GBytes) cut = g_bytes_new(g_bytes_get_data(file, NULL), i);
        g_assert_null(jd_torch_load(cut, NULL));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nn/torch/bare", test_bare_tensor);
    g_test_add_func("/nn/torch/types", test_types);
    g_test_add_func("/nn/torch/views", test_views);
    g_test_add_func("/nn/torch/nested", test_nested_dicts);
    g_test_add_func("/nn/torch/foreign", test_foreign_pickles);
    g_test_add_func("/nn/torch/impossible", test_impossible_tensors);
    g_test_add_func("/nn/torch/legacy", test_legacy);
    g_test_add_func("/nn/zip", test_zip);
    g_test_add_func("/nn/zip/damaged", test_damaged_archives);
    return g_test_run();
}
