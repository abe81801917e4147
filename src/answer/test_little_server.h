/* A server for the tests' transfers: says what it is told to, to one client. */
#ifndef JD_ANSWER_TEST_LITTLE_SERVER_H
#define JD_ANSWER_TEST_LITTLE_SERVER_H

#include <arpa/inet.h>
#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A server for one connection: reads the request's head, sends `pieces` one by one, and then closes
 * or (`hold`) keeps silent until the client is gone. */
typedef struct little_server {
    int listener;
    char *url;
    const char *const *pieces;
    gboolean hold;
    GThread *thread;
} little_server;

static inline gpointer little_server_serve(gpointer user)
{
    little_server *server = user;
    int client = accept(server->listener, NULL, NULL);
    char buffer[4096];
    if (recv(client, buffer, sizeof buffer, 0) <= 0) {
        close(client);
        return NULL;
    }
    for (gsize i = 0; server->pieces[i]; i++)
        if (send(client, server->pieces[i], strlen(server->pieces[i]), MSG_NOSIGNAL) < 0)
            break;
    while (server->hold && recv(client, buffer, sizeof buffer, 0) > 0)
        continue;
    close(client);
    return NULL;
}

static inline void little_server_start(little_server *server, const char *const *pieces,
                                       gboolean hold)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    g_assert_cmpint(bind(server->listener, (struct sockaddr *)&address, size), ==, 0);
    g_assert_cmpint(getsockname(server->listener, (struct sockaddr *)&address, &size), ==, 0);
    g_assert_cmpint(listen(server->listener, 1), ==, 0);
    server->url = g_strdup_printf("http://127.0.0.1:%d", ntohs(address.sin_port));
    server->pieces = pieces;
    server->hold = hold;
    server->thread = g_thread_new("server", little_server_serve, server);
}

static inline void little_server_stop(little_server *server)
{
    g_thread_join(server->thread);
    close(server->listener);
    g_free(server->url);
}

#endif
