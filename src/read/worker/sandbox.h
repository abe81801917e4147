/* Closes the reader in, before it looks at the first byte of a file. */
#ifndef JD_READ_WORKER_SANDBOX_H
#define JD_READ_WORKER_SANDBOX_H

#include <glib.h>

/**
 * Limits of the process: no core dump, no writing to files, few descriptors, `memory` bytes of
 * address space above what it has now (not under a sanitizer). Not dumpable, no new privileges.
 */
gboolean jd_sandbox_limit(gint64 memory, GError **error);

/**
 * Landlock, where the kernel has it: no file and no network, none excepted. Returns the ABI's
 * version in force, 0 where there is none.
 */
int jd_sandbox_landlock(void);

/**
 * The system call filter: only what decoding needs, on the descriptors that the reader was born
 * with and those that it is handed. Anything else kills the process; a few calls that libraries
 * try and can do without (open, stat, ...) fail with EACCES instead. JD_ERROR_UNAVAILABLE where
 * the kernel has no filters.
 */
gboolean jd_sandbox_filter(GError **error);

#endif
