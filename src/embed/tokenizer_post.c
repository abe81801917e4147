#include "embed/tokenizer_post.h"

#include "base/error.h"
#include "base/limits.h"
#include "embed/tokenizer_json.h"

#include <string.h>

typedef enum piece_kind { PIECE_FIRST, PIECE_SECOND, PIECE_SPECIAL } piece_kind;

typedef struct piece {
    piece_kind kind;
    gint32 id; /* of a special token */
    gint32 type;
} piece;

struct jd_post {
    GArray *single, *pair; /* piece */
};

static void add(GArray *list, piece_kind kind, gint32 id, gint32 type)
{
    const piece p = {kind, id, type};
    g_array_append_val(list, p);
}

void jd_post_free(jd_post *post)
{
    if (!post)
        return;
    g_array_unref(post->single);
    g_array_unref(post->pair);
    g_free(post);
}

static void set_plain(jd_post *post)
{
    add(post->single, PIECE_FIRST, 0, 0);
    add(post->pair, PIECE_FIRST, 0, 0);
    add(post->pair, PIECE_SECOND, 0, 1);
}

static gint32 read_type(const json_t *json, GError **error)
{
    return (gint32)jd_settings_index(json_object_get(json, "type_id"), "\"type_id\"", G_MAXINT32,
                                     error);
}

static gboolean add_special(const json_t *json, const json_t *tokens, GArray *list, GError **error)
{
    const char *name = jd_settings_text(json, "id", error);
    const gint32 type = name ? read_type(json, error) : -1;
    if (type < 0)
        return FALSE;
    const json_t *ids = json_object_get(json_object_get(tokens, name), "ids");
    if (!json_is_array(ids)) {
        jd_set_error(error, JD_ERROR_INVALID, NULL, "\"special_tokens\" has no \"ids\" for %s",
                     name);
        return FALSE;
    }
    for (gsize i = 0; i < json_array_size(ids); i++) {
        const gint64 id = jd_settings_index(json_array_get(ids, i), "the id of a special token",
                                            JD_LIMIT_VOCABULARY, error);
        if (id < 0)
            return FALSE;
        add(list, PIECE_SPECIAL, (gint32)id, type);
    }
    return TRUE;
}

static gboolean add_sequence(const json_t *json, GArray *list, GError **error)
{
    const char *name = jd_settings_text(json, "id", error);
    const gint32 type = name ? read_type(json, error) : -1;
    if (type < 0)
        return FALSE;
    if (strcmp(name, "A") != 0 && strcmp(name, "B") != 0) {
        jd_set_error(error, JD_ERROR_INVALID, NULL, "the text %s is neither A nor B", name);
        return FALSE;
    }
    add(list, *name == 'A' ? PIECE_FIRST : PIECE_SECOND, 0, type);
    return TRUE;
}

static gsize count_kind(const GArray *list, piece_kind kind)
{
    gsize count = 0;
    for (guint i = 0; i < list->len; i++)
        count += g_array_index(list, piece, i).kind == kind;
    return count;
}

static gboolean read_template(const json_t *json, const char *key, gsize texts, GArray *list,
                              GError **error)
{
    const json_t *pieces = json_object_get(json, key);
    const json_t *tokens = json_object_get(json, "special_tokens");
    for (gsize i = 0; i < json_array_size(pieces); i++) {
        const json_t *item = json_array_get(pieces, i);
        const json_t *special = json_object_get(item, "SpecialToken");
        if (special ? !add_special(special, tokens, list, error)
                    : !add_sequence(json_object_get(item, "Sequence"), list, error))
            return FALSE;
    }
    if (count_kind(list, PIECE_FIRST) == 1 && count_kind(list, PIECE_SECOND) == texts - 1 &&
        list->len <= JD_LIMIT_TOKENIZER_STEPS)
        return TRUE;
    jd_set_error(error, JD_ERROR_INVALID, NULL,
                 "the template \"%s\" does not have each text once and at most %d parts", key,
                 JD_LIMIT_TOKENIZER_STEPS);
    return FALSE;
}

/* "sep": ["</s>", 2] */
static gint32 read_pair_id(const json_t *json, const char *key, GError **error)
{
    g_autofree char *what = g_strdup_printf("the id of \"%s\"", key);
    return (gint32)jd_settings_index(json_array_get(json_object_get(json, key), 1), what,
                                     JD_LIMIT_VOCABULARY, error);
}

/* BERT: [CLS] A [SEP] B [SEP]; RoBERTa: <s> A </s> </s> B </s>, all of them of type 0. */
static gboolean read_classic(const json_t *json, gboolean roberta, jd_post *post, GError **error)
{
    const gint32 cls = read_pair_id(json, "cls", error);
    const gint32 sep = cls < 0 ? -1 : read_pair_id(json, "sep", error);
    if (sep < 0)
        return FALSE;
    const gint32 second = roberta ? 0 : 1;
    GArray *const lists[] = {post->single, post->pair};
    for (int i = 0; i < 2; i++) {
        add(lists[i], PIECE_SPECIAL, cls, 0);
        add(lists[i], PIECE_FIRST, 0, 0);
        add(lists[i], PIECE_SPECIAL, sep, 0);
    }
    if (roberta)
        add(post->pair, PIECE_SPECIAL, sep, 0);
    add(post->pair, PIECE_SECOND, 0, second);
    add(post->pair, PIECE_SPECIAL, sep, second);
    return TRUE;
}

static gboolean add_processor(const json_t *json, const char *type, void *user, GError **error)
{
    jd_post *post = user;
    if (strcmp(type, "ByteLevel") == 0) /* about offsets alone */
        return TRUE;
    if (post->single->len > 0) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                     "it follows another that adds special tokens");
        return FALSE;
    }
    if (strcmp(type, "TemplateProcessing") == 0)
        return read_template(json, "single", 1, post->single, error) &&
               read_template(json, "pair", 2, post->pair, error);
    if (strcmp(type, "BertProcessing") == 0)
        return read_classic(json, FALSE, post, error);
    if (strcmp(type, "RobertaProcessing") == 0)
        return read_classic(json, TRUE, post, error);
    jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL, "Jackdaw does not know this type");
    return FALSE;
}

jd_post *jd_post_new(const json_t *json, GError **error)
{
    g_autoptr(jd_post) post = g_new0(jd_post, 1);
    post->single = g_array_new(FALSE, FALSE, sizeof(piece));
    post->pair = g_array_new(FALSE, FALSE, sizeof(piece));
    const jd_settings_chain chain = {"post-processor", "processors", add_processor, post};
    if (!jd_settings_walk(json, &chain, error))
        return NULL;
    if (post->single->len == 0)
        set_plain(post);
    return g_steal_pointer(&post);
}

gsize jd_post_added(const jd_post *post, gboolean pair)
{
    return count_kind(pair ? post->pair : post->single, PIECE_SPECIAL);
}

gint32 jd_post_end(const jd_post *post)
{
    gint32 end = 0;
    for (guint i = 0; i < post->pair->len; i++)
        end = MAX(end, g_array_index(post->pair, piece, i).id + 1);
    for (guint i = 0; i < post->single->len; i++)
        end = MAX(end, g_array_index(post->single, piece, i).id + 1);
    return end;
}

static void append(GArray *ids[2], const gint32 *values, guint count, gint32 type)
{
    g_array_append_vals(ids[0], values, count);
    for (guint i = 0; ids[1] && i < count; i++)
        g_array_append_val(ids[1], type);
}

void jd_post_apply(const jd_post *post, const GArray *first, const GArray *second, gboolean special,
                   GArray *ids[2])
{
    const GArray *list = second ? post->pair : post->single;
    for (guint i = 0; i < list->len; i++) {
        const piece *p = &g_array_index(list, piece, i);
        if (p->kind == PIECE_SPECIAL && special)
            append(ids, &p->id, 1, p->type);
        else if (p->kind == PIECE_FIRST)
            append(ids, (const gint32 *)(gconstpointer)first->data, first->len, p->type);
        else if (p->kind == PIECE_SECOND)
            append(ids, (const gint32 *)(gconstpointer)second->data, second->len, p->type);
    }
}
