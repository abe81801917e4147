/* The folder of models: one process at a time at a place, installation and removal as a whole. */
#include "hub/shelf.h"
#include "hub/tree.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct fixture {
    char *root;
    jd_watch watch;
    jd_cancel cancel;
    int notes;
} fixture;

static void on_note(const char *note, void *user)
{
    g_atomic_int_inc(&((fixture *)user)->notes);
}

static void set_up(fixture *f, gconstpointer unused)
{
    f->root = g_dir_make_tmp("jackdaw-shelf-XXXXXX", NULL);
    f->watch = (jd_watch){.on_note = on_note, .user = f, .cancel = &f->cancel};
}

static void tear_down(fixture *f, gconstpointer unused)
{
    jd_remove_tree(f->root);
    g_free(f->root);
}

static void write_model(const char *folder, const char *text)
{
    g_autofree char *below = g_build_filename(folder, "1_Pooling", NULL);
    g_autofree char *path = g_build_filename(below, "config.json", NULL);
    g_mkdir_with_parents(below, 0755);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static char *read_model(const fixture *f, const char *name)
{
    g_autofree char *path = g_build_filename(f->root, name, "1_Pooling", "config.json", NULL);
    char *text = NULL;
    g_file_get_contents(path, &text, NULL, NULL);
    return text;
}

static void test_install_replace_remove(fixture *f, gconstpointer unused)
{
    static const char *const texts[] = {"first", "second"};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(jd_shelf_place) place = jd_shelf_take(f->root, "me/model", &f->watch, NULL);
        g_assert_true(jd_shelf_has(place) == (i > 0));
        write_model(place->model, texts[i]);
        g_assert_true(jd_shelf_install(place, place->model, NULL));
        g_autofree char *text = read_model(f, "me/model");
        g_assert_cmpstr(text, ==, texts[i]);
    }
    g_autoptr(GPtrArray) incoming = jd_shelf_incoming(f->root);
    g_assert_cmpuint(incoming->len, ==, 0);
    g_autoptr(jd_shelf_place) place = jd_shelf_take(f->root, "me/model", &f->watch, NULL);
    g_assert_true(jd_shelf_remove(place, NULL));
    g_autofree char *owner = g_build_filename(f->root, "me", NULL);
    g_assert_false(g_file_test(owner, G_FILE_TEST_EXISTS));
}

static void test_incoming_stays(fixture *f, gconstpointer unused)
{
    g_autoptr(jd_shelf_place) place = jd_shelf_take(f->root, "me/model", &f->watch, NULL);
    g_autofree char *part = g_build_filename(place->parts, "x.part", NULL);
    g_assert_true(g_file_set_contents(part, "12345", -1, NULL));
    g_clear_pointer(&place, jd_shelf_place_free);
    g_autoptr(GPtrArray) incoming = jd_shelf_incoming(f->root);
    g_assert_cmpuint(incoming->len, ==, 1);
    g_assert_cmpstr(incoming->pdata[0], ==, "me/model");
    g_assert_cmpuint(jd_shelf_incoming_bytes(f->root, "me/model"), ==, 5);
    place = jd_shelf_take(f->root, "me/model", &f->watch, NULL);
    jd_shelf_clear(place);
    g_assert_cmpuint(jd_shelf_incoming_bytes(f->root, "me/model"), ==, 0);
}

static gpointer take_late(gpointer user)
{
    fixture *f = user;
    return jd_shelf_take(f->root, "model", &f->watch, NULL);
}

static void test_the_second_waits(fixture *f, gconstpointer unused)
{
    jd_shelf_place *first = jd_shelf_take(f->root, "model", &f->watch, NULL);
    g_autoptr(jd_shelf_place) other = jd_shelf_take(f->root, "other", &f->watch, NULL);
    g_assert_false(first->waited || other->waited);
    GThread *thread = g_thread_new("second", take_late, f);
    while (!g_atomic_int_get(&f->notes))
        g_usleep(1000);
    jd_shelf_place_free(first);
    g_autoptr(jd_shelf_place) second = g_thread_join(thread);
    g_assert_true(second->waited);
}

static void test_waiting_is_stopped(fixture *f, gconstpointer unused)
{
    g_autoptr(jd_shelf_place) first = jd_shelf_take(f->root, "model", &f->watch, NULL);
    g_assert_nonnull(first);
    GThread *thread = g_thread_new("second", take_late, f);
    while (!g_atomic_int_get(&f->notes))
        g_usleep(1000);
    g_atomic_int_set(&f->cancel, 1);
    g_assert_null(g_thread_join(thread));
}

static void test_scratch(fixture *f, gconstpointer unused)
{
    g_autoptr(jd_shelf_scratch) first = jd_shelf_scratch_new(f->root, NULL);
    write_model(first->folder, "x");
    g_autoptr(jd_shelf_scratch) second = jd_shelf_scratch_new(f->root, NULL);
    g_assert_cmpstr(first->folder, !=, second->folder);
    g_assert_true(g_file_test(first->folder, G_FILE_TEST_IS_DIR)); /* its owner lives */
    g_autoptr(jd_shelf_place) place = jd_shelf_take(f->root, "model", &f->watch, NULL);
    g_assert_true(jd_shelf_install(place, first->folder, NULL));
    g_autofree char *text = read_model(f, "model");
    g_assert_cmpstr(text, ==, "x");
}

/* Nobody is told of folders that are nobody's business. */
static void test_names_places(fixture *f, gconstpointer unused)
{
    static const char *const texts[][2] = {
        {"cannot make the folder %s/.incoming/me--model/model: no space",
         "cannot make the folder %s: no space"},
        {"%s/.incoming/me--model/model/1_Pooling/config.json: not JSON",
         "1_Pooling/config.json: not JSON"},
        {"%s/.incoming/.add-12345678/config.json: not JSON", "config.json: not JSON"},
        {"cannot lock %s/.incoming/.lock-me--model: denied", "cannot lock %s: denied"},
        {"cannot read %s/.incoming", "cannot read %s"},
        {"%s/.incoming/m/parts/ab.part and %s/.incoming/m/models", "ab.part and models"},
        {"%s/me/model/config.json: not JSON", "%s/me/model/config.json: not JSON"},
    };
    jd_shelf_name_places(f->root, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_auto(GStrv) parts = g_strsplit(texts[i][0], "%s", -1),
                      wanted = g_strsplit(texts[i][1], "%s", -1);
        g_autofree char *message = g_strjoinv(f->root, parts);
        g_autofree char *expected = g_strjoinv(f->root, wanted);
        g_autoptr(GError) error = g_error_new_literal(JD_ERROR, JD_ERROR_IO, message);
        jd_shelf_name_places(f->root, &error);
        g_assert_cmpstr(error->message, ==, expected);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, function) g_test_add(path, fixture, NULL, set_up, function, tear_down)
    ADD("/hub/shelf/install-replace-remove", test_install_replace_remove);
    ADD("/hub/shelf/incoming-stays", test_incoming_stays);
    ADD("/hub/shelf/names-places", test_names_places);
    ADD("/hub/shelf/second-waits", test_the_second_waits);
    ADD("/hub/shelf/waiting-is-stopped", test_waiting_is_stopped);
    ADD("/hub/shelf/scratch", test_scratch);
#undef ADD
    return g_test_run();
}
