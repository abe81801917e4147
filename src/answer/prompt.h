/*
 * Evidence becomes messages for a language model that fit its context.
 *
 * default: a system message with the instructions and the numbered sources (it stays the same over
 * a conversation about the same evidence, so that the server's prefix cache stays warm), the
 * earlier turns, and a user message with the pictures, each after its label, and the question. Each
 * source is
 *
 *     [3] Title › Section › Subsection (page 7)
 *     the passage
 *
 *     [6] Picture 6: Title › Section
 *     Caption: ...
 *     Text in the picture: ...
 *
 * Sources stand between two lines with a code that occurs in none of them (the beginning of their
 * own SHA-256), so that no document can end the fence; control tokens in them are made harmless
 * (neutral.h), and so are references that look like a source's number. A model that finds no answer
 * in them is asked to reply with JD_PROMPT_NO_ANSWER.
 *
 * article: one user message, the article's own prompt (prompt_article.c).
 *
 * Tokens are estimated, high rather than low: one for every 3.5 bytes of ASCII and one for every
 * other character, times what an earlier refusal of the server taught; 8 a message; a picture by
 * its model: 16 where the model attends to it outside of its context (mllama), 256 (gemma3), 576
 * (llama: the LLaVA family), else one for each 28 x 28 pixels as Qwen and Mistral have it.
 */
#ifndef JD_ANSWER_PROMPT_H
#define JD_ANSWER_PROMPT_H

#include "answer/answer.h"
#include "answer/selection.h"
#include "answer/servers.h"

#define JD_PROMPT_NO_ANSWER "The documents do not hold an answer to this question."

/** Text or a picture. */
typedef struct jd_part {
    char *text;      /* or NULL */
    GBytes *picture; /* or NULL: JPEG or PNG */
    const char *media_type;
} jd_part;

typedef struct jd_message {
    const char *role; /* "system", "user", "assistant" */
    GPtrArray *parts; /* jd_part * */
} jd_message;

typedef struct jd_prompt {
    GPtrArray *messages; /* jd_message * */
    GPtrArray *notes;    /* char *: what the user should know of how it was made */
    guint pictures;      /* number of pictures in it */
    gint64 tokens;       /* estimate of the whole prompt, unscaled */
} jd_prompt;

/** What the prompt has to fit in. */
typedef struct jd_window {
    const jd_server_model *model;
    int context_tokens; /* of prompt and answer together */
    int answer_tokens;  /* kept free for the answer */
    double scale;       /* real tokens for each estimated one, as far as known; 1 */
} jd_window;

/**
 * Builds the messages from the selected evidence. Drops what does not fit (in `selection`, with the
 * reason) and has the pictures rendered that are shown. JD_ERROR_LIMIT where not even the question
 * and one source fit.
 */
jd_prompt *jd_prompt_new(const jd_answer_request *request, jd_selection *selection,
                         const jd_window *window, GError **error);
void jd_prompt_free(jd_prompt *prompt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_prompt, jd_prompt_free)

/** How many pictures a message to the model may hold: 0, 1 or G_MAXINT. */
int jd_model_picture_limit(const jd_server_model *model);

/** Estimate of the tokens in a text. */
int jd_text_tokens(const char *text);

/** TRUE where an answer begins with JD_PROMPT_NO_ANSWER, case and punctuation aside: what a model
 * adds to it is talk about the sources. */
gboolean jd_prompt_is_no_answer(const char *answer);

/* ---- what is used to build one ---- */

/** Without a message. */
jd_prompt *jd_prompt_empty(void);

/** A new message at the end of the prompt. */
jd_message *jd_prompt_add(jd_prompt *prompt, const char *role);
/** Takes the text. */
void jd_message_add_text(jd_message *message, char *text);
/** Takes a reference to the picture. */
void jd_message_add_picture(jd_message *message, GBytes *picture, const char *media_type);

/**
 * The article's prompt, byte for byte: its template has one line feed after the first line's colon,
 * an empty line, the snippets (each ends in an empty line), a line feed, the pictures (each ends in
 * an empty line), two line feeds, the instruction, and two line feeds; no line is indented. (The
 * article's notebook prints "where available" at the end; the article and its functions.py have
 * "where possible", which is taken here; functions.py indents the template's own lines by four
 * spaces.) The section is the innermost heading, "Main" where there is none.
 */
char *jd_prompt_article_text(const char *question, const jd_selection *selection);

#endif
