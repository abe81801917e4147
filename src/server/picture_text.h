/* Pictures that come as text in JSON. */
#ifndef JD_SERVER_PICTURE_TEXT_H
#define JD_SERVER_PICTURE_TEXT_H

#include <jackdaw.h>

/**
 * The bytes behind base64, with or without "data:image/png;base64," in front. NULL where it is no
 * base64, or nothing. What they are is for the reader to say.
 */
GBytes *jd_picture_from_text(const char *text);

#endif
