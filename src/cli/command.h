/*
 * The commands of `jackdaw`: one file and one entry of the table each.
 *
 * Help, the man page, the shell completions and the check of the settings file are all made from
 * this table. A new command is a new cmd_<name>.c with a `const jd_command`, and a line in
 * commands.c. A command with parts ("model": "model pull", "model add") does nothing of its own.
 */
#ifndef JD_CLI_COMMAND_H
#define JD_CLI_COMMAND_H

#include "cli/option.h"
#include "cli/terminal.h"

/** How the program ends: promises to scripts. */
typedef enum jd_exit {
    JD_EXIT_DONE = 0,
    JD_EXIT_FAILED = 1,
    JD_EXIT_USAGE = 2,
    JD_EXIT_SKIPPED = 3, /* done, but some input was skipped */
    JD_EXIT_NOTHING = 4, /* nothing relevant found */
    JD_EXIT_INTERRUPTED = 130
} jd_exit;

typedef struct jd_command jd_command;

/** One run of a command. */
typedef struct jd_cli {
    const jd_command *command;
    const jd_values *values; /* of the command's options and the global ones */
    char *const *words;      /* what is not an option; NULL-terminated */
    gboolean json, quiet;
    jd_terminal out; /* standard output: results, and nothing else */
    jd_terminal err; /* standard error */
} jd_cli;

typedef struct jd_example {
    const char *line; /* what to type */
    const char *what; /* what it does; one line */
} jd_example;

enum { JD_COMMAND_TABLES = 4 };

struct jd_command {
    const char *name;
    const char *summary;                         /* one line, without a full stop */
    const char *arguments;                       /* as usage shows them: "PATH...", or NULL */
    int min_words;                               /* how many words it needs */
    int max_words;                               /* -1: any number */
    const char *about;                           /* paragraphs, separated by empty lines */
    const jd_option *options[JD_COMMAND_TABLES]; /* its tables of options; NULL after the last */
    const jd_example *examples;                  /* ends with a NULL line; or NULL */
    const jd_command *settings_like; /* whose section of the settings file holds too, or NULL */
    gboolean without_settings;       /* works whatever the settings file says */
    gboolean hidden;                 /* not in help */
    const jd_command *const *parts;  /* its commands, whose names begin with its own and a space;
                                        NULL after the last; or NULL */
    char **(*complete)(void);        /* the words that it takes, for completions; NULL: files */
    const char *offer; /* instead: what `jackdaw generate` prints them by at that time; folders are
                          offered too where `arguments` has FOLDER; or NULL */
    /** Returns how the program ends; with `error` set, the error decides. */
    jd_exit (*run)(jd_cli *cli, GError **error);
};

/** All commands in the order of help; NULL after the last. */
extern const jd_command *const jd_commands[];
/** The options that every command has. */
extern const jd_option jd_global_options[];

/** NULL where there is none of that name; a part has its whole name ("model pull"). */
const jd_command *jd_command_find(const char *name);
/** The part of that name ("pull") of a command with parts, or NULL. */
const jd_command *jd_command_part(const jd_command *command, const char *name);
/** The name of a command as it is typed last: "pull" of "model pull". */
const char *jd_command_last_name(const jd_command *command);
/** The command's option of that name, the global ones included; NULL where there is none. `command`
 * NULL: only the global ones. */
const jd_option *jd_command_option(const jd_command *command, const char *name);
/** All names of a command's options ("kb", "threads", ...), NULL-terminated; g_free() the array. */
const char **jd_command_option_names(const jd_command *command);

/** Called for each option of a command's own tables. */
typedef void (*jd_option_fn)(const jd_option *option, void *user);
void jd_command_each_option(const jd_command *command, jd_option_fn each, void *user);

/** JD_ERROR_USAGE with the nearest command, of `parent`'s parts where it is not NULL, as the hint.
 */
void jd_command_set_unknown(const jd_command *parent, const char *name, GError **error);

#endif
