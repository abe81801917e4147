/* What the processor can do that matters to encoders. */
#ifndef JD_CLI_PROCESSOR_H
#define JD_CLI_PROCESSOR_H

#include <glib.h>

/** "AVX2, AVX-512"; "" where it has none of what is looked for. g_free() it. */
char *jd_processor_features(void);

#endif
