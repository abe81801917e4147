/*
 * A file system that fails on request and that knows what a loss of power would leave.
 *
 * Registered as SQLite's default it passes everything on, counts what changes files (writes,
 * truncations, syncs, deletions), and can fail one of them. It remembers what was synced and what
 * was not.
 */
#ifndef JD_STORE_TEST_VFS_H
#define JD_STORE_TEST_VFS_H

#include <glib.h>

/** Makes it the default for connections opened from now on. Once a process. */
void test_vfs_install(void);

/** From now on the nth change (from 1) and, where `lasting`, all after it end with the SQLite code
 * `code`; 0: none. Counting starts anew. */
void test_vfs_fail_at(int nth, int code, gboolean lasting);
/** Whether a change was failed since. */
gboolean test_vfs_failed(void);

/** Called after every change with the number of changes so far. */
typedef void (*test_vfs_fn)(int changes, void *user);
/** Watches from now on, with nothing written so far; NULL stops. */
void test_vfs_watch(test_vfs_fn fn, void *user);

/** Writes the files into `folder` (must exist, as the files' names without folders) as they might
 * be found after a loss of power now: all that was synced, and of the rest any part, writes cut in
 * two among them. */
void test_vfs_crash_into(const char *folder, GRand *random);

#endif
