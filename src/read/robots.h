/* robots.txt: what a web site asks programs not to fetch (RFC 9309). */
#ifndef JD_READ_ROBOTS_H
#define JD_READ_ROBOTS_H

#include <glib.h>

typedef struct jd_robots jd_robots;

/**
 * The rules for the program whose product token is `agent` ("jackdaw"): those of its own groups,
 * else those of "*". Never fails: what is no rule is passed over. `text` need not be UTF-8.
 */
jd_robots *jd_robots_parse(const char *text, gsize length, const char *agent);
/** Rules that forbid everything, for a site whose robots.txt cannot be had. */
jd_robots *jd_robots_forbid_all(void);
void jd_robots_free(jd_robots *robots);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_robots, jd_robots_free)

/** Whether `path` (with its query, beginning with "/") may be fetched: the longest rule that
 * matches decides, "allow" where two are equally long. */
gboolean jd_robots_allow(const jd_robots *robots, const char *path);

#endif
