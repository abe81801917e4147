#include "server/hint.h"

#include <glib.h>
#include <string.h>

/* By their beginning. */
static const struct {
    const char *said, *instead;
} sentences[] = {
    {"leave --offline away", "use a model server on the server's own machine: it may use no other"},
    {"fetch a model that takes pictures", "have Ollama fetch a model that takes pictures"},
    {"fetch it with: jackdaw ask", "have Ollama fetch it, or name another model"},
    {"fetch one with: jackdaw ask", "have Ollama fetch one"},
    {"`jackdaw embed` makes them", "POST /api/v1/embed has them made"},
    {"`jackdaw embed` goes on", "POST /api/v1/embed goes on from here"},
    {"run `jackdaw embed`", "POST /api/v1/embed fills in missing vectors"},
    {"see `jackdaw ls`", "a search and the list of documents tell the ids that there are"},
    {"a search with --json and ls", "a search tells the id of every item that it finds"},
    {"`jackdaw model list` names", "GET /api/v1/encoders lists those that are"},
    {"`jackdaw model list --known`", "GET /api/v1/encoders lists models that are known"},
    {"see whether the name is right",
     "see whether the name is right: GET /api/v1/encoders lists models"},
    {"`jackdaw model pull NAME`", "POST /api/v1/encoders fetches one"},
};

/* Options that are parameters here, under these names. */
static const struct {
    const char *option, *parameter;
} options[] = {
    {"--query-embedding FILE", "embedding"},
    {"--query-embedding", "embedding"},
    {"--like ID", "like"},
    {"--like", "like"},
    {"--profile", "profile"},
    {"--model", "model"},
    {"--context", "context"},
    {"--threshold", "threshold"},
    {"--image FILE", "image"},
    {"--image", "image"},
};

static gboolean names_command(const char *text)
{
    for (const char *at = text; (at = strstr(at, "--")); at += strlen("--"))
        if (g_ascii_isalpha(at[2]))
            return TRUE;
    return strstr(text, "jackdaw ") != NULL;
}

char *jd_hint_for_clients(const char *hint)
{
    if (!hint)
        return NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(sentences); i++)
        if (g_str_has_prefix(hint, sentences[i].said))
            return g_strdup(sentences[i].instead);
    g_autoptr(GString) text = g_string_new(hint);
    for (gsize i = 0; i < G_N_ELEMENTS(options); i++)
        g_string_replace(text, options[i].option, options[i].parameter, 0);
    return names_command(text->str) ? NULL : g_strdup(text->str);
}
