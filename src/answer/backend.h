/*
 * The table of what can answer: Ollama, OpenAI-compatible servers, and extraction without a model.
 * Another one is one more file and one line in the table in choose.c.
 */
#ifndef JD_ANSWER_BACKEND_H
#define JD_ANSWER_BACKEND_H

#include "answer/answer.h"
#include "answer/failure.h"
#include "answer/lines.h"
#include "answer/prompt.h"
#include "answer/talk.h"

#include <jansson.h>

typedef struct jd_session jd_session;

typedef struct jd_backend {
    const char *name;
    /**
     * Finds the server and the model: sets the session's base, key, model and context_tokens and
     * says in notes what there is to say. Fails where there is nothing to ask.
     */
    gboolean (*choose)(jd_session *session, GError **error);
    /** The same without asking any server, for showing a prompt where none answers. NULL: choose
     * asks nobody. */
    gboolean (*assume)(jd_session *session, GError **error);
    /**
     * Asks the model (`prompt` is NULL for a backend that needs none). TRUE with session->talk
     * filled and answer->complete set; a refusal leaves session->failure.
     */
    gboolean (*chat)(jd_session *session, const jd_prompt *prompt, GError **error);
    /** What would be sent: {"method","url","body"} or {"passages"}; a new reference. */
    json_t *(*show)(const jd_session *session, const jd_prompt *prompt);
    gboolean needs_prompt;
} jd_backend;

extern const jd_backend jd_backend_ollama;
extern const jd_backend jd_backend_openai;
extern const jd_backend jd_backend_extract;

/** One question on its way to an answer, or something else that a model is asked for. */
struct jd_session {
    const jd_answer_request *request; /* NULL where it is not for an answer */
    const jd_ask_options *options;
    jd_answer *answer; /* notes go there */
    const jd_backend *backend;
    char *base; /* URL of the server that the backend's paths are added to */
    char *key;  /* or NULL */
    jd_server_model *model;
    int context_tokens;
    double scale;            /* real tokens for each estimated one */
    gboolean take_text_only; /* where there is none that takes pictures */
    jd_talk talk;
    jd_failure failure;
    gboolean no_temperature, new_max_tokens; /* what an OpenAI server has turned down */
    gint64 started;                          /* monotonic, microseconds */
    gint64 deadline;                         /* the same; 0: the limits of a server's answer */
    int most_tokens;                         /* of the answer; 0: see jd_session_answer_tokens() */
};

/** An answer to `question` that is still empty. */
jd_answer *jd_answer_new(const char *question);

/** For an answer to `question`, told to `options`, which must outlive it. */
void jd_session_init(jd_session *session, const char *question, const jd_ask_options *options);
void jd_session_clear(jd_session *session);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_session, jd_session_clear)

/** Milliseconds since it began. */
double jd_session_ms(const jd_session *session);

/** Adds a note to the answer and tells it to options->on_note; once, where it comes again. */
void jd_session_note(jd_session *session, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** Takes a copy of the model, and as the window what the options want of what the model has. */
void jd_session_set_model(jd_session *session, const jd_server_model *model);

/** Tokens kept free for the answer: JD_ASK_ANSWER_TOKENS or what the session says, or a quarter of
 * a small window. */
int jd_session_answer_tokens(const jd_session *session);

/** The backend of that name; NULL where there is none. */
const jd_backend *jd_backend_find(const char *name);

/** Finds out what answers, as options->backend says ("auto": see answer.h), and sets
 * session->backend. Says what it chose and why. */
gboolean jd_session_choose(jd_session *session, GError **error);
/** The choice that a session has made, with its notes, before it has asked anything. */
jd_choice *jd_session_choice(const jd_session *session);
/** Takes over the choice of an earlier session with the same options, instead of choosing. */
void jd_session_adopt(jd_session *session, const jd_choice *choice);
/** Quotes passages, because of `why`. */
void jd_session_use_extract(jd_session *session, const char *why);
/** Chooses, and where no server answers assumes what it would have. */
gboolean jd_session_assume(jd_session *session, GError **error);

/* ---- talking to a server ---- */

typedef struct jd_exchange {
    char *url;
    char *body;         /* JSON */
    jd_line_fn on_line; /* every line of the stream */
    void *user;
} jd_exchange;

/**
 * Posts the body and passes on the lines of the answer. A server that is busy is asked again some
 * times, one that loads its model until the limit for a first byte; notes say so. A refusal is an
 * error, with session->failure telling more (JD_ERROR_LIMIT where the request does not fit the
 * model's context, JD_ERROR_NOT_FOUND for 404, JD_ERROR_REMOTE else).
 */
gboolean jd_session_exchange(jd_session *session, const jd_exchange *exchange, GError **error);

/** How a stream ended. */
typedef struct jd_stream_end {
    gboolean finished; /* by its own last line */
    gboolean length;   /* by the limit of tokens */
    gboolean garbage;  /* a line that was none of the protocol's */
    gboolean too_long; /* by Jackdaw: the answer was too long */
} jd_stream_end;

/**
 * Judges the end of a stream. Where words came, it is an answer: complete or not, with a note.
 * `*error` may hold what broke the stream off; it is cleared where words came, and set where none
 * did.
 */
gboolean jd_session_finish(jd_session *session, const jd_stream_end *end, GError **error);

#endif
