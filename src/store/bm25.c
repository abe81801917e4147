#include "store/bm25.h"

static const jd_bm25_field chunk_fields[] = {
    {"title", 3.0, 0.65}, {"section", 1.5, 0.65}, {"text", 1.0, 0.65}};

static const jd_bm25_field image_fields[] = {{"title", 1.5, 0.65},   {"section", 1.5, 0.65},
                                             {"caption", 3.0, 0.65}, {"alt", 2.0, 0.65},
                                             {"ocr", 1.0, 0.65},     {"nearby", 1.0, 0.65}};

G_STATIC_ASSERT(G_N_ELEMENTS(image_fields) <= JD_BM25_MAX_FIELDS);

const jd_bm25_field *jd_bm25_fields(jd_item_kind kind, gsize *n)
{
    *n = kind == JD_ITEM_TEXT ? G_N_ELEMENTS(chunk_fields) : G_N_ELEMENTS(image_fields);
    return kind == JD_ITEM_TEXT ? chunk_fields : image_fields;
}

double jd_bm25_idf(double items, double having)
{
    having = MIN(having, items);
    return log(1 + (items - having + 0.5) / (having + 0.5));
}
