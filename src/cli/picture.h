/* Pictures drawn in the terminal. */
#ifndef JD_CLI_PICTURE_H
#define JD_CLI_PICTURE_H

#include "cli/command.h"

#include <jackdaw.h>

/** The option --pictures auto|always|never, for the tables of commands that draw. */
#define JD_PICTURE_OPTION                                                                          \
    {                                                                                              \
        "pictures", 0, JD_OPTION_CHOICE, "auto|always|never",                                      \
            "draw pictures in the terminal (auto: where standard output is one)"                   \
    }

/** Whether pictures are to be drawn: the option, and what standard output is. */
gboolean jd_pictures_wanted(const jd_cli *cli);

/** Draws a stored picture below the line at hand, `indent` columns from the left. What prevents it
 * is a note on standard error. */
void jd_picture_draw(const jd_cli *cli, jd_kb *kb, const jd_item *image, int indent);

/** How pictures would be drawn here: "kitty's graphics", "sixels", "characters in 256 colours";
 * NULL where this build cannot draw. Static. */
const char *jd_picture_method(void);

#endif
