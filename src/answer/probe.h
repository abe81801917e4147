/* Small questions to a language-model server: what it has and what it can do. */
#ifndef JD_ANSWER_PROBE_H
#define JD_ANSWER_PROBE_H

#include "answer/failure.h"
#include "answer/servers.h"

#define JD_HINT_START_OLLAMA                                                                       \
    "start it with `ollama serve`, say where it is in OLLAMA_HOST, or use --backend extract"
#define JD_HINT_START_OPENAI "start the server, or correct OPENAI_BASE_URL"

typedef struct jd_probe {
    const char *base; /* URL that `path` is added to */
    const char *key;  /* or NULL */
    const char *hint; /* of the error where nothing answers */
    gboolean offline;
    jd_cancel *cancel;
    jd_failure failure; /* of the last question, where the server refused */
} jd_probe;

void jd_probe_clear(jd_probe *probe);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_probe, jd_probe_clear)

/**
 * GET of `path`, or POST of `body` (takes the reference; NULL: GET). The answer as a new reference.
 * Errors as jd_http_run()'s; a refusal is JD_ERROR_REMOTE (JD_ERROR_NOT_FOUND for 404) with
 * probe->failure; an answer that is no JSON object is JD_ERROR_REMOTE.
 */
json_t *jd_probe_ask(jd_probe *probe, const char *path, json_t *body, GError **error);

/** A line of a stream, parsed; NULL where it is not a JSON object. A new reference. */
json_t *jd_line_object(const char *line, gsize length);

/** TRUE where an array holds the string. */
gboolean jd_json_has_string(const json_t *array, const char *wanted);

/* ---- Ollama ---- */

/** {"model": name}: what /api/show and /api/pull take; a new reference. */
json_t *jd_ollama_name(const char *name);

/** The base URL from `server`, else OLLAMA_HOST, else the default. */
char *jd_ollama_base(const char *server, GError **error);

/** "0.33.0"; NULL where it does not say. */
char *jd_ollama_version(jd_probe *probe);

/** TRUE where a version is at least major.minor; FALSE for NULL. */
gboolean jd_version_at_least(const char *version, int major, int minor);

/**
 * The models of /api/tags in its order: jd_server_model *. What newer servers tell here
 * (capabilities) is filled in; for others jd_ollama_look() finds out. Models whose architecture the
 * server cannot load have a `problem`.
 */
GPtrArray *jd_ollama_models(jd_probe *probe, GError **error);

/** Fills in what /api/show tells of one model. */
gboolean jd_ollama_look(jd_probe *probe, jd_server_model *model, GError **error);

/** The first model in the server's order that takes pictures and can be used; looks at models where
 * needed. NULL where there is none. `text_only` gets the first usable one that takes none. */
const jd_server_model *jd_ollama_pick(jd_probe *probe, GPtrArray *models,
                                      const jd_server_model **text_only);

/* ---- OpenAI-compatible servers ---- */

/** The models of /models. `llama_server` (may be NULL) tells whether it is llama.cpp's server. */
GPtrArray *jd_openai_models(jd_probe *probe, gboolean *llama_server, GError **error);

/** Fills in what llama-server's /props tells: vision and the context that it runs with. Does
 * nothing where it does not answer. */
void jd_openai_look(jd_probe *probe, jd_server_model *model);

#endif
