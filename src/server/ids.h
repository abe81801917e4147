/* Numbers in paths: /api/v1/documents/d3. */
#ifndef JD_SERVER_IDS_H
#define JD_SERVER_IDS_H

#include "server/call.h"
#include "store/records.h"

/** The number of the id in the nth brace of a path: `letter` and digits. 404, with `what` it would
 * be ("document"), for anything else. */
gboolean jd_path_id(const jd_call *call, guint n, char letter, gint64 *id, GError **error);

/** "t12" of a parameter, of one of the kinds in `letters` ("ti"). 400 for anything else. */
gboolean jd_id_read(const char *text, const char *letters, const char *name, gint64 *id,
                    GError **error);

#endif
