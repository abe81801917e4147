#include "read/robots.h"

#include <string.h>

static gboolean allows(const char *text, const char *path)
{
    g_autoptr(jd_robots) robots = jd_robots_parse(text, strlen(text), "jackdaw");
    return jd_robots_allow(robots, path);
}

static void test_groups(void)
{
    const char *text = "User-agent: *\nDisallow: /\n\n"
                       "User-agent: other\nUser-agent: Jackdaw/2.0\nDisallow: /private # here\n\n"
                       "user-agent: jackdaw\ndisallow: /more\n";
    g_assert_true(allows(text, "/"));
    g_assert_false(allows(text, "/private/x"));
    g_assert_false(allows(text, "/more"));
    g_assert_false(allows("User-agent: *\nDisallow: /", "/x"));
    g_assert_true(allows("User-agent: jackdawish\nDisallow: /", "/x"));
    g_assert_true(allows("", "/x"));
    g_assert_true(allows("Disallow: /", "/x"));
    g_assert_true(allows("User-agent: *\nDisallow:", "/x"));
    /* The example of RFC 9309, 2.2.1: a group goes on over other lines. */
    g_assert_false(allows("User-agent: jackdaw\nSitemap: /s\nUser-agent: b\nDisallow: /c", "/c"));
}

static void test_longest_rule_wins(void)
{
    const char *text = "\xEF\xBB\xBFuser-agent: *\r\ndisallow: /a\r\nallow: /a/b\r\n"
                       "disallow: /a/b/c$\r\nallow: /same\r\ndisallow: /same\r\n";
    g_assert_false(allows(text, "/a/x"));
    g_assert_true(allows(text, "/a/b/x"));
    g_assert_false(allows(text, "/a/b/c"));
    g_assert_true(allows(text, "/a/b/cd"));
    g_assert_true(allows(text, "/same"));
}

static void test_patterns(void)
{
    const char *text = "user-agent: *\ndisallow: /*.gif$\ndisallow: /x*y*z\ndisallow: /%e4\n"
                       "disallow: /%7Euser\ndisallow: /ü";
    g_assert_false(allows(text, "/pics/a.gif"));
    g_assert_true(allows(text, "/pics/a.gif?x"));
    g_assert_false(allows(text, "/x1y2z3"));
    g_assert_true(allows(text, "/x1z"));
    g_assert_false(allows(text, "/%E4"));
    g_assert_false(allows(text, "/~user/"));
    g_assert_false(allows(text, "/%C3%BC"));
}

static void test_forbid_all(void)
{
    g_autoptr(jd_robots) robots = jd_robots_forbid_all();
    g_assert_false(jd_robots_allow(robots, "/"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/read/robots/groups", test_groups);
    g_test_add_func("/read/robots/longest", test_longest_rule_wins);
    g_test_add_func("/read/robots/patterns", test_patterns);
    g_test_add_func("/read/robots/forbid-all", test_forbid_all);
    return g_test_run();
}
