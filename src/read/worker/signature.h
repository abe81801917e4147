/* Names what a file that Jackdaw cannot read looks like, by the first bytes of its content. */
#ifndef JD_READ_WORKER_SIGNATURE_H
#define JD_READ_WORKER_SIGNATURE_H

#include <glib.h>

/**
 * The kind in the plural, for an error message: "PDF documents", "ZIP archives"; NULL where the
 * bytes tell nothing. The string is static. `sure` gets whether no text begins like that by
 * accident.
 */
const char *jd_signature_kind(const char *data, gsize size, gboolean *sure);

#endif
