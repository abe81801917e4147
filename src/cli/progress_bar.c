#include "cli/progress_bar.h"

#include <string.h>

enum { CELLS = 20 };

void jd_progress_bar_init(jd_progress_bar *bar, const jd_cli *cli)
{
    *bar = (jd_progress_bar){
        .terminal = &cli->err,
        .enabled = cli->err.tty && !cli->quiet,
    };
}

void jd_progress_bar_clear(jd_progress_bar *bar)
{
    if (bar->shown) {
        fputs("\r\033[K", bar->terminal->file);
        fflush(bar->terminal->file);
    }
    bar->shown = FALSE;
    g_clear_pointer(&bar->stage, g_free);
}

static char *amount(guint64 value, const char *unit)
{
    return unit && g_str_equal(unit, "bytes") ? g_format_size(value)
                                              : g_strdup_printf("%" G_GUINT64_FORMAT, value);
}

static void append_cells(GString *line, double part)
{
    int full = (int)(part * CELLS);
    g_string_append_c(line, ' ');
    for (int i = 0; i < CELLS; i++)
        g_string_append(line, i < full ? "█" : "░");
}

static void append_amount(GString *line, const jd_progress *progress)
{
    gboolean bytes = progress->unit && g_str_equal(progress->unit, "bytes");
    g_autofree char *done = amount(progress->done, progress->unit);
    g_string_append_printf(line, "  %s", done);
    if (progress->total > 0) {
        g_autofree char *total = amount(progress->total, progress->unit);
        g_string_append_printf(line, "/%s", total);
    }
    if (progress->unit && !bytes)
        g_string_append_printf(line, " %s", progress->unit);
}

static void append_time_left(GString *line, double seconds)
{
    if (seconds < 90)
        g_string_append_printf(line, "  %.0f s left", seconds);
    else if (seconds < 90 * 60)
        g_string_append_printf(line, "  %.0f min left", seconds / 60);
    else
        g_string_append_printf(line, "  %.1f h left", seconds / 3600);
}

static void append_rate(GString *line, const jd_progress_bar *bar, const jd_progress *progress)
{
    double seconds = (double)(g_get_monotonic_time() - bar->started_us) / G_USEC_PER_SEC;
    const guint64 before = MAX(bar->started_at, progress->before);
    if (seconds < 0.5 || progress->done <= before)
        return;
    double rate = (double)(progress->done - before) / seconds;
    g_autofree char *text = rate < 10 && !(progress->unit && g_str_equal(progress->unit, "bytes"))
                                ? g_strdup_printf("%.1f", rate)
                                : amount((guint64)rate, progress->unit);
    g_string_append_printf(line, "  %s/s", text);
    if (progress->total > progress->done)
        append_time_left(line, (double)(progress->total - progress->done) / rate);
}

void jd_progress_bar_update(const jd_progress *progress, void *user)
{
    jd_progress_bar *bar = user;
    if (!bar->enabled)
        return;
    if (g_strcmp0(bar->stage, progress->stage) != 0) {
        g_free(bar->stage);
        bar->stage = g_strdup(progress->stage);
        bar->started_us = g_get_monotonic_time();
        bar->started_at = progress->done;
    }
    g_autoptr(GString) line = g_string_new(progress->stage);
    if (progress->total > 0)
        append_cells(line, MIN((double)progress->done / (double)progress->total, 1.0));
    append_amount(line, progress);
    append_rate(line, bar, progress);
    /* The last column stays free: some terminals wrap when it is written to. */
    int room = bar->terminal->columns - 1 - jd_text_columns(line->str) - 2;
    if (progress->what && room > 8) {
        g_autofree char *safe = jd_terminal_safe(progress->what);
        g_autofree char *what = jd_text_squeeze(safe, room);
        g_string_append_printf(line, "  %s", what);
    }
    g_autofree char *fitting = jd_text_squeeze(line->str, bar->terminal->columns - 1);
    fprintf(bar->terminal->file, "\r%s\033[K", fitting);
    fflush(bar->terminal->file);
    bar->shown = TRUE;
}
