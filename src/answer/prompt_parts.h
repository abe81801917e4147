/* The parts of a prompt: its texts, its pictures, and what they cost. Used by prompt.c. */
#ifndef JD_ANSWER_PROMPT_PARTS_H
#define JD_ANSWER_PROMPT_PARTS_H

#include "answer/prompt.h"

#define JD_PROMPT_FIXED_TOKENS 260  /* the instructions and the frame of the sources */
#define JD_PROMPT_MESSAGE_TOKENS 8  /* what a chat template puts around a message */
#define JD_PROMPT_LABEL_TOKENS 8    /* "Picture 6:" */
#define JD_PROMPT_ARTICLE_TOKENS 24 /* the article's field names around each source */

/** The entry of source number `n`, ending in an empty line. */
char *jd_prompt_source_text(const jd_source *source, int n);

/** A code that occurs nowhere in the text, to fence it with: the beginning of its own hash, hashed
 * on until it does not. */
char *jd_prompt_code(const char *text);

/** The whole system message. */
char *jd_prompt_system_text(const jd_selection *selection);

/** What a picture costs; `item` NULL: one of the largest size that is sent. */
int jd_picture_tokens(const jd_server_model *model, const jd_item *item);

typedef struct jd_picture_plan {
    const jd_answer_request *request;
    jd_selection *selection;
    int limit;     /* pictures in a message: 0, 1 or more */
    gboolean bare; /* a single picture goes without a label, as the article has it */
} jd_picture_plan;

/**
 * Renders the shown pictures and the question's own and adds them to the message, each after its
 * label; where the model takes one only, all on one labelled sheet. A picture that cannot be
 * rendered is not shown, which a note says.
 */
void jd_prompt_add_pictures(jd_prompt *prompt, jd_message *message, const jd_picture_plan *plan);

#endif
