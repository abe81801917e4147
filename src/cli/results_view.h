/* Evidence as people read it. */
#ifndef JD_CLI_RESULTS_VIEW_H
#define JD_CLI_RESULTS_VIEW_H

#include "cli/command.h"

#include <jackdaw.h>

/** A ranked list: rank, id, score, place, snippet with the query's words marked, pictures drawn
 * where they can be. */
void jd_print_results(const jd_cli *cli, jd_kb *kb, const jd_results *results);

/** Where an item comes from: "Title › Section › Subsection". */
char *jd_item_place(const jd_item *item);

/** One source of an answer: number, id, place, file, and a picture's caption and drawing. */
void jd_print_source(const jd_cli *cli, jd_kb *kb, int number, const jd_item *item);

#endif
