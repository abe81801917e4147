#include "hub/card.h"

#include "base/limits.h"

#include <stdio.h>
#include <string.h>

/* The beginning of a file, as text; NULL where it cannot be read. */
static char *read_beginning(const char *path)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    char *text = g_malloc0(JD_LIMIT_MODEL_CARD_BYTES + 1);
    gsize got = fread(text, 1, JD_LIMIT_MODEL_CARD_BYTES, file);
    fclose(file);
    text[got] = '\0';
    return text;
}

char *jd_model_card_licence(const char *folder)
{
    static const char key[] = "license:";
    g_autofree char *path = g_build_filename(folder, "README.md", NULL);
    g_autofree char *text = read_beginning(path);
    if (!text || !g_str_has_prefix(text, "---"))
        return NULL;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines + 1; *line && !g_str_has_prefix(*line, "---"); line++) {
        if (!g_str_has_prefix(*line, key))
            continue;
        g_autofree char *value = g_utf8_make_valid(*line + strlen(key), -1);
        g_strstrip(g_strdelimit(value, "\"'", ' '));
        return *value ? g_steal_pointer(&value) : NULL;
    }
    return NULL;
}
