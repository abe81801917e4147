#include "store/terms.h"

#include "base/analyze.h"

#include <string.h>

struct jd_term_maker {
    GHashTable *analyzers; /* language ("" for none) -> jd_analyzer * */
    GString *buffer;
};

jd_term_maker *jd_term_maker_new(void)
{
    jd_term_maker *maker = g_new(jd_term_maker, 1);
    maker->analyzers =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)jd_analyzer_free);
    maker->buffer = g_string_new(NULL);
    return maker;
}

void jd_term_maker_free(jd_term_maker *maker)
{
    if (!maker)
        return;
    g_hash_table_destroy(maker->analyzers);
    g_string_free(maker->buffer, TRUE);
    g_free(maker);
}

static jd_analyzer *analyzer_for(jd_term_maker *maker, const char *language)
{
    const char *name = language ? language : "";
    jd_analyzer *analyzer = g_hash_table_lookup(maker->analyzers, name);
    if (!analyzer) {
        analyzer = jd_analyzer_new(language);
        g_hash_table_insert(maker->analyzers, g_strdup(name), analyzer);
    }
    return analyzer;
}

static gboolean append(const jd_token *token, void *user)
{
    GString *buffer = user;
    if (!token->stopword) {
        g_string_append_len(buffer, token->term, (gssize)token->length);
        g_string_append_c(buffer, JD_TERMS_SEPARATOR);
    }
    return TRUE;
}

/* ---- fields ---- */

static void begin(const jd_term_maker *maker)
{
    g_string_truncate(maker->buffer, 0);
    g_string_append_c(maker->buffer, JD_TERMS_MARK);
}

static void add(const jd_term_maker *maker, jd_analyzer *analyzer, const char *text)
{
    if (text)
        jd_analyzer_run(analyzer, text, strlen(text), append, maker->buffer);
}

static char *end(const jd_term_maker *maker)
{
    return g_ref_string_new_len(maker->buffer->str, (gssize)maker->buffer->len);
}

static char *make(const jd_term_maker *maker, jd_analyzer *analyzer, const char *text)
{
    begin(maker);
    add(maker, analyzer, text);
    return end(maker);
}

static char *make_section(const jd_term_maker *maker, jd_analyzer *analyzer, char *const *section)
{
    begin(maker);
    for (; *section; section++)
        add(maker, analyzer, *section);
    return end(maker);
}

/* ---- items ---- */

static void item_terms_free(gpointer data)
{
    jd_item_terms *terms = data;
    for (gsize i = 0; i < JD_TERMS_FIELDS; i++)
        g_clear_pointer(&terms->fields[i], g_ref_string_release);
    g_free(terms);
}

static gboolean same_section(const jd_item *a, const jd_item *b)
{
    return g_strv_equal((const char *const *)a->section, (const char *const *)b->section);
}

/* Most items share title and section with the one before. */
static void make_place(const jd_term_maker *maker, jd_analyzer *analyzer, const char *title,
                       const jd_item *item, jd_item_terms *terms)
{
    terms->fields[JD_TERMS_TITLE] = make(maker, analyzer, title);
    terms->fields[JD_TERMS_SECTION] = make_section(maker, analyzer, item->section);
}

static void share_place(const jd_term_maker *maker, jd_analyzer *analyzer,
                        const jd_item *const items[2], jd_item_terms *const terms[2])
{
    terms[1]->fields[JD_TERMS_TITLE] = g_ref_string_acquire(terms[0]->fields[JD_TERMS_TITLE]);
    terms[1]->fields[JD_TERMS_SECTION] =
        same_section(items[0], items[1]) ? g_ref_string_acquire(terms[0]->fields[JD_TERMS_SECTION])
                                         : make_section(maker, analyzer, items[1]->section);
}

static void make_texts(const jd_term_maker *maker, jd_analyzer *analyzer, const jd_item *item,
                       jd_item_terms *terms)
{
    const char *const chunk[] = {item->text};
    const char *const image[] = {item->caption, item->alt, item->ocr, item->nearby};
    gboolean text = item->kind == JD_ITEM_TEXT;
    const char *const *fields = text ? chunk : image;
    gsize n = text ? G_N_ELEMENTS(chunk) : G_N_ELEMENTS(image);
    for (gsize i = 0; i < n; i++)
        terms->fields[JD_TERMS_TEXT + i] = make(maker, analyzer, fields[i]);
}

GPtrArray *jd_terms_make(jd_term_maker *maker, const char *title, const GPtrArray *items)
{
    GPtrArray *all = g_ptr_array_new_full(items->len, item_terms_free);
    for (guint i = 0; i < items->len; i++) {
        const jd_item *item = items->pdata[i], *before = i > 0 ? items->pdata[i - 1] : NULL;
        jd_analyzer *analyzer = analyzer_for(maker, item->language);
        jd_item_terms *terms = g_new0(jd_item_terms, 1);
        if (before && g_strcmp0(before->language, item->language) == 0)
            share_place(maker, analyzer, (const jd_item *[2]){before, item},
                        (jd_item_terms *[2]){all->pdata[i - 1], terms});
        else
            make_place(maker, analyzer, title, item, terms);
        make_texts(maker, analyzer, item, terms);
        g_ptr_array_add(all, terms);
    }
    return all;
}
