#include "cli/report.h"

#include "retrieve/json.h"

#include <jackdaw.h>
#include <stdlib.h>
#include <string.h>

static const char *code_name(const GError *error)
{
    return error->domain == JD_ERROR ? jd_error_code_name(error->code)
                                     : jd_error_code_name(JD_ERROR_INTERNAL);
}

void jd_report_error(const jd_terminal *err, gboolean json, const GError *error)
{
    const char *hint = jd_error_hint(error);
    if (json) {
        json_auto_t *object =
            json_pack("{s:{s:s, s:o, s:o}}", "error", "code", code_name(error), "message",
                      jd_json_string(error->message), "hint", jd_json_string(hint));
        jd_print_json(err, object);
        return;
    }
    jd_terminal_put(err, JD_STYLE_BAD, "jackdaw:");
    fputc(' ', err->file);
    jd_terminal_put(err, JD_STYLE_PLAIN, error->message);
    fputc('\n', err->file);
    if (!hint)
        return;
    fputs("         ", err->file); /* as wide as "jackdaw: " */
    jd_terminal_put(err, JD_STYLE_PLAIN, hint);
    fputc('\n', err->file);
}

jd_exit jd_report_status(const GError *error)
{
    if (g_error_matches(error, JD_ERROR, JD_ERROR_USAGE))
        return JD_EXIT_USAGE;
    if (g_error_matches(error, JD_ERROR, JD_ERROR_CANCELLED))
        return JD_EXIT_INTERRUPTED;
    return JD_EXIT_FAILED;
}

void jd_report_note(const jd_cli *cli, const char *note)
{
    if (cli->quiet)
        return;
    jd_terminal_put(&cli->err, JD_STYLE_DIM, note);
    fputc('\n', cli->err.file);
}

void jd_report_notes(const jd_cli *cli, const GPtrArray *notes)
{
    for (guint i = 0; i < notes->len; i++)
        jd_report_note(cli, notes->pdata[i]);
}

void jd_report_skipped(const jd_cli *cli, const char *what, const GPtrArray *skipped)
{
    for (guint i = 0; i < skipped->len; i++) {
        const jd_skipped *one = skipped->pdata[i];
        jd_terminal_put(&cli->err, JD_STYLE_WARNING, what);
        fputs(": ", cli->err.file);
        jd_terminal_put(&cli->err, JD_STYLE_STRONG, one->uri);
        fputs(": ", cli->err.file);
        jd_terminal_put(&cli->err, JD_STYLE_PLAIN, one->reason);
        fputc('\n', cli->err.file);
    }
}

/* JSON itself escapes only C0 controls: the other characters that could act on a terminal stand in
 * strings only, where \u does as well. */
static char *escape_controls(const char *json)
{
    GString *out = g_string_sized_new(strlen(json));
    for (const char *p = json; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c == '\n' || jd_terminal_safe_char(c) == c)
            g_string_append_len(out, p, g_utf8_next_char(p) - p);
        else
            g_string_append_printf(out, "\\u%04x", c);
    }
    return g_string_free(out, FALSE);
}

void jd_print_json_text(const jd_terminal *terminal, const char *json)
{
    g_autofree char *safe = escape_controls(json);
    fputs(safe, terminal->file);
}

void jd_print_json(const jd_terminal *terminal, const json_t *json)
{
    char *text = json_dumps(json, terminal->tty ? JSON_INDENT(2) : 0);
    if (text)
        jd_print_json_text(terminal, text);
    fputc('\n', terminal->file);
    free(text); /* jansson's own allocator is malloc() */
}
