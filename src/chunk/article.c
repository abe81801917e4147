#include "chunk/article.h"

#include "base/limits.h"
#include "base/text.h"
#include "chunk/chunk.h"

static const char *const section_before_headings = "Main";
static const char *const caption_of_last_resort = "No caption available";

static gboolean is_empty(const char *text)
{
    return !text || *text == '\0';
}

/** The last heading of the block's path, as a path of its own. */
static char **last_heading(const jd_block *block)
{
    guint depth = g_strv_length(block->section);
    char **path = g_new0(char *, 2);
    path[0] = g_strdup(depth > 0 ? block->section[depth - 1] : section_before_headings);
    return path;
}

static jd_item *item_from(const jd_block *block, jd_item_kind kind, int ordinal)
{
    jd_item *item = jd_item_new(kind);
    g_strfreev(item->section);
    item->section = last_heading(block);
    item->ordinal = ordinal;
    item->page = block->page;
    for (gsize i = 0; i < G_N_ELEMENTS(item->box); i++)
        item->box[i] = block->box[i];
    item->start = block->start;
    item->end = block->end;
    return item;
}

/* How far from an image its neighbouring text may be, in blocks: a gallery is not searched. */
enum { NEARBY_BLOCKS = 4 };

/** The closest block with text on one side of block `at`, in the same section; or NULL. */
static const char *text_beside(const GPtrArray *blocks, guint at, int step)
{
    const jd_block *centre = blocks->pdata[at];
    for (int distance = 1; distance <= NEARBY_BLOCKS; distance++) {
        gint64 i = (gint64)at + (gint64)step * distance;
        if (i < 0 || i >= blocks->len)
            return NULL;
        const jd_block *block = blocks->pdata[i];
        if (!g_strv_equal((const char *const *)block->section,
                          (const char *const *)centre->section))
            return NULL;
        if (!is_empty(block->text))
            return block->text;
    }
    return NULL;
}

static char *nearby(const GPtrArray *blocks, guint at)
{
    const char *before = text_beside(blocks, at, -1);
    const char *after = text_beside(blocks, at, 1);
    if (!before && !after)
        return NULL;
    g_autofree char *both = before && after ? g_strconcat(before, "\n", after, NULL)
                                            : g_strdup(before ? before : after);
    return jd_text_shorten(both, JD_CHUNK_NEARBY_CHARS);
}

static jd_item *image_from(const jd_block *block, int ordinal)
{
    const jd_picture *picture = block->picture;
    jd_item *item = item_from(block, JD_ITEM_IMAGE, ordinal);
    const char *caption = !is_empty(picture->alt)       ? picture->alt
                          : !is_empty(picture->caption) ? picture->caption
                                                        : caption_of_last_resort;
    item->caption = g_strdup(caption);
    item->alt = g_strdup(picture->alt);
    item->source = g_strdup(picture->source);
    item->media_type = g_strdup(picture->media_type);
    item->width = picture->width;
    item->height = picture->height;
    item->bytes = picture->bytes ? g_bytes_ref(picture->bytes) : NULL;
    return item;
}

GPtrArray *jd_chunk_article(const jd_document *document)
{
    GPtrArray *items = g_ptr_array_new_with_free_func((GDestroyNotify)jd_item_free);
    g_autofree char *language = jd_chunk_language(document);
    int texts = 0;
    int images = 0;
    for (guint i = 0; i < document->blocks->len; i++) {
        const jd_block *block = document->blocks->pdata[i];
        if (block->kind == JD_BLOCK_PICTURE && block->picture) {
            jd_item *item = image_from(block, images++);
            item->nearby = nearby(document->blocks, i);
            item->language = g_strdup(language);
            g_ptr_array_add(items, item);
        } else if (!is_empty(block->text) &&
                   jd_text_chars(block->text) >= JD_CHUNK_ARTICLE_MIN_CHARS) {
            jd_item *item = item_from(block, JD_ITEM_TEXT, texts++);
            item->text = g_strdup(block->text);
            item->language = g_strdup(language);
            g_ptr_array_add(items, item);
        }
    }
    return items;
}
