#include "hub/hub.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/remedy.h"

#include <string.h>

struct jd_hub {
    char *base, *origin;
    char *token; /* or NULL */
    jd_watch *watch;
    jd_hub_connection *connection;
    gboolean answered; /* once, at least */
};

/* ---- life ---- */

static gboolean may_have_token(const char *base)
{
    return g_ascii_strncasecmp(base, "https:", 6) == 0 || jd_hub_is_local(base);
}

jd_hub *jd_hub_new(const char *base, const char *token, jd_watch *watch, GError **error)
{
    g_autofree char *origin = jd_hub_origin(base);
    if (!origin || strchr(base, '@') || strchr(base, '?') || strchr(base, '#')) {
        jd_set_error(error, JD_ERROR_USAGE, "write it like https://huggingface.co",
                     "\"%s\" is no address of a source of models", base);
        return NULL;
    }
    jd_hub_connection *connection = jd_hub_connection_new(error);
    if (!connection)
        return NULL;
    jd_hub *hub = g_new0(jd_hub, 1);
    hub->base = g_strdup(base);
    for (gsize length = strlen(base); length > 0 && hub->base[length - 1] == '/';)
        hub->base[--length] = '\0';
    hub->origin = g_steal_pointer(&origin);
    hub->token = token && *token && may_have_token(base) ? g_strdup(token) : NULL;
    hub->watch = watch;
    hub->connection = connection;
    return hub;
}

void jd_hub_free(jd_hub *hub)
{
    if (!hub)
        return;
    jd_hub_connection_free(hub->connection);
    g_free(hub->base);
    g_free(hub->origin);
    g_free(hub->token);
    g_free(hub);
}

const char *jd_hub_base(const jd_hub *hub)
{
    return hub->base;
}

jd_watch *jd_hub_watch(const jd_hub *hub)
{
    return hub->watch;
}

char *jd_hub_file_url(const jd_hub *hub, const char *repository, const char *revision,
                      const char *path)
{
    g_autofree char *escaped = jd_hub_escape(path);
    /* A branch may be called "refs/pr/1": its slashes are not the path's. */
    g_autofree char *branch = g_uri_escape_string(revision, NULL, FALSE);
    return g_strdup_printf("%s/%s/resolve/%s/%s", hub->base, repository, branch, escaped);
}

/* ---- redirects ---- */

/* What the hub's own host says of a file, over several of its answers. */
typedef struct own_words {
    char *etag, *linked_etag, *commit;
    gint64 linked_size;
} own_words;

static void own_words_clear(own_words *words)
{
    g_free(words->etag);
    g_free(words->linked_etag);
    g_free(words->commit);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(own_words, own_words_clear)

static void take_text(char **kept, char **said)
{
    if (!*said)
        return;
    g_free(*kept);
    *kept = g_steal_pointer(said);
}

static void take_words(own_words *words, jd_hub_reply *reply)
{
    take_text(&words->etag, &reply->etag);
    take_text(&words->linked_etag, &reply->linked_etag);
    take_text(&words->commit, &reply->commit);
    if (reply->linked_size >= 0)
        words->linked_size = reply->linked_size;
}

static void give_words(own_words *words, jd_hub_reply *reply)
{
    /* Where a redirect led to another host its ETag is none of the hub's. */
    g_clear_pointer(&reply->etag, g_free);
    g_clear_pointer(&reply->linked_etag, g_free);
    g_clear_pointer(&reply->commit, g_free);
    reply->etag = g_steal_pointer(&words->etag);
    reply->linked_etag = g_steal_pointer(&words->linked_etag);
    reply->commit = g_steal_pointer(&words->commit);
    reply->linked_size = words->linked_size;
}

static gboolean is_redirect(const jd_hub_reply *reply)
{
    return reply->status >= 300 && reply->status < 400 && reply->location;
}

static gboolean check_redirect(const char *from, const char *to, GError **error)
{
    g_autofree char *origin = jd_hub_origin(to);
    gboolean secure = g_ascii_strncasecmp(from, "https:", 6) == 0;
    if (origin && (!secure || g_str_has_prefix(origin, "https:")))
        return TRUE;
    jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL, "%s redirects to %s, which is not followed",
                 from, origin ? origin : "what is no web address");
    return FALSE;
}

static gboolean send_through(jd_hub *hub, const jd_hub_request *request, own_words *words,
                             jd_hub_reply *reply, GError **error)
{
    g_autofree char *url = g_strdup(request->url);
    for (int hop = 0; hop <= JD_LIMIT_HUB_REDIRECTS; hop++) {
        g_autofree char *origin = jd_hub_origin(url);
        const gboolean own = g_strcmp0(origin, hub->origin) == 0;
        jd_hub_request one = *request;
        one.url = url;
        one.token = own ? hub->token : NULL;
        if (!jd_hub_exchange(hub->connection, &one, reply, error))
            return FALSE;
        hub->answered = TRUE;
        if (own)
            take_words(words, reply);
        if (!is_redirect(reply))
            return TRUE;
        if (!check_redirect(url, reply->location, error))
            return FALSE;
        g_autofree char *next = jd_hub_origin(reply->location);
        const gboolean leaves = g_strcmp0(next, hub->origin) != 0;
        if (request->head && leaves && words->linked_etag && words->linked_size >= 0)
            return TRUE;
        g_free(url);
        url = g_steal_pointer(&reply->location);
    }
    jd_set_error(error, JD_ERROR_LIMIT, NULL, "%s redirects more than %d times", request->url,
                 JD_LIMIT_HUB_REDIRECTS);
    return FALSE;
}

gboolean jd_hub_send(jd_hub *hub, const jd_hub_request *request, jd_hub_reply *reply,
                     GError **error)
{
    g_auto(own_words) words = {.linked_size = -1};
    if (!send_through(hub, request, &words, reply, error))
        return FALSE;
    give_words(&words, reply);
    return TRUE;
}

/* ---- trying again ---- */

static gboolean is_transient(const jd_hub *hub, const jd_hub_reply *reply, const GError *cause)
{
    if (cause)
        return g_error_matches(cause, JD_ERROR, JD_ERROR_REMOTE) ||
               (hub->answered && g_error_matches(cause, JD_ERROR, JD_ERROR_UNAVAILABLE));
    switch (reply->status) {
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
        return TRUE;
    default:
        return FALSE;
    }
}

gboolean jd_hub_try_again(jd_hub *hub, jd_hub_retries *retries, const jd_hub_reply *reply,
                          GError **cause)
{
    if (!is_transient(hub, reply, *cause) || retries->count >= JD_HUB_RETRIES)
        return FALSE;
    gint64 wait_ms = (gint64)JD_HUB_RETRY_WAIT_MS << retries->count++;
    if (!*cause && reply->retry_after > JD_LIMIT_HUB_RETRY_AFTER_SECONDS)
        return FALSE;
    if (!*cause && reply->retry_after >= 0)
        wait_ms = reply->retry_after * 1000;
    if (*cause)
        jd_watch_note(hub->watch, "%s: trying again", (*cause)->message);
    else
        jd_watch_note(hub->watch, "%s answered with status %ld: trying again in %.1f s", hub->base,
                      reply->status, (double)wait_ms / 1000);
    g_clear_error(cause);
    return jd_watch_sleep(hub->watch, wait_ms, cause);
}

gboolean jd_hub_ask(jd_hub *hub, const jd_hub_request *request, jd_hub_reply *reply, GError **error)
{
    jd_hub_retries retries = {0};
    for (;;) {
        g_autoptr(GError) cause = NULL;
        jd_hub_send(hub, request, reply, &cause);
        if (jd_hub_try_again(hub, &retries, reply, &cause))
            continue;
        if (!cause)
            return TRUE;
        g_propagate_error(error, g_steal_pointer(&cause));
        return FALSE;
    }
}

/* ---- what an answer means ---- */

static void set_refused(const jd_hub *hub, const jd_hub_reply *reply, const char *what,
                        GError **error)
{
    const gboolean gated = g_strcmp0(reply->error_code, "GatedRepo") == 0;
    if (gated && hub->token)
        jd_set_error(error, JD_ERROR_REMOTE,
                     "accept its terms on its page, with the account that "
                     "the token belongs to",
                     "%s is gated at %s, and HF_TOKEN does not open it (status %ld)", what,
                     hub->base, reply->status);
    else if (gated)
        jd_set_error(error, JD_ERROR_REMOTE,
                     "accept its terms on its page and put a token of your account into HF_TOKEN",
                     "%s is gated at %s: it is given only to those who accepted its terms", what,
                     hub->base);
    else if (hub->token)
        jd_set_error(error, JD_ERROR_REMOTE, "see whether the token is right and may read it",
                     "%s refuses %s with the token in HF_TOKEN (status %ld)", hub->base, what,
                     reply->status);
    else
        /* The hub answers so, too, where there is no such repository. */
        jd_set_error(error, JD_ERROR_NOT_FOUND,
                     "see whether the name is right; for a private model put a token into HF_TOKEN",
                     "%s has no %s, or does not give it to everybody (status %ld)", hub->base, what,
                     reply->status);
}

void jd_hub_set_status_error(const jd_hub *hub, const jd_hub_reply *reply, const char *what,
                             GError **error)
{
    if (reply->status == 401 || reply->status == 403)
        set_refused(hub, reply, what, error);
    else if (reply->status == 404 || reply->status == 410)
        jd_set_error(error, JD_ERROR_NOT_FOUND, JD_REMEDY_MODELS_NAME, "%s has no %s", hub->base,
                     what);
    else if (reply->status == 429)
        jd_set_error(error, JD_ERROR_REMOTE, "try again later: what has come is kept",
                     "%s gives no more for now (status 429%s)", hub->base,
                     reply->retry_after > 0 ? ", and asks for a longer pause" : "");
    else
        jd_set_error(error, JD_ERROR_REMOTE, "try again later: what has come is kept",
                     "%s answered with status %ld for %s", hub->base, reply->status, what);
}
