#include "embed/tokenizer_added.h"

#include "base/error.h"
#include "base/limits.h"
#include "embed/tokenizer_json.h"
#include "embed/tokenizer_trie.h"
#include "embed/tokenizer_unicode.h"

#include <string.h>

typedef struct added_token {
    char *content;
    gint32 id;
    gboolean single_word; /* not beside a letter */
    gboolean left, right; /* takes the white space there */
    gboolean normalized;
} added_token;

/* What is looked for in one kind of text. */
typedef struct matcher {
    GArray *nodes, *labels;
    jd_trie trie;         /* values: places in `tokens` */
    gboolean begins[256]; /* bytes that a token begins with */
} matcher;

struct jd_added {
    GArray *tokens; /* added_token */
    matcher raw, normalized;
};

static void token_clear(gpointer data)
{
    g_free(((added_token *)data)->content);
}

static void matcher_clear(matcher *m)
{
    g_clear_pointer(&m->nodes, g_array_unref);
    g_clear_pointer(&m->labels, g_array_unref);
}

void jd_added_free(jd_added *added)
{
    if (!added)
        return;
    g_array_unref(added->tokens);
    matcher_clear(&added->raw);
    matcher_clear(&added->normalized);
    g_free(added);
}

static added_token *find_token(const jd_added *added, const char *content)
{
    for (guint i = 0; i < added->tokens->len; i++) {
        added_token *token = &g_array_index(added->tokens, added_token, i);
        if (strcmp(token->content, content) == 0)
            return token;
    }
    return NULL;
}

gint32 jd_added_find(const jd_added *added, const char *token)
{
    const added_token *found = find_token(added, token);
    return found ? found->id : -1;
}

gint32 jd_added_end(const jd_added *added)
{
    gint32 end = 0;
    for (guint i = 0; i < added->tokens->len; i++)
        end = MAX(end, g_array_index(added->tokens, added_token, i).id + 1);
    return end;
}

static gboolean read_content(const json_t *json, const char **content, GError **error)
{
    *content = jd_settings_text(json, "content", error);
    if (!*content) {
        jd_prefix_error(error, "an added token: ");
        return FALSE;
    }
    if (strlen(*content) > JD_LIMIT_ADDED_TOKEN_BYTES) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "an added token is longer than %d bytes",
                     JD_LIMIT_ADDED_TOKEN_BYTES);
        return FALSE;
    }
    return TRUE;
}

/* Reading the list. */
typedef struct reading {
    const jd_vocab *vocab;
    gint32 next_id;
    GHashTable *places; /* content -> place in `tokens` */
    GArray *tokens;
} reading;

/* Reads one token; a later one of the same text takes the place of an earlier. */
static gboolean read_token(const json_t *json, reading *r, GError **error)
{
    const char *content;
    if (!read_content(json, &content, error))
        return FALSE;
    if (*content == '\0')
        return TRUE;
    gpointer place;
    if (!g_hash_table_lookup_extended(r->places, content, NULL, &place)) {
        added_token token = {.content = g_strdup(content),
                             .id = jd_vocab_find(r->vocab, content, strlen(content))};
        if (token.id < 0)
            token.id = r->next_id++;
        place = GUINT_TO_POINTER(r->tokens->len);
        g_hash_table_insert(r->places, token.content, place);
        g_array_append_val(r->tokens, token);
    }
    added_token *token = &g_array_index(r->tokens, added_token, GPOINTER_TO_UINT(place));
    token->single_word = jd_settings_flag(json, "single_word", FALSE);
    token->left = jd_settings_flag(json, "lstrip", FALSE);
    token->right = jd_settings_flag(json, "rstrip", FALSE);
    token->normalized =
        jd_settings_flag(json, "normalized", !jd_settings_flag(json, "special", FALSE));
    return TRUE;
}

static gboolean read_tokens(const json_t *list, const jd_vocab *vocab, GArray *tokens,
                            GError **error)
{
    if (json_array_size(list) > JD_LIMIT_ADDED_TOKENS) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "there are more than %d added tokens",
                     JD_LIMIT_ADDED_TOKENS);
        return FALSE;
    }
    g_autoptr(GHashTable) places = g_hash_table_new(g_str_hash, g_str_equal);
    reading r = {vocab, (gint32)jd_vocab_count(vocab), places, tokens};
    for (gsize i = 0; i < json_array_size(list); i++)
        if (!read_token(json_array_get(list, i), &r, error))
            return FALSE;
    return TRUE;
}

/* The tokens of one kind as a prefix tree. `texts` owns what normalizing made of them. */
static void build_matcher(const jd_added *added, gboolean normalized,
                          const jd_normalizer *normalizer, GPtrArray *texts, matcher *m)
{
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(jd_trie_entry));
    for (guint i = 0; i < added->tokens->len; i++) {
        const added_token *token = &g_array_index(added->tokens, added_token, i);
        if (token->normalized != normalized)
            continue;
        g_auto(jd_text_buffer) buffer;
        jd_text_buffer_init(&buffer);
        g_string_assign(buffer.now, token->content);
        if (normalized)
            jd_normalizer_run(normalizer, &buffer);
        if (buffer.now->len == 0)
            continue;
        const gsize length = buffer.now->len;
        char *text = g_memdup2(buffer.now->str, length);
        g_ptr_array_add(texts, text);
        m->begins[(guchar)*text] = TRUE;
        const jd_trie_entry entry = {text, length, (gint32)i};
        g_array_append_val(entries, entry);
    }
    m->nodes = g_array_new(FALSE, FALSE, sizeof(jd_trie_node));
    m->labels = g_array_new(FALSE, FALSE, 1);
    jd_trie_build((jd_trie_entry *)(gpointer)entries->data, entries->len, m->nodes, m->labels);
    m->trie =
        (jd_trie){(const jd_trie_node *)(gpointer)m->nodes->data, (const guint8 *)m->labels->data};
}

jd_added *jd_added_new(const json_t *list, const jd_vocab *vocab, const jd_normalizer *normalizer,
                       GError **error)
{
    g_autoptr(jd_added) added = g_new0(jd_added, 1);
    added->tokens = g_array_new(FALSE, TRUE, sizeof(added_token));
    g_array_set_clear_func(added->tokens, token_clear);
    if (!read_tokens(list, vocab, added->tokens, error))
        return NULL;
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    build_matcher(added, FALSE, normalizer, texts, &added->raw);
    build_matcher(added, TRUE, normalizer, texts, &added->normalized);
    return g_steal_pointer(&added);
}

/* The longest token at `text`; -1 without one. */
static gint32 longest_at(const matcher *m, const char *text, gsize length, gsize *size)
{
    gint32 found = -1;
    guint32 node = 0;
    for (gsize i = 0; i < length; i++) {
        node = jd_trie_step(&m->trie, node, (guchar)text[i]);
        if (node == 0)
            break;
        if (m->trie.nodes[node].value >= 0) {
            found = m->trie.nodes[node].value;
            *size = i + 1;
        }
    }
    return found;
}

/* Splitting one text. */
typedef struct splitting {
    const char *text, *end;
    const char *spaces_end; /* of the run of white space that was last looked at */
    gsize done;             /* end of the last segment */
    GArray *segments;
} splitting;

static gboolean has_flag_at(const char *p, const char *end, guint32 flag)
{
    return p < end && jd_unicode_flags(g_utf8_get_char(p)) & flag;
}

static gboolean has_flag_before(const splitting *s, const char *p, guint32 flag)
{
    return p > s->text && has_flag_at(jd_utf8_previous(p), s->end, flag);
}

static const char *skip_spaces(splitting *s, const char *p)
{
    if (p < s->spaces_end)
        return s->spaces_end;
    while (has_flag_at(p, s->end, JD_CHAR_SPACE))
        p += jd_utf8_size(*p);
    s->spaces_end = p;
    return p;
}

static void add_segment(splitting *s, gsize start, gsize end, gint32 id)
{
    const jd_segment segment = {start, end, id};
    g_array_append_val(s->segments, segment);
    s->done = end;
}

/* Adds the match at [start, end) and what is before it, unless it has to be a word and is none. */
static void add_match(splitting *s, const added_token *token, gsize start, gsize end)
{
    const char *from = s->text + start, *to = s->text + end;
    if (token->single_word &&
        (has_flag_before(s, from, JD_CHAR_WORD) || has_flag_at(to, s->end, JD_CHAR_WORD)))
        return;
    while (token->left && from > s->text + s->done && has_flag_before(s, from, JD_CHAR_SPACE))
        from = jd_utf8_previous(from);
    if (token->right && has_flag_at(to, s->end, JD_CHAR_SPACE))
        to = skip_spaces(s, to);
    start = (gsize)(from - s->text);
    if (s->done < start)
        add_segment(s, s->done, start, -1);
    add_segment(s, start, (gsize)(to - s->text), token->id);
}

void jd_added_split(const jd_added *added, gboolean normalized, const char *text, gsize length,
                    GArray *segments)
{
    const matcher *m = normalized ? &added->normalized : &added->raw;
    splitting s = {.text = text, .end = text + length, .spaces_end = text, .segments = segments};
    g_array_set_size(segments, 0);
    for (gsize at = 0, size = 1; m->labels->len > 1 && at < length; at += size, size = 1) {
        if (!m->begins[(guchar)text[at]])
            continue;
        const gint32 place = longest_at(m, text + at, length - at, &size);
        if (place >= 0)
            add_match(&s, &g_array_index(added->tokens, added_token, place), at, at + size);
    }
    if (s.done < length)
        add_segment(&s, s.done, length, -1);
}
