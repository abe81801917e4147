#include "read/worker/section.h"

#include "base/text.h"

#include <string.h>

static void close_from(jd_section_path *path, int level)
{
    while (path->depth > 0 && path->levels[path->depth - 1] >= level) {
        path->depth--;
        g_clear_pointer(&path->headings[path->depth], g_free);
    }
}

void jd_section_path_enter(jd_section_path *path, int level, const char *heading)
{
    close_from(path, level);
    if (!heading || *heading == '\0')
        return;
    /* Levels are h1 to h6, so that there is always room; a caller's level 0 would use it up. */
    if (path->depth == JD_LIMIT_SECTION_DEPTH)
        close_from(path, path->levels[path->depth - 1]);
    path->headings[path->depth] = jd_text_shorten(heading, JD_LIMIT_HEADING_CHARS);
    path->levels[path->depth] = level;
    path->depth++;
}

void jd_section_path_clear(jd_section_path *path)
{
    close_from(path, G_MININT);
}

gboolean jd_section_is_title(const char *heading, const char *title)
{
    static const char *const separators[] = {"|", "-", "–", "—", "·", "•", "::", ":", "»", "«"};
    if (!title || *heading == '\0' || !g_str_has_prefix(title, heading))
        return FALSE;
    const char *rest = title + strlen(heading);
    if (*rest == '\0')
        return TRUE;
    if (*rest != ' ')
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(separators); i++)
        if (g_str_has_prefix(rest + 1, separators[i]) && rest[1 + strlen(separators[i])] == ' ')
            return TRUE;
    return FALSE;
}
