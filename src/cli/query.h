/* What the commands that search have in common: their options, the question, the knowledge base. */
#ifndef JD_CLI_QUERY_H
#define JD_CLI_QUERY_H

#include "cli/command.h"

#include <jackdaw.h>

/** The tables of options: what is looked for, and which items may be found. */
extern const jd_option jd_query_options[];
extern const jd_option jd_filter_options[];

/** Options of a search, read from the command's values, which must outlive them. */
typedef struct jd_query_args {
    jd_search_options search;
    float *embedding; /* owned: what search.embedding points to */
} jd_query_args;

gboolean jd_query_args_read(jd_query_args *args, const jd_cli *cli, GError **error);
void jd_query_args_clear(jd_query_args *args);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_query_args, jd_query_args_clear)

/** Only the filter of the options --title, --section, --type, --since and --collection. */
gboolean jd_query_filter_read(jd_filter *filter, const jd_cli *cli, GError **error);

/**
 * The question that the command's words make; `-` alone is read from standard input, up to
 * JD_LIMIT_QUERY_BYTES. "" where there are no words. JD_ERROR_INVALID where it is no UTF-8.
 */
char *jd_query_text(const jd_cli *cli, GError **error);

/** What the global options say of opening the knowledge base. */
jd_kb_options jd_cli_kb_options(const jd_cli *cli);

/** Opens the knowledge base of the global options. For writing it is made where it is absent. */
jd_kb *jd_cli_open(const jd_cli *cli, jd_kb_mode mode, GError **error);
/** The same for writing to one that must exist. */
jd_kb *jd_cli_open_existing(const jd_cli *cli, GError **error);

#endif
