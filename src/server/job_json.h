/* Jobs as JSON: as they are kept, and as clients see them. */
#ifndef JD_SERVER_JOB_JSON_H
#define JD_SERVER_JOB_JSON_H

#include "store/records.h"

#include <jansson.h>

/** What clients see; `progress` (may be NULL) is of a job that runs. A new reference. */
json_t *jd_job_to_json(const jd_job *job, json_t *progress);

json_t *jd_progress_to_json(const jd_progress *progress);

/** What is kept of how a job ended: {"result","error"}, as text. `result` (may be NULL) is taken.
 */
char *jd_job_outcome(json_t *result, const GError *error);

/** The folder of uploaded files that a request names, in the spool; NULL without one. */
const char *jd_job_request_folder(const json_t *request);

#endif
