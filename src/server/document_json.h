/* Documents and collections, as more than one interface shows them. */
#ifndef JD_SERVER_DOCUMENT_JSON_H
#define JD_SERVER_DOCUMENT_JSON_H

#include "store/records.h"

#include <jansson.h>

/** The document d<id>; 404 where there is none. */
jd_document_info *jd_document_find(jd_store *store, gint64 id, GError **error);

/** A page of its items of one kind, in reading order: jd_item *. */
GPtrArray *jd_document_items(jd_store *store, const jd_document_info *document, jd_item_kind kind,
                             const jd_page *page, GError **error);

/** An array of items (jd_item *) without scores. */
json_t *jd_items_to_json(const GPtrArray *items);

/** {"document","chunks","images"}; takes nothing. */
json_t *jd_document_whole_to_json(const jd_document_info *document, const GPtrArray *chunks,
                                  const GPtrArray *images);

/** {"collections":[{"name","documents","chunks","images","bytes"}]}; NULL with an error. */
json_t *jd_collections_to_json(jd_store *store, GError **error);

#endif
