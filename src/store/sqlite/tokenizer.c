#include "store/sqlite/tokenizer.h"

#include "base/analyze.h"
#include "store/sqlite/schema.h"
#include "store/terms.h"

#include <string.h>

/* The analyzers that this table has needed so far, by language ("" for none). */
typedef struct tokenizer {
    GHashTable *analyzers;
    const char
        *last_language; /* key in `analyzers`: most texts have their predecessor's language */
    jd_analyzer *last;
} tokenizer;

typedef int (*emit_fn)(void *context, int flags, const char *term, int length, int start, int end);

typedef struct sink {
    emit_fn emit;
    void *context;
    int rc;
} sink;

static int create(void *user, const char **args, int n, Fts5Tokenizer **out)
{
    tokenizer *self = g_new0(tokenizer, 1);
    self->analyzers =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)jd_analyzer_free);
    *out = (Fts5Tokenizer *)self;
    return SQLITE_OK;
}

static void destroy(Fts5Tokenizer *object)
{
    tokenizer *self = (tokenizer *)object;
    g_hash_table_destroy(self->analyzers);
    g_free(self);
}

static jd_analyzer *analyzer_for(tokenizer *self, const char *tag, gsize length)
{
    char language[16];
    if (length >= sizeof language) /* no language code: a file that was tampered with */
        length = 0;
    memcpy(language, tag, length);
    language[length] = '\0';
    if (self->last && strcmp(self->last_language, language) == 0)
        return self->last;
    gpointer key, analyzer;
    if (!g_hash_table_lookup_extended(self->analyzers, language, &key, &analyzer)) {
        key = g_strdup(language);
        analyzer = jd_analyzer_new(length > 0 ? language : NULL);
        g_hash_table_insert(self->analyzers, key, analyzer);
    }
    self->last_language = key;
    self->last = analyzer;
    return analyzer;
}

static gboolean pass_on(const jd_token *token, void *user)
{
    sink *to = user;
    if (token->stopword)
        return TRUE;
    to->rc = to->emit(to->context, 0, token->term, (int)token->length, (int)token->start,
                      (int)token->end);
    return to->rc == SQLITE_OK;
}

/* Terms that were made before: see store/terms.h. */
static int tokenize_terms(sink *to, const char *text, int length)
{
    for (int start = 1; start < length && to->rc == SQLITE_OK;) {
        const char *stop = memchr(text + start, JD_TERMS_SEPARATOR, length - start);
        int end = stop ? (int)(stop - text) : length;
        to->rc = to->emit(to->context, 0, text + start, end - start, start, end);
        start = end + 1;
    }
    return to->rc;
}

static int tokenize_query(sink *to, const char *text, int length)
{
    int flags = 0;
    for (int start = 0; start < length;) {
        const char *stop = memchr(text + start, JD_SCHEMA_SEPARATOR[0], length - start);
        int end = stop ? (int)(stop - text) : length;
        to->rc = to->emit(to->context, flags, text + start, end - start, start, end);
        if (to->rc != SQLITE_OK)
            break;
        flags = FTS5_TOKEN_COLOCATED;
        start = end + 1;
    }
    return to->rc;
}

static int tokenize(Fts5Tokenizer *object, void *context, int flags, const char *text, int length,
                    emit_fn emit)
{
    sink to = {.emit = emit, .context = context, .rc = SQLITE_OK};
    if (length <= 0)
        return SQLITE_OK;
    if (flags & FTS5_TOKENIZE_QUERY)
        return tokenize_query(&to, text, length);
    if (text[0] == JD_TERMS_MARK)
        return tokenize_terms(&to, text, length);
    const char *separator = memchr(text, JD_SCHEMA_SEPARATOR[0], length);
    const char *body = separator ? separator + 1 : text;
    jd_analyzer *analyzer =
        analyzer_for((tokenizer *)object, text, separator ? (gsize)(separator - text) : 0);
    jd_analyzer_run(analyzer, body, length - (body - text), pass_on, &to);
    return to.rc;
}

fts5_api *jd_fts5_api(sqlite3 *db)
{
    fts5_api *api = NULL;
    sqlite3_stmt *sql = NULL;
    if (sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &sql, NULL) == SQLITE_OK) {
        sqlite3_bind_pointer(sql, 1, &api, "fts5_api_ptr", NULL);
        sqlite3_step(sql);
    }
    sqlite3_finalize(sql);
    return api;
}

int jd_tokenizer_register(sqlite3 *db)
{
    fts5_api *api = jd_fts5_api(db);
    fts5_tokenizer functions = {.xCreate = create, .xDelete = destroy, .xTokenize = tokenize};
    if (!api)
        return SQLITE_ERROR;
    return api->xCreateTokenizer(api, JD_TOKENIZER_NAME, NULL, &functions, NULL);
}
