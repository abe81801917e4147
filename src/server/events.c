#include "server/events_state.h"

#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

struct jd_events {
    gint refs;
    GMutex lock;
    jd_loop *loop;
    struct MHD_Connection *connection; /* NULL once it is done with */
    GString *unsent;
    gsize taken;      /* bytes of `unsent` that libmicrohttpd has */
    gboolean waiting; /* the connection is held back until there is something to send */
    gboolean ended, over;
};

jd_events *jd_events_new(jd_loop *loop, struct MHD_Connection *connection)
{
    jd_events *events = g_new0(jd_events, 1);
    events->refs = 1;
    events->loop = loop;
    events->connection = connection;
    events->unsent = g_string_new(NULL);
    g_mutex_init(&events->lock);
    return events;
}

jd_events *jd_events_ref(jd_events *events)
{
    g_atomic_int_inc(&events->refs);
    return events;
}

void jd_events_unref(jd_events *events)
{
    if (!events || !g_atomic_int_dec_and_test(&events->refs))
        return;
    g_string_free(events->unsent, TRUE);
    g_mutex_clear(&events->lock);
    g_free(events);
}

/* With the lock held: has the event loop look at the stream. */
static void wake(jd_events *events)
{
    if (!events->waiting || !events->connection)
        return;
    events->waiting = FALSE;
    MHD_resume_connection(events->connection);
    jd_loop_wake(events->loop);
}

/* ---- the event loop's side ---- */

static ssize_t take(void *user, uint64_t position, char *buffer, size_t max)
{
    jd_events *events = user;
    ssize_t taken = 0;
    g_mutex_lock(&events->lock);
    gsize left = events->unsent->len - events->taken;
    if (events->over) {
        taken = MHD_CONTENT_READER_END_WITH_ERROR;
    } else if (left > 0) {
        taken = (ssize_t)MIN(left, max);
        memcpy(buffer, events->unsent->str + events->taken, (gsize)taken);
        events->taken += (gsize)taken;
        if (events->taken == events->unsent->len) {
            g_string_truncate(events->unsent, 0);
            events->taken = 0;
        }
    } else if (events->ended) {
        taken = MHD_CONTENT_READER_END_OF_STREAM;
    } else if (events->connection) {
        events->waiting = TRUE;
        MHD_suspend_connection(events->connection);
    }
    g_mutex_unlock(&events->lock);
    return taken;
}

static void drop(void *user)
{
    jd_events_unref(user);
}

struct MHD_Response *jd_events_response(jd_events *events)
{
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, JD_SERVER_EVENT_BLOCK_BYTES, take,
                                             jd_events_ref(events), drop);
}

void jd_events_give_up(jd_events *events)
{
    g_mutex_lock(&events->lock);
    events->over = TRUE;
    wake(events);
    g_mutex_unlock(&events->lock);
}

void jd_events_detach(jd_events *events)
{
    g_mutex_lock(&events->lock);
    events->over = TRUE;
    events->connection = NULL;
    g_mutex_unlock(&events->lock);
}

/* ---- the sender's side ---- */

/* The events are no more than lines: nothing in them may end one early. */
static void append_line(GString *out, const char *field, const char *value)
{
    g_string_append_printf(out, "%s: ", field);
    for (const char *at = value; *at; at++)
        g_string_append_c(out, *at == '\n' || *at == '\r' ? ' ' : *at);
    g_string_append_c(out, '\n');
}

static gboolean send_block(jd_events *events, const char *block)
{
    g_mutex_lock(&events->lock);
    gsize left = events->unsent->len - events->taken;
    if (left + strlen(block) > JD_SERVER_UNSENT_BYTES)
        events->over = TRUE;
    gboolean listens = !events->over && !events->ended;
    if (listens)
        g_string_append(events->unsent, block);
    wake(events);
    g_mutex_unlock(&events->lock);
    return listens;
}

gboolean jd_events_send_text(jd_events *events, const char *name, const char *data)
{
    g_autoptr(GString) block = g_string_new(NULL);
    if (name)
        append_line(block, "event", name);
    append_line(block, "data", data);
    g_string_append_c(block, '\n');
    return send_block(events, block->str);
}

gboolean jd_events_send(jd_events *events, const char *name, json_t *data)
{
    char *text = json_dumps(data, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(data);
    gboolean listens = text ? jd_events_send_text(events, name, text) : FALSE;
    free(text); /* jansson's own allocator is malloc() */
    return listens;
}

gboolean jd_events_keep_alive(jd_events *events)
{
    return send_block(events, ":\n\n");
}

void jd_events_end(jd_events *events)
{
    g_mutex_lock(&events->lock);
    events->ended = TRUE;
    wake(events);
    g_mutex_unlock(&events->lock);
}

gboolean jd_events_is_over(jd_events *events)
{
    g_mutex_lock(&events->lock);
    gboolean over = events->over;
    g_mutex_unlock(&events->lock);
    return over;
}
