/*
 * Language-model servers as the rest of Jackdaw sees them: which answer, which models they have,
 * and fetching a model into Ollama.
 *
 * Nothing here is needed to ask a question (answer.h does that); `doctor`, `ask` (to offer a
 * missing model) and the server's list of models use it.
 */
#ifndef JD_ANSWER_SERVERS_H
#define JD_ANSWER_SERVERS_H

#include <jackdaw.h>

/** The article's model, as Ollama names it. */
#define JD_ARTICLE_MODEL "llama3.2-vision"

/** A model that a server has. */
typedef struct jd_server_model {
    char *name;         /* as the server wants it: "gemma3:4b" */
    char *architecture; /* "mllama", "gemma3"; NULL where the server does not tell */
    gboolean told;      /* the server has told what follows; else it is a guess */
    gboolean answers;   /* takes part in a conversation (an embedding model does not) */
    gboolean vision;    /* takes pictures */
    gboolean thinks;    /* writes down its thinking first, unless told not to */
    gboolean elsewhere; /* the server passes what it is asked on to somebody else's machine */
    int context_tokens; /* the largest window, 0 where the server does not tell */
    char *problem;      /* why it cannot be used here, one sentence, or NULL */
} jd_server_model;

jd_server_model *jd_server_model_new(const char *name);
jd_server_model *jd_server_model_copy(const jd_server_model *model);
void jd_server_model_free(jd_server_model *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_server_model, jd_server_model_free)

/** An array that frees its jd_server_model *. */
GPtrArray *jd_server_models_new(void);

/** A server that was looked for. */
typedef struct jd_server {
    const char *backend; /* "ollama" or "openai" */
    char *url;           /* without user name and password; NULL where none is configured */
    char *version;       /* or NULL */
    gboolean reachable;
    char *problem;     /* why not, one sentence, or NULL */
    char *hint;        /* what to do about it, or NULL */
    GPtrArray *models; /* jd_server_model *, the server's order */
} jd_server;

void jd_server_free(jd_server *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_server, jd_server_free)

/**
 * Asks the servers that `ask` would use what they have: Ollama (OLLAMA_HOST, else 127.0.0.1:11434)
 * and the one that OPENAI_BASE_URL names, in this order; jd_server *. A server that does not answer
 * within some seconds is in the list with its problem: nothing here is an error. `offline` leaves
 * servers on other machines alone.
 */
GPtrArray *jd_servers_probe(gboolean offline);

typedef struct jd_pull_options {
    const char *model;
    const char *server; /* NULL: OLLAMA_HOST, then the default */
    jd_progress_fn progress;
    void *user;
    jd_cancel *cancel;
} jd_pull_options;

/**
 * Has Ollama fetch a model. Progress is in bytes over all of the model's files, stage "pull",
 * `what` the server's own word for what it does. A pull that was cancelled or broke off goes on
 * where it was when called again. JD_ERROR_REMOTE with the server's reason where it fails (no such
 * model, no network), JD_ERROR_UNAVAILABLE where no server answers, JD_ERROR_CANCELLED.
 */
gboolean jd_ollama_pull(const jd_pull_options *options, GError **error);

#endif
