/* Conversations and their messages. */
#include "base/error.h"
#include "store/sqlite/backend.h"
#include "store/sqlite/db.h"
#include "store/sqlite/pictures.h"

#define COLUMNS                                                                                    \
    "c.id, c.title, c.created, c.updated,"                                                         \
    " (SELECT count(*) FROM message m WHERE m.conversation = c.id)"

static gint64 now(void)
{
    return g_get_real_time() / G_USEC_PER_SEC;
}

static jd_conversation *read_conversation(sqlite3_stmt *sql)
{
    jd_conversation *conversation = g_new0(jd_conversation, 1);
    conversation->id = sqlite3_column_int64(sql, 0);
    conversation->title = jd_sql_text(sql, 1);
    conversation->created = sqlite3_column_int64(sql, 2);
    conversation->updated = sqlite3_column_int64(sql, 3);
    conversation->messages = (guint)sqlite3_column_int64(sql, 4);
    return conversation;
}

static void conversation_free(gpointer data)
{
    jd_conversation_free(data);
}

static gboolean set_unknown(gint64 id, GError **error)
{
    jd_set_error(error, JD_ERROR_NOT_FOUND, NULL, "there is no conversation %" G_GINT64_FORMAT, id);
    return FALSE;
}

/* ---- conversations ---- */

gboolean jd_sqlite_add_conversation(jd_store *base, const char *title, gint64 *id, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    if (!jd_write_enter(store, error))
        return FALSE;
    gboolean ok = jd_sql_do(store, error,
                            "INSERT INTO conversation(title, created, updated) VALUES (?1, ?2, ?2)",
                            "ti", title, now());
    gint64 added = sqlite3_last_insert_rowid(store->db);
    if (!jd_write_leave(store, ok, error))
        return FALSE;
    *id = added;
    return TRUE;
}

gboolean jd_sqlite_rename_conversation(jd_store *base, gint64 id, const char *title, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    if (!jd_write_enter(store, error))
        return FALSE;
    gboolean ok = jd_sql_do(store, error, "UPDATE conversation SET title = ?2 WHERE id = ?1", "it",
                            id, title);
    gboolean found = ok && sqlite3_changes(store->db) > 0;
    if (!jd_write_leave(store, ok, error))
        return FALSE;
    return found || set_unknown(id, error);
}

/* The message `from` and all that follow, with their pictures. *count of them. */
static gboolean erase_messages(jd_sqlite *store, gint64 conversation, gint64 from, int *count,
                               GError **error)
{
    g_autoptr(GArray) pictures =
        jd_sql_ids(store, error,
                   "SELECT DISTINCT picture FROM message"
                   " WHERE conversation = ?1 AND id >= ?2 AND picture IS NOT NULL",
                   "ii", conversation, from);
    if (!pictures ||
        !jd_sql_do(store, error, "DELETE FROM message WHERE conversation = ?1 AND id >= ?2", "ii",
                   conversation, from))
        return FALSE;
    *count = sqlite3_changes(store->db);
    return jd_pictures_drop_orphans(store, pictures, error);
}

gboolean jd_sqlite_remove_conversation(jd_store *base, gint64 id, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    int messages;
    if (!jd_write_enter(store, error))
        return FALSE;
    gboolean ok = erase_messages(store, id, 0, &messages, error) &&
                  jd_sql_do(store, error, "DELETE FROM conversation WHERE id = ?1", "i", id);
    gboolean found = ok && sqlite3_changes(store->db) > 0;
    if (!jd_write_leave(store, ok, error))
        return FALSE;
    return found || set_unknown(id, error);
}

jd_conversation *jd_sqlite_get_conversation(jd_store *base, gint64 id, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    g_auto(jd_sql) sql =
        jd_sql_get(store, "SELECT " COLUMNS " FROM conversation c WHERE c.id = ?1", error);
    if (!sql)
        return NULL;
    jd_sql_bind(sql, "i", id);
    jd_step step = jd_sql_step(store, sql, error);
    if (step == JD_STEP_ROW)
        return read_conversation(sql);
    if (step == JD_STEP_DONE)
        set_unknown(id, error);
    return NULL;
}

GPtrArray *jd_sqlite_list_conversations(jd_store *base, const char *part, const jd_page *page,
                                        GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    g_auto(jd_sql) sql =
        jd_sql_get(store,
                   "SELECT " COLUMNS " FROM conversation c WHERE ?1 IS NULL"
                   " OR jd_contains(c.title, ?1) OR EXISTS (SELECT 1 FROM message m"
                   " WHERE m.conversation = c.id AND jd_contains(m.text, ?1))"
                   " ORDER BY c.updated DESC, c.id DESC LIMIT ?2 OFFSET ?3",
                   error);
    if (!sql)
        return NULL;
    jd_sql_bind(sql, "tii", part, (gint64)(page->limit > 0 ? page->limit : -1), page->offset);
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(conversation_free);
    jd_step step;
    while ((step = jd_sql_step(store, sql, error)) == JD_STEP_ROW)
        g_ptr_array_add(list, read_conversation(sql));
    return step == JD_STEP_DONE ? g_steal_pointer(&list) : NULL;
}

/* ---- messages ---- */

static gboolean touch(jd_sqlite *store, gint64 conversation, GError **error)
{
    if (!jd_sql_do(store, error, "UPDATE conversation SET updated = ?2 WHERE id = ?1", "ii",
                   conversation, now()))
        return FALSE;
    return sqlite3_changes(store->db) > 0 || set_unknown(conversation, error);
}

static gboolean insert_message(jd_sqlite *store, gint64 conversation, const jd_message *message,
                               GError **error)
{
    gint64 picture = 0;
    return touch(store, conversation, error) &&
           (!message->picture || jd_picture_put(store, message->picture, &picture, error)) &&
           jd_sql_do(store, error,
                     "INSERT INTO message(conversation, role, text, content, created, picture)"
                     " VALUES (?1, ?2, ?3, ?4, ?5, nullif(?6, 0))",
                     "itttii", conversation, message->role, message->text, message->content, now(),
                     picture);
}

gboolean jd_sqlite_add_message(jd_store *base, gint64 conversation, const jd_message *message,
                               gint64 *id, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    if (!jd_write_enter(store, error))
        return FALSE;
    gboolean ok = insert_message(store, conversation, message, error);
    gint64 added = sqlite3_last_insert_rowid(store->db);
    if (!jd_write_leave(store, ok, error))
        return FALSE;
    if (id)
        *id = added;
    return TRUE;
}

static void message_free(gpointer data)
{
    jd_message_free(data);
}

static jd_message *read_message(sqlite3_stmt *sql)
{
    jd_message *message = g_new0(jd_message, 1);
    message->id = sqlite3_column_int64(sql, 0);
    message->role = jd_sql_text(sql, 1);
    message->text = jd_sql_text(sql, 2);
    message->content = jd_sql_text(sql, 3);
    message->created = sqlite3_column_int64(sql, 4);
    return message;
}

GPtrArray *jd_sqlite_list_messages(jd_store *base, gint64 conversation, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    g_autoptr(jd_conversation) known = jd_sqlite_get_conversation(base, conversation, error);
    g_auto(jd_sql) sql = known ? jd_sql_get(store,
                                            "SELECT id, role, text, content, created FROM message"
                                            " WHERE conversation = ?1 ORDER BY id",
                                            error)
                               : NULL;
    if (!sql)
        return NULL;
    jd_sql_bind(sql, "i", conversation);
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(message_free);
    jd_step step;
    while ((step = jd_sql_step(store, sql, error)) == JD_STEP_ROW)
        g_ptr_array_add(list, read_message(sql));
    return step == JD_STEP_DONE ? g_steal_pointer(&list) : NULL;
}

static gboolean set_no_message(gint64 conversation, gint64 message, const char *what,
                               GError **error)
{
    jd_set_error(error, JD_ERROR_NOT_FOUND, NULL,
                 "conversation %" G_GINT64_FORMAT " has no message %" G_GINT64_FORMAT "%s",
                 conversation, message, what);
    return FALSE;
}

jd_item *jd_sqlite_get_message_picture(jd_store *base, gint64 conversation, gint64 message,
                                       GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    g_auto(jd_sql) sql =
        jd_sql_get(store,
                   "SELECT p.sha256, p.media_type FROM message m JOIN picture p ON p.id = m.picture"
                   " WHERE m.conversation = ?1 AND m.id = ?2",
                   error);
    if (!sql)
        return NULL;
    jd_sql_bind(sql, "ii", conversation, message);
    jd_step step = jd_sql_step(store, sql, error);
    if (step == JD_STEP_DONE)
        set_no_message(conversation, message, " with a picture", error);
    if (step != JD_STEP_ROW)
        return NULL;
    jd_item *item = jd_item_new(JD_ITEM_IMAGE);
    item->sha256 = jd_sql_text(sql, 0);
    item->media_type = jd_sql_text(sql, 1);
    return item;
}

static gboolean remove_messages(jd_sqlite *store, gint64 conversation, gint64 from, GError **error)
{
    int count;
    return touch(store, conversation, error) &&
           erase_messages(store, conversation, from, &count, error) &&
           (count > 0 || set_no_message(conversation, from, "", error));
}

gboolean jd_sqlite_remove_messages(jd_store *base, gint64 conversation, gint64 from, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    if (!jd_write_enter(store, error))
        return FALSE;
    return jd_write_leave(store, remove_messages(store, conversation, from, error), error);
}
