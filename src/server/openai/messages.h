/* What a client has said, in either of OpenAI's two forms, as a question with what went before. */
#ifndef JD_SERVER_OPENAI_MESSAGES_H
#define JD_SERVER_OPENAI_MESSAGES_H

#include "server/conversation.h"

typedef struct jd_openai_talk {
    char *question;
    GBytes *picture; /* that goes with it, or NULL */
    jd_history history;
    gboolean instructed; /* there were messages of the system's, which are not used */
} jd_openai_talk;

void jd_openai_talk_clear(jd_openai_talk *talk);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_openai_talk, jd_openai_talk_clear)

/**
 * From [{"role","content"}]. Content is a string, or parts: "text", "input_text", "output_text" are
 * taken together, "image_url" and "input_image" are pictures as data: URIs. The last message is to
 * be the user's: it is the question, with at most one picture. Earlier ones of user and assistant
 * become turns; those of tools and functions are passed over, and so are pictures.
 */
gboolean jd_openai_talk_read(jd_openai_talk *talk, const json_t *messages, GError **error);

/**
 * A picture of a content part: {"image_url":{"url":"data:..."}} or {"image_url":"data:..."}. NULL
 * with an error where it is none.
 */
GBytes *jd_openai_picture_read(const json_t *part, GError **error);

#endif
