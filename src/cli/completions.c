/* Completions for bash, zsh and fish: commands, options, and what options take. */
#include "cli/command.h"
#include "cli/generate.h"

#include <string.h>

/* Called for each option that a command can have, the global ones included. */
static void each_option(const jd_command *command, jd_option_fn each, void *user)
{
    jd_command_each_option(command, each, user);
    for (const jd_option *option = jd_global_options; option->name; option++)
        each(option, user);
}

/* In single quotes, as all three shells read it. */
static char *quote(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "'", -1);
    g_autofree char *inner = g_strjoinv("'\\''", parts);
    return g_strconcat("'", inner, "'", NULL);
}

/* A command that takes the words of its `offer` may take folders, too. */
static gboolean takes_folders(const jd_command *command)
{
    return strstr(command->arguments, "FOLDER") != NULL;
}

/* ---- bash ---- */

static void bash_name(const jd_option *option, void *user)
{
    fprintf(user, " %s%s", strlen(option->name) == 1 ? "-" : "--", option->name);
}

static void bash_value(const jd_option *option, void *user)
{
    if (option->kind == JD_OPTION_FLAG)
        return;
    FILE *out = user;
    fprintf(out, "        --%s", option->name);
    if (option->letter)
        fprintf(out, "|-%c", option->letter);
    fputs(") ", out);
    if (option->kind == JD_OPTION_CHOICE) {
        g_autofree char *words = g_strdelimit(g_strdup(option->argument), "|", ' ');
        fprintf(out, "words='%s' ;;\n", words);
    } else if (option->kind == JD_OPTION_FILE) {
        fputs("files=1 ;;\n", out);
    } else {
        fputs("return ;;\n", out);
    }
}

/* The words that stand behind a command: those of its parts, its own, or none. */
static char *words_of(const jd_command *command)
{
    g_auto(GStrv) own = command->complete ? command->complete() : NULL;
    if (own)
        return g_strjoinv(" ", own);
    GString *words = g_string_new(NULL);
    for (gsize i = 0; command->parts && command->parts[i]; i++)
        g_string_append_printf(words, "%s%s", words->len ? " " : "",
                               jd_command_last_name(command->parts[i]));
    return g_string_free(words, FALSE);
}

static char *command_names(void)
{
    GString *names = g_string_new(NULL);
    for (gsize i = 0; jd_commands[i]; i++)
        if (!jd_commands[i]->hidden)
            g_string_append_printf(names, "%s%s", names->len ? " " : "", jd_commands[i]->name);
    return g_string_free(names, FALSE);
}

static void bash_command(FILE *out, const jd_command *command)
{
    g_autofree char *words =
        g_str_equal(command->name, "help") ? command_names() : words_of(command);
    fprintf(out, "    '%s')\n", command->name);
    if (command->offer)
        fprintf(out,
                "        words=\" $(\"${COMP_WORDS[0]}\" generate %s 2>/dev/null)\" folders=%s\n",
                command->offer, takes_folders(command) ? "1" : "");
    else
        fprintf(out, "        words='%s'\n", words);
    fputs("        options='", out);
    each_option(command, bash_name, out);
    fputs("'\n        case \"$before\" in\n", out);
    each_option(command, bash_value, out);
    fputs("        esac ;;\n", out);
    for (gsize i = 0; command->parts && command->parts[i]; i++)
        bash_command(out, command->parts[i]);
}

static void bash_names(FILE *out, const jd_command *const *commands, const char *bar)
{
    for (gsize i = 0; commands[i]; i++) {
        if (commands[i]->hidden)
            continue;
        fprintf(out, "%s'%s'", bar, commands[i]->name);
        bar = "|";
        if (commands[i]->parts)
            bash_names(out, commands[i]->parts, bar);
    }
}

void jd_generate_bash(FILE *out)
{
    g_autofree char *names = command_names();
    fputs("# bash completion for jackdaw; made by `jackdaw generate bash`\n"
          "_jackdaw()\n{\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
          "    local command= words= files= folders= options= i\n"
          "    [ \"$before\" = = ] && before=${COMP_WORDS[COMP_CWORD-2]}\n"
          "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
          "        case \"$command${command:+ }${COMP_WORDS[i]}\" in\n        ",
          out);
    bash_names(out, jd_commands, "");
    fputs(") command=\"$command${command:+ }${COMP_WORDS[i]}\" ;;\n        esac\n    done\n"
          "    case \"$command\" in\n",
          out);
    for (gsize i = 0; jd_commands[i]; i++)
        if (!jd_commands[i]->hidden)
            bash_command(out, jd_commands[i]);
    fputs("    '')\n        options='", out);
    each_option(NULL, bash_name, out);
    fprintf(out, "'\n        words='%s'\n        case \"$before\" in\n", names);
    each_option(NULL, bash_value, out);
    fputs("        esac ;;\n    esac\n"
          "    case \"$word\" in\n"
          "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
          "    *)\n"
          "        [ \"$word\" = = ] && word=\n"
          "        if [ -n \"$words\" ] && [ -z \"$files\" ]; then\n"
          "            COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
          "            [ -z \"$folders\" ] || COMPREPLY+=($(compgen -d -- \"$word\"))\n"
          "        else\n"
          "            compopt -o filenames 2>/dev/null\n"
          "            local IFS=$'\\n'\n"
          "            COMPREPLY=($(compgen -f -- \"$word\"))\n"
          "        fi ;;\n"
          "    esac\n}\n"
          "complete -F _jackdaw jackdaw\n",
          out);
}

/* ---- zsh ---- */

static char *zsh_help(const jd_option *option)
{
    GString *text = g_string_new(NULL);
    for (const char *p = option->help; *p; p++) {
        if (strchr("[]:\\", *p))
            g_string_append_c(text, '\\');
        g_string_append_c(text, *p);
    }
    return g_string_free(text, FALSE);
}

static void zsh_option(const jd_option *option, void *user)
{
    g_autofree char *help = zsh_help(option);
    g_autofree char *action = NULL;
    if (option->kind == JD_OPTION_FLAG) {
        action = g_strdup("");
    } else if (option->kind == JD_OPTION_CHOICE) {
        g_autofree char *words = g_strdelimit(g_strdup(option->argument), "|", ' ');
        action = g_strdup_printf(":%s:(%s)", option->name, words);
    } else {
        action =
            g_strdup_printf(":%s:%s", option->name, option->kind == JD_OPTION_FILE ? "_files" : "");
    }
    const char *dashes = strlen(option->name) == 1 ? "-" : "--";
    g_autofree char *one = g_strdup_printf("%s%s[%s]%s", dashes, option->name, help, action);
    g_autofree char *quoted = quote(one);
    fprintf(user, " \\\n            %s", quoted);
    if (option->letter && strlen(option->name) > 1) {
        g_autofree char *letter = g_strdup_printf("-%c[%s]%s", option->letter, help, action);
        g_autofree char *quoted_letter = quote(letter);
        fprintf(user, " \\\n            %s", quoted_letter);
    }
}

/* What one word behind the command may be. */
static char *zsh_action(const jd_command *command)
{
    g_autofree char *words = words_of(command);
    if (g_str_equal(command->name, "help"))
        return g_strdup("_jackdaw_commands");
    if (command->offer)
        return g_strdup_printf("{compadd -- ${(f)\"$(jackdaw generate %s 2>/dev/null)\"}%s}",
                               command->offer, takes_folders(command) ? "; _files -/" : "");
    return *words ? g_strdup_printf("(%s)", words) : g_strdup("_files");
}

static void zsh_command(FILE *out, const jd_command *command)
{
    g_autofree char *action = zsh_action(command);
    fprintf(out, "    %s)\n        _arguments%s", jd_command_last_name(command),
            command->parts ? " -C" : "");
    each_option(command, zsh_option, out);
    if (!command->parts) {
        fprintf(out, " \\\n            '*:argument:%s' ;;\n", action);
        return;
    }
    fprintf(out,
            " \\\n            '1:command:%s' '*::argument:->part'\n"
            "    [[ $state == part ]] || return\n    case $line[1] in\n",
            action);
    for (gsize i = 0; command->parts[i]; i++)
        zsh_command(out, command->parts[i]);
    fputs("    esac ;;\n", out);
}

void jd_generate_zsh(FILE *out)
{
    fputs("#compdef jackdaw\n# made by `jackdaw generate zsh`\n"
          "_jackdaw_commands() {\n    local -a commands=(\n",
          out);
    for (gsize i = 0; jd_commands[i]; i++) {
        if (jd_commands[i]->hidden)
            continue;
        g_autofree char *pair =
            g_strdup_printf("%s:%s", jd_commands[i]->name, jd_commands[i]->summary);
        g_autofree char *quoted = quote(pair);
        fprintf(out, "        %s\n", quoted);
    }
    fputs("    )\n    _describe -t commands command commands\n}\n"
          "_jackdaw() {\n    local context state state_descr line\n    typeset -A opt_args\n"
          "    _arguments -C",
          out);
    each_option(NULL, zsh_option, out);
    fputs(" \\\n            '1:command:_jackdaw_commands' '*::argument:->argument'\n"
          "    [[ $state == argument ]] || return\n    case $line[1] in\n",
          out);
    for (gsize i = 0; jd_commands[i]; i++)
        if (!jd_commands[i]->hidden)
            zsh_command(out, jd_commands[i]);
    fputs("    esac\n}\n_jackdaw \"$@\"\n", out);
}

/* ---- fish ---- */

typedef struct fish_scope {
    FILE *out;
    const char *condition;
} fish_scope;

static void fish_option(const jd_option *option, void *user)
{
    const fish_scope *scope = user;
    fprintf(scope->out, "complete -c jackdaw -n %s", scope->condition);
    if (option->letter)
        fprintf(scope->out, " -s %c", option->letter);
    if (strlen(option->name) > 1)
        fprintf(scope->out, " -l %s", option->name);
    if (option->kind == JD_OPTION_CHOICE) {
        g_autofree char *words = g_strdelimit(g_strdup(option->argument), "|", ' ');
        fprintf(scope->out, " -x -a '%s'", words);
    } else if (option->kind == JD_OPTION_FILE) {
        fputs(" -r -F", scope->out);
    } else if (option->kind != JD_OPTION_FLAG) {
        fputs(" -x", scope->out);
    }
    g_autofree char *help = quote(option->help);
    fprintf(scope->out, " -d %s\n", help);
}

/* When the command is what is being typed: a part may have the name of another command. */
static char *fish_condition(const jd_command *command, const jd_command *parent)
{
    if (parent)
        return g_strdup_printf(
            "'__fish_seen_subcommand_from %s; and __fish_seen_subcommand_from %s'", parent->name,
            jd_command_last_name(command));
    GString *parents = g_string_new(NULL);
    for (gsize i = 0; jd_commands[i]; i++)
        if (jd_commands[i]->parts && jd_command_part(jd_commands[i], command->name))
            g_string_append_printf(parents, "; and not __fish_seen_subcommand_from %s",
                                   jd_commands[i]->name);
    char *condition =
        g_strdup_printf("'__fish_seen_subcommand_from %s%s'", command->name, parents->str);
    g_string_free(parents, TRUE);
    return condition;
}

/* Offers the words of a command: its parts with their summaries, or what it takes. */
static void fish_words(FILE *out, const jd_command *command, const char *condition)
{
    g_auto(GStrv) words = command->complete ? command->complete() : NULL;
    for (char **word = words; word && *word; word++)
        fprintf(out, "complete -c jackdaw -f -n %s -a %s\n", condition, *word);
    if (command->offer)
        fprintf(out, "complete -c jackdaw %s-n %s -a '(jackdaw generate %s 2>/dev/null)'\n",
                takes_folders(command) ? "" : "-f ", condition, command->offer);
    g_autofree char *names = words_of(command);
    for (gsize i = 0; command->parts && command->parts[i]; i++) {
        g_autofree char *summary = quote(command->parts[i]->summary);
        fprintf(out,
                "complete -c jackdaw -f -n '__fish_seen_subcommand_from %s; and not "
                "__fish_seen_subcommand_from %s' -a %s -d %s\n",
                command->name, names, jd_command_last_name(command->parts[i]), summary);
    }
}

static void fish_command(FILE *out, const jd_command *command, const jd_command *parent)
{
    g_autofree char *condition = fish_condition(command, parent);
    fish_scope own = {.out = out, .condition = condition};
    fish_words(out, command, condition);
    jd_command_each_option(command, fish_option, &own);
    for (gsize i = 0; command->parts && command->parts[i]; i++)
        fish_command(out, command->parts[i], command);
}

void jd_generate_fish(FILE *out)
{
    fputs("# fish completion for jackdaw; made by `jackdaw generate fish`\n", out);
    fish_scope global = {.out = out, .condition = "true"};
    each_option(NULL, fish_option, &global);
    for (gsize i = 0; jd_commands[i]; i++) {
        if (jd_commands[i]->hidden)
            continue;
        g_autofree char *summary = quote(jd_commands[i]->summary);
        fprintf(out, "complete -c jackdaw -f -n __fish_use_subcommand -a %s -d %s\n",
                jd_commands[i]->name, summary);
        fish_command(out, jd_commands[i], NULL);
    }
}
