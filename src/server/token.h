/* The token that lets clients in. */
#ifndef JD_SERVER_TOKEN_H
#define JD_SERVER_TOKEN_H

#include <jackdaw.h>

/** Where it is kept: $XDG_STATE_HOME/jackdaw/token. */
char *jd_token_default_path(void);

/**
 * The token in the file, which is made where it is absent (*made tells): 32 random bytes as hex,
 * readable by the user alone. JD_ERROR_INVALID: the file is readable by others, or holds no token
 * of at least 16 characters.
 */
char *jd_token_load(const char *path, gboolean *made, GError **error);

#endif
