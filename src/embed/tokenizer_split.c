#include "embed/tokenizer_split.h"

#include "base/error.h"
#include "embed/tokenizer_bytes.h"
#include "embed/tokenizer_cut.h"
#include "embed/tokenizer_json.h"
#include "embed/tokenizer_unicode.h"

#include <string.h>

typedef enum prepend_scheme { PREPEND_ALWAYS, PREPEND_FIRST, PREPEND_NEVER } prepend_scheme;

typedef struct step step;

/* One pre-tokenizer. `run` says which of the others it uses. */
struct step {
    void (*run)(const step *self, jd_wordlist *words);
    jd_cut cut;
    gboolean prefix_space; /* ByteLevel */
    char replacement[8];   /* Metaspace: one character */
    prepend_scheme scheme;
    gboolean split;
};

struct jd_splitter {
    GArray *steps;
};

static void run_cut(const step *self, jd_wordlist *words)
{
    jd_cut_run(&self->cut, words);
}

/* Each word cut at GPT-2's expression, or whole, becomes characters that stand for its bytes. */
static void run_bytes(const step *self, jd_wordlist *words)
{
    g_auto(jd_wordlist) cut;
    jd_wordlist_init(&cut);
    for (guint i = 0; i < words->list->len; i++) {
        const jd_word *word = &g_array_index(words->list, jd_word, i);
        const char *text = words->text->str + word->start;
        g_string_truncate(cut.text, 0);
        if (self->prefix_space && *text != ' ')
            g_string_append_c(cut.text, ' ');
        g_string_append_len(cut.text, text, word->length);
        const jd_word whole = {0, (guint32)cut.text->len, word->origin};
        if (self->cut.pattern)
            jd_cut_word(&self->cut, cut.text->str, &whole, &cut);
        else
            g_array_append_val(cut.next_list, whole);
        jd_wordlist_swap_list(&cut);
        for (guint j = 0; j < cut.list->len; j++) {
            const jd_word *part = &g_array_index(cut.list, jd_word, j);
            const gsize start = words->next_text->len;
            jd_bytes_expand(cut.text->str + part->start, part->length, words->next_text);
            jd_wordlist_add(words, start, words->next_text->len - start, part->origin);
        }
    }
    jd_wordlist_swap(words);
}

static void replace_spaces(const step *self, const char *text, gsize length, GString *out)
{
    for (gsize i = 0; i < length;) {
        const char *space = memchr(text + i, ' ', length - i);
        const gsize end = space ? (gsize)(space - text) : length;
        g_string_append_len(out, text + i, (gssize)(end - i));
        if (space)
            g_string_append(out, self->replacement);
        i = end + 1;
    }
}

static gboolean needs_prefix(const step *self, const char *text, const jd_word *word)
{
    const gsize size = strlen(self->replacement);
    if (self->scheme == PREPEND_NEVER || (self->scheme == PREPEND_FIRST && !word->origin))
        return FALSE;
    return *text != ' ' && (word->length < size || memcmp(text, self->replacement, size) != 0);
}

/* A word begins at each replacement. */
static void cut_at_replacement(const step *self, gsize start, gboolean origin, jd_wordlist *words)
{
    const GString *text = words->next_text;
    for (gsize part = start; part < text->len;) {
        const char *next = memmem(text->str + part + 1, text->len - part - 1, self->replacement,
                                  strlen(self->replacement));
        const gsize end = next && self->split ? (gsize)(next - text->str) : text->len;
        jd_wordlist_add(words, part, end - part, part == start && origin);
        part = end;
    }
}

static void run_metaspace(const step *self, jd_wordlist *words)
{
    for (guint i = 0; i < words->list->len; i++) {
        const jd_word *word = &g_array_index(words->list, jd_word, i);
        const char *text = words->text->str + word->start;
        const gsize start = words->next_text->len;
        if (needs_prefix(self, text, word))
            g_string_append(words->next_text, self->replacement);
        replace_spaces(self, text, word->length, words->next_text);
        cut_at_replacement(self, start, word->origin, words);
    }
    jd_wordlist_swap(words);
}

static gboolean parse_split(const json_t *json, step *s, GError **error)
{
    s->cut.pattern = jd_pattern_from_json(json_object_get(json, "pattern"), error);
    const char *behavior = s->cut.pattern ? jd_settings_text(json, "behavior", error) : NULL;
    if (!behavior)
        return FALSE;
    if (!jd_cut_behavior_parse(behavior, &s->cut.behavior)) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL, "the behavior %s is not known", behavior);
        return FALSE;
    }
    s->cut.invert = jd_settings_flag(json, "invert", FALSE);
    return TRUE;
}

static gboolean parse_punctuation(const json_t *json, step *s, GError **error)
{
    const char *behavior = jd_settings_optional(json, "behavior");
    s->cut.pattern = jd_pattern_from_flags(JD_CHAR_PUNCTUATION);
    s->cut.behavior = JD_CUT_ISOLATED;
    if (behavior && !jd_cut_behavior_parse(behavior, &s->cut.behavior)) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL, "the behavior %s is not known", behavior);
        return FALSE;
    }
    return TRUE;
}

static gboolean parse_bytes(const json_t *json, step *s, GError **error)
{
    s->run = run_bytes;
    s->prefix_space = jd_settings_flag(json, "add_prefix_space", TRUE);
    s->cut.behavior = JD_CUT_ISOLATED;
    if (jd_settings_flag(json, "use_regex", TRUE))
        s->cut.pattern = jd_pattern_from_regex(JD_PATTERN_GPT2, error);
    return TRUE;
}

static gboolean parse_metaspace(const json_t *json, step *s, GError **error)
{
    const char *replacement = jd_settings_text(json, "replacement", error);
    if (!replacement)
        return FALSE;
    if (*replacement == '\0' || jd_utf8_size(*replacement) != strlen(replacement)) {
        jd_set_error(error, JD_ERROR_INVALID, NULL, "the replacement \"%s\" is not one character",
                     replacement);
        return FALSE;
    }
    const char *scheme = jd_settings_optional(json, "prepend_scheme");
    s->run = run_metaspace;
    g_strlcpy(s->replacement, replacement, sizeof s->replacement);
    s->split = jd_settings_flag(json, "split", TRUE);
    if (!jd_settings_flag(json, "add_prefix_space", TRUE) || g_strcmp0(scheme, "never") == 0) {
        s->scheme = PREPEND_NEVER;
    } else if (g_strcmp0(scheme, "first") == 0) {
        s->scheme = PREPEND_FIRST;
    } else if (scheme && strcmp(scheme, "always") != 0) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL, "the prepend_scheme %s is not known",
                     scheme);
        return FALSE;
    }
    return TRUE;
}

static gboolean parse_delimiter(const json_t *json, step *s, GError **error)
{
    const char *delimiter = jd_settings_text(json, "delimiter", error);
    if (!delimiter)
        return FALSE;
    json_auto_t *pattern = json_pack("{s:s}", "String", delimiter);
    s->cut.pattern = jd_pattern_from_json(pattern, error);
    return s->cut.pattern != NULL;
}

static jd_cut cut_at(guint32 flags, jd_cut_behavior behavior)
{
    return (jd_cut){.pattern = jd_pattern_from_flags(flags), .behavior = behavior};
}

static gboolean parse(const json_t *json, const char *type, step *s, GError **error)
{
    s->run = run_cut;
    if (strcmp(type, "Whitespace") == 0) {
        s->cut = (jd_cut){jd_pattern_words(), JD_CUT_REMOVED, TRUE};
        return TRUE;
    }
    if (strcmp(type, "WhitespaceSplit") == 0) {
        s->cut = cut_at(JD_CHAR_SPACE, JD_CUT_REMOVED);
        return TRUE;
    }
    if (strcmp(type, "Digits") == 0) {
        const gboolean single = jd_settings_flag(json, "individual_digits", FALSE);
        s->cut = cut_at(JD_CHAR_NUMERIC, single ? JD_CUT_ISOLATED : JD_CUT_CONTIGUOUS);
        return TRUE;
    }
    if (strcmp(type, "Punctuation") == 0)
        return parse_punctuation(json, s, error);
    if (strcmp(type, "Split") == 0)
        return parse_split(json, s, error);
    if (strcmp(type, "CharDelimiterSplit") == 0)
        return parse_delimiter(json, s, error);
    if (strcmp(type, "ByteLevel") == 0)
        return parse_bytes(json, s, error);
    if (strcmp(type, "Metaspace") == 0)
        return parse_metaspace(json, s, error);
    jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL, "Jackdaw does not know this type");
    return FALSE;
}

static gboolean add_step(const json_t *json, const char *type, void *user, GError **error)
{
    jd_splitter *splitter = user;
    if (strcmp(type, "BertPreTokenizer") == 0) {
        const step spaces = {run_cut, .cut = cut_at(JD_CHAR_SPACE, JD_CUT_REMOVED)};
        const step marks = {run_cut, .cut = cut_at(JD_CHAR_PUNCTUATION, JD_CUT_ISOLATED)};
        g_array_append_val(splitter->steps, spaces);
        g_array_append_val(splitter->steps, marks);
        return TRUE;
    }
    step s = {0};
    const gboolean ok = parse(json, type, &s, error);
    g_array_append_val(splitter->steps, s);
    return ok;
}

static void step_clear(gpointer data)
{
    jd_pattern_free(((step *)data)->cut.pattern);
}

jd_splitter *jd_splitter_new(const json_t *json, GError **error)
{
    g_autoptr(jd_splitter) splitter = g_new0(jd_splitter, 1);
    splitter->steps = g_array_new(FALSE, TRUE, sizeof(step));
    g_array_set_clear_func(splitter->steps, step_clear);
    const jd_settings_chain chain = {"pre-tokenizer", "pretokenizers", add_step, splitter};
    return jd_settings_walk(json, &chain, error) ? g_steal_pointer(&splitter) : NULL;
}

void jd_splitter_free(jd_splitter *splitter)
{
    if (!splitter)
        return;
    g_array_unref(splitter->steps);
    g_free(splitter);
}

void jd_splitter_run(const jd_splitter *splitter, jd_wordlist *words)
{
    for (guint i = 0; i < splitter->steps->len; i++) {
        const step *s = &g_array_index(splitter->steps, step, i);
        s->run(s, words);
    }
}
