/*
 * Packed weights in a file that is mapped, so that a cold process need not pack them again.
 *
 * The file holds named blobs, each at a multiple of 64 bytes, under a key that names everything
 * that the layout depends on (model hash, library version, ISA, precision). A file with another
 * key, or one that is damaged, is ignored and written anew: first beside it, then renamed into
 * place, so that two processes may do so at once. A full disk only means that nothing is kept.
 * Numbers are in the machine's own byte order: a cache, never to be copied.
 *
 *     64 bytes header: "JDPACK1\n", u64 number of blobs, 32 bytes SHA-256 of the key, zeros
 *     each blob: 64 bytes {u64 size, 56 bytes name, NUL-padded}, then its bytes, padded to 64
 */
#ifndef JD_NN_PACK_H
#define JD_NN_PACK_H

#include <glib.h>

typedef struct jd_pack jd_pack;

/** Maps `path` where it is there and holds `key`. path NULL: blobs live in memory only. Never
 * fails. */
jd_pack *jd_pack_open(const char *path, const char *key);
/** After the last use of its blobs. */
void jd_pack_free(jd_pack *pack);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_pack, jd_pack_free)

/** TRUE where every blob comes from the mapped file. */
gboolean jd_pack_is_mapped(const jd_pack *pack);

/** A blob by name, or NULL where it is not there with this size. */
const void *jd_pack_get(const jd_pack *pack, const char *name, gsize size);

/** Zeroed, 64-byte aligned memory to fill for a new blob; the pack's own. NULL where there is no
 * memory. Names are at most 55 bytes. */
void *jd_pack_add(jd_pack *pack, const char *name, gsize size, GError **error);

/** Keeps what was added in the file, unless it was mapped. FALSE where it could not be written; the
 * blobs stay usable. */
gboolean jd_pack_save(const jd_pack *pack, GError **error);

#endif
