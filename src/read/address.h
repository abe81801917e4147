/* Which network addresses belong to the public internet. */
#ifndef JD_READ_ADDRESS_H
#define JD_READ_ADDRESS_H

#include <glib.h>
#include <sys/socket.h>

/**
 * Whether an address is globally reachable: neither loopback, private, link-local, shared (carrier
 * NAT), multicast, reserved nor for documentation, nor an IPv6 address that carries such an IPv4
 * address (mapped, NAT64, 6to4). Source: the IANA special-purpose address registries (RFC 6890).
 */
gboolean jd_address_is_public(const struct sockaddr *address);

/** The address as text, without port. g_free() it. */
char *jd_address_text(const struct sockaddr *address);

#endif
