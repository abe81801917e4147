#include "server/address.h"

#include "base/error.h"
#include "base/limits.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

/* ---- who connects ---- */

static gboolean is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *ip4 = (const void *)address;
        return ntohl(ip4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    const struct sockaddr_in6 *ip6 = (const void *)address;
    return IN6_IS_ADDR_LOOPBACK(&ip6->sin6_addr) ||
           (IN6_IS_ADDR_V4MAPPED(&ip6->sin6_addr) && ip6->sin6_addr.s6_addr[12] == IN_LOOPBACKNET);
}

char *jd_address_group(const struct sockaddr *address)
{
    if (is_loopback(address))
        return g_strdup("");
    char name[INET6_ADDRSTRLEN] = "";
    if (address->sa_family == AF_INET) {
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, name,
                  sizeof name);
        return g_strdup(name);
    }
    struct in6_addr net = ((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    if (!IN6_IS_ADDR_V4MAPPED(&net))
        memset(net.s6_addr + 8, 0, 8);
    inet_ntop(AF_INET6, &net, name, sizeof name);
    return g_strdup(name);
}

/* ---- listening ---- */

void jd_listener_free(jd_listener *listener)
{
    if (!listener)
        return;
    if (listener->fd >= 0)
        close(listener->fd);
    g_free(listener->url);
    g_free(listener);
}

static void listener_free(gpointer data)
{
    jd_listener_free(data);
}

static int port_of(const struct sockaddr *address)
{
    return ntohs(address->sa_family == AF_INET
                     ? ((const struct sockaddr_in *)(const void *)address)->sin_port
                     : ((const struct sockaddr_in6 *)(const void *)address)->sin6_port);
}

static char *url_of(const struct sockaddr *address)
{
    char name[INET6_ADDRSTRLEN] = "";
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *ip4 = (const void *)address;
        inet_ntop(AF_INET, &ip4->sin_addr, name, sizeof name);
        return g_strdup_printf("http://%s:%d/", name, port_of(address));
    }
    const struct sockaddr_in6 *ip6 = (const void *)address;
    inet_ntop(AF_INET6, &ip6->sin6_addr, name, sizeof name);
    return g_strdup_printf("http://[%s]:%d/", name, port_of(address));
}

static int open_socket(const struct addrinfo *info)
{
    int one = 1;
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    /* So that "*" can have one socket for each kind of address. */
    if (info->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, JD_SERVER_BACKLOG) == 0)
        return fd;
    int number = errno;
    close(fd);
    errno = number;
    return -1;
}

static gboolean add_socket(GPtrArray *list, const struct addrinfo *info)
{
    int fd = open_socket(info);
    if (fd < 0)
        return FALSE;
    struct sockaddr_storage bound;
    socklen_t size = sizeof bound;
    getsockname(fd, (struct sockaddr *)&bound, &size);
    jd_listener *listener = g_new0(jd_listener, 1);
    listener->fd = fd;
    listener->loopback = is_loopback((const struct sockaddr *)&bound);
    listener->url = url_of((const struct sockaddr *)&bound);
    g_ptr_array_add(list, listener);
    return TRUE;
}

/* The port that the first socket has. */
static int port_of_list(const GPtrArray *list, int otherwise)
{
    struct sockaddr_storage bound;
    socklen_t size = sizeof bound;
    if (list->len == 0)
        return otherwise;
    const jd_listener *first = list->pdata[0];
    getsockname(first->fd, (struct sockaddr *)&bound, &size);
    return port_of((const struct sockaddr *)&bound);
}

static gboolean is_missing_here(int number)
{
    return number == EADDRNOTAVAIL || number == EAFNOSUPPORT;
}

static void set_listen_error(const char *address, int port, GError **error)
{
    if (errno == EADDRINUSE)
        jd_set_error(error, JD_ERROR_BUSY, "give another one with --port",
                     "port %d of %s is taken by another program", port, address);
    else if (is_missing_here(errno))
        jd_set_error(error, JD_ERROR_USAGE, "`ip address` lists them",
                     "%s is no address of this machine", address);
    else
        jd_set_error_errno(error, errno, "cannot listen on port %d of %s", port, address);
}

static gboolean add_address(GPtrArray *list, const char *address, int port, GError **error)
{
    gboolean all = g_str_equal(address, "*");
    struct addrinfo hints = {.ai_flags = AI_PASSIVE, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int wanted = port_of_list(list, port);
    g_autofree char *service = g_strdup_printf("%d", wanted);
    int failed = getaddrinfo(all ? NULL : address, service, &hints, &found);
    if (failed) {
        jd_set_error(error, JD_ERROR_USAGE, "give an IP address of this machine, or *",
                     "%s cannot be listened on: %s", address, gai_strerror(failed));
        return FALSE;
    }
    guint before = list->len;
    gboolean ok = TRUE;
    for (const struct addrinfo *info = found; info && ok; info = info->ai_next) {
        /* A machine may lack one of the two kinds of address. */
        ok = add_socket(list, info) ||
             (is_missing_here(errno) && (info->ai_next || list->len > before));
        if (!ok)
            set_listen_error(address, wanted, error);
    }
    freeaddrinfo(found);
    return ok;
}

GPtrArray *jd_listen(const char *const *addresses, int port, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(listener_free);
    for (const char *const *address = addresses; address && *address; address++)
        if (!add_address(list, *address, port, error))
            return NULL;
    if (list->len > 0)
        return g_steal_pointer(&list);
    if (!add_address(list, "127.0.0.1", port, error))
        return NULL;
    g_autoptr(GError) no_ip6 = NULL;
    if (!add_address(list, "::1", port, &no_ip6) &&
        !g_error_matches(no_ip6, JD_ERROR, JD_ERROR_USAGE)) {
        g_propagate_error(error, g_steal_pointer(&no_ip6));
        return NULL;
    }
    return g_steal_pointer(&list);
}
