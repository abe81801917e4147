/*
 * libcurl, loaded when it is first called.
 *
 * Linking it brings some thirty libraries in, which cost every start of the program 6 ms; only
 * fetching and model servers need it. The functions here have libcurl's own names and pass
 * everything on, so that their callers are written as always. Built on 64-bit systems, where every
 * argument behind the dots of curl_easy_setopt() and curl_easy_getinfo() fills one register,
 * whatever its type. Without libcurl curl_easy_init() gives NULL.
 */
#define CURL_DISABLE_TYPECHECK
#include "base/lazy.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <stdarg.h>

G_STATIC_ASSERT(sizeof(void *) == sizeof(long) && sizeof(void *) == sizeof(curl_off_t));

/* curl.h turns some names into macros that check types. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

/* A function of libcurl's, or NULL. The library is opened once and stays open. */
static void *find(const char *name)
{
    static void *library;
    static gsize opened;
    if (g_once_init_enter(&opened)) {
        library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
        g_once_init_leave(&opened, 1);
    }
    return library ? dlsym(library, name) : NULL;
}

JD_FORWARD(CURLcode, curl_global_init, (long flags), (flags), CURLE_FAILED_INIT)
JD_FORWARD_VOID(curl_global_cleanup, (void), ())
JD_FORWARD(curl_version_info_data *, curl_version_info, (CURLversion age), (age), NULL)
JD_FORWARD_VOID(curl_free, (void *memory), (memory))
JD_FORWARD(time_t, curl_getdate, (const char *text, const time_t *unused), (text, unused), -1)

JD_FORWARD(CURL *, curl_easy_init, (void), (), NULL)
JD_FORWARD_VOID(curl_easy_cleanup, (CURL * handle), (handle))
JD_FORWARD_VOID(curl_easy_reset, (CURL * handle), (handle))
JD_FORWARD(CURLcode, curl_easy_perform, (CURL * handle), (handle), CURLE_FAILED_INIT)
JD_FORWARD(const char *, curl_easy_strerror, (CURLcode code), (code), "libcurl cannot be loaded")

CURLcode curl_easy_setopt(CURL *handle, CURLoption option, ...)
{
    CURLcode (*function)(CURL *, CURLoption, ...) =
        (CURLcode(*)(CURL *, CURLoption, ...))find("curl_easy_setopt");
    va_list arguments;
    va_start(arguments, option);
    void *value = va_arg(arguments, void *);
    va_end(arguments);
    return function ? function(handle, option, value) : CURLE_FAILED_INIT;
}

CURLcode curl_easy_getinfo(CURL *handle, CURLINFO info, ...)
{
    CURLcode (*function)(CURL *, CURLINFO, ...) =
        (CURLcode(*)(CURL *, CURLINFO, ...))find("curl_easy_getinfo");
    va_list arguments;
    va_start(arguments, info);
    void *value = va_arg(arguments, void *);
    va_end(arguments);
    return function ? function(handle, info, value) : CURLE_FAILED_INIT;
}

JD_FORWARD(CURLM *, curl_multi_init, (void), (), NULL)
JD_FORWARD(CURLMcode, curl_multi_cleanup, (CURLM * multi), (multi), CURLM_INTERNAL_ERROR)
JD_FORWARD(CURLMcode, curl_multi_add_handle, (CURLM * multi, CURL *handle), (multi, handle),
           CURLM_INTERNAL_ERROR)
JD_FORWARD(CURLMcode, curl_multi_remove_handle, (CURLM * multi, CURL *handle), (multi, handle),
           CURLM_INTERNAL_ERROR)
JD_FORWARD(CURLMcode, curl_multi_perform, (CURLM * multi, int *running), (multi, running),
           CURLM_INTERNAL_ERROR)
JD_FORWARD(CURLMcode, curl_multi_poll,
           (CURLM * multi, struct curl_waitfd extra[], unsigned int count, int timeout_ms,
            int *ready),
           (multi, extra, count, timeout_ms, ready), CURLM_INTERNAL_ERROR)
JD_FORWARD(CURLMsg *, curl_multi_info_read, (CURLM * multi, int *left), (multi, left), NULL)
JD_FORWARD(const char *, curl_multi_strerror, (CURLMcode code), (code), "libcurl cannot be loaded")

JD_FORWARD(struct curl_slist *, curl_slist_append, (struct curl_slist * list, const char *text),
           (list, text), NULL)
JD_FORWARD_VOID(curl_slist_free_all, (struct curl_slist * list), (list))

JD_FORWARD(CURLU *, curl_url, (void), (), NULL)
JD_FORWARD_VOID(curl_url_cleanup, (CURLU * url), (url))
/* Version 8 made the first parameter of one function const. */
#if LIBCURL_VERSION_MAJOR >= 8
typedef const CURLU url_to_read;
#else
typedef CURLU url_to_read;
#endif

JD_FORWARD(CURLUcode, curl_url_get,
           (url_to_read * url, CURLUPart part, char **value, unsigned int flags),
           (url, part, value, flags), CURLUE_OUT_OF_MEMORY)
JD_FORWARD(CURLUcode, curl_url_set,
           (CURLU * url, CURLUPart part, const char *value, unsigned int flags),
           (url, part, value, flags), CURLUE_OUT_OF_MEMORY)
