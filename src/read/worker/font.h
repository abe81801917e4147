/* Black text on a picture. */
#ifndef JD_READ_WORKER_FONT_H
#define JD_READ_WORKER_FONT_H

#include "read/pixels.h"

/** Pixels that a line of valid UTF-8 takes; `scale` is the side of one dot. */
int jd_font_width(const char *text, int scale);
int jd_font_height(int scale);

/** Draws a line, cut off at the picture's edges. Characters outside of ASCII become a box. */
void jd_font_draw(jd_pixels *pixels, int left, int top, const char *text, int scale);

#endif
