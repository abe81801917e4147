/* Pictures for a vision model: one as it is, or several on a labelled sheet. */
#ifndef JD_READ_WORKER_SHEET_H
#define JD_READ_WORKER_SHEET_H

#include <glib.h>

/**
 * `data` holds the pictures that `pictures` (jd_request_picture) lists, one after the other. Gives
 * what jd_reader_pool_render() describes; `media_type` gets "image/jpeg" or "image/png".
 */
GBytes *jd_sheet_render(const guint8 *data, const GArray *pictures, int max_side,
                        const char **media_type, GError **error);

#endif
