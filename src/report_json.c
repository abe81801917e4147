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

static json_t *date_or_null(gint64 seconds)
{
    if (seconds <= 0)
        return json_null();
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(seconds);
    g_autofree char *text = time ? g_date_time_format_iso8601(time) : NULL;
    return jd_json_string(text);
}

json_t *jd_installed_model_to_json(const jd_installed_model *model)
{
    json_t *json = json_pack(
        "{s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
        jd_json_string(model->name), "folder", jd_json_string(model->folder), "use",
        jd_json_string(model->use), "family", jd_json_string(model->family), "bytes",
        (json_int_t)model->bytes, "licence", jd_json_string(model->licence), "source",
        jd_json_string(model->source), "revision", jd_json_string(model->revision), "sha256",
        jd_json_string(model->sha256), "verified", jd_json_string(model->verified), "installed_at",
        date_or_null(model->installed), "state",
        jd_json_string(!model->sha256   ? NULL
                       : model->problem ? "changed"
                                        : "ok"),
        "problem", jd_json_string(model->problem));
    json_object_set_new(json, "dimension",
                        model->dimension > 0 ? json_integer(model->dimension) : json_null());
    return json;
}
