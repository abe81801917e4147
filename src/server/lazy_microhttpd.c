/*
 * libmicrohttpd, loaded when it is first called.
 *
 * Linking it brings gnutls and its kin in, which cost every start of the program 2.5 ms; only
 * `serve` needs it. Without it MHD_start_daemon() gives NULL.
 */
#include "base/lazy.h"

#include <dlfcn.h>
#include <microhttpd.h>
#include <stdarg.h>

static void *find(const char *name)
{
    static void *library;
    static gsize opened;
    if (g_once_init_enter(&opened)) {
        library = dlopen("libmicrohttpd.so.12", RTLD_NOW | RTLD_LOCAL);
        g_once_init_leave(&opened, 1);
    }
    return library ? dlsym(library, name) : NULL;
}

struct MHD_Daemon *MHD_start_daemon(unsigned int flags, uint16_t port,
                                    MHD_AcceptPolicyCallback admit, void *admit_user,
                                    MHD_AccessHandlerCallback handle, void *handle_user, ...)
{
    struct MHD_Daemon *(*function)(unsigned int, uint16_t, MHD_AcceptPolicyCallback, void *,
                                   MHD_AccessHandlerCallback, void *, va_list) =
        (struct MHD_Daemon * (*)(unsigned int, uint16_t, MHD_AcceptPolicyCallback, void *,
                                 MHD_AccessHandlerCallback, void *, va_list))
            find("MHD_start_daemon_va");
    va_list options;
    va_start(options, handle_user);
    struct MHD_Daemon *daemon =
        function ? function(flags, port, admit, admit_user, handle, handle_user, options) : NULL;
    va_end(options);
    return daemon;
}

JD_FORWARD_VOID(MHD_stop_daemon, (struct MHD_Daemon * daemon), (daemon))
JD_FORWARD(MHD_socket, MHD_quiesce_daemon, (struct MHD_Daemon * daemon), (daemon),
           MHD_INVALID_SOCKET)

JD_FORWARD(enum MHD_Result, MHD_run, (struct MHD_Daemon * daemon), (daemon), MHD_NO)
JD_FORWARD(enum MHD_Result, MHD_get_timeout,
           (struct MHD_Daemon * daemon, unsigned long long *milliseconds), (daemon, milliseconds),
           MHD_NO)

const union MHD_DaemonInfo *MHD_get_daemon_info(struct MHD_Daemon *daemon,
                                                enum MHD_DaemonInfoType type, ...)
{
    const union MHD_DaemonInfo *(*function)(struct MHD_Daemon *, enum MHD_DaemonInfoType, ...) =
        (const union MHD_DaemonInfo *(*)(struct MHD_Daemon *, enum MHD_DaemonInfoType, ...))find(
            "MHD_get_daemon_info");
    return function ? function(daemon, type) : NULL;
}

JD_FORWARD_VOID(MHD_suspend_connection, (struct MHD_Connection * connection), (connection))
JD_FORWARD_VOID(MHD_resume_connection, (struct MHD_Connection * connection), (connection))
JD_FORWARD(int, MHD_get_connection_values,
           (struct MHD_Connection * connection, enum MHD_ValueKind kind, MHD_KeyValueIterator each,
            void *user),
           (connection, kind, each, user), 0)
JD_FORWARD(enum MHD_Result, MHD_queue_response,
           (struct MHD_Connection * connection, unsigned int status, struct MHD_Response *response),
           (connection, status, response), MHD_NO)

const union MHD_ConnectionInfo *MHD_get_connection_info(struct MHD_Connection *connection,
                                                        enum MHD_ConnectionInfoType type, ...)
{
    const union MHD_ConnectionInfo *(*function)(struct MHD_Connection *,
                                                enum MHD_ConnectionInfoType, ...) =
        (const union MHD_ConnectionInfo *(*)(struct MHD_Connection *, enum MHD_ConnectionInfoType,
                                             ...))find("MHD_get_connection_info");
    return function ? function(connection, type) : NULL;
}

JD_FORWARD(struct MHD_Response *, MHD_create_response_from_callback,
           (uint64_t size, size_t block, MHD_ContentReaderCallback read, void *user,
            MHD_ContentReaderFreeCallback drop),
           (size, block, read, user, drop), NULL)
JD_FORWARD(struct MHD_Response *, MHD_create_response_from_buffer,
           (size_t size, void *buffer, enum MHD_ResponseMemoryMode mode), (size, buffer, mode),
           NULL)
#if MHD_VERSION >= 0x00097701
typedef const void freed_buffer;
#else
typedef void freed_buffer;
#endif
JD_FORWARD(struct MHD_Response *, MHD_create_response_from_buffer_with_free_callback_cls,
           (size_t size, freed_buffer *buffer, MHD_ContentReaderFreeCallback drop, void *user),
           (size, buffer, drop, user), NULL)
JD_FORWARD(enum MHD_Result, MHD_add_response_header,
           (struct MHD_Response * response, const char *name, const char *value),
           (response, name, value), MHD_NO)
JD_FORWARD_VOID(MHD_destroy_response, (struct MHD_Response * response), (response))

JD_FORWARD(struct MHD_PostProcessor *, MHD_create_post_processor,
           (struct MHD_Connection * connection, size_t size, MHD_PostDataIterator each, void *user),
           (connection, size, each, user), NULL)
JD_FORWARD(enum MHD_Result, MHD_post_process,
           (struct MHD_PostProcessor * post, const char *data, size_t size), (post, data, size),
           MHD_NO)
JD_FORWARD(enum MHD_Result, MHD_destroy_post_processor, (struct MHD_PostProcessor * post), (post),
           MHD_NO)
