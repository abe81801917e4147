#include "cli/settings.h"

#include "base/error.h"

#define GLOBAL_SECTION "jackdaw"

char *jd_settings_path(void)
{
    return g_build_filename(g_get_user_config_dir(), "jackdaw", "config.ini", NULL);
}

/* Help and version are asked for, not set. */
static gboolean can_be_set(const jd_option *option)
{
    return !g_str_equal(option->name, "help") && !g_str_equal(option->name, "version");
}

static const jd_option *option_of_section(const char *section, const char *key)
{
    const jd_command *command =
        g_str_equal(section, GLOBAL_SECTION) ? NULL : jd_command_find(section);
    const jd_option *option = jd_command_option(command, key);
    return option && can_be_set(option) ? option : NULL;
}

static gboolean check_section_name(const char *path, const char *section, GError **error)
{
    if (g_str_equal(section, GLOBAL_SECTION) || jd_command_find(section))
        return TRUE;
    jd_set_error(error, JD_ERROR_USAGE,
                 "sections are [" GLOBAL_SECTION "] for the global options and the commands' names",
                 "%s: unknown section [%s]", path, section);
    return FALSE;
}

static void set_unknown_key(const char *path, const char *section, const char *key, GError **error)
{
    const jd_command *command = jd_command_find(section);
    g_autofree const char **names = jd_command_option_names(command);
    const char *near = jd_nearest_word(key, names);
    g_autofree char *hint = near ? g_strdup_printf("did you mean '%s'?", near) : NULL;
    jd_set_error(error, JD_ERROR_USAGE, hint, "%s: unknown key '%s' in [%s]", path, key, section);
}

static char *setting_name(const char *path, const char *section, const char *key)
{
    return g_strdup_printf("%s: %s in [%s]", path, key, section);
}

static gboolean check_section(GKeyFile *file, const char *path, const char *section, GError **error)
{
    if (!check_section_name(path, section, error))
        return FALSE;
    g_auto(GStrv) keys = g_key_file_get_keys(file, section, NULL, NULL);
    for (char **key = keys; key && *key; key++) {
        const jd_option *option = option_of_section(section, *key);
        if (!option) {
            set_unknown_key(path, section, *key, error);
            return FALSE;
        }
        g_autofree char *text = g_key_file_get_string(file, section, *key, NULL);
        g_autofree char *where = setting_name(path, section, *key);
        if (!jd_option_check(option, text ? text : "", where, NULL, error))
            return FALSE;
    }
    return TRUE;
}

static GKeyFile *load(const char *path, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autoptr(GKeyFile) file = g_key_file_new();
    if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &cause)) {
        if (!g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_NOENT) &&
            !g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_NOTDIR)) {
            jd_set_error(error, JD_ERROR_USAGE, "correct the file, or move it away", "%s: %s", path,
                         cause->message);
            return NULL;
        }
    }
    g_auto(GStrv) sections = g_key_file_get_groups(file, NULL);
    for (char **section = sections; *section; section++)
        if (!check_section(file, path, *section, error))
            return NULL;
    return g_steal_pointer(&file);
}

typedef struct settings_use {
    const jd_command *command;
    jd_values *values;
    GKeyFile *file;
    const char *path;
    GError *error; /* the first; nothing is done after it */
} settings_use;

/* The section that sets the option for the command: its own, or that of the command it is like. */
static const char *section_that_sets(const settings_use *use, const jd_option *option)
{
    for (const jd_command *c = use->command; c; c = c->settings_like)
        if (jd_command_option(c, option->name) == option &&
            g_key_file_has_key(use->file, c->name, option->name, NULL))
            return c->name;
    if (jd_command_option(NULL, option->name) == option &&
        g_key_file_has_key(use->file, GLOBAL_SECTION, option->name, NULL))
        return GLOBAL_SECTION;
    return NULL;
}

static void apply(const jd_option *option, void *user)
{
    settings_use *use = user;
    if (use->error || jd_values_has(use->values, option->name))
        return;
    const char *variable = option->variable ? g_getenv(option->variable) : NULL;
    if (variable && *variable) {
        jd_values_set(use->values, option, variable, option->variable, &use->error);
        return;
    }
    const char *section = section_that_sets(use, option);
    if (!section)
        return;
    g_autofree char *text = g_key_file_get_string(use->file, section, option->name, NULL);
    g_autofree char *where = setting_name(use->path, section, option->name);
    jd_values_set(use->values, option, text ? text : "", where, &use->error);
}

gboolean jd_settings_apply(const jd_command *command, jd_values *values, GError **error)
{
    g_autofree char *path = jd_settings_path();
    g_autoptr(GKeyFile) file = load(path, error);
    if (!file)
        return FALSE;
    settings_use use = {.command = command, .values = values, .file = file, .path = path};
    jd_command_each_option(command, apply, &use);
    for (const jd_option *option = jd_global_options; option->name; option++)
        if (can_be_set(option))
            apply(option, &use);
    if (!use.error)
        return TRUE;
    g_propagate_error(error, use.error);
    return FALSE;
}
