#include "server/job_json.h"

#include "retrieve/json.h"
#include "server/problem.h"

#include <stdlib.h>
#include <string.h>

#define FOLDER "folder"

static json_t *parse(const char *text)
{
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    return json ? json : json_null();
}

static json_t *time_or_null(gint64 time)
{
    return time > 0 ? json_integer(time) : json_null();
}

json_t *jd_job_to_json(const jd_job *job, json_t *progress)
{
    g_autofree char *id = g_strdup_printf("j%" G_GINT64_FORMAT, job->id);
    json_t *request = parse(job->request);
    json_auto_t *outcome = parse(job->result);
    json_t *result = json_object_get(outcome, "result");
    json_t *error = json_object_get(outcome, "error");
    if (json_is_object(request))
        json_object_del(request, FOLDER);
    return json_pack("{s:s, s:s, s:s, s:o, s:I, s:o, s:o, s:O?, s:O?, s:O?}", "id", id, "kind",
                     job->kind, "state", job->state, "request", request, "created",
                     (json_int_t)job->created, "started", time_or_null(job->started), "finished",
                     time_or_null(job->finished), "progress", progress, "result", result, "error",
                     error);
}

json_t *jd_progress_to_json(const jd_progress *progress)
{
    return json_pack("{s:s, s:o, s:I, s:o, s:s}", "stage", progress->stage, "what",
                     jd_json_string(progress->what), "done", (json_int_t)progress->done, "total",
                     progress->total ? json_integer((json_int_t)progress->total) : json_null(),
                     "unit", progress->unit);
}

char *jd_job_outcome(json_t *result, const GError *error)
{
    json_t *problem_json = json_null();
    if (error) {
        g_auto(jd_problem) problem;
        jd_problem_init(&problem, error);
        problem_json =
            json_pack("{s:s, s:o, s:o}", "code", problem.code, "message",
                      jd_json_string(problem.message), "hint", jd_json_string(problem.hint));
    }
    json_auto_t *outcome = json_pack("{s:o?, s:o}", "result", result, "error", problem_json);
    char *text = json_dumps(outcome, JSON_COMPACT);
    char *copy = g_strdup(text);
    free(text); /* jansson's own allocator is malloc() */
    return copy;
}

const char *jd_job_request_folder(const json_t *request)
{
    const char *folder = json_string_value(json_object_get(request, FOLDER));
    /* A name within the spool, whatever the base says. */
    return folder && !strchr(folder, '/') && folder[0] != '.' && folder[0] != '\0' ? folder : NULL;
}
