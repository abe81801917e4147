#include "read/worker/front_matter.h"

#include "base/text.h"
#include "read/worker/declared.h"

#include <string.h>

/* What is longer is a text that begins with a ruler. */
enum { FRONT_MATTER_BYTES = 65536 };

typedef struct reading {
    jd_document *document;
    GPtrArray *authors;  /* char * */
    gboolean any;        /* a line with a key was there */
    gboolean in_authors; /* "- a" lines name authors */
} reading;

/** The string that begins with a quote at `text`, unescaped; NULL where it does not end. */
static char *quoted_value(const char *text)
{
    char quote = *text;
    GString *value = g_string_new(NULL);
    for (const char *p = text + 1; *p; p++) {
        gboolean doubled = quote == '\'' && *p == quote && p[1] == quote;
        gboolean escaped = quote == '"' && *p == '\\' && p[1];
        if (doubled || escaped)
            p++;
        else if (*p == quote)
            return g_string_free(value, FALSE);
        g_string_append_c(value, *p);
    }
    g_string_free(value, TRUE);
    return NULL;
}

/** A copy of a value without white space, quotes and a trailing comment around it. */
static char *clean_value(const char *text, gsize length)
{
    g_autofree char *value = g_strstrip(g_strndup(text, length));
    g_autofree char *quoted = *value == '"' || *value == '\'' ? quoted_value(value) : NULL;
    if (quoted)
        return jd_text_collapse(quoted, -1);
    char *comment = strstr(value, " #");
    if (comment)
        *comment = '\0';
    return jd_text_collapse(value, -1);
}

static void add_authors(reading *matter, const char *value, gsize length)
{
    g_autofree char *list = g_strstrip(g_strndup(value, length));
    gsize size = strlen(list);
    if (size < 2 || *list != '[' || list[size - 1] != ']') {
        g_autofree char *name = clean_value(list, size);
        if (*name)
            g_ptr_array_add(matter->authors, g_steal_pointer(&name));
        return;
    }
    list[size - 1] = '\0';
    g_auto(GStrv) names = g_strsplit(list + 1, ",", -1);
    for (char **item = names; *item; item++) {
        g_autofree char *name = clean_value(*item, strlen(*item));
        if (*name)
            g_ptr_array_add(matter->authors, g_steal_pointer(&name));
    }
}

static gboolean is_key(const char *key, gsize length, const char *name)
{
    return strlen(name) == length && g_ascii_strncasecmp(key, name, length) == 0;
}

static void read_pair(reading *matter, const char *key, gsize key_length, const char *value,
                      gsize length)
{
    jd_document *document = matter->document;
    g_autofree char *plain = clean_value(value, length);
    matter->in_authors = FALSE;
    if (is_key(key, key_length, "title")) {
        jd_declare(&document->title, g_steal_pointer(&plain));
    } else if (is_key(key, key_length, "date")) {
        jd_declare(&document->published, jd_declared_date(plain));
    } else if (is_key(key, key_length, "lang") || is_key(key, key_length, "language")) {
        jd_declare(&document->language, jd_declared_language(plain));
    } else if (is_key(key, key_length, "author") || is_key(key, key_length, "authors")) {
        add_authors(matter, value, length);
        matter->in_authors = TRUE;
    }
}

static void read_line(reading *matter, const char *line, gsize length)
{
    gsize indent = 0;
    while (indent < length && (line[indent] == ' ' || line[indent] == '\t'))
        indent++;
    if (indent < length && line[indent] == '-') {
        /* "- Ann", or "- name: Ann". */
        const char *item = line + indent + 1;
        gsize item_length = length - indent - 1;
        const char *name = g_strstr_len(item, (gssize)item_length, "name:");
        if (name) {
            item_length -= name + 5 - item;
            item = name + 5;
        }
        if (matter->in_authors)
            add_authors(matter, item, item_length);
        return;
    }
    if (indent > 0)
        return;
    gsize key = 0;
    while (key < length && (g_ascii_isalnum(line[key]) || strchr("-_.", line[key])))
        key++;
    gsize mark = key;
    while (mark < length && line[mark] == ' ')
        mark++;
    if (key == 0 || mark == length || (line[mark] != ':' && line[mark] != '='))
        return;
    matter->any = TRUE;
    read_pair(matter, line, key, line + mark + 1, length - mark - 1);
}

/** Length of the line at `text` without its end; `*next` gets the length with it. */
static gsize line_length(const char *text, gsize size, gsize *next)
{
    const char *end = memchr(text, '\n', size);
    gsize length = end ? (gsize)(end - text) : size;
    *next = end ? length + 1 : length;
    while (length > 0 && g_ascii_isspace(text[length - 1]))
        length--;
    return length;
}

static gboolean is_fence(const char *line, gsize length, const char *fence)
{
    return length == 3 && memcmp(line, fence, 3) == 0;
}

/** The length of the front matter with both fences, 0 where it has no end. */
static gsize matter_length(const char *text, gsize size, const char *fence)
{
    gsize next;
    gsize at = 0;
    while (at < MIN(size, FRONT_MATTER_BYTES)) {
        gsize length = line_length(text + at, size - at, &next);
        gboolean closes = is_fence(text + at, length, fence) ||
                          (*fence == '-' && is_fence(text + at, length, "..."));
        if (at > 0 && closes)
            return at + next;
        if (at == 0 && !is_fence(text, length, fence))
            return 0;
        at += next;
    }
    return 0;
}

gsize jd_front_matter_read(jd_document *document, const char *text, gsize size)
{
    const char *fence = size > 3 && *text == '+' ? "+++" : "---";
    gsize total = matter_length(text, size, fence);
    reading matter = {.document = document, .authors = g_ptr_array_new_with_free_func(g_free)};
    for (gsize at = 0, next = 0; at < total; at += next)
        read_line(&matter, text + at, line_length(text + at, total - at, &next));
    if (matter.authors->len > 0) {
        g_ptr_array_add(matter.authors, NULL);
        jd_declare(&document->authors, g_strjoinv(", ", (char **)matter.authors->pdata));
    }
    g_ptr_array_unref(matter.authors);
    return matter.any ? total : 0;
}
