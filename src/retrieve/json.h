/*
 * Documents, items and search results as JSON: one form for the command, the server and MCP.
 *
 * Every function returns a new reference and cannot fail: what is missing is null, numbers that
 * were not computed (NAN) are null, and bytes that are no UTF-8 (as in file names) become U+FFFD.
 */
#ifndef JD_RETRIEVE_JSON_H
#define JD_RETRIEVE_JSON_H

#include <jackdaw.h>
#include <jansson.h>

/** "t12", "i3": the id of an item. g_free() it. */
char *jd_item_id(jd_item_kind kind, gint64 id);

/** A string, or null where `text` is NULL. */
json_t *jd_json_string(const char *text);
/** A number, or null where `value` is NAN or infinite. */
json_t *jd_json_real(double value);
/** An array of the strings of `strings` (char *; may be NULL: empty). */
json_t *jd_json_strings(const GPtrArray *strings);

/** {"id","uri","title","media_type"}, or null where `info` is NULL: a document beside its items. */
json_t *jd_document_to_json(const jd_document_info *info);
/** The same with everything that is known: collection, sha256, language, published, authors, mtime
 * (seconds since 1970), size (bytes), chunks and images (counts). What `ls --json` prints. */
json_t *jd_document_to_json_full(const jd_document_info *info);

/** A chunk or an image as `ls --chunks --json` and `ls --images --json` print it: no rank, no
 * scores. */
json_t *jd_item_to_json(const jd_item *item);

/** The same with rank, score and scores {"dense","keyword","rerank"}. */
json_t *jd_evidence_to_json(const jd_evidence *evidence);

/** Arrays of evidence objects: {"text":[...],"images":[...]}. */
json_t *jd_evidence_lists_to_json(const jd_results *results);

/** "default" or "article". */
const char *jd_profile_name(jd_profile profile);

/** What `search --json` prints: query, profile, text, images, timings_ms, notes. */
json_t *jd_results_to_json(const jd_results *results);

#endif
