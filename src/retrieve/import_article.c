#include "retrieve/import_article.h"

#include "base/error.h"
#include "base/language.h"
#include "base/text.h"
#include "retrieve/article_list.h"
#include "store/dot.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#define SPACE_MODEL "article-import"
#define SETTINGS "import=article"

/* A squared length farther from 1 than this is no unit vector in float32. */
#define UNIT_TOLERANCE 1e-3

typedef struct import_state {
    jd_store *store;
    const jd_article_import *import;
    jd_article_report *report;
    jd_article_list *lists[2]; /* by kind; NULL where none is given */
    gint64 space;
    gsize dimension;
} import_state;

/* One document: an article title, and its items' places in the lists. */
typedef struct article_group {
    const char *title;
    GArray *rows[2]; /* gsize, by kind, rising */
} article_group;

static void article_free(gpointer data)
{
    article_group *group = data;
    g_array_unref(group->rows[JD_ITEM_TEXT]);
    g_array_unref(group->rows[JD_ITEM_IMAGE]);
    g_free(group);
}

static void skipped_free(gpointer data)
{
    jd_skipped *skipped = data;
    g_free(skipped->uri);
    g_free(skipped->reason);
    g_free(skipped);
}

void jd_article_report_clear(jd_article_report *report)
{
    g_clear_pointer(&report->skipped, g_ptr_array_unref);
}

/* ---- checks ---- */

static gboolean check_files(const jd_article_files *files, GError **error)
{
    if (!files->text && !files->images) {
        jd_set_error(error, JD_ERROR_USAGE, "give --text, --images, or both",
                     "no list of items to import");
        return FALSE;
    }
    if ((files->text_embeddings && !files->text) || (files->image_embeddings && !files->images)) {
        jd_set_error(error, JD_ERROR_USAGE, "give the list that they were made of",
                     "embeddings without the list of their items");
        return FALSE;
    }
    return TRUE;
}

static gboolean load_lists(import_state *state, GError **error)
{
    const jd_article_files *files = &state->import->files;
    if (files->text && !(state->lists[JD_ITEM_TEXT] = jd_article_list_load(
                             JD_ITEM_TEXT, files->text, files->text_embeddings, error)))
        return FALSE;
    if (files->images && !(state->lists[JD_ITEM_IMAGE] = jd_article_list_load(
                               JD_ITEM_IMAGE, files->images, files->image_embeddings, error)))
        return FALSE;
    for (int kind = JD_ITEM_TEXT; kind <= JD_ITEM_IMAGE; kind++) {
        const jd_article_list *list = state->lists[kind];
        if (!list || !list->vectors)
            continue;
        if (state->dimension > 0 && state->dimension != list->dimension) {
            jd_set_error(error, JD_ERROR_INVALID, "both must be made by one model",
                         "%s has vectors of %zu numbers, %s of %zu", files->text_embeddings,
                         state->dimension, files->image_embeddings, list->dimension);
            return FALSE;
        }
        state->dimension = list->dimension;
    }
    return TRUE;
}

/* ---- the documents ---- */

static void group_list(const jd_article_list *list, GPtrArray *articles, GHashTable *by_title)
{
    for (gsize i = 0; list && i < list->items->len; i++) {
        const jd_article_item *item = list->items->pdata[i];
        article_group *found = g_hash_table_lookup(by_title, item->title);
        if (!found) {
            found = g_new0(article_group, 1);
            found->title = item->title;
            found->rows[JD_ITEM_TEXT] = g_array_new(FALSE, FALSE, sizeof(gsize));
            found->rows[JD_ITEM_IMAGE] = g_array_new(FALSE, FALSE, sizeof(gsize));
            g_hash_table_insert(by_title, item->title, found);
            g_ptr_array_add(articles, found);
        }
        g_array_append_val(found->rows[list->kind], i);
    }
}

/* In the order in which the titles come up, so that ids follow the order of the files. */
static GPtrArray *group_by_title(const import_state *state)
{
    GPtrArray *articles = g_ptr_array_new_with_free_func(article_free);
    g_autoptr(GHashTable) by_title = g_hash_table_new(g_str_hash, g_str_equal);
    group_list(state->lists[JD_ITEM_TEXT], articles, by_title);
    group_list(state->lists[JD_ITEM_IMAGE], articles, by_title);
    return articles;
}

static char *guess_language(const import_state *state, const article_group *group)
{
    g_autoptr(GString) text = g_string_new(group->title);
    const GArray *rows = group->rows[JD_ITEM_TEXT];
    for (guint i = 0; i < rows->len; i++) {
        const jd_article_item *item =
            state->lists[JD_ITEM_TEXT]->items->pdata[g_array_index(rows, gsize, i)];
        g_string_append_printf(text, "\n%s", item->text);
    }
    return g_strdup(jd_language_guess(text->str, text->len));
}

static void skip_picture(import_state *state, const char *path, const char *reason)
{
    jd_skipped *skipped = g_new0(jd_skipped, 1);
    skipped->uri = g_strdup(path);
    skipped->reason = g_strdup(reason);
    g_ptr_array_add(state->report->skipped, skipped);
}

/* A list must not reach for pictures outside the folder it is given. */
static char *picture_path(const import_state *state, const char *image_path)
{
    const jd_article_files *files = &state->import->files;
    g_autofree char *beside = g_path_get_dirname(files->images);
    g_autofree char *root =
        g_canonicalize_filename(files->image_root ? files->image_root : beside, NULL);
    g_autofree char *path = g_canonicalize_filename(image_path, root);
    g_autofree char *prefix =
        g_str_has_suffix(root, "/") ? g_strdup(root) : g_strdup_printf("%s/", root);
    return g_str_has_prefix(path, prefix) ? g_steal_pointer(&path) : NULL;
}

static void load_picture(import_state *state, jd_item *image)
{
    g_autofree char *path = picture_path(state, image->source);
    if (!path) {
        skip_picture(state, image->source, "the path leaves the folder of the images");
        return;
    }
    g_autoptr(GError) problem = NULL;
    if (state->import->picture &&
        !state->import->picture(path, image, state->import->user, &problem))
        skip_picture(state, path, problem->message);
}

static jd_item *make_item(import_state *state, jd_item_kind kind, const jd_article_item *from)
{
    jd_item *item = jd_item_new(kind);
    g_strfreev(item->section);
    item->section = g_new0(char *, 2);
    item->section[0] = g_strdup(from->section);
    item->text = g_strdup(from->text);
    item->caption = g_strdup(from->caption);
    if (kind == JD_ITEM_IMAGE) {
        item->source = g_strdup(from->image_path);
        load_picture(state, item);
    }
    return item;
}

static GPtrArray *make_items(import_state *state, const article_group *group, const char *language)
{
    GPtrArray *items = g_ptr_array_new_with_free_func((GDestroyNotify)jd_item_free);
    for (int kind = JD_ITEM_TEXT; kind <= JD_ITEM_IMAGE; kind++) {
        const GArray *rows = group->rows[kind];
        for (guint i = 0; i < rows->len; i++) {
            gsize row = g_array_index(rows, gsize, i);
            jd_item *item =
                make_item(state, (jd_item_kind)kind, state->lists[kind]->items->pdata[row]);
            item->ordinal = (int)i;
            item->language = g_strdup(language);
            g_ptr_array_add(items, item);
        }
    }
    return items;
}

static gboolean put_document(import_state *state, const article_group *group, gint64 *id,
                             GError **error)
{
    const jd_article_list *file =
        state->lists[JD_ITEM_TEXT] ? state->lists[JD_ITEM_TEXT] : state->lists[JD_ITEM_IMAGE];
    const char *collection = state->import->files.collection;
    g_autoptr(jd_document_info) info = jd_document_info_new();
    info->collection = g_strdup(collection ? collection : "default");
    info->uri = g_strconcat("article:", group->title, NULL);
    info->title = g_strdup(group->title);
    info->media_type = g_strdup("text/html");
    info->sha256 = g_strdup(file->sha256);
    info->language = guess_language(state, group);
    info->mtime = file->mtime;
    info->size = file->size;
    g_autoptr(GPtrArray) items = make_items(state, group, info->language);
    jd_store_document document = {.info = info, .items = items, .settings = SETTINGS};
    return jd_store_put_document(state->store, &document, id, error);
}

/* ---- the vectors ---- */

static gboolean are_unit(const jd_article_list *list)
{
    for (gsize i = 0; list && list->vectors && i < list->items->len; i++)
        if (fabs(jd_square_sum(list->vectors + i * list->dimension, list->dimension) - 1) >
            UNIT_TOLERANCE)
            return FALSE;
    return TRUE;
}

static gboolean ensure_space(import_state *state, GError **error)
{
    if (state->dimension == 0)
        return TRUE;
    jd_space space = {.model = (char *)SPACE_MODEL,
                      .revision = (char *)"",
                      .dimension = (int)state->dimension,
                      .normalised = are_unit(state->lists[JD_ITEM_TEXT]) &&
                                    are_unit(state->lists[JD_ITEM_IMAGE])};
    return jd_store_ensure_space(state->store, &space, &state->space, error);
}

/* The stored items of a document come in the order of its rows. */
static gboolean put_vectors(import_state *state, const article_group *group, jd_item_range *range,
                            GError **error)
{
    const jd_article_list *list = state->lists[range->kind];
    const GArray *rows = group->rows[range->kind];
    if (rows->len == 0 || !list->vectors)
        return TRUE;
    g_autoptr(GPtrArray) items = jd_store_get_range(state->store, range, error);
    if (!items)
        return FALSE;
    if (items->len != rows->len) {
        jd_set_error(error, JD_ERROR_INTERNAL, NULL, "%u items were stored; expected %u",
                     items->len, rows->len);
        return FALSE;
    }
    gsize row_size = list->dimension * sizeof(float);
    g_autofree gint64 *ids = g_new(gint64, rows->len);
    g_autofree float *values = g_malloc_n(rows->len, row_size);
    for (guint i = 0; i < rows->len; i++) {
        ids[i] = ((jd_item *)items->pdata[i])->id;
        memcpy(values + i * list->dimension,
               list->vectors + g_array_index(rows, gsize, i) * list->dimension, row_size);
    }
    jd_vectors vectors = {
        .space = state->space, .kind = range->kind, .ids = ids, .values = values, .n = rows->len};
    return jd_store_put_vectors(state->store, &vectors, error);
}

static gboolean write_article(import_state *state, const article_group *group, GError **error)
{
    gint64 id;
    if (!put_document(state, group, &id, error))
        return FALSE;
    for (int kind = JD_ITEM_TEXT; kind <= JD_ITEM_IMAGE; kind++) {
        jd_item_range range = {
            .document = id, .kind = (jd_item_kind)kind, .first = 0, .last = INT_MAX};
        if (!put_vectors(state, group, &range, error))
            return FALSE;
    }
    state->report->documents++;
    state->report->chunks += group->rows[JD_ITEM_TEXT]->len;
    state->report->images += group->rows[JD_ITEM_IMAGE]->len;
    return TRUE;
}

static gboolean write_all(import_state *state, GError **error)
{
    g_autoptr(GPtrArray) articles = group_by_title(state);
    if (!jd_store_begin(state->store, error))
        return FALSE;
    gboolean ok = ensure_space(state, error);
    for (guint i = 0; ok && i < articles->len; i++)
        ok = write_article(state, articles->pdata[i], error);
    if (ok)
        return jd_store_commit(state->store, error);
    jd_store_rollback(state->store);
    return FALSE;
}

gboolean jd_import_article(jd_store *store, const jd_article_import *import,
                           jd_article_report *report, GError **error)
{
    jd_article_report made = {.skipped = g_ptr_array_new_with_free_func(skipped_free)};
    import_state state = {.store = store, .import = import, .report = &made};
    gboolean ok =
        check_files(&import->files, error) && load_lists(&state, error) && write_all(&state, error);
    jd_article_list_free(state.lists[JD_ITEM_TEXT]);
    jd_article_list_free(state.lists[JD_ITEM_IMAGE]);
    if (ok)
        *report = made;
    else
        jd_article_report_clear(&made);
    return ok;
}
