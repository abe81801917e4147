/* What the files of the scan cache share: the format in numbers, and the cache at hand. */
#ifndef JD_STORE_SCAN_CACHE_STATE_H
#define JD_STORE_SCAN_CACHE_STATE_H

#include "store/scan/cache.h"

#include <sys/types.h>

enum {
    JD_SCAN_PAGE = 4096,
    JD_SCAN_GROUP = 64, /* slots: their heads fill a page */
    JD_SCAN_ALIGN = 64,
};

#define JD_SCAN_MAGIC "JDSCAN1\n"

typedef struct jd_scan_header {
    char magic[8];
    guint32 dimension, capacity;
    guint32 mean_of; /* blocks that there were when the mean was taken */
    guint32 zero;
    guint64 zeros[4];
    guint64
        check; /* XXH3 of the header, this being 0, and of the mean, one after the other's sum */
} jd_scan_header;
G_STATIC_ASSERT(sizeof(jd_scan_header) == JD_SCAN_ALIGN);

typedef struct jd_scan_head {
    gint64 block; /* 0: free */
    gint64 first, last;
    guint32 count, zero;
    guint64 sum; /* XXH3 of the code area */
    guint64 zeros[2];
    guint64 check; /* XXH3 of what stands before it */
} jd_scan_head;
G_STATIC_ASSERT(sizeof(jd_scan_head) * JD_SCAN_GROUP == JD_SCAN_PAGE);

/** Sizes in bytes; offsets from where each thing begins. */
typedef struct jd_scan_layout {
    gsize header;
    gsize scales, ids, sums; /* in a code area, whose codes come first */
    gsize area;              /* a code area */
    gsize vectors;           /* a vector area */
    gsize group;
    gsize stride; /* of a row of codes */
} jd_scan_layout;

/** What this process has seen of a slot. */
typedef enum jd_scan_state { JD_SCAN_UNSEEN, JD_SCAN_SOUND, JD_SCAN_DAMAGED } jd_scan_state;
typedef struct jd_scan_seen {
    jd_scan_state codes, vectors;
} jd_scan_seen;

struct jd_scan_cache {
    char *path;
    int mode;
    gsize dimension, capacity;
    jd_scan_layout layout;

    int fd; /* -1: none; the rest belongs to this file */
    gboolean writable, held, writing;
    guint8 *map;
    gsize mapped;
    float *mean;
    guint mean_of;
    guint slots;         /* those that are mapped */
    jd_scan_head *heads; /* copies, as they were when the cache was taken hold of */
    jd_scan_seen *seen;
    GHashTable *slot_of; /* block -> slot, of heads that are in order */

    /* while writing */
    GArray *free; /* guint: slots, the next one last */
    guint end;    /* slots that the file has */
    guint8 *area; /* one code area at work */
};

guint64 jd_scan_sum(const void *data, gsize size);
guint64 jd_scan_header_check(const jd_scan_header *header, const float *mean);
guint64 jd_scan_head_check(const jd_scan_head *head);

gsize jd_scan_head_offset(const jd_scan_cache *cache, guint slot);
gsize jd_scan_area_offset(const jd_scan_cache *cache, guint slot);
gsize jd_scan_vectors_offset(const jd_scan_cache *cache, guint slot);

/** The bytes that the locks are on. */
typedef enum jd_scan_lock { JD_SCAN_LOCK_USE = 0, JD_SCAN_LOCK_WRITE = 1 } jd_scan_lock;

/** Takes a lock of a type (F_RDLCK, F_WRLCK) or gives it back (F_UNLCK); waits up to `wait_ms`. */
gboolean jd_scan_lock_file(int fd, jd_scan_lock lock, short type, int wait_ms);
/** Whether an open file is the one that has the name. */
gboolean jd_scan_is_named(int fd, const char *path);

/** Opens what has the name, unless it is open already; FALSE where it is no cache of this shape. */
gboolean jd_scan_cache_open(jd_scan_cache *cache);
void jd_scan_cache_close(jd_scan_cache *cache);
/** Follows what has changed in the heads of the slots that are mapped. */
void jd_scan_cache_read_heads(jd_scan_cache *cache);

#endif
