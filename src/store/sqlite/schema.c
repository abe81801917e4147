#include "store/sqlite/schema.h"

#include "base/error.h"
#include "store/sqlite/tokenizer.h"

/* FTS5 collects so many bytes of index before it writes them out (its default of 1 MB costs a third
 * of the time of an ingest), and merges so many segments into one. */
#define WORDS_IN_MEMORY "16777216"
#define WORDS_MERGED "8"

/*
 * Why the tables are as they are:
 *  - AUTOINCREMENT: an id that was given out, in an answer or a script, never means another item.
 *  - The word index is external content over a view, so no text is stored twice. The view puts each
 *    item's language in front of its texts, since FTS5 hands its tokenizer nothing but the text.
 *    tokenizer.c takes the tag off again.
 *  - Counts in `document` and `language` are kept because counting items takes as long as there are
 *    items; jd_store_verify() checks them.
 *  - `leftover` names the word indexes that may still hold words of erased items: FTS5 marks them
 * as deleted and drops them when it merges, which jd_store_compact() makes it do.
 *  - Vectors stand in blocks, see vectors.c. Large columns come last, so that reading the others
 *    does not walk through them.
 */
static const char version_1[] =
    "CREATE TABLE document(id INTEGER PRIMARY KEY AUTOINCREMENT, collection TEXT NOT NULL,"
    " uri TEXT NOT NULL, title TEXT NOT NULL, media_type TEXT NOT NULL, sha256 TEXT NOT NULL,"
    " language TEXT, published TEXT, authors TEXT, mtime INTEGER NOT NULL, size INTEGER NOT NULL,"
    " chunk_count INTEGER NOT NULL, image_count INTEGER NOT NULL, settings TEXT NOT NULL,"
    " UNIQUE(collection, uri)) STRICT;"

    "CREATE TABLE picture(id INTEGER PRIMARY KEY AUTOINCREMENT, sha256 TEXT NOT NULL UNIQUE,"
    " media_type TEXT NOT NULL, bytes BLOB NOT NULL) STRICT;"

    "CREATE TABLE chunk(id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " document INTEGER NOT NULL REFERENCES document(id), ordinal INTEGER NOT NULL,"
    " page INTEGER NOT NULL, box_left REAL NOT NULL, box_top REAL NOT NULL,"
    " box_right REAL NOT NULL, box_bottom REAL NOT NULL, start_byte INTEGER NOT NULL,"
    " end_byte INTEGER NOT NULL, language TEXT, section TEXT NOT NULL, text TEXT NOT NULL) STRICT;"
    "CREATE INDEX chunk_place ON chunk(document, ordinal);"

    "CREATE TABLE image(id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " document INTEGER NOT NULL REFERENCES document(id), ordinal INTEGER NOT NULL,"
    " page INTEGER NOT NULL, box_left REAL NOT NULL, box_top REAL NOT NULL,"
    " box_right REAL NOT NULL, box_bottom REAL NOT NULL, start_byte INTEGER NOT NULL,"
    " end_byte INTEGER NOT NULL, language TEXT, section TEXT NOT NULL,"
    " picture INTEGER REFERENCES picture(id), width INTEGER NOT NULL, height INTEGER NOT NULL,"
    " source TEXT, caption TEXT, alt TEXT, ocr TEXT, nearby TEXT) STRICT;"
    "CREATE INDEX image_place ON image(document, ordinal);"
    "CREATE INDEX image_picture ON image(picture) WHERE picture IS NOT NULL;"

    "CREATE TABLE language(code TEXT PRIMARY KEY, items INTEGER NOT NULL) STRICT, WITHOUT ROWID;"

    "CREATE TABLE leftover(word_table TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;"

    "CREATE TABLE space(id INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL,"
    " revision TEXT NOT NULL, dimension INTEGER NOT NULL, normalised INTEGER NOT NULL,"
    " UNIQUE(model, revision, dimension, normalised)) STRICT;"
    "CREATE TABLE vector_block(id INTEGER PRIMARY KEY, space INTEGER NOT NULL REFERENCES space(id),"
    " kind INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL, items BLOB NOT NULL,"
    " data BLOB NOT NULL, UNIQUE(space, kind, first)) STRICT;"

    "CREATE VIEW chunk_content(id, title, section, text) AS SELECT c.id,"
    " ifnull(c.language, '') || char(31) || d.title,"
    " ifnull(c.language, '') || char(31) || c.section,"
    " ifnull(c.language, '') || char(31) || c.text"
    " FROM chunk c CROSS JOIN document d ON d.id = c.document;"
    "CREATE VIRTUAL TABLE chunk_words USING fts5(title, section, text, content = chunk_content,"
    " content_rowid = id, tokenize = " JD_TOKENIZER_NAME ");"
    "INSERT INTO chunk_words(chunk_words, rank) VALUES ('hashsize', " WORDS_IN_MEMORY "),"
    " ('automerge', " WORDS_MERGED ");"
    "CREATE VIRTUAL TABLE chunk_vocabulary USING fts5vocab(chunk_words, row);"

    "CREATE VIEW image_content(id, title, section, caption, alt, ocr, nearby) AS SELECT i.id,"
    " ifnull(i.language, '') || char(31) || d.title,"
    " ifnull(i.language, '') || char(31) || i.section,"
    " ifnull(i.language, '') || char(31) || ifnull(i.caption, ''),"
    " ifnull(i.language, '') || char(31) || ifnull(i.alt, ''),"
    " ifnull(i.language, '') || char(31) || ifnull(i.ocr, ''),"
    " ifnull(i.language, '') || char(31) || ifnull(i.nearby, '')"
    " FROM image i CROSS JOIN document d ON d.id = i.document;"
    "CREATE VIRTUAL TABLE image_words USING fts5(title, section, caption, alt, ocr, nearby,"
    " content = image_content, content_rowid = id, tokenize = " JD_TOKENIZER_NAME ");"
    "INSERT INTO image_words(image_words, rank) VALUES ('hashsize', " WORDS_IN_MEMORY "),"
    " ('automerge', " WORDS_MERGED ");"
    "CREATE VIRTUAL TABLE image_vocabulary USING fts5vocab(image_words, row);";

/* What a server keeps: see records.h. A conversation's messages are found by its number. */
static const char version_2[] =
    "CREATE TABLE job(id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL,"
    " state TEXT NOT NULL, request TEXT NOT NULL, result TEXT, created INTEGER NOT NULL,"
    " started INTEGER NOT NULL, finished INTEGER NOT NULL) STRICT;"
    "CREATE TABLE conversation(id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL,"
    " created INTEGER NOT NULL, updated INTEGER NOT NULL) STRICT;"
    "CREATE TABLE message(id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " conversation INTEGER NOT NULL REFERENCES conversation(id), role TEXT NOT NULL,"
    " created INTEGER NOT NULL, text TEXT NOT NULL, content TEXT NOT NULL) STRICT;"
    "CREATE INDEX message_place ON message(conversation);";

/* Ids of vector blocks are random from now on, see vectors.h. */
static const char version_3[] = "UPDATE vector_block SET id = " JD_SCHEMA_RANDOM_ID ";";

/* A question may come with a picture. */
static const char version_4[] =
    "ALTER TABLE message ADD COLUMN picture INTEGER REFERENCES picture(id);"
    "CREATE INDEX message_picture ON message(picture) WHERE picture IS NOT NULL;";

static const jd_migration migrations[] = {
    {1, version_1},
    {2, version_2},
    {3, version_3},
    {4, version_4},
};

const jd_migration *jd_schema_migrations(gsize *n)
{
    *n = G_N_ELEMENTS(migrations);
    return migrations;
}

int jd_schema_version(void)
{
    return migrations[G_N_ELEMENTS(migrations) - 1].version;
}

static gboolean set_header(jd_sqlite *store, const char *name, int value, GError **error)
{
    g_autofree char *text = g_strdup_printf("PRAGMA %s = %d", name, value);
    return jd_sql_exec(store, text, error);
}

static gboolean run_steps(jd_sqlite *store, const jd_migration *steps, gsize n, GError **error)
{
    int version = 0;
    if (!jd_schema_read_version(store, &version, error))
        return FALSE;
    for (gsize i = 0; i < n; i++) {
        if (steps[i].version <= version)
            continue;
        if (!jd_sql_exec(store, steps[i].sql, error) ||
            !set_header(store, "user_version", steps[i].version, error))
            return FALSE;
    }
    return set_header(store, "application_id", JD_SCHEMA_APPLICATION, error);
}

gboolean jd_schema_migrate(jd_sqlite *store, const jd_migration *steps, gsize n, GError **error)
{
    if (!jd_write_enter(store, error))
        return FALSE;
    return jd_write_leave(store, run_steps(store, steps, n, error), error);
}

static void set_not_ours(jd_sqlite *store, const char *what, GError **error)
{
    jd_set_error(error, JD_ERROR_CORRUPT, "choose another file with --kb",
                 "%s: %s, not a knowledge base", store->path, what);
}

gboolean jd_schema_read_version(jd_sqlite *store, int *version, GError **error)
{
    g_autoptr(GError) problem = NULL;
    gint64 application = 0, user_version = 0, objects = 0;
    if (!jd_sql_integer(store, "PRAGMA application_id", 0, &application, &problem) ||
        !jd_sql_integer(store, "PRAGMA user_version", 0, &user_version, &problem) ||
        !jd_sql_integer(store, "SELECT count(*) FROM sqlite_schema", 0, &objects, &problem)) {
        if (sqlite3_errcode(store->db) == SQLITE_NOTADB)
            set_not_ours(store, "is some other kind of file", error);
        else
            g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    gboolean empty = application == 0 && user_version == 0 && objects == 0;
    if (!empty && (application != JD_SCHEMA_APPLICATION || user_version <= 0)) {
        set_not_ours(store, "is the database of another program", error);
        return FALSE;
    }
    *version = empty ? 0 : (int)user_version;
    return TRUE;
}

/* ---- comparing ---- */

static GHashTable *read_schema(sqlite3 *db)
{
    sqlite3_stmt *sql = NULL;
    /* Objects without SQL text and FTS5's inner tables are SQLite's own. */
    static const char text[] = "SELECT name, sql FROM sqlite_schema"
                               " WHERE sql IS NOT NULL AND name NOT GLOB '*_words_*'"
                               " AND name NOT GLOB 'sqlite_*'";
    if (sqlite3_prepare_v2(db, text, -1, &sql, NULL) != SQLITE_OK)
        return NULL;
    GHashTable *schema = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    while (sqlite3_step(sql) == SQLITE_ROW)
        g_hash_table_insert(schema, jd_sql_text(sql, 0), jd_sql_text(sql, 1));
    sqlite3_finalize(sql);
    return schema;
}

static sqlite3 *make_model(void)
{
    sqlite3 *db = NULL;
    gboolean made =
        sqlite3_open(":memory:", &db) == SQLITE_OK && jd_tokenizer_register(db) == SQLITE_OK;
    for (gsize i = 0; made && i < G_N_ELEMENTS(migrations); i++)
        made = sqlite3_exec(db, migrations[i].sql, NULL, NULL, NULL) == SQLITE_OK;
    if (!made)
        g_clear_pointer(&db, sqlite3_close);
    return db;
}

static void compare(GHashTable *wanted, GHashTable *found, GPtrArray *problems)
{
    GHashTableIter iter;
    gpointer name, sql;
    for (g_hash_table_iter_init(&iter, wanted); g_hash_table_iter_next(&iter, &name, &sql);) {
        const char *is = g_hash_table_lookup(found, name);
        if (g_strcmp0(is, sql) != 0)
            g_ptr_array_add(problems,
                            g_strdup_printf("the schema's %s %s", (char *)name,
                                            is ? "is not as Jackdaw makes it" : "is missing"));
    }
    for (g_hash_table_iter_init(&iter, found); g_hash_table_iter_next(&iter, &name, NULL);)
        if (!g_hash_table_contains(wanted, name))
            g_ptr_array_add(problems,
                            g_strdup_printf("the schema's %s is none of Jackdaw's", (char *)name));
}

gboolean jd_schema_compare(jd_sqlite *store, GPtrArray *problems, GError **error)
{
    sqlite3 *model = make_model();
    g_autoptr(GHashTable) wanted = model ? read_schema(model) : NULL;
    g_autoptr(GHashTable) found = read_schema(store->db);
    sqlite3_close(model);
    if (!wanted || !found) {
        jd_sqlite_set_error(store, error, "read the schema");
        return FALSE;
    }
    compare(wanted, found, problems);
    return TRUE;
}
