/* A model's card: the README.md beside it, which begins with some lines of YAML. */
#ifndef JD_HUB_CARD_H
#define JD_HUB_CARD_H

#include <glib.h>

/** The licence that the card in a folder names ("apache-2.0"), or NULL. */
char *jd_model_card_licence(const char *folder);

#endif
