/* The cache of what was fetched: entries found again, damaged ones not, old ones dropped. */
#include "read/fetch_cache.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *make_folder(void)
{
    g_autoptr(GError) error = NULL;
    char *folder = g_dir_make_tmp("jackdaw-cache-XXXXXX", &error);
    g_assert_no_error(error);
    return folder;
}

static void put(const char *folder, const char *url, gsize bytes)
{
    g_autofree char *path = NULL, *text = g_strnfill(bytes, 'x');
    g_autoptr(jd_cache_entry) entry = g_new0(jd_cache_entry, 1);
    int fd = jd_cache_begin(folder, &path, NULL);
    g_assert_cmpint(write(fd, text, bytes), ==, (gssize)bytes);
    g_assert_true(jd_cache_store(folder, url, path, fd, entry));
    close(fd);
}

static gboolean has(const char *folder, const char *url)
{
    int body = -1;
    g_autoptr(jd_cache_entry) entry = jd_cache_find(folder, url, &body);
    if (entry)
        close(body);
    return entry != NULL;
}

/* Sets when every body was used last. */
static void age(const char *folder, gint64 seconds)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
        if (g_str_has_suffix(name, ".body"))
            g_assert_cmpint(utimensat(AT_FDCWD, path, times, 0), ==, 0);
    }
}

static guint count_files(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    guint n = 0;
    while (g_dir_read_name(dir))
        n++;
    return n;
}

static void remove_all(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_unlink(path);
    }
    g_rmdir(folder);
}

static void test_trim(void)
{
    g_autofree char *folder = make_folder();
    put(folder, "https://a.example/old", 1000);
    put(folder, "https://a.example/used", 1000);
    age(folder, 1000000);
    put(folder, "https://a.example/new", 1000);
    g_assert_true(has(folder, "https://a.example/used")); /* which makes it younger than "old" */
    jd_cache_trim(folder, 3000);
    g_assert_cmpuint(count_files(folder), ==, 6);
    jd_cache_trim(folder, 2999);
    g_assert_false(has(folder, "https://a.example/old"));
    g_assert_true(has(folder, "https://a.example/used"));
    g_assert_true(has(folder, "https://a.example/new"));
    g_assert_cmpuint(count_files(folder), ==, 4);
    jd_cache_trim(folder, 0);
    g_assert_cmpuint(count_files(folder), ==, 0);
    remove_all(folder);
    jd_cache_trim(folder, 0); /* there is none */
}

static void test_damaged(void)
{
    g_autofree char *folder = make_folder();
    put(folder, "https://a.example/x", 10);
    g_assert_true(has(folder, "https://a.example/x"));
    g_assert_false(has(folder, "https://a.example/y"));
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (g_str_has_suffix(name, ".body"))
            g_assert_true(g_file_set_contents(path, "other text", -1, NULL));
    }
    g_assert_false(has(folder, "https://a.example/x"));
    remove_all(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/read/fetch-cache/trim", test_trim);
    g_test_add_func("/read/fetch-cache/damaged", test_damaged);
    return g_test_run();
}
