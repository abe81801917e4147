/* Where the reader's program is. */
#ifndef JD_READ_PROGRAM_H
#define JD_READ_PROGRAM_H

#include <glib.h>

/**
 * `given`, else JACKDAW_READER, else jackdaw-reader beside the running program, in
 * ../libexec/jackdaw seen from there, or where it was installed. JD_ERROR_UNAVAILABLE where none
 * of them can be run.
 */
char *jd_reader_program(const char *given, GError **error);

#endif
