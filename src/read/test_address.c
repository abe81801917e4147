#include "read/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static gboolean is_public(const char *text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return jd_address_is_public((const struct sockaddr *)&v4);
    g_assert_cmpint(inet_pton(AF_INET6, text, &v6.sin6_addr), ==, 1);
    return jd_address_is_public((const struct sockaddr *)&v6);
}

static void test_public(void)
{
    const char *const list[] = {
        "1.1.1.1",        "8.8.8.8",          "100.63.255.255",  "100.128.0.0",     "172.15.0.1",
        "172.32.0.1",     "192.167.255.255",  "223.255.255.255", "2606:4700::1111", "2a00::1",
        "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1", "198.20.0.1"};
    for (gsize i = 0; i < G_N_ELEMENTS(list); i++) {
        g_test_message("%s", list[i]);
        g_assert_true(is_public(list[i]));
    }
}

static void test_not_public(void)
{
    const char *const list[] = {"0.0.0.0",
                                "0.1.2.3",
                                "10.1.2.3",
                                "100.64.0.1",
                                "100.127.255.255",
                                "127.0.0.1",
                                "127.255.255.254",
                                "169.254.169.254",
                                "172.16.0.1",
                                "172.31.255.255",
                                "192.0.0.8",
                                "192.168.1.1",
                                "198.18.0.1",
                                "198.19.255.255",
                                "224.0.0.1",
                                "239.1.1.1",
                                "240.0.0.1",
                                "255.255.255.255",
                                "::",
                                "::1",
                                "fe80::1",
                                "fec0::1",
                                "fc00::1",
                                "fd12:3456::1",
                                "ff02::1",
                                "::ffff:127.0.0.1",
                                "::ffff:10.0.0.1",
                                "::127.0.0.1",
                                "64:ff9b::127.0.0.1",
                                "64:ff9b:1::1",
                                "2002:7f00:1::",
                                "2002:a00:1::",
                                "2001::1",
                                "2001:db8::1",
                                "3fff::1",
                                "100::1"};
    for (gsize i = 0; i < G_N_ELEMENTS(list); i++) {
        g_test_message("%s", list[i]);
        g_assert_false(is_public(list[i]));
    }
    struct sockaddr other = {.sa_family = AF_UNIX};
    g_assert_false(jd_address_is_public(&other));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/read/address/public", test_public);
    g_test_add_func("/read/address/not-public", test_not_public);
    return g_test_run();
}
