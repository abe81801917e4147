#include "read/archive.h"

jd_archive_entry *jd_archive_entry_new(const char *name, guint64 size)
{
    jd_archive_entry *entry = g_new(jd_archive_entry, 1);
    *entry = (jd_archive_entry){g_strdup(name), size};
    return entry;
}

static void entry_free(gpointer data)
{
    jd_archive_entry *entry = data;
    g_free(entry->name);
    g_free(entry);
}

GPtrArray *jd_archive_entries_new(void)
{
    return g_ptr_array_new_with_free_func(entry_free);
}
