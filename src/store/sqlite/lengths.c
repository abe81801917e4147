#include "store/sqlite/lengths.h"

#include "base/limits.h"

const char *jd_lengths_sql(jd_item_kind kind)
{
    return kind == JD_ITEM_TEXT
               ? "SELECT id, sz FROM chunk_words_docsize WHERE id >= ?1 ORDER BY id"
               : "SELECT id, sz FROM image_words_docsize WHERE id >= ?1 ORDER BY id";
}

static void step(jd_lengths *from)
{
    from->rc = sqlite3_step(from->sql);
    from->at = from->rc == SQLITE_ROW ? sqlite3_column_int64(from->sql, 0) : G_MAXINT64;
}

static void move_to(jd_lengths *from, gint64 id)
{
    enum { NEAR = 16 }; /* so many steps cost less than a lookup */
    if (from->at == 0 || from->at > id || id - from->at > NEAR) {
        sqlite3_reset(from->sql);
        sqlite3_bind_int64(from->sql, 1, id);
        step(from);
    }
    while (from->at < id)
        step(from);
}

/* Lengths are stored as SQLite's variable-length integers: seven bits a byte, the highest first. */
static gsize read_number(const guint8 *bytes, gsize size, int *number)
{
    guint32 value = 0;
    for (gsize i = 0; i < size && i < 5; i++) {
        value = value << 7 | (bytes[i] & 0x7f);
        if (bytes[i] < 0x80) {
            *number = (int)(value & G_MAXINT32);
            return i + 1;
        }
    }
    return 0;
}

static int read_stored(jd_lengths *from, gint64 id, int *lengths, gsize n)
{
    move_to(from, id);
    if (from->rc != SQLITE_ROW)
        return from->rc == SQLITE_DONE ? SQLITE_CORRUPT : from->rc;
    if (from->at != id)
        return SQLITE_CORRUPT;
    const guint8 *bytes = sqlite3_column_blob(from->sql, 1);
    gsize size = (gsize)sqlite3_column_bytes(from->sql, 1), used = 0;
    for (gsize i = 0; i < n; i++) {
        gsize taken = read_number(bytes + used, size - used, &lengths[i]);
        if (taken == 0)
            return SQLITE_CORRUPT;
        used += taken;
    }
    return SQLITE_OK;
}

static void remember(jd_known_lengths *known, gint64 id, const int *lengths, gsize n)
{
    for (gsize i = 0; i < n; i++)
        if (lengths[i] > G_MAXUINT16)
            return;
    known->id = id;
    for (gsize i = 0; i < n; i++)
        known->lengths[i] = (guint16)lengths[i];
}

int jd_lengths_read(jd_lengths *from, gint64 id, int *lengths, gsize n)
{
    if (!from->known)
        return read_stored(from, id, lengths, n);
    jd_known_lengths *known = &from->known[(guint64)id % JD_STORE_KNOWN_LENGTHS];
    if (known->id == id) {
        for (gsize i = 0; i < n; i++)
            lengths[i] = known->lengths[i];
        return SQLITE_OK;
    }
    int rc = read_stored(from, id, lengths, n);
    if (rc == SQLITE_OK)
        remember(known, id, lengths, n);
    return rc;
}
