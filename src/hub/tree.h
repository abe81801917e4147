/* Folders with all that is in them. Symbolic links are not followed. */
#ifndef JD_HUB_TREE_H
#define JD_HUB_TREE_H

#include <glib.h>

/** Removes a folder with all in it; nothing happens where there is none. */
void jd_remove_tree(const char *path);

/** Bytes of all files below a folder. */
guint64 jd_tree_bytes(const char *path);

/** Has everything below a folder written to disk. */
gboolean jd_sync_tree(const char *path, GError **error);

/** Has a folder's own entries written to disk, where that can be done. */
void jd_sync_folder(const char *path);

/** JD_ERROR_NO_SPACE where the disk of `folder` has no room for what `what` needs. */
gboolean jd_check_space(const char *folder, guint64 bytes, const char *what, GError **error);

#endif
