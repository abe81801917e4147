/* What `ask` and `chat` have in common: their options, and a model that is not there yet. */
#ifndef JD_CLI_ASK_OPTIONS_H
#define JD_CLI_ASK_OPTIONS_H

#include "cli/query.h"

extern const jd_option jd_answer_options[];

/** For commands that can wait for a model: see jd_ask_fetch_model(). */
#define JD_PULL_OPTION                                                                             \
    {                                                                                              \
        "pull", 0, JD_OPTION_FLAG, NULL, "have Ollama fetch the model where it is not there yet"   \
    }

/** The options of an answer; `query` holds those of its search and must outlive them. */
jd_ask_options jd_ask_options_read(const jd_cli *cli, const jd_query_args *query);

/**
 * After a failed answer: where it failed because the model is not there, asks on a terminal whether
 * it is to be fetched (--pull is a yes), and fetches it with a progress bar. TRUE where it is there
 * now: `error` is cleared, ask again. FALSE with `error` as it was, or as the fetching failed.
 */
gboolean jd_ask_fetch_model(const jd_cli *cli, const jd_ask_options *options, GError **error);

#endif
