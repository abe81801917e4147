/*
 * What was fetched, on disk: for each URL a body and a description with what is needed to ask the
 * server whether it is still good. Both are written under another name and then renamed, and a body
 * that does not match its description's hash is not used, so that neither a crash nor two programs
 * at once can make a wrong one.
 */
#ifndef JD_READ_FETCH_CACHE_H
#define JD_READ_FETCH_CACHE_H

#include <jackdaw.h>

typedef struct jd_cache_entry {
    char *etag, *last_modified; /* as the server wrote them, or NULL */
    char *media_type;           /* or NULL */
    gint64 modified;            /* seconds since 1970, 0 where unknown */
    char *sha256;               /* of the body */
} jd_cache_entry;

void jd_cache_entry_free(jd_cache_entry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_cache_entry, jd_cache_entry_free)

/** The description's text form, and back; NULL where the text is none. */
char *jd_cache_entry_encode(const jd_cache_entry *entry, const char *url);
jd_cache_entry *jd_cache_entry_decode(const char *text, gsize length, const char *url);

/** What the cache knows of a URL, or NULL. `*body` gets a descriptor of the checked body. */
jd_cache_entry *jd_cache_find(const char *folder, const char *url, int *body);

/** A new file in the cache's folder for a body; `*path` gets its name. -1 on failure. */
int jd_cache_begin(const char *folder, char **path, GError **error);
/** Makes the finished body in `fd` that of `url`; sets entry->sha256. The file at `path` is gone
 * afterwards, whether it succeeds or not; `fd` stays open. */
gboolean jd_cache_store(const char *folder, const char *url, const char *path, int fd,
                        jd_cache_entry *entry);

/** Drops what was used longest ago until the bodies take no more than `most_bytes`. */
void jd_cache_trim(const char *folder, gint64 most_bytes);

#endif
