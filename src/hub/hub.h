/*
 * A hub: a server with Hugging Face's layout of URLs, BASE/REPOSITORY/resolve/REVISION/FILE, as the
 * hub itself, its mirrors, and plain file servers have it.
 *
 * Redirects are followed, from https never to http. The token goes to the hub's own host alone, and
 * over plain http only to this machine. What an answer says about a file's hash counts only where
 * the hub's own host said it, not where a redirect led to.
 */
#ifndef JD_HUB_HUB_H
#define JD_HUB_HUB_H

#include "hub/request.h"

typedef struct jd_hub jd_hub;

/** `base` as in HF_ENDPOINT; `token` may be NULL. `watch` outlives the hub. JD_ERROR_USAGE where
 * `base` is no http or https URL. */
jd_hub *jd_hub_new(const char *base, const char *token, jd_watch *watch, GError **error);
void jd_hub_free(jd_hub *hub);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_hub, jd_hub_free)

/** Without a slash at its end, a name and a password. */
const char *jd_hub_base(const jd_hub *hub);
jd_watch *jd_hub_watch(const jd_hub *hub);

/** Where a file of a repository is. */
char *jd_hub_file_url(const jd_hub *hub, const char *repository, const char *revision,
                      const char *path);

/**
 * One request through its redirects; request->token is not looked at. In the reply, etag,
 * linked_etag, linked_size and commit are the hub's own words; a HEAD ends where the hub points
 * elsewhere and has said all of a file. Errors as jd_hub_exchange()'s, and JD_ERROR_LIMIT for too
 * many redirects.
 */
gboolean jd_hub_send(jd_hub *hub, const jd_hub_request *request, jd_hub_reply *reply,
                     GError **error);

/** How often it was tried, without anything having come. Starts as {0}. */
typedef struct jd_hub_retries {
    int count;
} jd_hub_retries;

/**
 * After a failure (`*cause` set) or an answer: whether it is worth trying again, which it then has
 * waited for. TRUE clears `*cause`. FALSE: not, or no more, or `*cause` is JD_ERROR_CANCELLED.
 */
gboolean jd_hub_try_again(jd_hub *hub, jd_hub_retries *retries, const jd_hub_reply *reply,
                          GError **cause);

/** jd_hub_send() with retries, for requests without on_body. */
gboolean jd_hub_ask(jd_hub *hub, const jd_hub_request *request, jd_hub_reply *reply,
                    GError **error);

/** The error that an answer other than success is; `what` names what was asked for. */
void jd_hub_set_status_error(const jd_hub *hub, const jd_hub_reply *reply, const char *what,
                             GError **error);

#endif
