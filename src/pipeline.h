/*
 * The pipeline: the only part that calls every stage. The public side is jackdaw.h; this is what
 * the command and the server use besides.
 *
 * kb.c opens knowledge bases; jackdaw.c searches them, ask.c answers from them; ingest.c reads
 * files into them: walk.c finds the files, ingest_job.c reads one, pictures.c gets the pictures
 * that it refers to, ingest_write.c stores what came of it. encoders.c knows the encoders,
 * embed_items.c makes vectors with them, encode_query.c those of a question.
 */
#ifndef JD_PIPELINE_H
#define JD_PIPELINE_H

#include "read/reader.h"
#include "retrieve/import_article.h"
#include "store/store.h"

/** Where the knowledge base is when no path is given: JACKDAW_KB, then
 * $XDG_DATA_HOME/jackdaw/default.db. */
char *jd_kb_default_path(void);

/** The store and the reader pool (started on first use) of an open knowledge base; they stay its
 * own. */
jd_store *jd_kb_store(jd_kb *kb);
jd_reader_pool *jd_kb_readers(jd_kb *kb, GError **error);

/** Opens the same knowledge base once more, for another thread. Both share the loaded encoders and
 * the pool of readers; they may be closed in any order. */
jd_kb *jd_kb_open_again(const jd_kb *kb, jd_kb_mode mode, GError **error);

/** The collection that it was opened with, or NULL. */
const char *jd_kb_collection(jd_kb *kb);

/** The request that jd_kb_ask() would send, as JSON text; sends nothing. */
char *jd_kb_show_prompt(jd_kb *kb, const char *question, const jd_ask_options *options,
                        GError **error);

/** Whether there is an encoder to embed with: the one named, or (NULL) any; JD_ERROR_UNAVAILABLE
 * else. */
gboolean jd_kb_has_encoder(jd_kb *kb, const char *name, GError **error);

/** Imports the article's files; pictures go through the reader. */
gboolean jd_kb_import_article(jd_kb *kb, const jd_article_files *files, jd_article_report *report,
                              GError **error);

#endif
