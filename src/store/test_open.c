/* Opening: what is no knowledge base, what is newer, older, locked, damaged or out of reach. In
 * each case one sentence, and nothing changed. */
#include "base/error.h"
#include "base/hash.h"
#include "store/sqlite/lock.h"
#include "store/sqlite/schema.h"
#include "store/test_util.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *kb_path(const char *folder)
{
    return g_build_filename(folder, "kb.db", NULL);
}

static int compare_lines(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names and contents of all files in a folder, to see whether anything changed. */
static char *picture_of(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    const char *name;
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL), *text = NULL;
        gsize length = 0;
        g_file_get_contents(path, &text, &length, NULL);
        g_autofree char *sum = text ? jd_sha256(text, length) : g_strdup("folder");
        g_ptr_array_add(lines, g_strdup_printf("%s %s", name, sum));
    }
    g_ptr_array_sort(lines, compare_lines);
    g_ptr_array_add(lines, NULL);
    return g_strjoinv("\n", (char **)lines->pdata);
}

static void run_sql(const char *path, const char *text)
{
    sqlite3 *db = NULL;
    g_assert_cmpint(sqlite3_open(path, &db), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(db, text, NULL, NULL, NULL), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_close(db), ==, SQLITE_OK);
}

static void make_good(const char *path)
{
    jd_store *store = jd_store_open(path, &(jd_store_options){.mode = JD_KB_WRITE}, NULL);
    test_put_text(store, "/a", "some words");
    jd_store_close(store);
}

static void make_text(const char *path)
{
    g_assert_true(
        g_file_set_contents(path, "This is a letter, not a database at all.\n", -1, NULL));
}

static void make_other_database(const char *path)
{
    run_sql(path, "CREATE TABLE bookmarks(url); PRAGMA user_version = 1");
}

static void make_other_wal_database(const char *path)
{
    run_sql(path, "PRAGMA journal_mode = WAL; CREATE TABLE bookmarks(url)");
}

static void make_newer(const char *path)
{
    make_good(path);
    run_sql(path, "PRAGMA user_version = 1000");
}

static void cut(const char *path, double part)
{
    GStatBuf info;
    g_assert_cmpint(g_stat(path, &info), ==, 0);
    g_assert_cmpint(truncate(path, (off_t)((double)info.st_size * part)), ==, 0);
}

static void make_half(const char *path)
{
    make_good(path);
    cut(path, 0.5);
}

static void make_hundred_bytes(const char *path)
{
    make_good(path);
    g_assert_cmpint(truncate(path, 100), ==, 0);
}

static void make_folder(const char *path)
{
    g_assert_cmpint(g_mkdir(path, 0700), ==, 0);
}

static void make_nothing(const char *path)
{
}

static void make_empty(const char *path)
{
    g_assert_true(g_file_set_contents(path, "", 0, NULL));
}

/* ---- what cannot be opened ---- */

static void check_refused(const char *path, jd_kb_mode mode, int code)
{
    g_autoptr(GError) error = NULL;
    jd_store *store = jd_store_open(path, &(jd_store_options){.mode = mode}, &error);
    g_assert_null(store);
    g_assert_error(error, JD_ERROR, code);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, "kb.db"));
    g_assert_nonnull(jd_error_hint(error));
}

static void test_refused(void)
{
    const struct {
        void (*make)(const char *path);
        int read, write; /* error codes; -1: opens */
    } cases[] = {
        {make_text, JD_ERROR_CORRUPT, JD_ERROR_CORRUPT},
        {make_other_database, JD_ERROR_CORRUPT, JD_ERROR_CORRUPT},
        {make_other_wal_database, JD_ERROR_CORRUPT, JD_ERROR_CORRUPT},
        {make_newer, JD_ERROR_VERSION, JD_ERROR_VERSION},
        {make_half, JD_ERROR_CORRUPT, JD_ERROR_CORRUPT},
        {make_hundred_bytes, JD_ERROR_CORRUPT, JD_ERROR_CORRUPT},
        {make_folder, JD_ERROR_CORRUPT, JD_ERROR_CORRUPT},
        {make_nothing, JD_ERROR_NOT_FOUND, -1},
        {make_empty, JD_ERROR_CORRUPT, -1},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(test_folder) folder = test_folder_new();
        g_autofree char *path = kb_path(folder);
        cases[i].make(path);
        g_autofree char *before = picture_of(folder);
        check_refused(path, JD_KB_READ, cases[i].read);
        if (cases[i].write >= 0)
            check_refused(path, JD_KB_WRITE, cases[i].write);
        g_autofree char *after = picture_of(folder);
        g_assert_cmpstr(before, ==, after);
        if (cases[i].write < 0)
            make_good(path);
    }
}

static void test_unknown_server(void)
{
    g_autoptr(GError) error = NULL;
    jd_store_options options = {.mode = JD_KB_READ};
    g_assert_null(jd_store_open("postgresql://localhost/kb", &options, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_UNSUPPORTED);
    g_clear_error(&error);
    g_assert_null(jd_store_open("", &options, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_USAGE);
}

/* ---- names ---- */

static void test_names(void)
{
    static const char *const names[] = {"with space.db", "per%20cent?.db", "a#b&c=d.db", "ä€.db",
                                        "no-ending"};
    g_auto(test_folder) folder = test_folder_new();
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(folder, names[i], NULL);
        make_good(path);
        g_assert_true(g_file_test(path, G_FILE_TEST_IS_REGULAR));
        g_autoptr(GError) error = NULL;
        g_autoptr(jd_store) store =
            jd_store_open(path, &(jd_store_options){.mode = JD_KB_READ}, &error);
        g_assert_no_error(error);
        test_assert_sound(store);
    }
}

static void test_folders_are_made(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autofree char *one = g_build_filename(folder, "one", NULL);
    g_autofree char *path = g_build_filename(one, "two", "kb.db", NULL);
    make_good(path);
    g_autofree char *command = g_strdup_printf("rm -r '%s'", one);
    g_assert_cmpint(system(command), ==, 0);
}

/* ---- the lock ---- */

static void test_one_writer(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autofree char *path = kb_path(folder), *link = g_build_filename(folder, "link.db", NULL);
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    test_put_text(store, "/a", "text");
    g_assert_cmpint(symlink(path, link), ==, 0);
    jd_store_options options = {.mode = JD_KB_WRITE, .busy_timeout_ms = 1};
    const char *const names[] = {path, link};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(jd_store_open(names[i], &options, &error));
        g_assert_error(error, JD_ERROR, JD_ERROR_BUSY);
        g_autofree char *pid = g_strdup_printf("process %ld", (long)getpid());
        g_assert_nonnull(strstr(error->message, pid));
    }
    g_autoptr(jd_store) reader = test_open(folder, JD_KB_READ);
    test_put_text(store, "/b", "text");
    jd_store_stats stats;
    jd_store_get_stats(reader, &stats, NULL);
    g_assert_cmpuint(stats.documents, ==, 2);
}

/* The lock goes with the process that had it, and waiting for it works. */
static void test_lock_dies_with_its_process(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autofree char *path = kb_path(folder);
    int ready[2];
    g_assert_cmpint(pipe(ready), ==, 0);
    pid_t child = fork();
    if (child == 0) {
        jd_lock *lock = jd_lock_take(path, 1000, NULL);
        if (write(ready[1], lock ? "y" : "n", 1) == 1)
            pause();
        _exit(1);
    }
    char answer = 0;
    g_assert_cmpint(read(ready[0], &answer, 1), ==, 1);
    g_assert_cmpint(answer, ==, 'y');
    g_autoptr(GError) error = NULL;
    g_assert_null(jd_lock_take(path, 1, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_BUSY);
    g_assert_cmpint(kill(child, SIGKILL), ==, 0);
    g_clear_error(&error);
    g_autoptr(jd_lock) lock = jd_lock_take(path, 60000, &error);
    g_assert_no_error(error);
    g_assert_nonnull(lock);
    g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
    close(ready[0]);
    close(ready[1]);
}

/* ---- permissions ---- */

/* Root may write everywhere: the test goes on as nobody, in a process of its own. */
static gboolean as_nobody(void (*run)(const char *folder), const char *folder)
{
    enum { NOBODY = 65534, CANNOT = 77 };
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
            _exit(CANNOT);
        run(folder);
        _exit(0);
    }
    int status = 0;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == CANNOT)
        return FALSE;
    g_assert_cmpint(WEXITSTATUS(status), ==, 0);
    return TRUE;
}

static void read_but_not_write(const char *folder)
{
    g_autofree char *path = kb_path(folder);
    g_autoptr(GError) error = NULL;
    g_autoptr(jd_store) store =
        jd_store_open(path, &(jd_store_options){.mode = JD_KB_READ}, &error);
    g_assert_no_error(error);
    g_autoptr(GArray) hits = test_search(store, "word", NULL, 10);
    g_assert_cmpuint(hits->len, ==, 1);
    test_assert_sound(store);
    g_assert_null(jd_store_open(path, &(jd_store_options){.mode = JD_KB_WRITE}, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_READ_ONLY);
}

static void test_read_only_folder(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autofree char *path = kb_path(folder), *lock = g_strconcat(path, ".lock", NULL);
    make_good(path);
    g_assert_cmpint(g_chmod(path, 0444), ==, 0);
    g_assert_cmpint(g_chmod(lock, 0444), ==, 0);
    g_assert_cmpint(g_chmod(folder, 0555), ==, 0);
    g_autofree char *before = picture_of(folder);
    if (!as_nobody(read_but_not_write, folder))
        g_test_skip("this process may not become another user");
    g_autofree char *after = picture_of(folder);
    g_assert_cmpstr(before, ==, after);
    g_assert_cmpint(g_chmod(folder, 0755), ==, 0);
}

static void cannot_finish(const char *folder)
{
    g_autofree char *path = kb_path(folder);
    g_autoptr(GError) error = NULL;
    g_assert_null(jd_store_open(path, &(jd_store_options){.mode = JD_KB_READ}, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_READ_ONLY);
    g_assert_nonnull(strstr(error->message, "was not closed"));
}

/* What a writer that was killed left in the log cannot be had without writing. */
static void test_read_only_folder_with_log(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autofree char *path = kb_path(folder), *shm = g_strconcat(path, "-shm", NULL);
    pid_t child = fork();
    if (child == 0) {
        test_put_text(test_open(folder, JD_KB_WRITE), "/a", "text");
        _exit(0);
    }
    g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
    g_assert_cmpint(g_unlink(shm), ==, 0);
    g_assert_cmpint(g_chmod(folder, 0555), ==, 0);
    if (!as_nobody(cannot_finish, folder))
        g_test_skip("this process may not become another user");
    g_assert_cmpint(g_chmod(folder, 0755), ==, 0);
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_autoptr(GArray) hits = test_search(store, "text", NULL, 10);
    g_assert_cmpuint(hits->len, ==, 1);
}

static void cannot_read(const char *folder)
{
    g_autofree char *path = kb_path(folder);
    g_autoptr(GError) error = NULL;
    g_assert_null(jd_store_open(path, &(jd_store_options){.mode = JD_KB_READ}, &error));
    g_assert_nonnull(error);
    g_assert_nonnull(strstr(error->message, path));
}

static void test_unreadable_file(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autofree char *path = kb_path(folder);
    make_good(path);
    g_assert_cmpint(g_chmod(path, 0), ==, 0);
    g_assert_cmpint(g_chmod(folder, 0755), ==, 0);
    if (!as_nobody(cannot_read, folder))
        g_test_skip("this process may not become another user");
}

/* ---- versions ---- */

static void finalize(gpointer sql)
{
    sqlite3_finalize(sql);
}

static void open_bare(const char *path, jd_sqlite *store)
{
    *store = (jd_sqlite){.path = (char *)path};
    store->statements = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, finalize);
    store->lock = jd_lock_take(path, 1000, NULL);
    g_assert_cmpint(sqlite3_open(path, &store->db), ==, SQLITE_OK);
}

static void close_bare(jd_sqlite *store)
{
    g_hash_table_destroy(store->statements);
    g_assert_cmpint(sqlite3_close(store->db), ==, SQLITE_OK);
    jd_lock_release(store->lock);
}

static gint64 integer(jd_sqlite *store, const char *text)
{
    gint64 value = -1;
    g_assert_true(jd_sql_integer(store, text, 0, &value, NULL));
    return value;
}

static void test_migrations(void)
{
    static const jd_migration steps[] = {
        {1, "CREATE TABLE one(a); INSERT INTO one VALUES (1)"},
        {2, "ALTER TABLE one ADD COLUMN b; UPDATE one SET b = a + 1"},
        {3, "CREATE TABLE three(c); INSERT INTO three SELECT b + 1 FROM one"},
        {4, "CREATE TABLE four(d); INSERT INTO nowhere VALUES (1)"},
    };
    g_auto(test_folder) folder = test_folder_new();
    g_autofree char *path = kb_path(folder);
    g_autoptr(GError) error = NULL;
    jd_sqlite store;
    open_bare(path, &store);
    g_assert_true(jd_schema_migrate(&store, steps, 1, &error));
    g_assert_cmpint(integer(&store, "PRAGMA user_version"), ==, 1);
    g_assert_cmpint(integer(&store, "PRAGMA application_id"), ==, JD_SCHEMA_APPLICATION);
    /* From an older one on, each step once. */
    g_assert_true(jd_schema_migrate(&store, steps, 3, &error));
    g_assert_cmpint(integer(&store, "SELECT c FROM three"), ==, 3);
    g_assert_true(jd_schema_migrate(&store, steps, 3, &error));
    g_assert_cmpint(integer(&store, "SELECT count(*) FROM three"), ==, 1);
    /* A step that fails leaves the file as it was. */
    g_assert_false(jd_schema_migrate(&store, steps, 4, &error));
    g_assert_nonnull(error);
    g_assert_cmpint(integer(&store, "PRAGMA user_version"), ==, 3);
    g_assert_cmpint(integer(&store, "SELECT count(*) FROM sqlite_schema WHERE name = 'four'"), ==,
                    0);
    close_bare(&store);
}

static void test_schema_is_versioned(void)
{
    gsize n;
    const jd_migration *steps = jd_schema_migrations(&n);
    for (gsize i = 0; i < n; i++)
        g_assert_cmpint(steps[i].version, ==, i + 1);
    g_assert_cmpint(jd_schema_version(), ==, n);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/open/refused", test_refused);
    g_test_add_func("/store/open/server", test_unknown_server);
    g_test_add_func("/store/open/names", test_names);
    g_test_add_func("/store/open/folders", test_folders_are_made);
    g_test_add_func("/store/open/one-writer", test_one_writer);
    g_test_add_func("/store/open/lock", test_lock_dies_with_its_process);
    g_test_add_func("/store/open/read-only", test_read_only_folder);
    g_test_add_func("/store/open/read-only-log", test_read_only_folder_with_log);
    g_test_add_func("/store/open/unreadable", test_unreadable_file);
    g_test_add_func("/store/open/migrations", test_migrations);
    g_test_add_func("/store/open/versions", test_schema_is_versioned);
    return g_test_run();
}
