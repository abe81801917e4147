/* Pictures through the real reader: of every kind, whole and cut, scaled, and made for a model. The
 * files are the fuzz targets' seeds; tests/make_pictures.py makes them. */
#include "base/error.h"
#include "base/limits.h"
#include "read/reader.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define WIDTH 23
#define HEIGHT 17

static jd_reader_pool *new_pool(void)
{
    g_autoptr(GError) error = NULL;
    const jd_reader_options options = {.workers = 1};
    jd_reader_pool *pool = jd_reader_pool_new(&options, &error);
    g_assert_no_error(error);
    return pool;
}

static GBytes *load(const char *folder, const char *name)
{
    g_autofree char *path =
        g_build_filename(g_getenv("JACKDAW_SOURCE"), "fuzz", "corpus", folder, name, NULL);
    g_autoptr(GError) error = NULL;
    char *data;
    gsize size;
    g_file_get_contents(path, &data, &size, &error);
    g_assert_no_error(error);
    return g_bytes_new_take(data, size);
}

static jd_document *read_bytes(jd_reader_pool *pool, GBytes *bytes, gsize size, GError **error)
{
    int fd = memfd_create("picture", MFD_CLOEXEC);
    g_assert_cmpint(write(fd, g_bytes_get_data(bytes, NULL), size), ==, (gssize)size);
    const jd_read_request request = {.name = "picture", .picture_only = TRUE};
    jd_document *document = jd_reader_pool_read(pool, fd, &request, error);
    close(fd);
    return document;
}

/* Calls `each` for every seed of every codec. */
static void for_each_seed(jd_reader_pool *pool,
                          void (*each)(jd_reader_pool *pool, const char *codec, const char *name))
{
    static const char *const codecs[] = {"png", "jpeg", "webp", "gif"};
    for (gsize i = 0; i < G_N_ELEMENTS(codecs); i++) {
        g_autofree char *path =
            g_build_filename(g_getenv("JACKDAW_SOURCE"), "fuzz", "corpus", codecs[i], NULL);
        g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
        g_assert_nonnull(folder);
        guint count = 0;
        for (const char *name; (name = g_dir_read_name(folder));)
            if (strchr(name, '.')) { /* what fuzzing found is named by a hash */
                each(pool, codecs[i], name);
                count++;
            }
        g_assert_cmpuint(count, >, 4);
    }
}

static void check_whole(jd_reader_pool *pool, const char *codec, const char *name)
{
    if (g_str_has_prefix(name, "claims"))
        return;
    g_test_message("%s", name);
    g_autoptr(GBytes) bytes = load(codec, name);
    g_autoptr(GError) error = NULL;
    g_autoptr(jd_document) document = read_bytes(pool, bytes, g_bytes_get_size(bytes), &error);
    g_assert_no_error(error);
    g_autofree char *media_type = g_strconcat("image/", codec, NULL);
    g_assert_cmpstr(document->media_type, ==, media_type);
    g_assert_cmpuint(document->blocks->len, ==, 1);
    const jd_block *block = document->blocks->pdata[0];
    g_assert_cmpint(block->kind, ==, JD_BLOCK_PICTURE);
    g_assert_true(g_bytes_equal(block->picture->bytes, bytes));
    gboolean offset = strcmp(name, "offset.gif") == 0; /* its canvas is larger */
    g_assert_cmpint(block->picture->width, ==, WIDTH + (offset ? 5 : 0));
    g_assert_cmpint(block->picture->height, ==, HEIGHT + (offset ? 4 : 0));
}

static void test_whole(void)
{
    g_autoptr(jd_reader_pool) pool = new_pool();
    for_each_seed(pool, check_whole);
}

static void check_cut(jd_reader_pool *pool, const char *codec, const char *name)
{
    if (g_str_has_prefix(name, "claims"))
        return;
    g_autoptr(GBytes) bytes = load(codec, name);
    for (gsize size = 0; size < g_bytes_get_size(bytes); size += 1 + size / 16) {
        g_autoptr(GError) error = NULL;
        g_assert_null(read_bytes(pool, bytes, size, &error));
        if (size >= 64)
            g_assert_nonnull(strstr(error->message, "truncated"));
    }
    g_autoptr(GError) error = NULL;
    g_assert_null(read_bytes(pool, bytes, g_bytes_get_size(bytes) - 1, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_INVALID);
}

/* No cut is accepted, wherever it is. */
static void test_cut(void)
{
    g_autoptr(jd_reader_pool) pool = new_pool();
    for_each_seed(pool, check_cut);
}

static void check_claim(jd_reader_pool *pool, const char *codec, const char *name)
{
    if (!g_str_has_prefix(name, "claims"))
        return;
    g_autoptr(GBytes) bytes = load(codec, name);
    g_autoptr(GError) error = NULL;
    g_assert_null(read_bytes(pool, bytes, g_bytes_get_size(bytes), &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_LIMIT);
    g_assert_nonnull(strstr(error->message, "claims 60000 x 60000 pixels"));
}

static void test_claims(void)
{
    g_autoptr(jd_reader_pool) pool = new_pool();
    for_each_seed(pool, check_claim);
}

static void test_no_picture(void)
{
    g_autoptr(jd_reader_pool) pool = new_pool();
    g_autoptr(GBytes) text = g_bytes_new_static("# Not a picture\n", 16);
    g_autoptr(GError) error = NULL;
    g_assert_null(read_bytes(pool, text, 16, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_UNSUPPORTED);
    g_clear_error(&error);
    g_assert_null(jd_reader_pool_pixels(pool, text, 0, 0, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_UNSUPPORTED);
}

/* However the pixels are stored, EXIF's turn makes the same picture of them. */
static void test_orientation(void)
{
    g_autoptr(jd_reader_pool) pool = new_pool();
    g_autoptr(GBytes) plain = load("png", "turned1.png");
    g_autoptr(jd_pixels) upright = jd_reader_pool_pixels(pool, plain, 0, 0, NULL);
    g_assert_nonnull(upright);
    for (int orientation = 2; orientation <= 8; orientation++) {
        g_autofree char *name = g_strdup_printf("turned%d.png", orientation);
        g_autoptr(GBytes) bytes = load("png", name);
        g_autoptr(GError) error = NULL;
        g_autoptr(jd_pixels) pixels = jd_reader_pool_pixels(pool, bytes, 0, 0, &error);
        g_assert_no_error(error);
        g_assert_cmpint(pixels->width, ==, WIDTH);
        g_assert_cmpmem(pixels->rgba, (gsize)WIDTH * HEIGHT * 4, upright->rgba,
                        (gsize)WIDTH * HEIGHT * 4);
    }
}

static void test_scaled_to_fit(void)
{
    static const struct {
        int max_width, max_height, width, height;
    } cases[] = {
        {10, 0, 10, 7}, {0, 10, 14, 10}, {10, 10, 10, 7}, {100, 100, 23, 17}, {1, 1, 1, 1}};
    g_autoptr(jd_reader_pool) pool = new_pool();
    g_autoptr(GBytes) bytes = load("jpeg", "baseline.jpg");
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(jd_pixels) pixels =
            jd_reader_pool_pixels(pool, bytes, cases[i].max_width, cases[i].max_height, &error);
        g_assert_no_error(error);
        g_assert_cmpint(pixels->width, ==, cases[i].width);
        g_assert_cmpint(pixels->height, ==, cases[i].height);
    }
}

static GBytes *render(jd_reader_pool *pool, GPtrArray *pictures, char *const *labels, int side)
{
    const jd_render_request request = {pictures, labels, side};
    const char *media_type = NULL;
    g_autoptr(GError) error = NULL;
    GBytes *bytes = jd_reader_pool_render(pool, &request, &media_type, &error);
    g_assert_no_error(error);
    const guint8 *data = g_bytes_get_data(bytes, NULL);
    g_assert_true(strcmp(media_type, "image/png") == 0 ? data[1] == 'P' : data[0] == 0xFF);
    return bytes;
}

static void test_one_for_a_model(void)
{
    static const struct {
        const char *codec, *name;
        int side;
        gboolean same; /* sent as it is */
    } cases[] = {{"png", "rgb8.png", 100, TRUE},        {"png", "rgb8.png", 10, FALSE},
                 {"png", "rgba8.png", 100, FALSE},      {"png", "turned6.png", 100, FALSE},
                 {"jpeg", "progressive.jpg", 50, TRUE}, {"jpeg", "cmyk.jpg", 50, FALSE},
                 {"jpeg", "turned6.jpg", 50, FALSE},    {"webp", "lossy.webp", 100, FALSE},
                 {"gif", "still.gif", 100, FALSE}};
    g_autoptr(jd_reader_pool) pool = new_pool();
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) pictures =
            g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
        g_ptr_array_add(pictures, load(cases[i].codec, cases[i].name));
        g_autoptr(GBytes) made = render(pool, pictures, NULL, cases[i].side);
        g_assert_cmpint(g_bytes_equal(made, pictures->pdata[0]), ==, cases[i].same);
        g_autoptr(jd_pixels) pixels = jd_reader_pool_pixels(pool, made, 0, 0, NULL);
        g_assert_cmpint(pixels->width, ==, MIN(WIDTH, cases[i].side));
        for (int p = 0; p < pixels->width * pixels->height; p++)
            g_assert_cmpint(pixels->rgba[p * 4 + 3], ==, 255);
    }
}

/* Dark pixels in a row of a sheet. */
static int dark(const jd_pixels *pixels, int y)
{
    int count = 0;
    for (int x = 0; x < pixels->width; x++)
        count += pixels->rgba[((gsize)y * pixels->width + x) * 4] < 64;
    return count;
}

static void test_sheet(void)
{
    g_autoptr(jd_reader_pool) pool = new_pool();
    g_autoptr(GPtrArray) pictures = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    char *labels[] = {(char *)"Picture 1", (char *)"Picture 2", (char *)"Größe", NULL};
    g_ptr_array_add(pictures, load("png", "rgb8.png"));
    g_ptr_array_add(pictures, load("gif", "still.gif"));
    g_ptr_array_add(pictures, load("png", "rgba8.png"));
    g_autoptr(GBytes) sheet = render(pool, pictures, labels, 400);
    g_autoptr(jd_pixels) pixels = jd_reader_pool_pixels(pool, sheet, 0, 0, NULL);
    g_assert_cmpint(pixels->width, <=, 400);
    g_assert_cmpint(pixels->height, <=, 400);
    g_assert_cmpint(pixels->height, >, HEIGHT);
    g_assert_cmpint(dark(pixels, 0), ==, 0); /* above the letters */
    g_assert_cmpint(dark(pixels, 3), >, 3);  /* their first row */

    g_autoptr(GBytes) small = render(pool, pictures, labels, 16); /* no room: still a picture */
    g_assert_nonnull(small);
    g_ptr_array_set_size(pictures, 1);
    g_autoptr(GBytes) labelled = render(pool, pictures, labels, 400);
    g_autoptr(jd_pixels) one = jd_reader_pool_pixels(pool, labelled, 0, 0, NULL);
    g_assert_cmpint(one->height, >, HEIGHT);
}

static void test_sheet_of_a_broken_picture(void)
{
    g_autoptr(jd_reader_pool) pool = new_pool();
    g_autoptr(GPtrArray) pictures = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    g_ptr_array_add(pictures, g_bytes_new_static("nothing", 7));
    const jd_render_request request = {pictures, NULL, 100};
    const char *media_type = "untouched";
    g_autoptr(GError) error = NULL;
    g_assert_null(jd_reader_pool_render(pool, &request, &media_type, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_UNSUPPORTED);
    g_assert_cmpstr(media_type, ==, "untouched");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/read/pictures/whole", test_whole);
    g_test_add_func("/read/pictures/cut", test_cut);
    g_test_add_func("/read/pictures/claims", test_claims);
    g_test_add_func("/read/pictures/none", test_no_picture);
    g_test_add_func("/read/pictures/orientation", test_orientation);
    g_test_add_func("/read/pictures/fit", test_scaled_to_fit);
    g_test_add_func("/read/pictures/one", test_one_for_a_model);
    g_test_add_func("/read/pictures/sheet", test_sheet);
    g_test_add_func("/read/pictures/broken", test_sheet_of_a_broken_picture);
    return g_test_run();
}
