#include "ingest_report.h"
#include "reference.h"

#include <glib/gstdio.h>
#include <string.h>

/* A folder with some pictures; what sources of a document in it refer to. */
typedef struct fixture {
    char *folder;
    char *document;
    jd_ingest_report *report;
    jd_roots *roots;
} fixture;

static const char *const files[] = {"post/a.png",   "post/a b.png", "post/a%20c.png",
                                    "post/q?x",     "post/*star",   "post/50%.png",
                                    "images/i.png", "up.png",       "post/in/sub.png"};

static void set_up(fixture *own, gconstpointer data)
{
    g_autofree char *made = g_dir_make_tmp("jackdaw-reference-XXXXXX", NULL);
    char *real = realpath(made, NULL);
    own->folder = g_strdup(real);
    free(real);
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(own->folder, "root", files[i], NULL);
        g_autofree char *parent = g_path_get_dirname(path);
        g_mkdir_with_parents(parent, 0755);
        g_assert_true(g_file_set_contents(path, "", 0, NULL));
    }
    g_autofree char *secret = g_build_filename(own->folder, "secret.png", NULL);
    g_assert_true(g_file_set_contents(secret, "", 0, NULL));
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(paths, g_build_filename(own->folder, "root", NULL));
    own->report = jd_ingest_report_new();
    own->roots = jd_roots_new(paths, own->report->skipped);
    own->document = g_build_filename(own->folder, "root/post/index.html", NULL);
}

static void tear_down(fixture *own, gconstpointer data)
{
    const char *const folders[] = {"root/post/in", "root/post", "root/images", "root", ""};
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(own->folder, "root", files[i], NULL);
        g_unlink(path);
    }
    g_autofree char *secret = g_build_filename(own->folder, "secret.png", NULL);
    g_unlink(secret);
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = g_build_filename(own->folder, folders[i], NULL);
        g_assert_cmpint(g_rmdir(path), ==, 0);
    }
    jd_roots_free(own->roots);
    jd_ingest_report_free(own->report);
    g_free(own->document);
    g_free(own->folder);
}

static void check_local(const fixture *own, const char *base, const char *source, const char *name)
{
    g_autoptr(GError) error = NULL;
    jd_referrer from = {.document = own->document, .base = base};
    jd_reference reference = {0};
    g_autofree char *expected = g_build_filename(own->folder, "root", name, NULL);
    gboolean found = jd_reference_find(own->roots, &from, source, &reference, &error);
    g_assert_no_error(error);
    g_assert_true(found);
    g_assert_cmpstr(reference.path, ==, expected);
    jd_reference_clear(&reference);
}

static void check_url(const char *document, const char *base, const char *source, const char *url)
{
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    g_autoptr(jd_roots) roots = jd_roots_new(none, none);
    jd_referrer from = {.document = document, .base = base};
    jd_reference reference = {0};
    g_autoptr(GError) error = NULL;
    gboolean found = jd_reference_find(roots, &from, source, &reference, &error);
    if (!url) {
        g_assert_false(found);
        return;
    }
    g_assert_no_error(error);
    g_assert_cmpstr(reference.url, ==, url);
    jd_reference_clear(&reference);
}

static void check_refused(const fixture *own, const char *source, int code)
{
    g_autoptr(GError) error = NULL;
    jd_referrer from = {.document = own->document};
    jd_reference reference = {0};
    g_assert_false(jd_reference_find(own->roots, &from, source, &reference, &error));
    g_assert_error(error, JD_ERROR, code);
}

static void test_spellings(fixture *own, gconstpointer data)
{
    check_local(own, NULL, "a.png", "post/a.png");
    check_local(own, NULL, "./in/../a.png", "post/a.png");
    check_local(own, NULL, "a.png?width=300#x", "post/a.png");
    check_local(own, NULL, "a%20b.png", "post/a b.png");
    check_local(own, NULL, "a b.png", "post/a b.png");
    check_local(own, NULL, "a%20c.png", "post/a%20c.png");
    check_local(own, NULL, "q?x", "post/q?x");
    check_local(own, NULL, "q%3Fx", "post/q?x");
    check_local(own, NULL, "*star", "post/*star");
    check_local(own, NULL, "%2Astar", "post/*star");
    check_local(own, NULL, "50%.png", "post/50%.png");
    check_local(own, NULL, "in\\sub.png", "post/in/sub.png");
    check_local(own, NULL, "../images/i.png", "images/i.png");
}

static void test_roots_of_sites(fixture *own, gconstpointer data)
{
    check_local(own, NULL, "/images/i.png", "images/i.png");
    g_autofree char *absolute = g_build_filename(own->folder, "root/up.png", NULL);
    check_local(own, NULL, absolute, "up.png");
    g_autofree char *url = g_strconcat("file://", absolute, NULL);
    check_local(own, NULL, url, "up.png");
}

static void test_base(fixture *own, gconstpointer data)
{
    check_local(own, "../images/", "i.png", "images/i.png");
    check_local(own, "../images/page.html", "i.png", "images/i.png");
    check_local(own, "nowhere", "a.png", "post/a.png");
    check_url("/x/a.html", "https://h.example/d/p.html", "a.png", "https://h.example/d/a.png");
}

static void test_urls(fixture *own, gconstpointer data)
{
    check_url("/x/a.html", NULL, "HTTP://h.example/a.png", "HTTP://h.example/a.png");
    check_url("/x/a.html", NULL, "//h.example/a.png", "https://h.example/a.png");
    check_url("http://h.example/d/p", NULL, "../a.png", "http://h.example/a.png");
    check_url("http://h.example/d/p", "/e/", "a.png", "http://h.example/e/a.png");
    check_url("http://h.example/d/p", NULL, "//o.example/a.png", "http://o.example/a.png");
    check_url("http://h.example/d/p", NULL, "file:///etc/passwd", NULL);
    check_url("http://h.example/d/p", "file:///etc/", "passwd", NULL);
}

static void test_refusals(fixture *own, gconstpointer data)
{
    check_refused(own, "../../secret.png", JD_ERROR_USAGE);
    check_refused(own, "..%2F..%2Fsecret.png", JD_ERROR_USAGE);
    check_refused(own, "/etc/passwd", JD_ERROR_USAGE);
    check_refused(own, "file:///etc/passwd", JD_ERROR_USAGE);
    check_refused(own, "/../../../../etc/passwd", JD_ERROR_USAGE);
    check_refused(own, "missing.png", JD_ERROR_NOT_FOUND);
    check_refused(own, "", JD_ERROR_NOT_FOUND);
    check_refused(own, "javascript:x", JD_ERROR_UNSUPPORTED);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, test)                                                                            \
    g_test_add("/pipeline/reference/" name, fixture, NULL, set_up, test, tear_down)
    ADD("spellings", test_spellings);
    ADD("site-roots", test_roots_of_sites);
    ADD("base", test_base);
    ADD("urls", test_urls);
    ADD("refusals", test_refusals);
    return g_test_run();
}
