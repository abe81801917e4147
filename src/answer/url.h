/* Addresses of language-model servers. */
#ifndef JD_ANSWER_URL_H
#define JD_ANSWER_URL_H

#include <glib.h>

/**
 * The base URL of an Ollama server from what OLLAMA_HOST holds, read as Ollama's own client does:
 * "", "host", "host:port", ":port", "[::1]:port", "http://host", "https://host/path". The default
 * is http://127.0.0.1:11434; a scheme that is written brings its own port (80, 443); the addresses
 * that mean "every interface" (0.0.0.0, ::) become the loopback ones. No slash at the end. A scheme
 * other than http and https is JD_ERROR_USAGE.
 */
char *jd_url_ollama(const char *host, GError **error);

/**
 * The base URL of an OpenAI-compatible server, ending in what its paths are added to: a host alone
 * gets "/v1", another path stays as it is, "http://" is added where no scheme is given. No slash at
 * the end. JD_ERROR_USAGE where it is no http or https URL.
 */
char *jd_url_openai(const char *base, GError **error);

/** TRUE where the URL's host is this machine by its name alone: localhost, 127.0.0.0/8, ::1. */
gboolean jd_url_is_local(const char *url);

/** The URL without user name and password, for messages. */
char *jd_url_for_display(const char *url);

/** The beginning of the URL, scheme, host and port: who is meant. */
char *jd_url_origin(const char *url);

#endif
