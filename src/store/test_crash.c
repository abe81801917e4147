/* What was acknowledged survives: failing disks, loss of power, kill -9, several processes. */
#include "base/error.h"
#include "store/test_util.h"
#include "store/test_vfs.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static gboolean has_document(jd_store *store, const char *uri)
{
    g_autoptr(jd_document_info) info = NULL;
    g_autoptr(GError) error = NULL;
    g_assert_true(jd_store_find_document(store, "default", uri, &info, &error));
    return info != NULL;
}

static gboolean try_put(jd_store *store, const char *uri, const char *text, GError **error)
{
    g_autoptr(test_document) document = test_document_new(uri, "Title of it");
    for (int i = 0; i < 3; i++)
        test_add_chunk(document, text, "Section");
    test_add_image(document, text, text);
    jd_store_document stored = {.info = document->info, .items = document->items};
    return jd_store_put_document(store, &stored, NULL, error);
}

/* ---- a disk that fails ---- */

/* How far a run of the operations below came. */
typedef struct progress {
    gboolean second, replaced, removed, batch, vectors;
} progress;

static gboolean put_vector(jd_store *store)
{
    gint64 space, id = 0;
    float values[] = {1, 2, 3};
    jd_space wanted = {.model = (char *)"m", .dimension = 3};
    g_autoptr(GError) error = NULL;
    char *forms[] = {(char *)"replac", NULL};
    jd_query_term term = {.forms = forms};
    jd_keyword_query query = {.kind = JD_ITEM_TEXT, .terms = &term, .term_count = 1, .limit = 1};
    g_autoptr(GArray) hits = jd_store_search_words(store, &query, &error);
    if (!hits || hits->len == 0)
        return FALSE;
    id = g_array_index(hits, jd_hit, 0).id;
    jd_vectors vectors = {.kind = JD_ITEM_TEXT, .ids = &id, .values = values, .n = 1};
    if (!jd_store_ensure_space(store, &wanted, &space, &error))
        return FALSE;
    vectors.space = space;
    return jd_store_put_vectors(store, &vectors, &error);
}

static gboolean put_batch(jd_store *store)
{
    if (!jd_store_begin(store, NULL))
        return FALSE;
    gboolean ok = try_put(store, "/batch/1", "in a batch", NULL) &&
                  try_put(store, "/batch/2", "in a batch", NULL);
    g_autoptr(GError) error = NULL;
    gboolean kept = jd_store_commit(store, &error);
    g_assert_true(ok || !kept); /* a batch with a failed write is not committed */
    g_assert_true(kept == (error == NULL));
    return kept;
}

static void run_operations(const char *folder, progress *done)
{
    g_autofree char *path = g_build_filename(folder, "kb.db", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(jd_store) store =
        jd_store_open(path, &(jd_store_options){.mode = JD_KB_WRITE}, &error);
    if (!store) {
        g_assert_nonnull(error);
        return;
    }
    done->second = try_put(store, "/second", "second text", NULL);
    done->replaced = try_put(store, "/first", "replaced text", NULL);
    done->removed = jd_store_remove_document(store, 2, NULL); /* "/gone" */
    done->batch = put_batch(store);
    done->vectors = put_vector(store);
    jd_store_compact(store, NULL);
}

static void check_what_is_there(const char *folder, const progress *done)
{
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    test_assert_sound(store);
    g_assert_true(has_document(store, "/first"));
    if (done->second)
        g_assert_true(has_document(store, "/second"));
    if (done->removed)
        g_assert_false(has_document(store, "/gone"));
    g_assert_true(has_document(store, "/batch/1") == has_document(store, "/batch/2"));
    if (done->batch)
        g_assert_true(has_document(store, "/batch/1"));
    g_autoptr(GArray) old = test_search(store, "origin", NULL, 10);
    g_autoptr(GArray) new = test_search(store, "replac", NULL, 10);
    g_assert_cmpuint(old->len + new->len, ==, 3);
    if (done->replaced)
        g_assert_cmpuint(new->len, ==, 3);
    jd_store_stats stats;
    g_assert_true(jd_store_get_stats(store, &stats, NULL));
    if (done->vectors)
        g_assert_cmpuint(stats.vectors, ==, 1);
}

static void make_base(const char *folder)
{
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_assert_true(try_put(store, "/first", "original text", NULL));
    g_assert_true(try_put(store, "/gone", "to be removed", NULL));
}

/* Fails the first change, then the second (or some on), ... until a run has none left to fail. */
static void test_failing_disk(void)
{
    static const struct {
        int code;
        gboolean lasting;
    } ways[] = {{SQLITE_FULL, TRUE}, {SQLITE_IOERR_WRITE, FALSE}, {SQLITE_IOERR_FSYNC, TRUE}};
    for (gsize w = 0; w < G_N_ELEMENTS(ways); w++) {
        gboolean failed = TRUE;
        int runs = 0;
        for (int nth = 1; failed; nth += w == 0 ? 1 : 4, runs++) {
            g_auto(test_folder) folder = test_folder_new();
            progress done = {0};
            test_vfs_fail_at(0, 0, FALSE);
            make_base(folder);
            test_vfs_fail_at(nth, ways[w].code, ways[w].lasting);
            run_operations(folder, &done);
            failed = test_vfs_failed();
            test_vfs_fail_at(0, 0, FALSE);
            check_what_is_there(folder, &done);
        }
        g_assert_cmpint(runs, >, 20);
    }
}

/* A full disk is told as such, and the base works again when there is space. */
static void test_full_disk(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_autoptr(GError) error = NULL;
    test_vfs_fail_at(1, SQLITE_FULL, TRUE);
    g_assert_false(try_put(store, "/a", "text", &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_NO_SPACE);
    g_assert_nonnull(strstr(error->message, "kb.db"));
    g_assert_nonnull(jd_error_hint(error));
    test_vfs_fail_at(0, 0, FALSE);
    g_assert_true(try_put(store, "/a", "text", NULL));
    test_assert_sound(store);
    /* Inside a batch: what follows the failure says so, and the commit fails. */
    g_clear_error(&error);
    g_autofree char *big = g_strnfill(70000000, 'x'); /* more than the cache: it must be written */
    g_assert_true(jd_store_begin(store, NULL));
    test_vfs_fail_at(1, SQLITE_FULL, TRUE);
    g_assert_false(try_put(store, "/b", big, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_NO_SPACE);
    g_clear_error(&error);
    test_vfs_fail_at(0, 0, FALSE);
    g_assert_false(try_put(store, "/c", "text", &error));
    g_assert_nonnull(error);
    g_clear_error(&error);
    g_assert_false(jd_store_commit(store, &error));
    g_assert_nonnull(error);
    g_assert_false(has_document(store, "/c"));
    g_assert_true(try_put(store, "/c", "text", NULL));
    test_assert_sound(store);
}

/* ---- loss of power ---- */

enum { CRASH_STRIDE = 3 };

/* Folders with what a loss of power left, and how many documents had been acknowledged. */
typedef struct crashes {
    GPtrArray *folders; /* char * */
    GArray *acknowledged;
    int so_far;
    GRand *random;
} crashes;

static void crash_now(int changes, void *user)
{
    crashes *all = user;
    if (changes % CRASH_STRIDE != 0)
        return;
    char *folder = test_folder_new();
    test_vfs_crash_into(folder, all->random);
    g_ptr_array_add(all->folders, folder);
    g_array_append_val(all->acknowledged, all->so_far);
}

static void write_until(jd_store *store, crashes *all, int documents)
{
    for (int i = 0; i < documents; i++) {
        g_autofree char *uri = g_strdup_printf("/%d", i);
        g_assert_true(try_put(store, uri, "some text of it", NULL));
        all->so_far = i + 1;
        if (i % 4 == 3) /* the log goes into the database */
            g_assert_true(jd_store_compact(store, NULL));
    }
}

static void check_crash(const char *folder, int acknowledged)
{
    g_autofree char *path = g_build_filename(folder, "kb.db", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(jd_store) store =
        jd_store_open(path, &(jd_store_options){.mode = JD_KB_WRITE}, &error);
    g_assert_no_error(error);
    test_assert_sound(store);
    for (int i = 0; i < acknowledged; i++) {
        g_autofree char *uri = g_strdup_printf("/%d", i);
        g_assert_true(has_document(store, uri));
    }
}

static void free_folder(gpointer folder)
{
    test_folder_free(folder);
}

static void test_loss_of_power(void)
{
    g_auto(test_folder) folder = test_folder_new();
    crashes all = {.folders = g_ptr_array_new_with_free_func(free_folder),
                   .acknowledged = g_array_new(FALSE, FALSE, sizeof(int)),
                   .random = g_rand_new_with_seed(7)};
    test_vfs_fail_at(0, 0, FALSE);
    test_vfs_watch(crash_now, &all);
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    write_until(store, &all, 10);
    test_vfs_watch(NULL, NULL);
    g_assert_cmpuint(all.folders->len, >, 50);
    for (guint i = 0; i < all.folders->len; i++)
        check_crash(all.folders->pdata[i], g_array_index(all.acknowledged, int, i));
    g_ptr_array_unref(all.folders);
    g_array_unref(all.acknowledged);
    g_rand_free(all.random);
}

/* ---- processes ---- */

/* Puts documents until it is killed, telling each one's number when it is acknowledged. */
static void write_for_ever(const char *folder, int to)
{
    jd_store *store = test_open(folder, JD_KB_WRITE);
    jd_store_stats stats;
    jd_store_get_stats(store, &stats, NULL);
    for (gint64 n = (gint64)stats.documents;; n++) {
        g_autofree char *uri = g_strdup_printf("/%" G_GINT64_FORMAT, n);
        gboolean ok = try_put(store, uri, "text of a document", NULL);
        if (n % 5 == 4)
            ok = ok && jd_store_compact(store, NULL);
        if (!ok || write(to, &n, sizeof n) != sizeof n)
            _exit(1);
    }
}

static void test_kill(void)
{
    enum { ROUNDS = 12 };
    g_auto(test_folder) folder = test_folder_new();
    gint64 last = -1;
    for (int round = 0; round < ROUNDS; round++) {
        int ends[2];
        g_assert_cmpint(pipe(ends), ==, 0);
        pid_t child = fork();
        if (child == 0)
            write_for_ever(folder, ends[1]);
        close(ends[1]);
        for (int i = 0; i <= round % 7; i++)
            g_assert_cmpint(read(ends[0], &last, sizeof last), ==, sizeof last);
        g_assert_cmpint(kill(child, SIGKILL), ==, 0);
        g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
        while (read(ends[0], &last, sizeof last) == sizeof last)
            continue; /* acknowledged between the last look and the end */
        close(ends[0]);
        g_autoptr(jd_store) store = test_open(folder, JD_KB_READ);
        test_assert_sound(store);
        for (gint64 n = 0; n <= last; n++) {
            g_autofree char *uri = g_strdup_printf("/%" G_GINT64_FORMAT, n);
            g_assert_true(has_document(store, uri));
        }
    }
}

enum { WRITERS = 3, TURNS = 8 };

static void take_turns(const char *folder, int who)
{
    g_autofree char *path = g_build_filename(folder, "kb.db", NULL);
    for (int turn = 0; turn < TURNS; turn++) {
        jd_store_options options = {.mode = JD_KB_WRITE, .busy_timeout_ms = 60000};
        g_autoptr(jd_store) store = jd_store_open(path, &options, NULL);
        g_autofree char *uri = g_strdup_printf("/%d/%d", who, turn);
        if (!store || !try_put(store, uri, "text", NULL))
            _exit(1);
    }
    _exit(0);
}

static void test_several_writers(void)
{
    g_auto(test_folder) folder = test_folder_new();
    make_base(folder);
    pid_t children[WRITERS];
    for (int who = 0; who < WRITERS; who++) {
        children[who] = fork();
        if (children[who] == 0)
            take_turns(folder, who);
    }
    g_autoptr(jd_store) reader = test_open(folder, JD_KB_READ);
    guint64 seen = 0;
    for (int who = 0; who < WRITERS; who++) {
        int status;
        jd_store_stats stats;
        g_assert_cmpint(waitpid(children[who], &status, 0), ==, children[who]);
        g_assert_true(WIFEXITED(status));
        g_assert_cmpint(WEXITSTATUS(status), ==, 0);
        g_assert_true(jd_store_get_stats(reader, &stats, NULL));
        g_assert_cmpuint(stats.documents, >=, seen);
        seen = stats.documents;
    }
    g_assert_cmpuint(seen, ==, 2 + WRITERS * TURNS);
    test_assert_sound(reader);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_vfs_install();
    g_test_add_func("/store/crash/kill", test_kill);
    g_test_add_func("/store/crash/writers", test_several_writers);
    g_test_add_func("/store/crash/failing", test_failing_disk);
    g_test_add_func("/store/crash/full", test_full_disk);
    g_test_add_func("/store/crash/power", test_loss_of_power);
    return g_test_run();
}
