/* What ingest, embed and model report, as JSON: one form for the command and the server. Every
 * function returns a new reference. */
#ifndef JD_REPORT_JSON_H
#define JD_REPORT_JSON_H

#include "store/store.h"

#include <jansson.h>

/** [{"uri","reason"}] of an array of jd_skipped *. */
json_t *jd_skipped_to_json(const GPtrArray *skipped);

/** What `ingest --json` prints: documents, unchanged, chunks, images, pruned, skipped, warnings,
 * vectors, seconds. */
json_t *jd_ingest_report_to_json(const jd_ingest_report *report);

/** What `embed --json` prints: texts, images, skipped, seconds. */
json_t *jd_embed_report_to_json(const jd_embed_report *report);

/** What `embed --list --json` prints of a space: id, model, revision, dimension, texts, images (how
 * many vectors of each). */
json_t *jd_space_to_json(const jd_space *space, guint64 texts, guint64 images);

/** What `model list --json` prints of a model: name, folder, use, family, dimension, bytes,
 * licence, source, revision, sha256, verified, installed_at, problem. */
json_t *jd_installed_model_to_json(const jd_installed_model *model);

#endif
