/*
 * Text to token ids for the tests, one JSON object a line: what `jackdaw encode --tokens` does for
 * an installed model, for any folder and any bytes.
 *
 *     jackdaw-test-tokenize FOLDER [CACHE]
 *     {"text":"..."} or {"base64":"..."}, "pair" or "pair64", "special", "max"  ->
 * {"ids":[...],"types":[...]} tokenize --bench FOLDER [CACHE]   ->
 * {"load":s,"encode":s,"tokens":n}, all lines encoded one by one
 */
#include "embed/tokenizer.h"

#include <jackdaw.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A text of the request, as it is or in base64. */
static char *read_text(const json_t *json, const char *plain, const char *base64, gsize *length)
{
    const json_t *text = json_object_get(json, plain);
    const char *bytes = json_string_value(json_object_get(json, base64));
    if (json_is_string(text)) {
        *length = json_string_length(text);
        return g_memdup2(json_string_value(text), *length + 1);
    }
    return bytes ? (char *)g_base64_decode(bytes, length) : NULL;
}

static void print_ids(const GArray *ids)
{
    putchar('[');
    for (guint i = 0; i < ids->len; i++)
        printf(i > 0 ? ",%d" : "%d", g_array_index(ids, gint32, i));
    putchar(']');
}

static void encode_line(const jd_tokenizer *tokenizer, const json_t *json, GArray *ids,
                        GArray *types)
{
    jd_encode_request request = {.special = !json_is_false(json_object_get(json, "special"))};
    g_autofree char *text = read_text(json, "text", "base64", &request.length);
    g_autofree char *pair = read_text(json, "pair", "pair64", &request.pair_length);
    request.text = text ? text : "";
    request.pair = pair;
    request.max_tokens = (gsize)json_integer_value(json_object_get(json, "max"));
    g_array_set_size(ids, 0);
    g_array_set_size(types, 0);
    jd_tokenizer_encode(tokenizer, &request, ids, types);
}

static int encode_all(const jd_tokenizer *tokenizer)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint32));
    g_autoptr(GArray) types = g_array_new(FALSE, FALSE, sizeof(gint32));
    g_autofree char *line = NULL;
    size_t size = 0;
    for (ssize_t length; (length = getline(&line, &size, stdin)) >= 0;) {
        json_error_t problem;
        json_auto_t *json = json_loadb(line, (size_t)length, JSON_ALLOW_NUL, &problem);
        if (!json) {
            fprintf(stderr, "jackdaw-test-tokenize: %s\n", problem.text);
            return 1;
        }
        encode_line(tokenizer, json, ids, types);
        printf("{\"ids\":");
        print_ids(ids);
        printf(",\"types\":");
        print_ids(types);
        printf("}\n");
    }
    return 0;
}

/* Seconds of this process's own CPU time: other processes do not count. */
static double cpu_seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

/* Times the encoding of all texts on standard input, one a line, the lines read beforehand. */
static int bench(const jd_tokenizer *tokenizer, double load)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *line = NULL;
    size_t size = 0;
    for (ssize_t length; (length = getline(&line, &size, stdin)) > 0;)
        g_ptr_array_add(texts, g_strndup(line, (gsize)length - (line[length - 1] == '\n')));
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint32));
    gsize tokens = 0;
    const double start = cpu_seconds();
    for (guint i = 0; i < texts->len; i++) {
        const char *text = g_ptr_array_index(texts, i);
        const jd_encode_request request = {.text = text, .length = strlen(text), .special = TRUE};
        g_array_set_size(ids, 0);
        jd_tokenizer_encode(tokenizer, &request, ids, NULL);
        tokens += ids->len;
    }
    printf("{\"load\":%.6f,\"encode\":%.6f,\"tokens\":%zu}\n", load, cpu_seconds() - start, tokens);
    return 0;
}

int main(int argc, char **argv)
{
    const gboolean timed = argc > 1 && strcmp(argv[1], "--bench") == 0;
    char **names = argv + 1 + timed;
    if (argc < 2 + timed) {
        fprintf(stderr, "usage: jackdaw-test-tokenize [--bench] FOLDER [CACHE]\n");
        return 2;
    }
    const jd_tokenizer_options options = {.cache = names[1]};
    g_autoptr(GError) error = NULL;
    const double start = cpu_seconds();
    g_autoptr(jd_tokenizer) tokenizer = jd_tokenizer_load(names[0], &options, &error);
    if (!tokenizer) {
        fprintf(stderr, "%s: %s\n", jd_error_code_name(error->code), error->message);
        return 1;
    }
    const double load = cpu_seconds() - start;
    return timed ? bench(tokenizer, load) : encode_all(tokenizer);
}
