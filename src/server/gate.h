/*
 * Who may come in: checked for every request before its body is looked at.
 *
 * Host: an IP address, "localhost", or a name that the user gave; anything else may be a page of
 * the web that had its own name point to this machine (DNS rebinding), since a browser always sends
 * the name that it looked up. Origin: the same host, or absent; so no other site's page can have a
 * browser do something here. Sec-Fetch-Site, where a browser sends it, says the same of requests
 * that have no Origin; following a link to a page is allowed. Token: beyond loopback, as
 * "Authorization: Bearer TOKEN", or in the cookie that the page gets.
 */
#ifndef JD_SERVER_GATE_H
#define JD_SERVER_GATE_H

#include "server/call.h"

/** The cookie that holds the token. */
#define JD_GATE_COOKIE "jackdaw"

typedef struct jd_gate {
    char *token;  /* NULL: none is needed */
    char **hosts; /* names that this server goes by, in lower case; NULL-terminated */
} jd_gate;

/** 421 or 400 for a Host, 403 for an Origin that may not come in. */
gboolean jd_gate_check_source(const jd_gate *gate, const jd_call *call, GError **error);

/** 401 without the token. */
gboolean jd_gate_check_token(const jd_gate *gate, const jd_call *call, GError **error);

/** Whether this is the token, in a time that does not tell how much of it is right. */
gboolean jd_gate_is_token(const jd_gate *gate, const char *text);

#endif
