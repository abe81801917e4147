/*
 * One contender of bench/encoders: a model of ours, loaded and then run whenever standard input
 * says so.
 *
 *     jackdaw-bench-encoders FOLDER DTYPE THREADS CACHE
 *
 * The first line of standard input says what is embedded, {"texts":[...]} or {"pictures":COUNT},
 * and is answered with {"load_ms","dtype"}; each line after it runs that once: "run" is
 * answered with {"ms","cpu_ms"}, "vectors" with {"vectors":[[...]]}.
 */
#include "embed/model.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What is embedded by every run. */
typedef struct input {
    json_t *texts; /* or NULL: pictures */
    gsize count;
    jd_text *items;
    guint8 *pixels; /* one picture, all are the same */
    const guint8 **pictures;
} input;

/* A picture that is nothing to a model but has all colours: numbers from a fixed seed. */
static guint8 *make_pixels(int size)
{
    const gsize count = (gsize)size * (gsize)size * 3;
    guint8 *pixels = g_malloc(count);
    guint32 state = 1;
    for (gsize i = 0; i < count; i++) {
        state = state * 1664525 + 1013904223;
        pixels[i] = (guint8)(state >> 24);
    }
    return pixels;
}

static gboolean input_init(input *in, const jd_model *model, const char *line)
{
    json_t *root = json_loads(line, 0, NULL);
    in->texts = json_incref(json_object_get(root, "texts"));
    in->count = in->texts ? json_array_size(in->texts)
                          : (gsize)json_integer_value(json_object_get(root, "pictures"));
    json_decref(root);
    in->items = g_new0(jd_text, in->count);
    in->pictures = g_new0(const guint8 *, in->count);
    if (!in->texts)
        in->pixels = make_pixels(jd_model_get_info(model)->picture.prepare.size);
    for (gsize i = 0; i < in->count; i++) {
        const char *text = json_string_value(json_array_get(in->texts, i));
        in->items[i] = (jd_text){text, text ? strlen(text) : 0};
        in->pictures[i] = in->pixels;
    }
    return in->count > 0;
}

static void input_clear(input *in)
{
    json_decref(in->texts);
    g_free(in->items);
    g_free(in->pictures);
    g_free(in->pixels);
}

static gboolean embed(const jd_model *model, const input *in, float *out, GError **error)
{
    if (in->texts)
        return jd_model_embed_texts(model, &(jd_texts){.items = in->items, .count = in->count}, out,
                                    error);
    return jd_model_embed_pictures(model, &(jd_pictures){.items = in->pictures, .count = in->count},
                                   out, error);
}

static void print_vectors(const float *vectors, gsize count, gsize dimension)
{
    printf("{\"vectors\":[");
    for (gsize i = 0; i < count; i++)
        for (gsize d = 0; d < dimension; d++)
            printf("%s%.9g%s",
                   d > 0   ? ","
                   : i > 0 ? ",["
                           : "[",
                   (double)vectors[i * dimension + d], d + 1 < dimension ? "" : "]");
    puts("]}");
}

static gboolean answer(const jd_model *model, const input *in, GError **error)
{
    const gsize dimension = (gsize)jd_model_get_info(model)->dimension;
    g_autofree float *out = g_new(float, in->count *dimension);
    char line[16];
    while (fgets(line, sizeof line, stdin)) {
        const gint64 start = g_get_monotonic_time();
        const clock_t cpu = clock();
        if (!embed(model, in, out, error))
            return FALSE;
        const gint64 end = g_get_monotonic_time();
        if (g_str_has_prefix(line, "vectors"))
            print_vectors(out, in->count, dimension);
        else
            printf("{\"ms\":%.3f,\"cpu_ms\":%.3f}\n", (double)(end - start) / 1000,
                   (double)(clock() - cpu) * 1000 / CLOCKS_PER_SEC);
        fflush(stdout);
    }
    return TRUE;
}

static gboolean run(char **argv, GError **error)
{
    const gint64 start = g_get_monotonic_time();
    const jd_model_options options = {
        .dtype = jd_model_dtype_parse(argv[2]), .threads = atoi(argv[3]), .cache = argv[4]};
    g_autoptr(jd_model) model = jd_model_load(argv[1], &options, error);
    if (!model)
        return FALSE;
    const gint64 end = g_get_monotonic_time();
    g_autofree char *line = NULL;
    size_t size = 0;
    input in = {0};
    if (getline(&line, &size, stdin) < 0 || !input_init(&in, model, line)) {
        fputs("the first line says nothing to embed\n", stderr);
        return TRUE;
    }
    printf("{\"load_ms\":%.1f,\"dtype\":\"%s\"}\n", (double)(end - start) / 1000,
           jd_model_dtype_name(jd_model_get_info(model)->dtype));
    fflush(stdout);
    const gboolean ok = answer(model, &in, error);
    input_clear(&in);
    return ok;
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    if (argc != 5) {
        fputs("usage: jackdaw-bench-encoders FOLDER DTYPE THREADS CACHE\n", stderr);
        return 2;
    }
    if (run(argv, &error))
        return 0;
    fprintf(stderr, "%s\n", error->message);
    return 1;
}
