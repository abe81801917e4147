/* One line on a terminal that shows how far a long job is. */
#ifndef JD_CLI_PROGRESS_BAR_H
#define JD_CLI_PROGRESS_BAR_H

#include "cli/command.h"

#include <jackdaw.h>

typedef struct jd_progress_bar {
    const jd_terminal *terminal;
    gboolean enabled;  /* a terminal, and not --quiet */
    gboolean shown;    /* a bar stands in the line */
    char *stage;       /* what was reported last */
    gint64 started_us; /* the stage's first report, and how much was done then */
    guint64 started_at;
} jd_progress_bar;

void jd_progress_bar_init(jd_progress_bar *bar, const jd_cli *cli);
/** Removes the bar from the screen. */
void jd_progress_bar_clear(jd_progress_bar *bar);

/** A jd_progress_fn; `user` is the bar. */
void jd_progress_bar_update(const jd_progress *progress, void *user);

#endif
