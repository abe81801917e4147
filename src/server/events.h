/*
 * Server-sent events: the body of an answer that is written while it is sent.
 *
 * Sending never waits for the client: what it has not taken yet is kept, up to
 * JD_SERVER_UNSENT_BYTES; a client that falls further behind is given up. Any thread may send; a
 * stream is a counted reference. Whoever holds it ends it with jd_events_end().
 */
#ifndef JD_SERVER_EVENTS_H
#define JD_SERVER_EVENTS_H

#include <glib.h>
#include <jansson.h>

typedef struct jd_events jd_events;

jd_events *jd_events_ref(jd_events *events);
void jd_events_unref(jd_events *events);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_events, jd_events_unref)

/** One event: "event: NAME" (left out where `name` is NULL) and "data: JSON". Takes `data`. FALSE
 * where nobody listens any more. */
gboolean jd_events_send(jd_events *events, const char *name, json_t *data);

/** The same with data that is text of one line: "[DONE]". */
gboolean jd_events_send_text(jd_events *events, const char *name, const char *data);

/** A comment, which clients ignore: keeps proxies from closing a quiet stream. */
gboolean jd_events_keep_alive(jd_events *events);

/** Nothing more will come: the answer ends when all is sent. */
void jd_events_end(jd_events *events);

/** Whether the client has gone or was given up. */
gboolean jd_events_is_over(jd_events *events);

#endif
