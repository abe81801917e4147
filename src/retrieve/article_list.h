/* The article's files, read and checked: a list of items (JSON) and its embeddings (a tensor). */
#ifndef JD_RETRIEVE_ARTICLE_LIST_H
#define JD_RETRIEVE_ARTICLE_LIST_H

#include <jackdaw.h>

/** One item of a list. Images have a path and a caption instead of a text. */
typedef struct jd_article_item {
    char *title, *section, *text, *image_path, *caption;
} jd_article_item;

typedef struct jd_article_list {
    jd_item_kind kind;
    GPtrArray *items; /* jd_article_item * */
    float *vectors;   /* items->len rows of `dimension`; NULL without embeddings */
    gsize dimension;
    char *sha256; /* of the list's file */
    gint64 size, mtime;
} jd_article_list;

/**
 * Reads `list` and, where it is not NULL, `embeddings`. A field that is missing or no text, another
 * number of rows than items, a NaN: JD_ERROR_INVALID, naming file and place.
 */
jd_article_list *jd_article_list_load(jd_item_kind kind, const char *list, const char *embeddings,
                                      GError **error);
void jd_article_list_free(jd_article_list *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_article_list, jd_article_list_free)

#endif
