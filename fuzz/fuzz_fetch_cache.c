/* The description of a cached page: what can be read is written and read again as it was. */
#include "read/fetch_cache.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* No value may begin another header line. */
static gboolean is_one_line(const char *value)
{
    return !value || !strpbrk(value, "\r\n");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char url[] = "http://example.org/";
    g_autoptr(jd_cache_entry) entry = jd_cache_entry_decode((const char *)data, size, url);
    if (!entry)
        return 0;
    g_assert_true(is_one_line(entry->etag) && is_one_line(entry->last_modified));
    g_autofree char *text = jd_cache_entry_encode(entry, url);
    g_assert_nonnull(text);
    g_autoptr(jd_cache_entry) again = jd_cache_entry_decode(text, strlen(text), url);
    g_assert_nonnull(again);
    g_assert_cmpstr(again->etag, ==, entry->etag);
    g_assert_cmpstr(again->media_type, ==, entry->media_type);
    g_assert_cmpstr(again->sha256, ==, entry->sha256);
    g_assert_cmpint(again->modified, ==, entry->modified);
    return 0;
}
