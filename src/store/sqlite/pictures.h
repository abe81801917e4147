/* The bytes of pictures, each kept once, however many images and messages show it. Inside a write.
 */
#ifndef JD_STORE_SQLITE_PICTURES_H
#define JD_STORE_SQLITE_PICTURES_H

#include "store/sqlite/db.h"

/** Keeps the item's picture where it is not there yet; *id is 0 where the item has neither bytes
 * nor the hash of a picture that is there. */
gboolean jd_picture_put(jd_sqlite *store, const jd_item *item, gint64 *id, GError **error);

/** Erases those of these pictures (gint64) that nothing shows any more. */
gboolean jd_pictures_drop_orphans(jd_sqlite *store, const GArray *pictures, GError **error);

#endif
