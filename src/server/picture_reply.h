/* Stored pictures as replies. */
#ifndef JD_SERVER_PICTURE_REPLY_H
#define JD_SERVER_PICTURE_REPLY_H

#include "server/call.h"

/** The picture's bytes (of an item with sha256 and media_type); a client that has them already is
 * told so. */
gboolean jd_picture_reply(jd_call *call, jd_kb *kb, const jd_item *picture, GError **error);

/** The picture made small, as the call's parameter `size` has it. */
gboolean jd_thumbnail_reply(jd_call *call, jd_kb *kb, const jd_item *picture, GError **error);

#endif
