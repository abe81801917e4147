#include "base/remedy.h"

#include <string.h>

const jd_remedy jd_remedies[] = {
    {JD_REMEDY_FETCH_VISION, "have Ollama fetch a model that takes pictures"},
    {JD_REMEDY_FETCH_NAMED, "have Ollama fetch it, or name another model"},
    {JD_REMEDY_FETCH_ONE, "have Ollama fetch one"},
    {JD_REMEDY_EMBED_MAKES, "POST /api/v1/embed has them made"},
    {JD_REMEDY_EMBED_GOES_ON, "POST /api/v1/embed goes on from here"},
    {JD_REMEDY_EMBED_MISSING, "POST /api/v1/embed fills in missing vectors"},
    {JD_REMEDY_EMBED_FIRST, "have the items embedded first: POST /api/v1/embed"},
    {JD_REMEDY_LIST_DOCUMENTS, "a search and the list of documents tell the ids that there are"},
    {JD_REMEDY_LIST_ITEMS, "a search and the documents tell the ids that there are"},
    {JD_REMEDY_SEARCH_IDS, "a search tells the id of every item that it finds"},
    {JD_REMEDY_MODELS_RUN, "GET /api/v1/encoders lists models that it runs"},
    {JD_REMEDY_MODELS_KNOWN,
     "GET /api/v1/encoders lists models that are known; any other is OWNER/NAME"},
    {JD_REMEDY_MODELS_NAME, "see whether the name is right: GET /api/v1/encoders lists models"},
    {JD_REMEDY_MODELS_INSTALLED, "GET /api/v1/encoders lists those that are"},
    {JD_REMEDY_PULL_ENCODER, "POST /api/v1/encoders fetches one"},
    {JD_REMEDY_PULL_RERANKER, "POST /api/v1/encoders fetches one"},
    {JD_REMEDY_MODEL_AS_FILES, NULL},
    {JD_REMEDY_RESTORE, NULL},
    {JD_REMEDY_RESTORE_OR_INGEST, NULL},
    {JD_REMEDY_INGEST_FILLS, NULL},
    {JD_REMEDY_INGEST_UPDATES, NULL},
    {JD_REMEDY_INGEST_MAKES, NULL},
    {NULL, NULL},
};

/* Where the remedy's words end that begin at `at`; NULL where others stand there. */
static const char *end_of(const char *at, const char *command)
{
    const char *name = strstr(command, "%s");
    gsize before = name ? (gsize)(name - command) : strlen(command);
    if (strncmp(at, command, before) != 0)
        return NULL;
    const char *after = name ? name + strlen("%s") : "";
    const char *rest = strstr(at + before, after);
    return rest ? rest + strlen(after) : NULL;
}

static const jd_remedy *find(const char *at, const char **end)
{
    for (const jd_remedy *remedy = jd_remedies; remedy->command; remedy++)
        if ((*end = end_of(at, remedy->command)))
            return remedy;
    return NULL;
}

char *jd_remedy_for_clients(const char *text)
{
    g_autoptr(GString) out = g_string_new(NULL);
    for (const char *at = text, *end; *at; at = end) {
        const jd_remedy *remedy = find(at, &end);
        if (remedy && !remedy->client)
            return NULL;
        if (!remedy)
            end = at + 1;
        g_string_append_len(out, remedy ? remedy->client : at,
                            remedy ? (gssize)strlen(remedy->client) : 1);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}
