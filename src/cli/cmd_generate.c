/* jackdaw generate: what the build installs beside the program. */
#include "base/error.h"
#include "cli/cmd.h"
#include "cli/generate.h"
#include "embed/models.h"

/* What completions offer where a command takes an installed model. */
static void print_models(FILE *out)
{
    g_auto(GStrv) names = jd_models_names();
    for (char **name = names; *name; name++)
        fprintf(out, "%s\n", *name);
}

static const struct {
    const char *name;
    void (*generate)(FILE *out);
} targets[] = {
    {"man", jd_generate_man},   {"bash", jd_generate_bash}, {"zsh", jd_generate_zsh},
    {"fish", jd_generate_fish}, {"models", print_models},
};

static jd_exit run(jd_cli *cli, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(targets); i++)
        if (g_str_equal(targets[i].name, cli->words[0])) {
            targets[i].generate(cli->out.file);
            return JD_EXIT_DONE;
        }
    jd_set_error(error, JD_ERROR_USAGE, NULL, "expected man, bash, zsh, fish or models, found '%s'",
                 cli->words[0]);
    return JD_EXIT_USAGE;
}

const jd_command jd_command_generate = {
    .name = "generate",
    .summary = "the man page and shell completions",
    .arguments = "man|bash|zsh|fish|models",
    .min_words = 1,
    .max_words = 1,
    .about = "Prints the manual page or the completions of a shell, made from the same table as "
             "this help. Installing puts them in their places. `models` prints the names of the "
             "installed models, which completions offer.",
    .hidden = TRUE,
    .without_settings = TRUE,
    .run = run,
};
