#include "store/test_vfs.h"

#include <sqlite3.h>
#include <string.h>

/* ---- what is on the disk ---- */

/* A change that was not synced: bytes at a place, or, without bytes, a new length. */
typedef struct change {
    sqlite3_int64 at;
    GBytes *bytes;
} change;

typedef struct disk_file {
    GByteArray *synced;
    GPtrArray *pending; /* change * */
} disk_file;

static struct {
    int count, fail_at, code;
    gboolean lasting, failed;
    test_vfs_fn watch;
    void *user;
    GHashTable *files; /* base name -> disk_file * */
} state;

static void change_free(gpointer data)
{
    change *one = data;
    if (one->bytes)
        g_bytes_unref(one->bytes);
    g_free(one);
}

static void disk_file_free(gpointer data)
{
    disk_file *file = data;
    g_byte_array_unref(file->synced);
    g_ptr_array_unref(file->pending);
    g_free(file);
}

static disk_file *disk_file_of(const char *name)
{
    g_autofree char *base = g_path_get_basename(name);
    disk_file *file = g_hash_table_lookup(state.files, base);
    if (!file) {
        file = g_new0(disk_file, 1);
        file->synced = g_byte_array_new();
        file->pending = g_ptr_array_new_with_free_func(change_free);
        g_hash_table_insert(state.files, g_steal_pointer(&base), file);
    }
    return file;
}

static void set_length(GByteArray *to, guint length)
{
    guint before = to->len;
    g_byte_array_set_size(to, length);
    if (length > before)
        memset(to->data + before, 0, length - before);
}

/* Applies a change, or its first `most` bytes. */
static void apply(GByteArray *to, const change *one, gsize most)
{
    if (!one->bytes) {
        set_length(to, (guint)one->at);
        return;
    }
    gsize size;
    const void *bytes = g_bytes_get_data(one->bytes, &size);
    size = MIN(size, most);
    if (to->len < one->at + size)
        set_length(to, (guint)(one->at + size));
    memcpy(to->data + one->at, bytes, size);
}

void test_vfs_crash_into(const char *folder, GRand *random)
{
    GHashTableIter iter;
    gpointer name, value;
    g_hash_table_iter_init(&iter, state.files);
    while (g_hash_table_iter_next(&iter, &name, &value)) {
        const disk_file *file = value;
        g_autoptr(GByteArray) image = g_byte_array_new();
        g_byte_array_append(image, file->synced->data, file->synced->len);
        for (guint i = 0; i < file->pending->len; i++) {
            int luck = g_rand_int_range(random, 0, 4);
            if (luck > 0) /* written, written, torn at a sector, lost */
                apply(image, file->pending->pdata[i], luck == 1 ? 512 : G_MAXSIZE);
        }
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_assert_true(g_file_set_contents(path, (const char *)image->data, image->len, NULL));
    }
}

/* ---- what is asked for ---- */

void test_vfs_fail_at(int nth, int code, gboolean lasting)
{
    state.count = 0;
    state.fail_at = nth;
    state.code = code;
    state.lasting = lasting;
    state.failed = FALSE;
}

gboolean test_vfs_failed(void)
{
    return state.failed;
}

void test_vfs_watch(test_vfs_fn fn, void *user)
{
    state.count = 0;
    state.watch = fn;
    state.user = user;
    g_hash_table_remove_all(state.files);
}

/* Counts a change; an SQLite code where it is to fail. */
static int count_change(void)
{
    state.count++;
    if (state.fail_at == 0 || state.count < state.fail_at ||
        (state.count > state.fail_at && !state.lasting))
        return SQLITE_OK;
    state.failed = TRUE;
    return state.code;
}

static void note_change(void)
{
    if (state.watch)
        state.watch(state.count, state.user);
}

/* ---- files ---- */

typedef struct shim_file {
    sqlite3_file base;
    const char *name; /* NULL for a temporary file */
    sqlite3_file *real;
} shim_file;

#define REAL(file) (((shim_file *)(file))->real)

static int shim_close(sqlite3_file *file)
{
    return REAL(file)->pMethods->xClose(REAL(file));
}

static int shim_read(sqlite3_file *file, void *to, int n, sqlite3_int64 at)
{
    return REAL(file)->pMethods->xRead(REAL(file), to, n, at);
}

static void remember(const shim_file *file, const void *bytes, int n, sqlite3_int64 at)
{
    if (!state.watch || !file->name)
        return;
    change *one = g_new0(change, 1);
    one->at = at;
    one->bytes = bytes ? g_bytes_new(bytes, (gsize)n) : NULL;
    g_ptr_array_add(disk_file_of(file->name)->pending, one);
}

static int shim_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 at)
{
    int rc = count_change();
    if (rc != SQLITE_OK)
        return rc;
    remember((shim_file *)file, from, n, at);
    rc = REAL(file)->pMethods->xWrite(REAL(file), from, n, at);
    note_change();
    return rc;
}

static int shim_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int rc = count_change();
    if (rc != SQLITE_OK)
        return rc;
    remember((shim_file *)file, NULL, 0, size);
    rc = REAL(file)->pMethods->xTruncate(REAL(file), size);
    note_change();
    return rc;
}

/* Does not reach the disk, which is what makes thousands of them affordable. */
static int shim_sync(sqlite3_file *file, int flags)
{
    const char *name = ((shim_file *)file)->name;
    int rc = count_change();
    if (rc != SQLITE_OK)
        return rc;
    if (state.watch && name) {
        disk_file *on_disk = disk_file_of(name);
        for (guint i = 0; i < on_disk->pending->len; i++)
            apply(on_disk->synced, on_disk->pending->pdata[i], G_MAXSIZE);
        g_ptr_array_set_size(on_disk->pending, 0);
    }
    note_change();
    return SQLITE_OK;
}

static int shim_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return REAL(file)->pMethods->xFileSize(REAL(file), size);
}

static int shim_lock(sqlite3_file *file, int lock)
{
    return REAL(file)->pMethods->xLock(REAL(file), lock);
}

static int shim_unlock(sqlite3_file *file, int lock)
{
    return REAL(file)->pMethods->xUnlock(REAL(file), lock);
}

static int shim_reserved(sqlite3_file *file, int *out)
{
    return REAL(file)->pMethods->xCheckReservedLock(REAL(file), out);
}

static int shim_control(sqlite3_file *file, int op, void *arg)
{
    return REAL(file)->pMethods->xFileControl(REAL(file), op, arg);
}

static int shim_sector(sqlite3_file *file)
{
    return REAL(file)->pMethods->xSectorSize(REAL(file));
}

/* No promise that a write below the sector's size is safe. */
static int shim_device(sqlite3_file *file)
{
    return 0;
}

static int shim_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    return REAL(file)->pMethods->xShmMap(REAL(file), page, size, extend, out);
}

static int shim_shm_lock(sqlite3_file *file, int at, int n, int flags)
{
    return REAL(file)->pMethods->xShmLock(REAL(file), at, n, flags);
}

static void shim_shm_barrier(sqlite3_file *file)
{
    REAL(file)->pMethods->xShmBarrier(REAL(file));
}

static int shim_shm_unmap(sqlite3_file *file, int remove)
{
    return REAL(file)->pMethods->xShmUnmap(REAL(file), remove);
}

static const sqlite3_io_methods shim_methods = {
    .iVersion = 2,
    .xClose = shim_close,
    .xRead = shim_read,
    .xWrite = shim_write,
    .xTruncate = shim_truncate,
    .xSync = shim_sync,
    .xFileSize = shim_size,
    .xLock = shim_lock,
    .xUnlock = shim_unlock,
    .xCheckReservedLock = shim_reserved,
    .xFileControl = shim_control,
    .xSectorSize = shim_sector,
    .xDeviceCharacteristics = shim_device,
    .xShmMap = shim_shm_map,
    .xShmLock = shim_shm_lock,
    .xShmBarrier = shim_shm_barrier,
    .xShmUnmap = shim_shm_unmap,
};

/* ---- the file system ---- */

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    sqlite3_vfs *real = vfs->pAppData;
    shim_file *shim = (shim_file *)file;
    shim->name = name;
    shim->real = (sqlite3_file *)(shim + 1);
    int rc = real->xOpen(real, name, shim->real, flags, out);
    shim->base.pMethods = rc == SQLITE_OK ? &shim_methods : NULL;
    return rc;
}

static int shim_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    sqlite3_vfs *real = vfs->pAppData;
    int rc = count_change();
    if (rc != SQLITE_OK)
        return rc;
    g_autofree char *base = g_path_get_basename(name);
    g_hash_table_remove(state.files, base);
    rc = real->xDelete(real, name, 0);
    note_change();
    return rc;
}

void test_vfs_install(void)
{
    static sqlite3_vfs shim;
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    shim = *real;
    shim.zName = "jackdaw-test";
    shim.pNext = NULL;
    shim.pAppData = real;
    shim.szOsFile = (int)sizeof(shim_file) + real->szOsFile;
    shim.xOpen = shim_open;
    shim.xDelete = shim_delete;
    state.files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, disk_file_free);
    g_assert_cmpint(sqlite3_vfs_register(&shim, 1), ==, SQLITE_OK);
}
