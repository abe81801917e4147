/*
 * Hints of the library, which speak to who types commands, for who speaks to a server.
 *
 * An option that is a parameter here as well becomes its name ("--like" becomes "like"); the few
 * sentences that name a command have another one in a table. What still names a command or an
 * option after that is no help to a client, and is left out.
 */
#ifndef JD_SERVER_HINT_H
#define JD_SERVER_HINT_H

/** NULL where there is nothing to say. g_free() it. */
char *jd_hint_for_clients(const char *hint);

#endif
