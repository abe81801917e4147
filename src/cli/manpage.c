/* jackdaw(1), in the man macros. */
#include "cli/generate.h"
#include "cli/help.h"

#include <jackdaw.h>
#include <string.h>

/* Text of ours as roff: nothing in it is a request or an escape, hyphens are what one types. */
static void put(FILE *out, const char *text)
{
    gboolean at_start = TRUE;
    for (const char *p = text; *p; p++) {
        if (at_start && (*p == '.' || *p == '\''))
            fputs("\\&", out);
        if (*p == '\\')
            fputs("\\e", out);
        else if (*p == '-')
            fputs("\\-", out);
        else if (*p == '\'')
            fputs("\\(aq", out);
        else
            fputc(*p, out);
        at_start = *p == '\n';
    }
}

static void put_line(FILE *out, const char *text)
{
    put(out, text);
    fputc('\n', out);
}

/* A request with its text in quotes: `.B "text"`. */
static void put_request(FILE *out, const char *request, const char *text)
{
    fprintf(out, ".%s \"", request);
    put(out, text);
    fputs("\"\n", out);
}

static void put_paragraphs(FILE *out, const char *text)
{
    g_auto(GStrv) paragraphs = g_strsplit(text, "\n\n", -1);
    for (char **paragraph = paragraphs; *paragraph; paragraph++) {
        if (paragraph != paragraphs)
            fputs(".PP\n", out);
        put_line(out, *paragraph);
    }
}

static void put_option(const jd_option *option, void *user)
{
    FILE *out = user;
    g_autofree char *usage = jd_option_usage(option);
    fputs(".TP\n", out);
    put_request(out, "B", usage);
    put_line(out, option->help);
    if (option->variable) {
        fputs("Environment variable: ", out);
        put(out, option->variable);
        fputs(".\n", out);
    }
}

static void put_examples(FILE *out, const jd_example *examples)
{
    fputs(".PP\nExamples:\n", out);
    for (; examples->line; examples++) {
        fputs(".PP\n.RS 4\n.EX\n", out);
        put_line(out, examples->line);
        fputs(".EE\n.RE\n.RS 8\n", out);
        put_line(out, examples->what);
        fputs(".RE\n", out);
    }
}

static void put_command(FILE *out, const jd_command *command)
{
    g_autofree char *usage = g_strdup_printf(
        "jackdaw %s%s%s%s", command->name, command->options[0] ? " [OPTIONS]" : "",
        command->arguments ? " " : "", command->arguments ? command->arguments : "");
    put_request(out, "SS", usage);
    put_paragraphs(out, command->about);
    jd_command_each_option(command, put_option, out);
    if (command->examples)
        put_examples(out, command->examples);
}

/* Of a command with parts those stand there, not itself. */
static void put_commands(FILE *out, const jd_command *const *commands)
{
    for (gsize i = 0; commands[i]; i++) {
        if (commands[i]->parts)
            put_commands(out, commands[i]->parts);
        else if (!commands[i]->hidden)
            put_command(out, commands[i]);
    }
}

static void put_head(FILE *out)
{
    fprintf(out, ".TH JACKDAW 1 \"\" \"Jackdaw %s\" \"User Commands\"\n", jd_version());
    fputs(".SH NAME\njackdaw \\- ", out);
    put_line(out, jd_program_summary);
    fputs(".SH SYNOPSIS\n.B jackdaw\n[OPTIONS] COMMAND [ARGUMENTS]\n.SH DESCRIPTION\n", out);
    put_paragraphs(
        out,
        "Jackdaw reads files into a knowledge base, keeps their text and their pictures with where "
        "they came from, finds the evidence for a question, and answers from it, with numbered "
        "sources and the pictures beside the answer. The knowledge base is one file, and nothing "
        "leaves the machine unless you ask for it.\n\n"
        "Results go to standard output, everything else to standard error. Progress bars are "
        "shown on a terminal only, and NO_COLOR is obeyed.");
}

static void put_files(FILE *out)
{
    static const struct {
        const char *path, *what;
    } files[] = {
        {"$XDG_DATA_HOME/jackdaw/default.db", "the knowledge base where none is named"},
        {"$XDG_DATA_HOME/jackdaw/models", "the models, where JACKDAW_MODELS names no other folder"},
        {"$XDG_CONFIG_HOME/jackdaw/config.ini",
         "the settings. Every option can be set there: the global ones under [jackdaw], a "
         "command's own under its name, as in \"[search]\" and \"k = 20\"; a flag is true or "
         "false. What [ask] does not set holds from [search], and what [chat] does not set from "
         "[ask]. The command line wins, then the environment, then this file; --no-NAME takes a "
         "flag back"},
        {"$XDG_STATE_HOME/jackdaw/chat_history", "what was typed into jackdaw chat"},
    };
    fputs(".SH FILES\n", out);
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        fputs(".TP\n", out);
        put_request(out, "I", files[i].path);
        put(out, files[i].what);
        fputs(".\n", out);
    }
}

static void put_environment(FILE *out)
{
    static const struct {
        const char *name, *what;
    } variables[] = {
        {"OLLAMA_HOST", "address of the Ollama server (default: 127.0.0.1:11434)"},
        {"OPENAI_BASE_URL, OPENAI_API_KEY", "an OpenAI-compatible server"},
        {"HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE",
         "the hub that models are fetched from, what it is given to know you by, and whether it "
         "may not be asked"},
        {"NO_COLOR", "no colour, where it is set and not empty"},
    };
    fputs(".SH ENVIRONMENT\nVariables of single options stand with those.\n", out);
    for (gsize i = 0; i < G_N_ELEMENTS(variables); i++) {
        fputs(".TP\n", out);
        put_request(out, "B", variables[i].name);
        put(out, variables[i].what);
        fputs(".\n", out);
    }
}

void jd_generate_man(FILE *out)
{
    put_head(out);
    fputs(".SH COMMANDS\n", out);
    put_commands(out, jd_commands);
    fputs(".SH OPTIONS OF EVERY COMMAND\n", out);
    for (const jd_option *option = jd_global_options; option->name; option++)
        put_option(option, out);
    fputs(".SH EXIT STATUS\n", out);
    for (const jd_exit_meaning *exit = jd_exit_meanings; exit->meaning; exit++)
        fprintf(out, ".TP\n.B %d\n%s.\n", exit->status, exit->meaning);
    put_files(out);
    put_environment(out);
}
