#include "server/guard.h"

#include "base/error.h"
#include "base/limits.h"
#include "server/address.h"
#include "server/call_state.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct jd_peer {
    guint64 id;
    int fd;
    char *address; /* "" for this machine's own */
    jd_phase phase;
    gint64 since, deadline; /* monotonic times, µs; deadline 0: none */
    jd_call *call;          /* watched; a reference, or NULL */
};

struct jd_guard {
    GMutex lock;
    GHashTable *peers;  /* id -> jd_peer * */
    GHashTable *counts; /* address -> connections */
    guint64 next_id;
    jd_guard_options options;
    int epoll, wakeup;
    GThread *thread;
    gboolean stop;
};

static void peer_free(gpointer data)
{
    jd_peer *peer = data;
    jd_call_unref(peer->call);
    g_free(peer->address);
    g_free(peer);
}

static gint64 seconds_from_now(gint64 seconds)
{
    return g_get_monotonic_time() + seconds * G_USEC_PER_SEC;
}

/* ---- the thread ---- */

static void end_peer(jd_peer *peer)
{
    shutdown(peer->fd, SHUT_RDWR);
    peer->deadline = 0;
}

static void end_late_ones(jd_guard *guard)
{
    GHashTableIter iter;
    gpointer value;
    gint64 now = g_get_monotonic_time();
    g_mutex_lock(&guard->lock);
    for (g_hash_table_iter_init(&iter, guard->peers);
         g_hash_table_iter_next(&iter, NULL, &value);) {
        jd_peer *peer = value;
        if (peer->deadline > 0 && now > peer->deadline)
            end_peer(peer);
    }
    g_mutex_unlock(&guard->lock);
}

static void hang_up(jd_guard *guard, guint64 id)
{
    g_mutex_lock(&guard->lock);
    jd_peer *peer = g_hash_table_lookup(guard->peers, &id);
    g_autoptr(jd_call) call = peer && peer->call ? jd_call_ref(peer->call) : NULL;
    g_mutex_unlock(&guard->lock);
    if (call)
        jd_call_hang_up(call);
}

static gpointer watch(gpointer user)
{
    enum { EVENTS = 64, TICK_MS = 1000 };
    jd_guard *guard = user;
    struct epoll_event events[EVENTS];
    gint64 next_look = 0, next_sign = seconds_from_now(JD_SERVER_KEEP_ALIVE_SECONDS);
    while (!g_atomic_int_get(&guard->stop)) {
        int n = epoll_wait(guard->epoll, events, EVENTS, TICK_MS);
        for (int i = 0; i < n; i++)
            hang_up(guard, events[i].data.u64);
        if (g_get_monotonic_time() >= next_look) {
            end_late_ones(guard);
            next_look = seconds_from_now(1);
        }
        if (g_get_monotonic_time() >= next_sign) {
            guard->options.on_quiet(guard->options.user);
            next_sign = seconds_from_now(JD_SERVER_KEEP_ALIVE_SECONDS);
        }
    }
    return NULL;
}

jd_guard *jd_guard_new(const jd_guard_options *options, GError **error)
{
    jd_guard *guard = g_new0(jd_guard, 1);
    guard->options = *options;
    guard->next_id = 1; /* 0 is the wake-up's */
    guard->peers = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, peer_free);
    guard->counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_mutex_init(&guard->lock);
    guard->epoll = epoll_create1(EPOLL_CLOEXEC);
    guard->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event wakeup = {.events = EPOLLIN};
    if (guard->epoll < 0 || guard->wakeup < 0 ||
        epoll_ctl(guard->epoll, EPOLL_CTL_ADD, guard->wakeup, &wakeup) != 0) {
        jd_set_error_errno(error, errno, "cannot watch over connections");
        jd_guard_free(guard);
        return NULL;
    }
    guard->thread = g_thread_new("jackdaw-guard", watch, guard);
    return guard;
}

void jd_guard_free(jd_guard *guard)
{
    if (!guard)
        return;
    if (guard->thread) {
        g_atomic_int_set(&guard->stop, TRUE);
        eventfd_write(guard->wakeup, 1);
        g_thread_join(guard->thread);
    }
    if (guard->epoll >= 0)
        close(guard->epoll);
    if (guard->wakeup >= 0)
        close(guard->wakeup);
    g_hash_table_unref(guard->peers);
    g_hash_table_unref(guard->counts);
    g_mutex_clear(&guard->lock);
    g_free(guard);
}

/* ---- coming and going ---- */

static guint count_of(jd_guard *guard, const char *address)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(guard->counts, address));
}

gboolean jd_guard_admits(jd_guard *guard, const struct sockaddr *address)
{
    g_autofree char *name = jd_address_group(address);
    g_mutex_lock(&guard->lock);
    gboolean admitted = *name == '\0' || count_of(guard, name) < JD_SERVER_ADDRESS_CONNECTIONS;
    g_mutex_unlock(&guard->lock);
    return admitted;
}

/* With the lock held: makes room. */
static void end_idlest(jd_guard *guard)
{
    GHashTableIter iter;
    gpointer value;
    jd_peer *idlest = NULL;
    for (g_hash_table_iter_init(&iter, guard->peers);
         g_hash_table_iter_next(&iter, NULL, &value);) {
        jd_peer *peer = value;
        if (peer->phase == JD_PHASE_IDLE && peer->deadline > 0 &&
            (!idlest || peer->since < idlest->since))
            idlest = peer;
    }
    if (idlest)
        end_peer(idlest);
}

jd_peer *jd_guard_add(jd_guard *guard, int fd, const struct sockaddr *address)
{
    jd_peer *peer = g_new0(jd_peer, 1);
    peer->fd = fd;
    peer->address = jd_address_group(address);
    peer->since = g_get_monotonic_time();
    peer->deadline = seconds_from_now(JD_SERVER_IDLE_SECONDS);
    g_mutex_lock(&guard->lock);
    if (g_hash_table_size(guard->peers) + JD_SERVER_SPARE_CONNECTIONS >=
        guard->options.max_connections)
        end_idlest(guard);
    peer->id = guard->next_id++;
    g_hash_table_insert(guard->peers, &peer->id, peer);
    g_hash_table_replace(guard->counts, g_strdup(peer->address),
                         GUINT_TO_POINTER(count_of(guard, peer->address) + 1));
    g_mutex_unlock(&guard->lock);
    return peer;
}

void jd_guard_remove(jd_guard *guard, jd_peer *peer)
{
    g_mutex_lock(&guard->lock);
    guint count = count_of(guard, peer->address);
    if (count > 1)
        g_hash_table_replace(guard->counts, g_strdup(peer->address), GUINT_TO_POINTER(count - 1));
    else
        g_hash_table_remove(guard->counts, peer->address);
    g_hash_table_remove(guard->peers, &peer->id);
    g_mutex_unlock(&guard->lock);
}

/* ---- phases ---- */

static gint64 phase_seconds(jd_phase phase, gint64 bytes)
{
    switch (phase) {
    case JD_PHASE_IDLE:
        return JD_SERVER_IDLE_SECONDS;
    case JD_PHASE_HEAD:
        return JD_SERVER_HEAD_SECONDS;
    case JD_PHASE_BODY:
        return JD_SERVER_BODY_SECONDS + bytes / JD_SERVER_BODY_BYTES_A_SECOND;
    default:
        return 0;
    }
}

void jd_guard_set_phase(jd_guard *guard, jd_peer *peer, jd_phase phase, gint64 bytes)
{
    gint64 seconds = phase_seconds(phase, bytes);
    g_mutex_lock(&guard->lock);
    peer->phase = phase;
    peer->since = g_get_monotonic_time();
    peer->deadline = seconds > 0 ? seconds_from_now(seconds) : 0;
    g_mutex_unlock(&guard->lock);
}

void jd_guard_watch(jd_guard *guard, jd_peer *peer, jd_call *call)
{
    /* Once, and not for what comes in: a next request may be waiting. */
    struct epoll_event event = {.events = EPOLLRDHUP | EPOLLONESHOT, .data.u64 = peer->id};
    g_mutex_lock(&guard->lock);
    g_autoptr(jd_call) before = g_steal_pointer(&peer->call);
    peer->call = call ? jd_call_ref(call) : NULL;
    if (before)
        epoll_ctl(guard->epoll, EPOLL_CTL_DEL, peer->fd, NULL);
    if (call)
        epoll_ctl(guard->epoll, EPOLL_CTL_ADD, peer->fd, &event);
    g_mutex_unlock(&guard->lock);
}

gboolean jd_peer_has_gone(const jd_peer *peer)
{
    struct pollfd socket = {.fd = peer->fd, .events = POLLRDHUP};
    return poll(&socket, 1, 0) > 0;
}

guint jd_guard_count(jd_guard *guard)
{
    g_mutex_lock(&guard->lock);
    guint count = g_hash_table_size(guard->peers);
    g_mutex_unlock(&guard->lock);
    return count;
}
