/*
 * What a client says before anything of it is believed: the target, the Host and Origin headers,
 * the name of an uploaded file, parameters. Each stands in a line of its own, in this order.
 */
#include "server/call_state.h"
#include "server/gate.h"
#include "server/params.h"
#include "server/target.h"
#include "server/upload.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_target(const char *target)
{
    g_autofree char *path = NULL, *allow = NULL;
    g_auto(GStrv) parts = NULL;
    g_autoptr(GHashTable) query = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GError) error = NULL;
    if (!jd_target_split(target, &path, query, NULL))
        return;
    g_assert_true(g_utf8_validate(path, -1, NULL));
    jd_route_find("GET", path, &parts, &allow, &error);
    if (error) {
        g_auto(jd_problem) problem;
        jd_problem_init(&problem, error);
        g_assert_cmpint(problem.status, >=, 400);
    }
}

static void try_headers(const char *host, const char *origin)
{
    char *hosts[] = {NULL};
    jd_gate gate = {.hosts = hosts};
    g_autoptr(jd_call) call = jd_call_new(NULL, NULL, "/");
    call->method = g_strdup("GET");
    g_hash_table_insert(call->headers, g_strdup("host"), g_strdup(host));
    g_hash_table_insert(call->headers, g_strdup("origin"), g_strdup(origin));
    jd_gate_check_source(&gate, call, NULL);
}

static void try_name(const char *name)
{
    g_autofree char *safe = jd_upload_safe_name(name);
    g_auto(GStrv) parts = g_strsplit(safe, "/", -1);
    g_assert_true(g_utf8_validate(safe, -1, NULL) && *safe);
    for (char **part = parts; *part; part++)
        g_assert_true(**part && strcmp(*part, ".") != 0 && strcmp(*part, "..") != 0);
    g_autofree char *hidden = jd_problem_hide_folders(name);
    g_assert_cmpuint(strlen(hidden), <=, strlen(name));
}

static void try_params(const char *text)
{
    json_auto_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    g_auto(jd_params) params = {0};
    const char *word = NULL;
    g_autofree const char **words = NULL;
    int n = 5;
    if (!json_is_object(object))
        return;
    jd_params_init_json(&params, object);
    jd_params_text(&params, "query", &word, NULL);
    jd_params_integer(&params, "k", (jd_range){1, 10}, &n, NULL);
    g_assert_true(n >= 1 && n <= 10);
    jd_params_strings(&params, "paths", &words, NULL);
    jd_params_end(&params, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", 5);
    guint n = g_strv_length(lines);
    const char *line[5];
    for (guint i = 0; i < G_N_ELEMENTS(line); i++)
        line[i] = i < n ? lines[i] : "";
    try_target(line[0]);
    try_headers(line[1], line[2]);
    try_name(line[3]);
    try_params(line[4]);
    return 0;
}
