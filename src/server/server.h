/*
 * `jackdaw serve`: the HTTP server over a knowledge base.
 *
 *     connections (loop.c, http.c, guard.c) -> gate.c -> route.c -> a worker thread -> a handler
 * (api_*.c)
 *
 * The event loop receives and sends and never waits for anything else: a request whose
 * body is there goes to a pool of worker threads, and its connection is held back until the worker
 * has a reply. service.h has what handlers share.
 */
#ifndef JD_SERVER_SERVER_H
#define JD_SERVER_SERVER_H

#include <jackdaw.h>

typedef struct jd_service jd_service;

/** Everything must outlive the service. */
typedef struct jd_serve_options {
    const char *kb; /* NULL: where it is by default; made where it is absent */
    jd_kb_options kb_options;
    const char *const *listen;      /* addresses, NULL-terminated; NULL: loopback alone */
    int port;                       /* 0: a free one */
    const char *const *hosts;       /* names that this server goes by, besides this machine's */
    gboolean require_token;         /* on loopback too */
    const char *token_file;         /* NULL: jd_token_default_path() */
    const char *const *roots;       /* folders that clients may have ingested, NULL-terminated */
    gboolean fetch;                 /* URLs may be ingested */
    const char *const *fetch_allow; /* as in jd_ingest_options */
    jd_ask_options ask;             /* backend, model, server, context, offline: what a question
                                       gets that does not say otherwise */
    void (*log)(const char *line, void *user); /* what the operator should know; from any thread */
    void *user;
} jd_serve_options;

/** Opens the knowledge base and the sockets; requests are taken from now on. */
jd_service *jd_service_new(const jd_serve_options *options, GError **error);

/** Where it listens: "http://127.0.0.1:7860/", NULL-terminated. */
const char *const *jd_service_urls(const jd_service *service);

/** The token that clients need, or NULL; *made: it was made by this start. */
const char *jd_service_token(const jd_service *service, gboolean *made);
/** Where it is kept; NULL where none is needed. */
const char *jd_service_token_file(const jd_service *service);

/**
 * Takes no more requests, lets those under way end for up to JD_SERVER_GRACE_SECONDS, then stops
 * them. A job that runs is stopped where it can go on at the next start.
 */
void jd_service_stop(jd_service *service);

/** Stops it where that has not been done, and frees everything. */
void jd_service_free(jd_service *service);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_service, jd_service_free)

#endif
