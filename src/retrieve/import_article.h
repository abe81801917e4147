/* Loads the files that the article's Python program wrote: its lists of items and their embeddings.
 */
#ifndef JD_RETRIEVE_IMPORT_ARTICLE_H
#define JD_RETRIEVE_IMPORT_ARTICLE_H

#include "store/store.h"

typedef struct jd_article_files {
    const char *text; /* text_content.json: [{"article_title","section","text"}] */
    const char
        *images; /* image_content.json: [{"article_title","section","image_path","caption"}] */
    const char *text_embeddings;  /* .pt or .npy, one row an item of `text` */
    const char *image_embeddings; /* the same for `images` */
    const char *image_root; /* folder that image_path is relative to; NULL: that of `images` */
    const char *collection;
} jd_article_files;

/** Fills bytes, media type and size of `image` from a picture file; FALSE where it cannot be read.
 */
typedef gboolean (*jd_picture_loader)(const char *path, jd_item *image, void *user, GError **error);

typedef struct jd_article_report {
    guint documents, chunks, images;
    GPtrArray *skipped; /* jd_skipped *: pictures that could not be read (the item is kept) */
} jd_article_report;

typedef struct jd_article_import {
    jd_article_files files;
    jd_picture_loader picture;
    void *user;
} jd_article_import;

/**
 * Checks both lists and their vectors first, then writes in one transaction: one document an
 * article title, with the URI "article:<title>", its items in file order (so that ids follow the
 * order of the files where each article's items stand together), vectors in the space
 * "article-import". The same titles imported again are replaced. Either list may be absent, and so
 * may its embeddings: its items are then found by their words only. A field that is missing or no
 * text, a number of rows or a dimension that differs, a NaN: JD_ERROR_INVALID naming file and item,
 * nothing written. A picture that cannot be read, or whose path leaves `image_root`, is listed in
 * `report->skipped`.
 */
gboolean jd_import_article(jd_store *store, const jd_article_import *import,
                           jd_article_report *report, GError **error);
void jd_article_report_clear(jd_article_report *report);

#endif
