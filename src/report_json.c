#include "report_json.h"

#include "retrieve/json.h"

json_t *jd_skipped_to_json(const GPtrArray *skipped)
{
    json_t *list = json_array();
    for (guint i = 0; i < skipped->len; i++) {
        const jd_skipped *one = skipped->pdata[i];
        json_array_append_new(list, json_pack("{s:o, s:o}", "uri", jd_json_string(one->uri),
                                              "reason", jd_json_string(one->reason)));
    }
    return list;
}

json_t *jd_ingest_report_to_json(const jd_ingest_report *report)
{
    return json_pack("{s:i, s:i, s:i, s:i, s:i, s:o, s:o, s:I, s:f}", "documents",
                     (int)report->documents, "unchanged", (int)report->unchanged, "chunks",
                     (int)report->chunks, "images", (int)report->images, "pruned",
                     (int)report->pruned, "skipped", jd_skipped_to_json(report->skipped),
                     "warnings", jd_skipped_to_json(report->warnings), "vectors",
                     (json_int_t)report->vectors, "seconds", report->seconds);
}

json_t *jd_embed_report_to_json(const jd_embed_report *report)
{
    return json_pack("{s:I, s:I, s:o, s:f}", "texts", (json_int_t)report->texts, "images",
                     (json_int_t)report->images, "skipped", jd_skipped_to_json(report->skipped),
                     "seconds", report->seconds);
}

json_t *jd_space_to_json(const jd_space *space, guint64 texts, guint64 images)
{
    return json_pack("{s:I, s:s, s:s, s:i, s:I, s:I}", "id", (json_int_t)space->id, "model",
                     space->model, "revision", space->revision, "dimension", space->dimension,
                     "texts", (json_int_t)texts, "images", (json_int_t)images);
}
