/* A language-model server's stream, in pieces of a size that the first byte tells: lines, events,
 * JSON, talk. */
#include "answer/lines.h"
#include "answer/probe.h"
#include "answer/talk.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What on_line() does with a line of either protocol. */
static gboolean on_line(const char *line, gsize length, void *user)
{
    if (line[length] != '\0')
        abort();
    json_t *object = jd_line_object(line, length);
    const json_t *message = json_object_get(object, "message");
    const json_t *content = json_object_get(message, "content");
    gboolean on = !json_is_string(content) ||
                  jd_talk_add(user, json_string_value(content), json_string_length(content));
    const json_t *problem = json_object_get(object, "error");
    if (problem) {
        g_auto(jd_failure) failure = {0};
        jd_failure_from_json(&failure, problem);
        if (!failure.message)
            abort();
    }
    json_decref(object);
    return on;
}

static void feed(jd_lines *lines, const uint8_t *data, size_t size, size_t step)
{
    for (size_t at = 0; at < size; at += step)
        jd_lines_feed(lines, (const char *)data + at, MIN(step, size - at));
    jd_lines_end(lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { MAX_LINE = 4096 };
    if (size == 0)
        return 0;
    size_t step = (size_t)data[0] + 1;
    jd_talk talk;
    jd_lines lines;
    jd_sse sse;
    jd_talk_init(&talk, NULL, NULL);
    jd_lines_init(&lines, MAX_LINE, on_line, &talk);
    feed(&lines, data + 1, size - 1, step);
    jd_lines_clear(&lines);
    jd_sse_init(&sse, MAX_LINE, on_line, &talk);
    jd_lines_init(&lines, MAX_LINE, jd_sse_line, &sse);
    feed(&lines, data + 1, size - 1, step);
    jd_sse_end(&sse);
    jd_lines_clear(&lines);
    jd_sse_clear(&sse);
    jd_talk_end(&talk);
    if (!g_utf8_validate(talk.text->str, (gssize)talk.text->len, NULL))
        abort();
    jd_talk_clear(&talk);
    return 0;
}
