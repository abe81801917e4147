#include "retrieve/json.h"

char *jd_item_id(jd_item_kind kind, gint64 id)
{
    return g_strdup_printf("%c%" G_GINT64_FORMAT, kind == JD_ITEM_TEXT ? 't' : 'i', id);
}

json_t *jd_json_string(const char *text)
{
    if (!text)
        return json_null();
    json_t *string = json_string(text);
    if (string)
        return string;
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    return json_string_nocheck(valid);
}

json_t *jd_json_real(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* 0 stands for "unknown" in pages and sizes of pictures. */
static json_t *integer_or_null(int value)
{
    return value > 0 ? json_integer(value) : json_null();
}

json_t *jd_json_strings(const GPtrArray *strings)
{
    json_t *array = json_array();
    for (guint i = 0; strings && i < strings->len; i++)
        json_array_append_new(array, jd_json_string(strings->pdata[i]));
    return array;
}

json_t *jd_document_to_json(const jd_document_info *info)
{
    if (!info)
        return json_null();
    json_t *object = json_object();
    g_autofree char *id = g_strdup_printf("d%" G_GINT64_FORMAT, info->id);
    json_object_set_new(object, "id", json_string(id));
    json_object_set_new(object, "uri", jd_json_string(info->uri));
    json_object_set_new(object, "title", jd_json_string(info->title));
    json_object_set_new(object, "media_type", jd_json_string(info->media_type));
    return object;
}

json_t *jd_document_to_json_full(const jd_document_info *info)
{
    json_t *object = jd_document_to_json(info);
    if (!info)
        return object;
    json_object_set_new(object, "collection", jd_json_string(info->collection));
    json_object_set_new(object, "sha256", jd_json_string(info->sha256));
    json_object_set_new(object, "language", jd_json_string(info->language));
    json_object_set_new(object, "published", jd_json_string(info->published));
    json_object_set_new(object, "authors", jd_json_string(info->authors));
    json_object_set_new(object, "mtime", json_integer(info->mtime));
    json_object_set_new(object, "size", json_integer(info->size));
    json_object_set_new(object, "chunks", json_integer(info->chunk_count));
    json_object_set_new(object, "images", json_integer(info->image_count));
    return object;
}

static void add_place(json_t *object, const jd_item *item)
{
    json_t *section = json_array();
    for (char **heading = item->section; heading && *heading; heading++)
        json_array_append_new(section, jd_json_string(*heading));
    json_object_set_new(object, "document", jd_document_to_json(item->document));
    json_object_set_new(object, "section", section);
    json_object_set_new(object, "ordinal", json_integer(item->ordinal));
    json_object_set_new(object, "page", integer_or_null(item->page));
}

static void add_content(json_t *object, const jd_item *item)
{
    if (item->kind == JD_ITEM_TEXT) {
        json_object_set_new(object, "text", jd_json_string(item->text));
        return;
    }
    json_object_set_new(object, "caption", jd_json_string(item->caption));
    json_object_set_new(object, "alt", jd_json_string(item->alt));
    json_object_set_new(object, "source", jd_json_string(item->source));
    json_object_set_new(object, "sha256", jd_json_string(item->sha256));
    json_object_set_new(object, "media_type", jd_json_string(item->media_type));
    json_object_set_new(object, "width", integer_or_null(item->width));
    json_object_set_new(object, "height", integer_or_null(item->height));
}

static void add_id(json_t *object, const jd_item *item)
{
    g_autofree char *id = jd_item_id(item->kind, item->id);
    json_object_set_new(object, "id", json_string(id));
}

json_t *jd_item_to_json(const jd_item *item)
{
    json_t *object = json_object();
    add_id(object, item);
    add_place(object, item);
    add_content(object, item);
    return object;
}

json_t *jd_evidence_to_json(const jd_evidence *evidence)
{
    json_t *object = json_object();
    json_t *scores = json_object();
    json_object_set_new(object, "rank", json_integer(evidence->rank));
    add_id(object, evidence->item);
    json_object_set_new(object, "score", jd_json_real(evidence->score));
    json_object_set_new(scores, "dense", jd_json_real(evidence->dense));
    json_object_set_new(scores, "keyword", jd_json_real(evidence->keyword));
    json_object_set_new(scores, "rerank", jd_json_real(evidence->rerank));
    json_object_set_new(object, "scores", scores);
    add_place(object, evidence->item);
    add_content(object, evidence->item);
    return object;
}

static json_t *evidence_list(const GPtrArray *list)
{
    json_t *array = json_array();
    for (guint i = 0; i < list->len; i++)
        json_array_append_new(array, jd_evidence_to_json(list->pdata[i]));
    return array;
}

json_t *jd_evidence_lists_to_json(const jd_results *results)
{
    json_t *object = json_object();
    json_object_set_new(object, "text", evidence_list(results->text));
    json_object_set_new(object, "images", evidence_list(results->images));
    return object;
}

const char *jd_profile_name(jd_profile profile)
{
    return profile == JD_PROFILE_ARTICLE ? "article" : "default";
}

json_t *jd_results_to_json(const jd_results *results)
{
    json_t *object = json_object();
    json_t *timings = json_object();
    json_object_set_new(object, "query", jd_json_string(results->query));
    json_object_set_new(object, "profile", json_string(jd_profile_name(results->profile)));
    json_object_set_new(object, "text", evidence_list(results->text));
    json_object_set_new(object, "images", evidence_list(results->images));
    json_object_set_new(timings, "embed", jd_json_real(results->embed_ms));
    json_object_set_new(timings, "search", jd_json_real(results->search_ms));
    json_object_set_new(timings, "total", jd_json_real(results->total_ms));
    json_object_set_new(object, "timings_ms", timings);
    json_object_set_new(object, "notes", jd_json_strings(results->notes));
    return object;
}
