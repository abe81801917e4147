#include "cli/command_line.h"

#include "base/error.h"

#include <string.h>

typedef struct line_parser {
    jd_command_line *line;
    char *const *next; /* the argument behind the one at hand */
} line_parser;

/* Keeps a value; help and version are only noted. */
static gboolean keep(line_parser *parser, const jd_option *option, const char *value,
                     const char *where, GError **error)
{
    if (!jd_values_set(parser->line->values, option, value, where, error))
        return FALSE;
    if (g_str_equal(option->name, "help"))
        parser->line->help = jd_values_flag(parser->line->values, "help");
    else if (g_str_equal(option->name, "version"))
        parser->line->version = jd_values_flag(parser->line->values, "version");
    return TRUE;
}

/* The option's value is the next argument. */
static gboolean keep_next(line_parser *parser, const jd_option *option, const char *where,
                          GError **error)
{
    const char *value = *parser->next;
    if (!value) {
        jd_set_error(error, JD_ERROR_USAGE, NULL, "%s needs a value: %s %s", where, where,
                     option->argument);
        return FALSE;
    }
    parser->next++;
    return keep(parser, option, value, where, error);
}

static void set_unknown_option(const jd_command *command, const char *name, GError **error)
{
    g_autofree const char **names = jd_command_option_names(command);
    const char *near = jd_nearest_word(name, names);
    g_autofree char *of = command ? g_strdup_printf(" of '%s'", command->name) : g_strdup("");
    g_autofree char *hint = NULL;
    if (near)
        hint = g_strdup_printf("did you mean --%s?", near);
    else if (command)
        hint = g_strdup_printf("'jackdaw help %s' lists its options", command->name);
    else
        hint = g_strdup("a command's own options stand behind it; 'jackdaw --help' lists the rest");
    jd_set_error(error, JD_ERROR_USAGE, hint, "unknown option --%s%s", name, of);
}

/* "--name", "--name=value", "--no-name"; `text` is behind the dashes. */
static gboolean parse_long(line_parser *parser, const char *text, GError **error)
{
    const jd_command *command = parser->line->command;
    const char *equals = strchr(text, '=');
    g_autofree char *name = equals ? g_strndup(text, equals - text) : g_strdup(text);
    g_autofree char *where = g_strconcat("--", name, NULL);
    const jd_option *option = jd_command_option(command, name);
    if (option && option->kind != JD_OPTION_FLAG)
        return equals ? keep(parser, option, equals + 1, where, error)
                      : keep_next(parser, option, where, error);
    if (option)
        return keep(parser, option, equals ? equals + 1 : "true", where, error);
    if (g_str_has_prefix(name, "no-") && !equals)
        option = jd_command_option(command, name + strlen("no-"));
    if (option && option->kind == JD_OPTION_FLAG)
        return keep(parser, option, "false", where, error);
    set_unknown_option(command, name, error);
    return FALSE;
}

typedef struct letter_search {
    char letter;
    const jd_option *found;
} letter_search;

static void match_letter(const jd_option *option, void *user)
{
    letter_search *search = user;
    if (option->letter == search->letter)
        search->found = option;
}

static const jd_option *find_letter(const jd_command *command, char letter)
{
    letter_search search = {.letter = letter};
    jd_command_each_option(command, match_letter, &search);
    for (const jd_option *option = jd_global_options; !search.found && option->name; option++)
        match_letter(option, &search);
    return search.found;
}

/* "-k5", "-k", "-qh"; `letters` is behind the dash. */
static gboolean parse_letters(line_parser *parser, const char *letters, GError **error)
{
    const jd_command *command = parser->line->command;
    for (; *letters; letters++) {
        const jd_option *option = find_letter(command, *letters);
        if (!option) {
            g_autofree char *letter = g_strndup(letters, g_utf8_next_char(letters) - letters);
            g_autofree char *hint =
                g_strdup_printf("'jackdaw help%s%s' lists the options", command ? " " : "",
                                command ? command->name : "");
            jd_set_error(error, JD_ERROR_USAGE, hint, "unknown option -%s%s%s", letter,
                         command ? " of " : "", command ? command->name : "");
            return FALSE;
        }
        char where[] = {'-', *letters, '\0'};
        if (option->kind != JD_OPTION_FLAG)
            return letters[1] ? keep(parser, option, letters + 1, where, error)
                              : keep_next(parser, option, where, error);
        if (!keep(parser, option, "true", where, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean parse_word(line_parser *parser, char *word, GError **error)
{
    const jd_command *parent = parser->line->command;
    if (parent && !parent->parts) {
        g_ptr_array_insert(parser->line->words, (gint)parser->line->words->len - 1, word);
        return TRUE;
    }
    const jd_command *command = parent ? jd_command_part(parent, word) : jd_command_find(word);
    if (!command) {
        jd_command_set_unknown(parent, word, error);
        return FALSE;
    }
    parser->line->command = command;
    return TRUE;
}

static gboolean check_words(const jd_command_line *line, GError **error)
{
    const jd_command *command = line->command;
    int count = (int)line->words->len - 1;
    if (!command)
        return TRUE;
    g_autofree char *usage =
        g_strdup_printf("usage: jackdaw %s%s%s", command->name, command->arguments ? " " : "",
                        command->arguments ? command->arguments : "");
    if (count < command->min_words) {
        jd_set_error(error, JD_ERROR_USAGE, usage, "'%s' needs %s", command->name,
                     command->arguments);
        return FALSE;
    }
    if (command->max_words >= 0 && count > command->max_words) {
        jd_set_error(error, JD_ERROR_USAGE, usage, "'%s' does not take '%s'", command->name,
                     (const char *)line->words->pdata[command->max_words]);
        return FALSE;
    }
    return TRUE;
}

gboolean jd_command_line_parse(jd_command_line *line, char *const *argv, GError **error)
{
    *line = (jd_command_line){.values = jd_values_new(), .words = g_ptr_array_new()};
    g_ptr_array_add(line->words, NULL);
    line_parser parser = {.line = line, .next = argv[0] ? argv + 1 : argv};
    gboolean options = TRUE;
    while (*parser.next && !line->help && !line->version) {
        char *text = *parser.next++;
        gboolean good;
        if (options && g_str_equal(text, "--")) {
            options = FALSE;
            continue;
        }
        if (options && g_str_has_prefix(text, "--"))
            good = parse_long(&parser, text + 2, error);
        else if (options && text[0] == '-' && text[1] != '\0')
            good = parse_letters(&parser, text + 1, error);
        else
            good = parse_word(&parser, text, error);
        if (!good)
            return FALSE;
    }
    /* `jackdaw --help search` is as good as `jackdaw search --help`. */
    if (line->help && !line->command && *parser.next) {
        line->command = jd_command_find(*parser.next++);
        if (line->command && line->command->parts && *parser.next &&
            jd_command_part(line->command, *parser.next))
            line->command = jd_command_part(line->command, *parser.next);
    }
    return line->help || line->version || check_words(line, error);
}

void jd_command_line_clear(jd_command_line *line)
{
    g_clear_pointer(&line->values, jd_values_free);
    g_clear_pointer(&line->words, g_ptr_array_unref);
}
