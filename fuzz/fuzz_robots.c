/* The first line is the path that is asked for, the rest the robots.txt. */
#include "read/robots.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *newline = memchr(data, '\n', size);
    if (!newline)
        return 0;
    gsize first = (gsize)(newline - (const char *)data);
    g_autofree char *path = g_strndup((const char *)data, first);
    g_autoptr(jd_robots) robots = jd_robots_parse(newline + 1, size - first - 1, "jackdaw");
    jd_robots_allow(robots, path);
    return 0;
}
