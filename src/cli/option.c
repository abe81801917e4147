#include "cli/option.h"

#include "base/error.h"

#include <math.h>
#include <string.h>

typedef struct jd_value {
    char *text;
    char *origin;
    double number;
    char **list; /* of an option that repeats, else NULL */
} jd_value;

struct jd_values {
    GHashTable *by_name; /* option's name -> jd_value * */
};

/* Optimal string alignment: insertions, deletions, replacements and swaps of neighbours. */
static guint edit_distance(const char *a, const char *b)
{
    gsize n = strlen(a), m = strlen(b), row = m + 1;
    g_autofree guint *d = g_new(guint, (n + 1) * row);
    for (gsize i = 0; i <= n; i++) {
        for (gsize j = 0; j <= m; j++) {
            if (i == 0 || j == 0) {
                d[i * row + j] = i + j;
                continue;
            }
            guint cost = a[i - 1] != b[j - 1];
            guint best = MIN(d[(i - 1) * row + j], d[i * row + j - 1]) + 1;
            best = MIN(best, d[(i - 1) * row + j - 1] + cost);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = MIN(best, d[(i - 2) * row + j - 2] + 1);
            d[i * row + j] = best;
        }
    }
    return d[n * row + m];
}

const char *jd_nearest_word(const char *word, const char *const *words)
{
    enum { LONGEST = 64 };
    gsize length = strlen(word);
    if (length == 0 || length > LONGEST)
        return NULL;
    const char *nearest = NULL;
    guint best = MAX(length / 3, 1) + 1;
    for (; *words; words++) {
        guint distance =
            length >= 3 && g_str_has_prefix(*words, word) ? 1 : edit_distance(word, *words);
        /* A word of which nothing is left is not like the other. */
        if (distance < best && distance < strlen(*words)) {
            best = distance;
            nearest = *words;
        }
    }
    return nearest;
}

static gboolean check_flag(const char *text, const char *where, double *number, GError **error)
{
    static const char *const words[] = {"true", "yes", "on", "1", "false", "no", "off", "0"};
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_ascii_strcasecmp(text, words[i]) == 0) {
            *number = i < G_N_ELEMENTS(words) / 2;
            return TRUE;
        }
    jd_set_error(error, JD_ERROR_USAGE, NULL, "%s: expected true or false, found '%s'", where,
                 text);
    return FALSE;
}

static gboolean check_integer(const jd_option *option, const char *text, const char *where,
                              double *number, GError **error)
{
    gint64 value = 0;
    if (!g_ascii_string_to_signed(text, 10, (gint64)option->min, (gint64)option->max, &value,
                                  NULL)) {
        jd_set_error(error, JD_ERROR_USAGE, NULL,
                     "%s: expected a whole number from %.0f to %.0f, found '%s'", where,
                     option->min, option->max, text);
        return FALSE;
    }
    *number = (double)value;
    return TRUE;
}

static gboolean check_number(const jd_option *option, const char *text, const char *where,
                             double *number, GError **error)
{
    char *end = NULL;
    double value = g_ascii_strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(value) || value < option->min ||
        value > option->max) {
        jd_set_error(error, JD_ERROR_USAGE, NULL, "%s: expected a number from %g to %g, found '%s'",
                     where, option->min, option->max, text);
        return FALSE;
    }
    *number = value;
    return TRUE;
}

static gboolean check_choice(const jd_option *option, const char *text, const char *where,
                             GError **error)
{
    g_auto(GStrv) choices = g_strsplit(option->argument, "|", -1);
    if (g_strv_contains((const char *const *)choices, text))
        return TRUE;
    const char *near = jd_nearest_word(text, (const char *const *)choices);
    g_autofree char *hint = near ? g_strdup_printf("did you mean '%s'?", near) : NULL;
    g_autofree char *list = g_strjoinv(", ", choices);
    jd_set_error(error, JD_ERROR_USAGE, hint, "%s: expected one of %s, found '%s'", where, list,
                 text);
    return FALSE;
}

static gboolean check_text(const char *text, const char *where, GError **error)
{
    if (*text)
        return TRUE;
    jd_set_error(error, JD_ERROR_USAGE, NULL, "%s: expected a value, found an empty one", where);
    return FALSE;
}

gboolean jd_option_check(const jd_option *option, const char *text, const char *where,
                         double *number, GError **error)
{
    double unused;
    if (!number)
        number = &unused;
    switch (option->kind) {
    case JD_OPTION_FLAG:
        return check_flag(text, where, number, error);
    case JD_OPTION_INTEGER:
        return check_integer(option, text, where, number, error);
    case JD_OPTION_NUMBER:
        return check_number(option, text, where, number, error);
    case JD_OPTION_CHOICE:
        return check_choice(option, text, where, error);
    case JD_OPTION_TEXT:
    case JD_OPTION_FILE:
        break;
    }
    return check_text(text, where, error);
}

static void value_free(gpointer data)
{
    jd_value *value = data;
    g_free(value->text);
    g_free(value->origin);
    g_strfreev(value->list);
    g_free(value);
}

jd_values *jd_values_new(void)
{
    jd_values *values = g_new0(jd_values, 1);
    values->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, value_free);
    return values;
}

void jd_values_free(jd_values *values)
{
    if (!values)
        return;
    g_hash_table_unref(values->by_name);
    g_free(values);
}

/* The values that there were, and those of `text`. */
static char **extended(const jd_value *before, const char *text)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_auto(GStrv) more = g_strsplit(text, ";", -1);
    if (before)
        g_strv_builder_addv(builder, (const char **)before->list);
    for (char **one = more; *one; one++)
        if (**one)
            g_strv_builder_add(builder, *one);
    return g_strv_builder_end(builder);
}

gboolean jd_values_set(jd_values *values, const jd_option *option, const char *text,
                       const char *where, GError **error)
{
    double number = 0;
    if (!jd_option_check(option, text, where, &number, error))
        return FALSE;
    jd_value *value = g_new0(jd_value, 1);
    value->text = g_strdup(text);
    value->origin = g_strdup(where);
    value->number = number;
    if (option->repeats)
        value->list = extended(g_hash_table_lookup(values->by_name, option->name), text);
    g_hash_table_replace(values->by_name, (gpointer)option->name, value);
    return TRUE;
}

static const jd_value *find(const jd_values *values, const char *name)
{
    return g_hash_table_lookup(values->by_name, name);
}

gboolean jd_values_has(const jd_values *values, const char *name)
{
    return find(values, name) != NULL;
}

const char *jd_values_origin(const jd_values *values, const char *name)
{
    const jd_value *value = find(values, name);
    return value ? value->origin : NULL;
}

gboolean jd_values_flag(const jd_values *values, const char *name)
{
    const jd_value *value = find(values, name);
    return value && value->number != 0;
}

const char *jd_values_text(const jd_values *values, const char *name)
{
    const jd_value *value = find(values, name);
    return value ? value->text : NULL;
}

const char *const *jd_values_list(const jd_values *values, const char *name)
{
    const jd_value *value = find(values, name);
    return value ? (const char *const *)value->list : NULL;
}

int jd_values_integer(const jd_values *values, const char *name, int otherwise)
{
    const jd_value *value = find(values, name);
    return value ? (int)value->number : otherwise;
}

double jd_values_number(const jd_values *values, const char *name, double otherwise)
{
    const jd_value *value = find(values, name);
    return value ? value->number : otherwise;
}
