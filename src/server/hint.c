#include "server/hint.h"

#include "base/remedy.h"

#include <glib.h>
#include <string.h>

/* Options that are parameters here, under these names, and what is said of another one. */
static const struct {
    const char *option, *parameter;
} options[] = {
    {"leave --offline away, or use a server on this machine",
     "use a model server on the server's own machine: it may use no other"},
    {"leave --offline away, or use a model on this machine",
     "use a model server on the server's own machine: it may use no other"},
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
    g_autofree char *said = jd_remedy_for_clients(hint);
    if (!said)
        return NULL;
    g_autoptr(GString) text = g_string_new(said);
    for (gsize i = 0; i < G_N_ELEMENTS(options); i++)
        g_string_replace(text, options[i].option, options[i].parameter, 0);
    return names_command(text->str) ? NULL : g_strdup(text->str);
}

char *jd_note_for_clients(const char *note)
{
    char *said = jd_remedy_for_clients(note);
    return said ? said : g_strdup(note);
}

json_t *jd_notes_for_clients(json_t *json)
{
    json_t *notes = json_object_get(json, "notes");
    size_t i;
    json_t *note;
    json_array_foreach(notes, i, note)
    {
        g_autofree char *said = jd_note_for_clients(json_string_value(note));
        json_array_set_new(notes, i, json_string(said));
    }
    return json;
}
