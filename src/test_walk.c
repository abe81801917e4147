#include "ingest_report.h"
#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct fixture {
    char *folder; /* without symbolic links */
    jd_ingest_report *report;
} fixture;

static void set_up(fixture *own, gconstpointer data)
{
    g_autofree char *made = g_dir_make_tmp("jackdaw-walk-XXXXXX", NULL);
    char *real = realpath(made, NULL);
    own->folder = g_strdup(real);
    free(real);
    own->report = jd_ingest_report_new();
}

static void remove_all(const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    for (const char *name; folder && (name = g_dir_read_name(folder));) {
        g_autofree char *inner = g_build_filename(path, name, NULL);
        if (g_file_test(inner, G_FILE_TEST_IS_DIR) && !g_file_test(inner, G_FILE_TEST_IS_SYMLINK))
            remove_all(inner);
        else
            g_unlink(inner);
    }
    g_rmdir(path);
}

static void tear_down(fixture *own, gconstpointer data)
{
    remove_all(own->folder);
    g_free(own->folder);
    jd_ingest_report_free(own->report);
}

static char *path_in(const fixture *own, const char *name)
{
    return g_build_filename(own->folder, name, NULL);
}

static void make_file(const fixture *own, const char *name)
{
    g_autofree char *path = path_in(own, name);
    g_autofree char *folder = g_path_get_dirname(path);
    g_assert_cmpint(g_mkdir_with_parents(folder, 0755), ==, 0);
    g_assert_true(g_file_set_contents(path, name, -1, NULL));
}

static void make_link(const fixture *own, const char *target, const char *name)
{
    g_autofree char *path = path_in(own, name);
    g_assert_cmpint(symlink(target, path), ==, 0);
}

/* Walks the given paths below the folder (separated by spaces) and compares what comes: names
 * relative to the folder, "!" in front of those with a reason. */
static void check_walk(const fixture *own, const char *given, const char *expected)
{
    g_auto(GStrv) names = g_strsplit(given, " ", -1);
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; names[i]; i++)
        g_ptr_array_add(paths, path_in(own, names[i]));
    g_autoptr(jd_roots) roots = jd_roots_new(paths, own->report->skipped);
    g_autoptr(jd_walk) walk = jd_walk_new(roots);
    g_autoptr(GString) got = g_string_new(NULL);
    jd_walk_entry entry;
    while (jd_walk_next(walk, &entry))
        g_string_append_printf(got, "%s%s%s", got->len ? " " : "", entry.reason ? "!" : "",
                               entry.path + strlen(own->folder) + 1);
    g_assert_cmpstr(got->str, ==, expected);
}

static void test_sorted_and_deep(fixture *own, gconstpointer data)
{
    const char *const files[] = {"r/b.html", "r/a/z.md", "r/a/a.md", "r/c", "r/B"};
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
        make_file(own, files[i]);
    check_walk(own, "r", "r/B r/a/a.md r/a/z.md r/b.html r/c");
}

static void test_passes_over(fixture *own, gconstpointer data)
{
    const char *const files[] = {"r/.git/x", "r/node_modules/x", "r/.hidden", "r/a.html~", "r/a"};
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
        make_file(own, files[i]);
    check_walk(own, "r", "r/a");
    check_walk(own, "r r/.hidden r/.git", "r/a r/.git/x r/.hidden");
}

static void test_nested_roots_once(fixture *own, gconstpointer data)
{
    make_file(own, "r/a/x");
    make_file(own, "r/b");
    check_walk(own, "r/a r r r/b", "r/a/x r/b");
    check_walk(own, "r/b r/b", "r/b");
}

static void test_links(fixture *own, gconstpointer data)
{
    make_file(own, "out/secret");
    make_file(own, "r/a");
    make_file(own, "r/.annex/object");
    make_link(own, "../out/secret", "r/escape");
    make_link(own, "../out", "r/escape-folder");
    make_link(own, "a", "r/inside");
    make_link(own, ".", "r/circle");
    make_link(own, "self", "r/self");
    make_link(own, "nowhere", "r/broken");
    make_link(own, ".annex/object", "r/kept");
    make_link(own, ".annex", "r/kept-folder");
    check_walk(own, "r", "r/a !r/broken !r/escape !r/escape-folder r/kept !r/kept-folder !r/self");
}

static void test_link_given_by_the_user(fixture *own, gconstpointer data)
{
    make_file(own, "real/x");
    make_link(own, "real", "r");
    check_walk(own, "r", "real/x");
}

static void test_special_files(fixture *own, gconstpointer data)
{
    make_file(own, "r/a");
    g_autofree char *pipe_path = path_in(own, "r/pipe");
    g_assert_cmpint(mkfifo(pipe_path, 0600), ==, 0);
    check_walk(own, "r", "r/a !r/pipe");
    check_walk(own, "r/pipe r/missing r/a", "r/a");
    g_assert_cmpuint(own->report->skipped->len, ==, 2);
}

static void test_names_that_are_no_utf8(fixture *own, gconstpointer data)
{
    make_file(own, "r/a");
    make_file(own, "r/b\xFFz");
    check_walk(own, "r", "r/a !r/b\xFFz");
}

static void test_too_deep(fixture *own, gconstpointer data)
{
    g_autoptr(GString) name = g_string_new("r");
    for (int i = 0; i < 70; i++)
        g_string_append(name, "/d");
    g_string_append(name, "/x");
    make_file(own, name->str);
    g_string_truncate(name, strlen("r") + 64 * strlen("/d"));
    g_autofree char *expected = g_strconcat("!", name->str, NULL);
    check_walk(own, "r", expected);
}

/* ---- what may be opened ---- */

static void test_opens_nothing_outside(fixture *own, gconstpointer data)
{
    make_file(own, "r/a");
    make_file(own, "secret");
    make_link(own, "../secret", "r/link");
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(paths, path_in(own, "r"));
    g_autoptr(jd_roots) roots = jd_roots_new(paths, own->report->skipped);
    const char *const outside[] = {"secret", "r/link", "r/../secret", "not-there"};
    for (gsize i = 0; i < G_N_ELEMENTS(outside); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *path = path_in(own, outside[i]);
        g_assert_null(jd_roots_resolve(roots, path, &error));
        g_assert_error(error, JD_ERROR, JD_ERROR_USAGE);
    }
    g_autoptr(GError) error = NULL;
    g_autofree char *missing = path_in(own, "r/missing");
    g_assert_null(jd_roots_resolve(roots, missing, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_NOT_FOUND);
}

static void test_link_put_in_later_is_not_followed(fixture *own, gconstpointer data)
{
    make_file(own, "r/d/a");
    make_file(own, "out/a");
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(paths, path_in(own, "r"));
    g_autoptr(jd_roots) roots = jd_roots_new(paths, own->report->skipped);
    g_autofree char *path = path_in(own, "r/d/a");
    g_autofree char *resolved = jd_roots_resolve(roots, path, NULL);
    int fd = jd_roots_open(roots, resolved, NULL);
    g_assert_cmpint(fd, >=, 0);
    close(fd);
    g_autofree char *folder = path_in(own, "r/d");
    remove_all(folder);
    make_link(own, "../out", "r/d");
    g_assert_cmpint(jd_roots_open(roots, resolved, NULL), ==, -1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, test) g_test_add("/pipeline/" name, fixture, NULL, set_up, test, tear_down)
    ADD("walk/sorted", test_sorted_and_deep);
    ADD("walk/passes-over", test_passes_over);
    ADD("walk/nested-roots", test_nested_roots_once);
    ADD("walk/links", test_links);
    ADD("walk/given-link", test_link_given_by_the_user);
    ADD("walk/special", test_special_files);
    ADD("walk/utf8", test_names_that_are_no_utf8);
    ADD("walk/deep", test_too_deep);
    ADD("roots/outside", test_opens_nothing_outside);
    ADD("roots/later-link", test_link_put_in_later_is_not_followed);
    return g_test_run();
}
