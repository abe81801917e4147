/*
 * Hints of the library, which speak to who types commands, for who speaks to a server.
 *
 * An option that is a parameter here as well becomes its name ("--like" becomes "like"); what
 * names a command has other words in base/remedy.h. What still names a command or an
 * option after that is no help to a client, and is left out.
 */
#ifndef JD_SERVER_HINT_H
#define JD_SERVER_HINT_H

#include <jansson.h>

/** NULL where there is nothing to say. g_free() it. */
char *jd_hint_for_clients(const char *hint);

/** The same of a note, which is never left out. */
char *jd_note_for_clients(const char *note);

/** Takes an answer, or the results of a search, as the library has it, and returns it with its
 * notes in those words. */
json_t *jd_notes_for_clients(json_t *json);

#endif
