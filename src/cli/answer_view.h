/* An answer on its way to the screen: its words as they come, then its sources and pictures. */
#ifndef JD_CLI_ANSWER_VIEW_H
#define JD_CLI_ANSWER_VIEW_H

#include "cli/command.h"
#include "cli/wrap.h"

#include <jackdaw.h>

typedef struct jd_answer_view {
    const jd_cli *cli;
    const char *question;
    jd_cancel *cancel;  /* set where nobody reads any more */
    jd_wrapper wrapper; /* the answer's text */
    gboolean begun;     /* words came */
    gboolean unread;    /* whoever read our output has gone */
    GHashTable *told;   /* char *: notes that were printed already */
} jd_answer_view;

void jd_answer_view_init(jd_answer_view *view, const jd_cli *cli, jd_cancel *cancel);
void jd_answer_view_clear(jd_answer_view *view);

/** Has the options report to the view: a new answer, to `question`, begins. With --json nothing is
 * printed before its end. A note is printed once for all answers of a view. */
void jd_answer_view_attach(jd_answer_view *view, const char *question, jd_ask_options *options);

/** Prints what is not on the screen yet: with --json the whole answer, else its sources, pictures
 * and notes. */
void jd_answer_view_end(jd_answer_view *view, jd_kb *kb, const jd_answer *answer);

/** The numbered sources: those that the answer cites, and all pictures found with them; all, where
 * it cites none. */
void jd_print_sources(const jd_cli *cli, jd_kb *kb, const jd_answer *answer);

/** What an answer makes of the exit status. */
jd_exit jd_answer_view_status(const jd_answer_view *view, const jd_answer *answer);

#endif
