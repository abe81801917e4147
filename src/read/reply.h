/* Between reply.c, which cuts the pipe's bytes into records, and reply_records.c, which reads one.
 */
#ifndef JD_READ_REPLY_H
#define JD_READ_REPLY_H

#include "read/protocol.h"
#include "read/wire.h"

/* Each reads one record's payload into `reply` (_block and _warning: into its document). FALSE with
 * an error where it is not sound; `reply` still is to be cleared then. */
gboolean jd_reply_read_hello(jd_cursor *cursor, jd_reply *reply, GError **error);
gboolean jd_reply_read_error(jd_cursor *cursor, jd_reply *reply, GError **error);
gboolean jd_reply_read_document(jd_cursor *cursor, jd_reply *reply, GError **error);
gboolean jd_reply_read_block(jd_cursor *cursor, jd_document *document, guint64 file_size,
                             GError **error);
gboolean jd_reply_read_warning(jd_cursor *cursor, jd_document *document, GError **error);
gboolean jd_reply_read_pixels(jd_cursor *cursor, const jd_reply_expected *expected, jd_reply *reply,
                              GError **error);
gboolean jd_reply_read_picture(jd_cursor *cursor, jd_reply *reply, GError **error);
gboolean jd_reply_read_entries(jd_cursor *cursor, jd_reply *reply, GError **error);
gboolean jd_reply_read_unpacked(jd_cursor *cursor, const jd_reply_expected *expected,
                                GError **error);

#endif
