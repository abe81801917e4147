#include "read/robots.h"

#include <string.h>

enum { LONGEST_PATTERN = 2048 };

typedef struct robots_rule {
    char *pattern; /* in canonical spelling; "*" and a final "$" have their meaning */
    gsize length;
    gboolean allow;
} robots_rule;

struct jd_robots {
    GArray *rules; /* robots_rule */
};

static void rule_clear(gpointer data)
{
    g_free(((robots_rule *)data)->pattern);
}

static jd_robots *robots_new(void)
{
    jd_robots *robots = g_new0(jd_robots, 1);
    robots->rules = g_array_new(FALSE, FALSE, sizeof(robots_rule));
    g_array_set_clear_func(robots->rules, rule_clear);
    return robots;
}

void jd_robots_free(jd_robots *robots)
{
    if (!robots)
        return;
    g_array_unref(robots->rules);
    g_free(robots);
}

/* One spelling for paths that mean the same: unreserved characters plain, all others that are not
 * ASCII or were written so as %XX. */
static char *canonical(const char *path)
{
    GString *out = g_string_new(NULL);
    for (const char *p = path; *p; p++) {
        guchar c = *p;
        gboolean escaped = c == '%' && g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2]);
        if (escaped) {
            c = g_ascii_xdigit_value(p[1]) << 4 | g_ascii_xdigit_value(p[2]);
            p += 2;
        }
        gboolean unreserved = g_ascii_isalnum(c) || (c && strchr("-._~", c));
        if (unreserved || (!escaped && c < 0x80))
            g_string_append_c(out, c);
        else
            g_string_append_printf(out, "%%%02X", c);
    }
    return g_string_free(out, FALSE);
}

static void add_rule(jd_robots *robots, const char *value, gboolean allow)
{
    gsize length = strlen(value);
    if (length == 0 || length > LONGEST_PATTERN)
        return;
    robots_rule rule = {.pattern = canonical(value), .allow = allow};
    rule.length = strlen(rule.pattern);
    g_array_append_val(robots->rules, rule);
}

/* ---- parsing ---- */

/* Where in the file the parser is: consecutive user-agent lines open one group. */
typedef struct robots_parser {
    const char *agent;
    jd_robots *own, *others; /* rules of the agent's groups, and of those for "*" */
    gboolean in_own, in_others, in_names;
    gboolean found_own;
} robots_parser;

static void parse_agent(robots_parser *parser, const char *name)
{
    if (!parser->in_names)
        parser->in_own = parser->in_others = FALSE;
    parser->in_names = TRUE;
    gsize token = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-");
    if (name[0] == '*')
        parser->in_others = TRUE;
    else if (token == strlen(parser->agent) && g_ascii_strncasecmp(name, parser->agent, token) == 0)
        parser->in_own = parser->found_own = TRUE;
}

static void parse_line(robots_parser *parser, char *line)
{
    line[strcspn(line, "#")] = '\0';
    char *colon = strchr(line, ':');
    if (!colon)
        return;
    *colon = '\0';
    const char *key = g_strstrip(line);
    const char *value = g_strstrip(colon + 1);
    if (g_ascii_strcasecmp(key, "user-agent") == 0) {
        parse_agent(parser, value);
        return;
    }
    gboolean allow = g_ascii_strcasecmp(key, "allow") == 0;
    if (!allow && g_ascii_strcasecmp(key, "disallow") != 0)
        return;
    parser->in_names = FALSE;
    if (parser->in_own)
        add_rule(parser->own, value, allow);
    if (parser->in_others)
        add_rule(parser->others, value, allow);
}

jd_robots *jd_robots_parse(const char *text, gsize length, const char *agent)
{
    robots_parser parser = {.agent = agent, .own = robots_new(), .others = robots_new()};
    g_autofree char *copy = g_strndup(text, length);
    char *rest = copy;
    if (g_str_has_prefix(rest, "\xEF\xBB\xBF"))
        rest += 3;
    while (*rest) {
        gsize end = strcspn(rest, "\r\n");
        char *line = rest;
        rest += end + (rest[end] != '\0');
        line[end] = '\0';
        parse_line(&parser, line);
    }
    jd_robots_free(parser.found_own ? parser.others : parser.own);
    return parser.found_own ? parser.own : parser.others;
}

jd_robots *jd_robots_forbid_all(void)
{
    jd_robots *robots = robots_new();
    add_rule(robots, "/", FALSE);
    return robots;
}

/* ---- matching ---- */

/* Whether the path begins as the pattern says ("*": anything), and ends there where the pattern
 * ends in "$". Goes back only to the last star, so the time is at most the product of the lengths.
 */
static gboolean matches(const robots_rule *rule, const char *path)
{
    const char *p = rule->pattern, *star = NULL, *resume = NULL;
    const char *end = p + rule->length;
    gboolean anchored = end[-1] == '$';
    if (anchored)
        end--;
    for (;;) {
        if (p == end && (!anchored || *path == '\0'))
            return TRUE;
        if (p < end && *p == '*') {
            star = ++p;
            resume = path;
        } else if (p < end && *path && *p == *path) {
            p++;
            path++;
        } else if (star && *resume) {
            p = star;
            path = ++resume;
        } else {
            return FALSE;
        }
    }
}

gboolean jd_robots_allow(const jd_robots *robots, const char *path)
{
    g_autofree char *wanted = canonical(path);
    gsize longest = 0;
    gboolean allow = TRUE;
    for (guint i = 0; i < robots->rules->len; i++) {
        const robots_rule *rule = &g_array_index(robots->rules, robots_rule, i);
        if (rule->length < longest || (rule->length == longest && !rule->allow && longest > 0))
            continue;
        if (matches(rule, wanted)) {
            longest = rule->length;
            allow = rule->allow;
        }
    }
    return allow;
}
