/*
 * What a model says, made fit for an answer and a terminal while it streams in.
 *
 * Leading white space, a thinking block at the very beginning (<think>...</think>) and control
 * characters other than tab and line feed (escape sequences that a terminal would obey) are
 * dropped.
 */
#ifndef JD_ANSWER_TALK_H
#define JD_ANSWER_TALK_H

#include <glib.h>

typedef struct jd_talk {
    GString *text;  /* what has been passed on */
    GString *head;  /* held back until it is clear whether a thinking block begins */
    int state;      /* of the beginning; private */
    gboolean begun; /* anything came, thinking included */
    void (*on_text)(const char *piece, void *user); /* may be NULL */
    void *user;
} jd_talk;

void jd_talk_init(jd_talk *talk, void (*on_text)(const char *piece, void *user), void *user);
void jd_talk_clear(jd_talk *talk);

/** Takes a piece of valid UTF-8. FALSE where the answer is over JD_LIMIT_SERVER_ANSWER_BYTES. */
gboolean jd_talk_add(jd_talk *talk, const char *piece, gsize length);

/** The end: passes on what was held back. */
void jd_talk_end(jd_talk *talk);

#endif
