/* The parts of the server that need no connection: targets, routes, who may come in, names, errors,
 * parameters. */
#include "base/error.h"
#include "base/limits.h"
#include "base/remedy.h"
#include "server/call_state.h"
#include "server/gate.h"
#include "server/hint.h"
#include "server/params.h"
#include "server/sources.h"
#include "server/target.h"
#include "server/token.h"
#include "server/upload.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

/* ---- targets ---- */

static char *split(const char *target)
{
    g_autofree char *path = NULL;
    g_autoptr(GHashTable) query = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GError) error = NULL;
    if (!jd_target_split(target, &path, query, &error))
        return g_strdup_printf("%d", error->code);
    g_autoptr(GString) text = g_string_new(path);
    g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(query), (GCompareFunc)strcmp);
    for (GList *name = names; name; name = name->next)
        g_string_append_printf(text, " %s=%s", (char *)name->data,
                               (char *)g_hash_table_lookup(query, name->data));
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void test_targets(void)
{
    static const struct {
        const char *target, *expected;
    } cases[] = {
        {"/", "/"},
        {"/a/b", "/a/b"},
        {"/a?", "/a"},
        {"/a?x=1&y=2", "/a x=1 y=2"},
        {"/a?x", "/a x="},
        {"/a?x=&&y=b%20c+d%2b", "/a x= y=b c d+"},
        {"/a?x=y=z", "/a x=y=z"},
        {"/%C3%BC?n=%C3%BC", "/ü n=ü"},
        {"/a?x=1&x=2", "400"},
        {"/a%2Fb", "/a/b"},
        {"/a%00", "400"},
        {"/a?x=%00", "400"},
        {"/a%", "400"},
        {"/a?x=%zz", "400"},
        {"/%ff", "400"},
        {"http://example.org/", "400"},
        {"*", "400"},
        {"", "400"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *found = split(cases[i].target);
        g_assert_cmpstr(found, ==, cases[i].expected);
    }
}

/* ---- routes ---- */

static void test_routes(void)
{
    static const struct {
        const char *method, *path, *pattern; /* pattern NULL: there is none */
        int status;
        const char *part;
    } cases[] = {
        {"GET", "/api/v1/search", "/api/v1/search"},
        {"HEAD", "/api/v1/search", "/api/v1/search"},
        {"GET", "/api/v1/jobs/j7/events", "/api/v1/jobs/{id}/events", .part = "j7"},
        {"DELETE", "/api/v1/jobs/j7", "/api/v1/jobs/{id}", .part = "j7"},
        {"PUT", "/api/v1/search", NULL, 405},
        {"GET", "/api/v1/jobs/", NULL, 404},
        {"GET", "/api/v1/jobs/a/b/c", NULL, 404},
        {"GET", "/api/v1/search/", NULL, 404},
        {"GET", "/api/v1", NULL, 404},
        {"POST", "/", NULL, 405},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(GStrv) parts = NULL;
        g_autofree char *allow = NULL;
        g_autoptr(GError) error = NULL;
        const jd_route *route =
            jd_route_find(cases[i].method, cases[i].path, &parts, &allow, &error);
        if (!cases[i].pattern) {
            g_assert_null(route);
            g_assert_error(error, JD_HTTP_ERROR, cases[i].status);
            g_assert_cmpint(allow != NULL, ==, cases[i].status == 405);
            continue;
        }
        g_assert_no_error(error);
        g_assert_cmpstr(route->pattern, ==, cases[i].pattern);
        g_assert_cmpstr(parts[0], ==, cases[i].part);
    }
}

/* A pattern that an earlier one hides would never be reached. */
static void test_no_route_hides_another(void)
{
    for (gsize t = 0; jd_route_tables[t]; t++)
        for (const jd_route *route = jd_route_tables[t]->routes; route->method; route++) {
            g_auto(GStrv) parts = NULL;
            g_autofree char *allow = NULL;
            g_autofree char *path = g_strdelimit(g_strdup(route->pattern), "{}", '-');
            g_assert_true(jd_route_find(route->method, path, &parts, &allow, NULL) == route);
        }
}

/* ---- who may come in ---- */

static int check_source(const char *host, const char *origin)
{
    char *hosts[] = {(char *)"box", (char *)"notes.example.org", NULL};
    jd_gate gate = {.hosts = hosts};
    g_autoptr(jd_call) call = jd_call_new(NULL, NULL, "/");
    g_autoptr(GError) error = NULL;
    call->method = g_strdup("GET");
    if (host)
        g_hash_table_insert(call->headers, g_strdup("host"), g_strdup(host));
    if (origin)
        g_hash_table_insert(call->headers, g_strdup("origin"), g_strdup(origin));
    return jd_gate_check_source(&gate, call, &error) ? 200 : error->code;
}

static void test_hosts(void)
{
    static const struct {
        const char *host, *origin;
        int status;
    } cases[] = {
        {"localhost", NULL, 200},
        {"BOX:7860", NULL, 200},
        {"Notes.Example.Org", NULL, 200},
        {"10.0.0.7:80", NULL, 200},
        {"[fe80::1]:80", NULL, 200},
        {"box.evil.com", NULL, 421},
        {"1.2.3.4.evil.com", NULL, 421},
        {"[::1", NULL, 400},
        {"[::1]80", NULL, 400},
        {"[]", NULL, 421},
        {"::1", NULL, 400},
        {"box:80:80", NULL, 400},
        {":80", NULL, 421},
        {"", NULL, 400},
        {NULL, NULL, 400},
        {"box:80", "http://box:80", 200},
        {"box:80", "https://BOX:80", 200},
        {"box:80", "http://box", 403},
        {"box:80", "http://evil.com", 403},
        {"box", "null", 403},
        {"box", "", 403},
        {"box", "x://box", 403},
        {"box", "http://box@evil.com", 403},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(check_source(cases[i].host, cases[i].origin), ==, cases[i].status);
}

static void test_tokens(void)
{
    char token[] = "0123456789abcdef";
    jd_gate gate = {.token = token};
    g_assert_true(jd_gate_is_token(&gate, "0123456789abcdef"));
    g_assert_false(jd_gate_is_token(&gate, "0123456789abcdeF"));
    g_assert_false(jd_gate_is_token(&gate, "0123456789abcde"));
    g_assert_false(jd_gate_is_token(&gate, "0123456789abcdef0"));
    g_assert_false(jd_gate_is_token(&gate, ""));
}

static void test_token_file(void)
{
    g_autofree char *folder = g_dir_make_tmp(NULL, NULL);
    g_autofree char *path = g_build_filename(folder, "deep", "token", NULL);
    g_autoptr(GError) error = NULL;
    gboolean made;
    g_autofree char *first = jd_token_load(path, &made, &error);
    g_assert_no_error(error);
    g_assert_true(made);
    g_assert_cmpuint(strlen(first), ==, 64);
    g_autofree char *second = jd_token_load(path, &made, &error);
    g_assert_false(made);
    g_assert_cmpstr(first, ==, second);
    g_chmod(path, 0640);
    g_assert_null(jd_token_load(path, &made, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_INVALID);
    jd_upload_folder_erase(folder);
    g_assert_false(g_file_test(folder, G_FILE_TEST_EXISTS));
}

/* ---- names and messages ---- */

static void test_names_of_uploads(void)
{
    static const struct {
        const char *name, *expected;
    } cases[] = {
        {"a.md", "a.md"},
        {"site/pages/a.html", "site/pages/a.html"},
        {"C:\\Users\\me\\a.md", "C:/Users/me/a.md"},
        {"/etc/passwd", "etc/passwd"},
        {"../../a", "a"},
        {"a/../../b", "a/b"},
        {"./a//b/.", "a/b"},
        {"..", "upload"},
        {"", "upload"},
        {"/", "upload"},
        {".hidden", "hidden"},
        {"...", "upload"},
        {"site/.hidden", "site/.hidden"},
        {"a\nb\x7f", "a_b_"},
        {"\xff.md", "\xEF\xBF\xBD.md"},
        {"1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", "2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *safe = jd_upload_safe_name(cases[i].name);
        g_assert_cmpstr(safe, ==, cases[i].expected);
    }
    g_autofree char *long_name = g_strnfill(5000, 'x');
    g_autofree char *cut = jd_upload_safe_name(long_name);
    g_assert_cmpuint(strlen(cut), <=, JD_SERVER_NAME_BYTES + 4);
}

static void test_folders_are_hidden(void)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"cannot open /home/me/kb.db: no", "cannot open kb.db: no"},
        {"/home/me/kb.db", "kb.db"},
        {"'/a/b' and (/c/d)", "'b' and (d)"},
        {"file=/a/b/c", "file=c"},
        {"1/2 of it, and/or more", "1/2 of it, and/or more"},
        {"http://example.org/a", "http://example.org/a"},
        {"image/png", "image/png"},
        {"/", "/"},
        {"a / b", "a / b"},
        {"", ""},
        {"/folder/", "folder/"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *shown = jd_problem_hide_folders(cases[i].text);
        g_assert_cmpstr(shown, ==, cases[i].expected);
    }
}

static void test_problems(void)
{
    static const struct {
        jd_error_code code;
        int status;
        gboolean told;
    } cases[] = {
        {JD_ERROR_USAGE, 400, TRUE},     {JD_ERROR_NOT_FOUND, 404, TRUE},
        {JD_ERROR_LIMIT, 413, TRUE},     {JD_ERROR_UNSUPPORTED, 422, TRUE},
        {JD_ERROR_BUSY, 503, TRUE},      {JD_ERROR_UNAVAILABLE, 503, TRUE},
        {JD_ERROR_REMOTE, 502, TRUE},    {JD_ERROR_IO, 500, FALSE},
        {JD_ERROR_CORRUPT, 500, FALSE},  {JD_ERROR_INTERNAL, 500, FALSE},
        {JD_ERROR_READ_ONLY, 403, TRUE}, {JD_ERROR_NO_SPACE, 507, TRUE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_auto(jd_problem) problem;
        jd_set_error(&error, cases[i].code, "see /var/log/x", "the secret of /home/me/x");
        jd_problem_init(&problem, error);
        g_assert_cmpint(problem.status, ==, cases[i].status);
        g_assert_cmpstr(problem.code, ==, jd_error_code_name(cases[i].code));
        g_assert_cmpint(strstr(problem.message, "secret") != NULL, ==, cases[i].told);
        g_assert_null(strstr(problem.message, "/home"));
        g_assert_true(!problem.hint || !strstr(problem.hint, "/var"));
    }
}

/* ---- parameters ---- */

static void test_params(void)
{
    json_auto_t *object = json_pack("{s:s, s:i, s:f, s:b, s:n, s:[s,s], s:s}", "text", "words", "n",
                                    7, "x", 0.5, "yes", 1, "none", "list", "a", "b", "odd", "?");
    g_auto(jd_params) params = {0};
    g_autoptr(GError) error = NULL;
    jd_params_init_json(&params, object);
    const char *text = NULL, *absent = "kept";
    int n = 0, x_as_integer = 1;
    double x = NAN;
    gboolean yes = FALSE;
    g_autofree const char **list = NULL;
    const jd_range range = {0, 10};
    g_assert_true(jd_params_text(&params, "text", &text, NULL));
    g_assert_cmpstr(text, ==, "words");
    g_assert_true(jd_params_text(&params, "none", &absent, NULL));
    g_assert_true(jd_params_text(&params, "absent", &absent, NULL));
    g_assert_cmpstr(absent, ==, "kept");
    g_assert_true(jd_params_integer(&params, "n", range, &n, NULL));
    g_assert_cmpint(n, ==, 7);
    g_assert_false(jd_params_integer(&params, "n", (jd_range){8, 9}, &n, NULL));
    g_assert_false(jd_params_integer(&params, "x", range, &x_as_integer, NULL));
    g_assert_false(jd_params_integer(&params, "text", range, &n, NULL));
    g_assert_true(jd_params_number(&params, "x", range, &x, NULL));
    g_assert_cmpfloat(x, ==, 0.5);
    g_assert_true(jd_params_flag(&params, "yes", &yes, NULL));
    g_assert_true(yes);
    g_assert_false(jd_params_flag(&params, "text", &yes, NULL));
    g_assert_true(jd_params_strings(&params, "list", &list, NULL));
    g_assert_cmpstr(list[1], ==, "b");
    g_assert_null(list[2]);
    g_assert_false(jd_params_end(&params, &error));
    g_assert_error(error, JD_HTTP_ERROR, 400);
    g_assert_nonnull(strstr(error->message, "odd"));
}

static void test_text_params(void)
{
    json_auto_t *object = json_pack("{s:s, s:s, s:s, s:s}", "n", "7", "x", "0.25x", "yes", "true",
                                    "vector", "[1,2.5]");
    g_auto(jd_params) params = {0};
    jd_params_init_json(&params, object);
    params.text = TRUE;
    int n = 0;
    double x = 3;
    gboolean yes = FALSE;
    json_t *vector = NULL;
    g_assert_true(jd_params_integer(&params, "n", (jd_range){0, 10}, &n, NULL));
    g_assert_cmpint(n, ==, 7);
    g_assert_false(jd_params_number(&params, "x", (jd_range){0, 1}, &x, NULL));
    g_assert_cmpfloat(x, ==, 3);
    g_assert_true(jd_params_flag(&params, "yes", &yes, NULL));
    g_assert_true(yes);
    g_assert_true(jd_params_json(&params, "vector", JSON_ARRAY, &vector, NULL));
    g_assert_cmpuint(json_array_size(vector), ==, 2);
    g_assert_false(jd_params_json(&params, "n", JSON_ARRAY, &vector, NULL));
    g_assert_true(jd_params_end(&params, NULL));
}

/* ---- roots ---- */

static void test_roots(void)
{
    g_autofree char *folder = g_dir_make_tmp(NULL, NULL);
    g_autofree char *inside = g_build_filename(folder, "root", "inside", NULL);
    g_autofree char *root = g_path_get_dirname(inside);
    g_autofree char *beside = g_strconcat(root, "-beside", NULL);
    g_autofree char *link = g_build_filename(root, "link", NULL);
    const char *const roots[] = {root, NULL};
    g_assert_cmpint(g_mkdir_with_parents(inside, 0700), ==, 0);
    g_assert_cmpint(g_mkdir(beside, 0700), ==, 0);
    g_assert_cmpint(symlink(beside, link), ==, 0);
    const struct {
        const char *path;
        gboolean allowed;
    } cases[] = {{inside, TRUE},  {"inside", TRUE},          {".", TRUE},     {root, TRUE},
                 {beside, FALSE}, {"../root-beside", FALSE}, {"link", FALSE}, {"absent", FALSE},
                 {"/", FALSE},    {"inside/../..", FALSE},   {"", TRUE}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *found = jd_source_path(roots, cases[i].path, NULL);
        g_assert_cmpint(found != NULL, ==, cases[i].allowed);
    }
    g_assert_null(jd_source_path(NULL, inside, NULL));
    jd_upload_folder_erase(folder);
}

static void test_hints(void)
{
    static const struct {
        const char *hint, *told;
    } cases[] = {
        {NULL, NULL},
        {"try again", "try again"},
        {"search by words, or with --query-embedding", "search by words, or with embedding"},
        {"give the question's vector with --query-embedding FILE, an item with --like ID, or "
         "search "
         "with --profile default",
         "give the question's vector with embedding, an item with like, or search with profile "
         "default"},
        {"fetch it with: jackdaw ask --pull --model gemma3:4b QUESTION",
         "have Ollama fetch it, or name another model"},
        {"see `jackdaw ls`", "a search and the list of documents tell the ids that there are"},
        {"choose another file with --kb", NULL},
        {"make one with `jackdaw ingest PATH`", NULL},
        {"dashes -- as here -- are none", "dashes -- as here -- are none"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *told = jd_hint_for_clients(cases[i].hint);
        g_assert_cmpstr(told, ==, cases[i].told);
    }
}

/* What names a command is either in words for clients too, or said to be nothing for them. */
static void test_remedies(void)
{
    for (const jd_remedy *remedy = jd_remedies; remedy->command; remedy++) {
        g_autofree char *told = jd_hint_for_clients(remedy->command);
        g_assert_cmpstr(told, ==, remedy->client);
    }
    g_autofree char *note = jd_note_for_clients("nothing has a vector: " JD_REMEDY_EMBED_MAKES ".");
    g_assert_cmpstr(note, ==, "nothing has a vector: POST /api/v1/embed has them made.");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/server/targets", test_targets);
    g_test_add_func("/server/routes", test_routes);
    g_test_add_func("/server/routes-reached", test_no_route_hides_another);
    g_test_add_func("/server/hosts", test_hosts);
    g_test_add_func("/server/tokens", test_tokens);
    g_test_add_func("/server/token-file", test_token_file);
    g_test_add_func("/server/upload-names", test_names_of_uploads);
    g_test_add_func("/server/hidden-folders", test_folders_are_hidden);
    g_test_add_func("/server/problems", test_problems);
    g_test_add_func("/server/params", test_params);
    g_test_add_func("/server/text-params", test_text_params);
    g_test_add_func("/server/roots", test_roots);
    g_test_add_func("/server/parts/hints", test_hints);
    g_test_add_func("/server/parts/remedies", test_remedies);
    return g_test_run();
}
