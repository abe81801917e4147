#include "read/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

/* A range of addresses: the first `bits` bits of `first`. */
typedef struct range4 {
    guint8 first[4];
    int bits;
} range4;

static const range4 not_public4[] = {
    {{0, 0, 0, 0}, 8},      {{10, 0, 0, 0}, 8},     {{100, 64, 0, 0}, 10}, {{127, 0, 0, 0}, 8},
    {{169, 254, 0, 0}, 16}, {{172, 16, 0, 0}, 12},  {{192, 0, 0, 0}, 24},  {{192, 0, 2, 0}, 24},
    {{192, 88, 99, 0}, 24}, {{192, 168, 0, 0}, 16}, {{198, 18, 0, 0}, 15}, {{198, 51, 100, 0}, 24},
    {{203, 0, 113, 0}, 24}, {{224, 0, 0, 0}, 3},
};

static gboolean begins_with(const guint8 *address, const guint8 *prefix, int bits)
{
    int bytes = bits / 8, rest = bits % 8;
    if (memcmp(address, prefix, bytes) != 0)
        return FALSE;
    return rest == 0 || (address[bytes] ^ prefix[bytes]) >> (8 - rest) == 0;
}

static gboolean is_public4(const guint8 *address)
{
    for (gsize i = 0; i < G_N_ELEMENTS(not_public4); i++)
        if (begins_with(address, not_public4[i].first, not_public4[i].bits))
            return FALSE;
    return TRUE;
}

static gboolean is_public6(const guint8 *address)
{
    static const guint8 mapped[16] = {[10] = 0xFF, [11] = 0xFF};
    static const guint8 nat64[16] = {0x00, 0x64, 0xFF, 0x9B};
    static const guint8 global_unicast[16] = {0x20};
    static const guint8 special[16] = {0x20, 0x01};              /* 2001::/23 */
    static const guint8 examples[16] = {0x20, 0x01, 0x0D, 0xB8}; /* 2001:db8::/32 */
    static const guint8 more_examples[16] = {0x3F, 0xFF};        /* 3fff::/20 */
    static const guint8 six_to_four[16] = {0x20, 0x02};          /* 2002::/16 */
    if (begins_with(address, mapped, 96) || begins_with(address, nat64, 96))
        return is_public4(address + 12);
    if (begins_with(address, six_to_four, 16))
        return is_public4(address + 2);
    return begins_with(address, global_unicast, 3) && !begins_with(address, special, 23) &&
           !begins_with(address, examples, 32) && !begins_with(address, more_examples, 20);
}

gboolean jd_address_is_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return is_public4((const guint8 *)&((const struct sockaddr_in *)address)->sin_addr);
    if (address->sa_family == AF_INET6)
        return is_public6(((const struct sockaddr_in6 *)address)->sin6_addr.s6_addr);
    return FALSE;
}

char *jd_address_text(const struct sockaddr *address)
{
    char text[INET6_ADDRSTRLEN] = "an address of an unknown kind";
    if (address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, text, sizeof text);
    else if (address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, text, sizeof text);
    return g_strdup(text);
}
