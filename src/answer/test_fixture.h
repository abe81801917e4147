/* Evidence made by hand, for the tests of this stage. */
#ifndef JD_ANSWER_TEST_FIXTURE_H
#define JD_ANSWER_TEST_FIXTURE_H

#include <jackdaw.h>
#include <string.h>

static inline jd_item *fixture_item(jd_item_kind kind, gint64 id, const char *title,
                                    const char *section)
{
    jd_item *item = jd_item_new(kind);
    item->id = id;
    item->document = jd_document_info_new();
    item->document->title = g_strdup(title);
    item->document->uri = g_strdup("/documents/one.html");
    item->language = g_strdup("en");
    g_strfreev(item->section);
    item->section = g_strsplit(section, "/", -1);
    return item;
}

/** Adds evidence with the given score at the end of its list. */
static inline jd_evidence *fixture_add(jd_results *results, jd_item *item, double score)
{
    GPtrArray *list = item->kind == JD_ITEM_TEXT ? results->text : results->images;
    jd_evidence *evidence = jd_evidence_new(item);
    evidence->score = score;
    g_ptr_array_add(list, evidence);
    evidence->rank = (int)list->len;
    return evidence;
}

static inline jd_item *fixture_text(gint64 id, const char *title, const char *section,
                                    const char *text)
{
    jd_item *item = fixture_item(JD_ITEM_TEXT, id, title, section);
    item->text = g_strdup(text);
    return item;
}

static inline jd_item *fixture_image(gint64 id, const char *title, const char *section,
                                     const char *caption)
{
    jd_item *item = fixture_item(JD_ITEM_IMAGE, id, title, section);
    item->caption = g_strdup(caption);
    item->source = g_strdup("images/one.png");
    item->sha256 = g_strnfill(64, 'a');
    item->media_type = g_strdup("image/png");
    item->width = 800;
    item->height = 400;
    return item;
}

#endif
