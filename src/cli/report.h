/* What the commands say: errors and notes on standard error, JSON on standard output. */
#ifndef JD_CLI_REPORT_H
#define JD_CLI_REPORT_H

#include "cli/command.h"

#include <jansson.h>

/** "jackdaw: <message>" and the hint below it, or `{"error":{...}}`. */
void jd_report_error(const jd_terminal *err, gboolean json, const GError *error);

/** What the error makes of the exit status. */
jd_exit jd_report_status(const GError *error);

/** A remark for the user; nothing with --quiet. */
void jd_report_note(const jd_cli *cli, const char *note);
/** All of `notes` (char *). */
void jd_report_notes(const jd_cli *cli, const GPtrArray *notes);

/** Names what was skipped or amiss: "skipped: <uri>: <reason>". */
void jd_report_skipped(const jd_cli *cli, const char *what, const GPtrArray *skipped);

/** Prints one JSON value and a line's end: indented for a terminal, in one line else. */
void jd_print_json(const jd_terminal *terminal, const json_t *json);
/** Prints JSON that is text already, without a line's end. */
void jd_print_json_text(const jd_terminal *terminal, const char *json);

#endif
