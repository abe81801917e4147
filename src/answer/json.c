#include "answer/json.h"

#include "retrieve/json.h"

static json_t *citations(const GArray *list)
{
    json_t *array = json_array();
    for (guint i = 0; i < list->len; i++) {
        const jd_citation *citation = &g_array_index(list, jd_citation, i);
        g_autofree char *id = jd_item_id(citation->kind, citation->item);
        json_array_append_new(array, json_pack("{s:i, s:s, s:I, s:I}", "n", citation->n, "id", id,
                                               "start", (json_int_t)citation->start, "end",
                                               (json_int_t)citation->end));
    }
    return array;
}

static json_t *left_out(const GPtrArray *list)
{
    json_t *array = json_array();
    for (guint i = 0; i < list->len; i++) {
        const jd_left_out *left = g_ptr_array_index(list, i);
        g_autofree char *id = jd_item_id(left->kind, left->item);
        json_array_append_new(
            array, json_pack("{s:s, s:o}", "id", id, "reason", jd_json_string(left->reason)));
    }
    return array;
}

json_t *jd_answer_to_json(const jd_answer *answer)
{
    json_t *object = json_object();
    json_object_set_new(object, "question", jd_json_string(answer->question));
    json_object_set_new(object, "search_query", jd_json_string(answer->search_query));
    json_object_set_new(object, "answer", jd_json_string(answer->text));
    json_object_set_new(object, "answered", json_boolean(answer->answered));
    json_object_set_new(object, "complete", json_boolean(answer->complete));
    json_object_set_new(object, "backend", jd_json_string(answer->backend));
    json_object_set_new(object, "model", jd_json_string(answer->model));
    json_object_set_new(object, "citations", citations(answer->citations));
    json_object_set_new(object, "evidence", jd_evidence_lists_to_json(answer->evidence));
    json_object_set_new(object, "left_out", left_out(answer->left_out));
    json_object_set_new(
        object, "timings_ms",
        json_pack("{s:o, s:o, s:o, s:o}", "rewrite", jd_json_real(answer->rewrite_ms), "search",
                  jd_json_real(answer->search_ms), "first_token",
                  jd_json_real(answer->first_token_ms), "total", jd_json_real(answer->total_ms)));
    json_object_set_new(object, "notes", jd_json_strings(answer->notes));
    return object;
}
