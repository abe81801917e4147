/*
 * What to do, where that is a command: each remedy in the words for who types commands, which the
 * library's hints and notes have, and beside them those for the clients of a server.
 *
 * Whatever in the library names a command of jackdaw's takes its words from here (the tests hold it
 * to that), so that a server finds them again, however they are put.
 */
#ifndef JD_BASE_REMEDY_H
#define JD_BASE_REMEDY_H

#include <glib.h>

#define JD_REMEDY_FETCH_VISION                                                                     \
    "fetch a model that takes pictures: jackdaw ask --pull --model gemma3 QUESTION"
#define JD_REMEDY_FETCH_NAMED "fetch it with: jackdaw ask --pull --model %s QUESTION"
#define JD_REMEDY_FETCH_ONE "fetch one with: jackdaw ask --pull --model gemma3 QUESTION"
#define JD_REMEDY_EMBED_MAKES "`jackdaw embed` makes them"
#define JD_REMEDY_EMBED_GOES_ON "`jackdaw embed` goes on from here"
#define JD_REMEDY_EMBED_MISSING "run `jackdaw embed` to fill in missing vectors"
#define JD_REMEDY_EMBED_FIRST "embed the items first: jackdaw embed"
#define JD_REMEDY_LIST_DOCUMENTS "see `jackdaw ls`"
#define JD_REMEDY_LIST_ITEMS "see `jackdaw ls --chunks` and `jackdaw ls --images`"
#define JD_REMEDY_SEARCH_IDS "a search with --json and ls --json print the id of every item"
#define JD_REMEDY_MODELS_RUN "`jackdaw model list --known` names models that it runs"
#define JD_REMEDY_MODELS_KNOWN                                                                     \
    "`jackdaw model list --known` names them; write OWNER/NAME for any other"
#define JD_REMEDY_MODELS_NAME                                                                      \
    "see whether the name is right: `jackdaw model list --known` lists models"
#define JD_REMEDY_MODELS_INSTALLED "`jackdaw model list` names those that are"
#define JD_REMEDY_PULL_ENCODER                                                                     \
    "`jackdaw model pull NAME` fetches one; a folder with config.json and weights does too"
#define JD_REMEDY_PULL_RERANKER                                                                    \
    "`jackdaw model pull ettin-reranker-32m` fetches one; --model names a folder"
#define JD_REMEDY_MODEL_AS_FILES                                                                   \
    "leave it away, or bring the model as a folder or an archive: jackdaw model add"
#define JD_REMEDY_RESTORE "restore a copy made by `jackdaw backup`"
#define JD_REMEDY_RESTORE_OR_INGEST                                                                \
    "the file is damaged: restore a copy made by `jackdaw backup`, or ingest the documents into "  \
    "a new knowledge base"
#define JD_REMEDY_INGEST_FILLS "fill it with `jackdaw ingest PATH`"
#define JD_REMEDY_INGEST_UPDATES "run `jackdaw ingest` once, which brings it up to date"
#define JD_REMEDY_INGEST_MAKES "make one with `jackdaw ingest PATH`"

typedef struct jd_remedy {
    const char *command; /* with "%s" where a name stands */
    const char *client;  /* NULL: nothing that a client could do */
} jd_remedy;

/** NULL command after the last. */
extern const jd_remedy jd_remedies[];

/**
 * `text` with each remedy in it in its words for clients. NULL where it has one that is nothing for
 * them. g_free() it.
 */
char *jd_remedy_for_clients(const char *text);

#endif
