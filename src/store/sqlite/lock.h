/* The writer's lock: one process, and in it one store, at a time. */
#ifndef JD_STORE_SQLITE_LOCK_H
#define JD_STORE_SQLITE_LOCK_H

#include <glib.h>

typedef struct jd_lock jd_lock;

/**
 * Takes the lock that guards the knowledge base `path`: `<path>.lock` beside it, an open file
 * description lock, which the kernel drops however the process ends. The file stays behind
 * (removing it would let two processes lock two files of one name) and holds the number of the
 * process that last had it. Waits up to `timeout_ms`; then JD_ERROR_BUSY, naming the holder.
 */
jd_lock *jd_lock_take(const char *path, int timeout_ms, GError **error);
void jd_lock_release(jd_lock *lock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_lock, jd_lock_release)

#endif
