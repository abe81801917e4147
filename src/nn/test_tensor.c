#include "base/error.h"
#include "nn/half.h"
#include "nn/json_tensor.h"
#include "nn/npy.h"
#include "nn/tensor.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

/* ---- half precision ---- */

static void test_half_exact(void)
{
    const struct {
        guint16 half;
        float value;
    } f16[] = {
        {0x0000, 0.0F},     {0x3C00, 1.0F},     {0xC000, -2.0F},    {0x3555, 0.333251953125F},
        {0x7BFF, 65504.0F}, {0x0400, 0x1p-14F}, {0x0001, 0x1p-24F}, {0x03FF, 0x1.FF8p-15F},
        {0x8001, -0x1p-24F}};
    for (gsize i = 0; i < G_N_ELEMENTS(f16); i++)
        g_assert_cmpfloat(jd_f16_to_f32(f16[i].half), ==, f16[i].value);
    g_assert_true(signbit(jd_f16_to_f32(0x8000)));
    g_assert_true(isinf(jd_f16_to_f32(0x7C00)) && jd_f16_to_f32(0xFC00) < 0);
    g_assert_true(isnan(jd_f16_to_f32(0x7C01)) && isnan(jd_f16_to_f32(0xFE00)));
    g_assert_cmpfloat(jd_bf16_to_f32(0x3F80), ==, 1.0F);
    g_assert_cmpfloat(jd_bf16_to_f32(0x0001), ==, 0x1p-133F);
    g_assert_cmpfloat(jd_bf16_to_f32(0xC2F7), ==, -123.5F);
    g_assert_true(isnan(jd_bf16_to_f32(0x7FC0)));
}

/* Every f16 against the definition: sign * mantissa * 2^exponent, in double. */
static void test_half_all(void)
{
    for (guint half = 0; half < 0x10000; half++) {
        int exponent = (half >> 10) & 31;
        if (exponent == 31)
            continue;
        double mantissa = (half & 0x3FF) + (exponent ? 1024 : 0);
        double expected = ldexp(mantissa, MAX(exponent, 1) - 25) * (half & 0x8000 ? -1 : 1);
        g_assert_cmpfloat(jd_f16_to_f32((guint16)half), ==, expected);
    }
}

/* ---- .npy ---- */

/* A .npy file of this version, header and numbers. */
static GBytes *npy(int major, const char *header, gconstpointer numbers, gsize size)
{
    GByteArray *out = g_byte_array_new();
    guint32 length = GUINT32_TO_LE((guint32)strlen(header));
    guint8 version[] = {(guint8)major, 0};
    g_byte_array_append(out, (const guint8 *)"\x93NUMPY", 6);
    g_byte_array_append(out, version, 2);
    g_byte_array_append(out, (const guint8 *)&length, major == 1 ? 2 : 4);
    g_byte_array_append(out, (const guint8 *)header, (guint)strlen(header));
    g_byte_array_append(out, numbers, (guint)size);
    return g_byte_array_free_to_bytes(out);
}

static void assert_values(const jd_tensor *tensor, const float *expected, gsize n)
{
    g_assert_nonnull(tensor);
    g_assert_cmpuint(tensor->count, ==, n);
    g_autofree float *values = jd_tensor_to_f32(tensor, NULL);
    for (gsize i = 0; i < n; i++)
        g_assert_cmpfloat(values[i], ==, expected[i]);
}

static const float six[] = {1, 2, 3, 4, 5, 6};

static void test_npy_orders(void)
{
    const float columns[] = {1, 4, 2, 5, 3, 6};
    const double doubles[] = {1, 2, 3, 4, 5, 6};
    const guint16 halves[] = {0x3C00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600};
    guint32 big[6];
    for (int i = 0; i < 6; i++) {
        memcpy(&big[i], &six[i], 4);
        big[i] = GUINT32_SWAP_LE_BE(big[i]);
    }
    const struct {
        int major;
        const char *descr, *fortran;
        gconstpointer numbers;
        gsize size;
    } cases[] = {{1, "<f4", "False", six, sizeof six},
                 {2, "<f4", "True", columns, sizeof columns},
                 {3, "<f8", "False", doubles, sizeof doubles},
                 {1, "<f2", "False", halves, sizeof halves},
                 {1, ">f4", "False", big, sizeof big}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *header =
            g_strdup_printf("{'descr': '%s', 'fortran_order': %s, 'shape': (2, 3), }   \n",
                            cases[i].descr, cases[i].fortran);
        g_autoptr(GBytes) file = npy(cases[i].major, header, cases[i].numbers, cases[i].size);
        g_autoptr(jd_tensor) tensor = jd_npy_load(file, NULL);
        assert_values(tensor, six, 6);
        g_assert_cmpint(tensor->ndim, ==, 2);
        g_assert_cmpint(tensor->shape[0], ==, 2);
    }
}

static void test_npy_shapes(void)
{
    const struct {
        const char *shape;
        int ndim;
        gsize count;
    } cases[] = {
        {"()", 0, 1}, {"(6,)", 1, 6}, {"(1, 2, 3)", 3, 6}, {"(0, 4)", 2, 0}, {"(3L, 2L)", 2, 6}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *header = g_strdup_printf(
            "{'shape': %s, 'fortran_order': False, 'descr': '<f4'}", cases[i].shape);
        g_autoptr(GBytes) file = npy(1, header, six, 4 * cases[i].count);
        g_autoptr(jd_tensor) tensor = jd_npy_load(file, NULL);
        assert_values(tensor, six, cases[i].count);
        g_assert_cmpint(tensor->ndim, ==, cases[i].ndim);
    }
}

static void test_npy_refused(void)
{
    const struct {
        const char *header;
        int code;
    } cases[] = {
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4), }", JD_ERROR_INVALID},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", JD_ERROR_INVALID},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 8), }",
         JD_ERROR_INVALID},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
         JD_ERROR_INVALID},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (-6,), }", JD_ERROR_INVALID},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,6), }",
         JD_ERROR_INVALID},
        {"{'descr': '<f4', 'fortran_order': maybe, 'shape': (2, 3), }", JD_ERROR_INVALID},
        {"{'descr': '<f4', 'shape': (2, 3), }", JD_ERROR_INVALID},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3", JD_ERROR_INVALID},
        {"__import__('os').system('true')", JD_ERROR_INVALID},
        {"", JD_ERROR_INVALID},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }", JD_ERROR_UNSUPPORTED},
        {"{'descr': '<i8', 'fortran_order': False, 'shape': (3,), }", JD_ERROR_UNSUPPORTED},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,), }",
         JD_ERROR_UNSUPPORTED},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) file = npy(1, cases[i].header, six, sizeof six);
        g_assert_null(jd_npy_load(file, &error));
        g_assert_error(error, JD_ERROR, cases[i].code);
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) newer = npy(4, "{}", six, sizeof six);
    g_assert_null(jd_npy_load(newer, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_UNSUPPORTED);
}

/* No file cut anywhere is read, or reads outside itself. */
static void test_npy_cut(void)
{
    g_autoptr(GBytes) whole =
        npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", six, sizeof six);
    for (gsize size = 0; size < g_bytes_get_size(whole); size++) {
        g_autoptr(GBytes) cut = g_bytes_new(g_bytes_get_data(whole, NULL), size);
        g_autoptr(GError) error = NULL;
        g_assert_null(jd_npy_load(cut, &error));
        g_assert_nonnull(error);
    }
}

/* ---- JSON ---- */

static jd_tensor *from_json(const char *text, GError **error)
{
    g_autoptr(GBytes) file = g_bytes_new(text, strlen(text));
    return jd_json_tensor_load(file, error);
}

static void test_json(void)
{
    g_autoptr(jd_tensor) flat = from_json(" [1, 2.0, 3e0, 4, 5, 6]\n", NULL);
    assert_values(flat, six, 6);
    g_assert_cmpint(flat->ndim, ==, 1);
    g_autoptr(jd_tensor) rows = from_json("[[1,2,3],[4,5,6]]", NULL);
    assert_values(rows, six, 6);
    g_assert_cmpint(rows->shape[0], ==, 2);
    g_assert_cmpint(rows->shape[1], ==, 3);
    g_autoptr(jd_tensor) object = from_json("{\"id\":\"t1\",\"embedding\":[1,2]}", NULL);
    assert_values(object, six, 2);
    g_autoptr(jd_tensor) empty = from_json("[]", NULL);
    g_assert_cmpuint(empty->count, ==, 0);
}

static void test_json_refused(void)
{
    const struct {
        const char *text, *says;
    } cases[] = {{"[1, NaN]", "line 1"},
                 {"[[1,2],[3]]", "row 1"},
                 {"[[1,2],[3,\"4\"]]", "row 1, element 1"},
                 {"[[1,2],[3,1e39]]", "row 1, element 1"},
                 {"[1,[2]]", "element 1"},
                 {"[[1],2]", "row 1"},
                 {"{\"vector\":[1]}", "embedding"},
                 {"{\"embedding\":1}", "embedding"},
                 {"[1,2", "line 1"}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(from_json(cases[i].text, &error));
        g_assert_error(error, JD_ERROR, JD_ERROR_INVALID);
        g_assert_nonnull(strstr(error->message, cases[i].says));
    }
}

/* ---- files ---- */

static jd_tensor *load(const char *name, gconstpointer data, gsize size, GError **error)
{
    g_autofree char *folder = g_dir_make_tmp("jackdaw-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_assert_true(g_file_set_contents(path, data, (gssize)size, NULL));
    jd_tensor *tensor = jd_tensor_load(path, error);
    g_unlink(path);
    g_rmdir(folder);
    return tensor;
}

static void test_load_by_content(void)
{
    g_autoptr(GBytes) file =
        npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", six, sizeof six);
    g_autoptr(jd_tensor) wrong_name =
        load("vectors.json", g_bytes_get_data(file, NULL), g_bytes_get_size(file), NULL);
    assert_values(wrong_name, six, 6);
    g_autoptr(jd_tensor) json = load("vectors", "[1,2,3]", 7, NULL);
    assert_values(json, six, 3);
}

static void test_load_names_the_row(void)
{
    const float values[] = {1, 2, 3, 4, NAN, 6};
    const double large[] = {1, 2, 3, 1e300, 5, 6};
    const guint16 infinite[] = {0x3C00, 0x3C00, 0x3C00, 0x3C00, 0x3C00, 0x7C00};
    const struct {
        const char *descr;
        gconstpointer values;
        gsize size;
        const char *says;
    } cases[] = {
        {"<f4", values, sizeof values, "row 1, element 1 (counted from 0) is NaN"},
        {"<f8", large, sizeof large, "row 1, element 0 (counted from 0) is too large"},
        {"<f2", infinite, sizeof infinite, "row 1, element 2 (counted from 0) is infinite"}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *header = g_strdup_printf(
            "{'descr': '%s', 'fortran_order': False, 'shape': (2, 3), }", cases[i].descr);
        g_autoptr(GBytes) file = npy(1, header, cases[i].values, cases[i].size);
        g_autoptr(GError) error = NULL;
        g_assert_null(load("a.npy", g_bytes_get_data(file, NULL), g_bytes_get_size(file), &error));
        g_assert_error(error, JD_ERROR, JD_ERROR_INVALID);
        g_assert_nonnull(strstr(error->message, "a.npy: "));
        g_assert_nonnull(strstr(error->message, cases[i].says));
    }
}

static void test_load_refused(void)
{
    const struct {
        const char *data;
        gsize size;
        int code;
    } cases[] = {{"", 0, JD_ERROR_INVALID},
                 {"text", 4, JD_ERROR_UNSUPPORTED},
                 {"PK\3\4", 4, JD_ERROR_INVALID},
                 {"\x80\x02.", 3, JD_ERROR_UNSUPPORTED},
                 {"\x93NUMPY", 6, JD_ERROR_INVALID}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(load("a.pt", cases[i].data, cases[i].size, &error));
        g_assert_error(error, JD_ERROR, cases[i].code);
    }
    g_autoptr(GError) absent = NULL;
    g_assert_null(jd_tensor_load("/nonexistent/a.pt", &absent));
    g_assert_error(absent, JD_ERROR, JD_ERROR_NOT_FOUND);
    g_autoptr(GError) folder = NULL;
    g_assert_null(jd_tensor_load(g_get_tmp_dir(), &folder));
    g_assert_error(folder, JD_ERROR, JD_ERROR_UNSUPPORTED);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nn/half/exact", test_half_exact);
    g_test_add_func("/nn/half/all", test_half_all);
    g_test_add_func("/nn/npy/orders", test_npy_orders);
    g_test_add_func("/nn/npy/shapes", test_npy_shapes);
    g_test_add_func("/nn/npy/refused", test_npy_refused);
    g_test_add_func("/nn/npy/cut", test_npy_cut);
    g_test_add_func("/nn/json", test_json);
    g_test_add_func("/nn/json/refused", test_json_refused);
    g_test_add_func("/nn/load/content", test_load_by_content);
    g_test_add_func("/nn/load/row", test_load_names_the_row);
    g_test_add_func("/nn/load/refused", test_load_refused);
    return g_test_run();
}
