#include "cli/prompt_view.h"

#include "cli/report.h"
#include "cli/wrap.h"

#include <string.h>

static void put_text(const jd_terminal *out, const char *text)
{
    jd_wrapper wrapper;
    jd_wrapper_init(&wrapper, out->file, out->tty ? out->columns : 0, 0);
    jd_wrapper_add(&wrapper, text, -1);
    jd_wrapper_clear(&wrapper);
    fputc('\n', out->file);
}

static void put_picture(const jd_terminal *out, const char *base64)
{
    g_autofree char *size = g_format_size(strlen(base64) / 4 * 3);
    fprintf(out->file, "(a picture of %s)\n", size);
}

/* One part of an OpenAI message's content. */
static void put_part(const jd_terminal *out, const json_t *part)
{
    const char *text = json_string_value(json_object_get(part, "text"));
    const char *url = json_string_value(json_object_get(json_object_get(part, "image_url"), "url"));
    if (text)
        put_text(out, text);
    if (url)
        put_picture(out, url);
}

static void put_message(const jd_terminal *out, const json_t *message)
{
    size_t i;
    json_t *part;
    const char *role = json_string_value(json_object_get(message, "role"));
    const json_t *content = json_object_get(message, "content");
    fputc('\n', out->file);
    jd_terminal_put(out, JD_STYLE_STRONG, role ? role : "");
    fputs(":\n", out->file);
    if (json_is_string(content))
        put_text(out, json_string_value(content));
    json_array_foreach(content, i, part) put_part(out, part);
    json_array_foreach(json_object_get(message, "images"), i, part)
        put_picture(out, json_string_value(part));
}

static void put_head(const jd_terminal *out, const json_t *request)
{
    static const char *const names[] = {"backend", "model", "method", "url"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *value = json_string_value(json_object_get(request, names[i]));
        if (!value)
            continue;
        fprintf(out->file, "%-8s ", names[i]);
        jd_terminal_put(out, JD_STYLE_PLAIN, value);
        fputc('\n', out->file);
    }
}

void jd_print_prompt(const jd_cli *cli, const char *text)
{
    json_auto_t *request = json_loads(text, 0, NULL);
    if (cli->json) {
        jd_print_json(&cli->out, request);
        return;
    }
    size_t i;
    json_t *one;
    put_head(&cli->out, request);
    json_array_foreach(json_object_get(json_object_get(request, "body"), "messages"), i, one)
        put_message(&cli->out, one);
    json_array_foreach(json_object_get(request, "passages"), i, one)
    {
        const char *passage = json_is_string(one) ? json_string_value(one)
                                                  : json_string_value(json_object_get(one, "text"));
        fputc('\n', cli->out.file);
        put_text(&cli->out, passage ? passage : "");
    }
}
