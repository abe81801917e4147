/* An answer as JSON. */
#ifndef JD_ANSWER_JSON_H
#define JD_ANSWER_JSON_H

#include <jackdaw.h>
#include <jansson.h>

/**
 * What `ask --json` prints: question, answer, answered, complete, backend, model, citations
 * [{"n","id","start","end"}], evidence {"text","images"}, left_out [{"id","reason"}], timings_ms
 * {"search","first_token","total"}, notes. A new reference.
 */
json_t *jd_answer_to_json(const jd_answer *answer);

#endif
