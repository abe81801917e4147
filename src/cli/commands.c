/* The table of commands. */
#include "cli/command.h"

#include "base/error.h"
#include "base/limits.h"
#include "cli/cmd.h"

#include <string.h>

const jd_command *const jd_commands[] = {
    /* the main job */
    &jd_command_ingest,
    &jd_command_search,
    &jd_command_ask,
    &jd_command_chat,
    &jd_command_serve,
    &jd_command_mcp,
    /* the knowledge base */
    &jd_command_ls,
    &jd_command_show,
    &jd_command_rm,
    &jd_command_verify,
    &jd_command_backup,
    &jd_command_embed,
    &jd_command_import_article,
    &jd_command_export,
    /* models */
    &jd_command_model,
    &jd_command_encode,
    &jd_command_rerank,
    /* the program */
    &jd_command_doctor,
    &jd_command_help,
    &jd_command_version,
    &jd_command_generate,
    NULL,
};

const jd_option jd_global_options[] = {
    {"kb", 0, JD_OPTION_FILE, "FILE",
     "the knowledge base (default: $XDG_DATA_HOME/jackdaw/default.db)", .variable = "JACKDAW_KB"},
    {"collection", 0, JD_OPTION_TEXT, "NAME",
     "the collection of documents to work on (default: \"default\" for writing, all for searching)",
     .variable = "JACKDAW_COLLECTION"},
    {"json", 0, JD_OPTION_FLAG, NULL, "print results and errors as JSON"},
    {"quiet", 'q', JD_OPTION_FLAG, NULL, "no progress bars and notes on standard error",
     .variable = "JACKDAW_QUIET"},
    {"offline", 0, JD_OPTION_FLAG, NULL,
     "never use the network; model servers on this machine are still asked",
     .variable = "JACKDAW_OFFLINE"},
    {"threads", 0, JD_OPTION_INTEGER, "N", "work in at most N threads (0: one for each core)",
     .max = JD_LIMIT_THREADS, .variable = "JACKDAW_THREADS"},
    {"text-model", 0, JD_OPTION_TEXT, "NAME",
     "the encoder of texts: an installed model or a model folder; 'none' for search by words alone "
     "(default: the best of those installed)",
     .variable = "JACKDAW_TEXT_MODEL"},
    {"image-model", 0, JD_OPTION_TEXT, "NAME",
     "the encoder of pictures, CLIP or SigLIP, in the same way", .variable = "JACKDAW_IMAGE_MODEL"},
    {"reader", 0, JD_OPTION_FILE, "FILE",
     "the program jackdaw-reader (default: beside jackdaw, then where it was installed)",
     .variable = "JACKDAW_READER"},
    {"help", 'h', JD_OPTION_FLAG, NULL, "print help and end"},
    {"version", 'V', JD_OPTION_FLAG, NULL, "print the version and end"},
    JD_OPTION_END,
};

const char *jd_command_last_name(const jd_command *command)
{
    const char *space = strrchr(command->name, ' ');
    return space ? space + 1 : command->name;
}

const jd_command *jd_command_part(const jd_command *command, const char *name)
{
    for (gsize i = 0; command->parts && command->parts[i]; i++)
        if (g_str_equal(jd_command_last_name(command->parts[i]), name))
            return command->parts[i];
    return NULL;
}

const jd_command *jd_command_find(const char *name)
{
    g_auto(GStrv) words = g_strsplit(name, " ", 2);
    for (gsize i = 0; words[0] && jd_commands[i]; i++)
        if (g_str_equal(jd_commands[i]->name, words[0]))
            return words[1] ? jd_command_part(jd_commands[i], words[1]) : jd_commands[i];
    return NULL;
}

static const jd_option *find_in_table(const jd_option *table, const char *name)
{
    for (; table->name; table++)
        if (g_str_equal(table->name, name))
            return table;
    return NULL;
}

const jd_option *jd_command_option(const jd_command *command, const char *name)
{
    for (gsize i = 0; command && i < JD_COMMAND_TABLES && command->options[i]; i++) {
        const jd_option *option = find_in_table(command->options[i], name);
        if (option)
            return option;
    }
    return find_in_table(jd_global_options, name);
}

void jd_command_each_option(const jd_command *command, jd_option_fn each, void *user)
{
    for (gsize i = 0; command && i < JD_COMMAND_TABLES && command->options[i]; i++)
        for (const jd_option *option = command->options[i]; option->name; option++)
            each(option, user);
}

static void add_name(const jd_option *option, void *user)
{
    g_ptr_array_add(user, (gpointer)option->name);
}

const char **jd_command_option_names(const jd_command *command)
{
    GPtrArray *names = g_ptr_array_new();
    jd_command_each_option(command, add_name, names);
    for (const jd_option *option = jd_global_options; option->name; option++)
        add_name(option, names);
    g_ptr_array_add(names, NULL);
    return (const char **)g_ptr_array_free(names, FALSE);
}

void jd_command_set_unknown(const jd_command *parent, const char *name, GError **error)
{
    const jd_command *const *commands = parent ? parent->parts : jd_commands;
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (gsize i = 0; commands[i]; i++)
        if (!commands[i]->hidden)
            g_ptr_array_add(names, (gpointer)jd_command_last_name(commands[i]));
    g_ptr_array_add(names, NULL);
    const char *of = parent ? parent->name : "";
    const char *space = parent ? " " : "";
    const char *near = jd_nearest_word(name, (const char *const *)names->pdata);
    g_autofree char *hint = near     ? g_strdup_printf("did you mean '%s%s%s'?", of, space, near)
                            : parent ? g_strdup_printf("'jackdaw help %s' lists its commands", of)
                                     : g_strdup("'jackdaw --help' lists the commands");
    jd_set_error(error, JD_ERROR_USAGE, hint, "unknown command '%s%s%s'", of, space, name);
}
