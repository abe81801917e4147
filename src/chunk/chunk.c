#include "chunk/chunk.h"

#include "base/language.h"
#include "base/limits.h"
#include "base/text.h"
#include "chunk/article.h"
#include "chunk/pack.h"

#include <string.h>

typedef struct chunk_work {
    const jd_document *document;
    jd_pack_options options;
    const char *language; /* the document's, or NULL */
    GPtrArray *items;
    int chunks, images; /* ordinals */
} chunk_work;

/* A run of blocks of one section, and where the work on it stands. */
typedef struct section_walk {
    guint to;             /* the block behind its last */
    guint cursor;         /* blocks before it are done */
    guint next;           /* the first block with text behind the picture at hand, or `to` */
    const jd_block *last; /* with text, before the cursor; or NULL */
    char *before;         /* end of its text, made when a picture asks for it */
    char *after;          /* beginning of the next block's text, or NULL */
} section_walk;

static gboolean has_text(const jd_block *block)
{
    return block->kind != JD_BLOCK_PICTURE && block->text && block->text[0];
}

char *jd_chunk_language(const jd_document *document)
{
    enum { ENOUGH_BYTES = 4096 };
    if (document->language)
        return g_strdup(document->language);
    g_autoptr(GString) sample = g_string_new(NULL);
    for (guint i = 0; i < document->blocks->len && sample->len < ENOUGH_BYTES; i++) {
        const jd_block *block = document->blocks->pdata[i];
        if (!has_text(block) || block->kind == JD_BLOCK_CODE)
            continue;
        g_string_append_len(sample, block->text, jd_text_prefix(block->text, ENOUGH_BYTES));
        g_string_append_c(sample, '\n');
    }
    return g_strdup(jd_language_guess(sample->str, sample->len));
}

/* A declared language holds for the whole document; else each item is asked, and where it is too
 * short the document as a whole. */
static char *language_of(const chunk_work *work, const char *text)
{
    const char *guess = NULL;
    if (!work->document->language && text)
        guess = jd_language_guess(text, strlen(text));
    return g_strdup(guess ? guess : work->language);
}

static void widen_range(jd_item *item, const jd_block *block)
{
    if (block->start < 0)
        return;
    item->start = item->start < 0 ? block->start : MIN(item->start, block->start);
    item->end = MAX(item->end, block->end);
}

static void widen_box(jd_item *item, const jd_block *block)
{
    if (block->page != item->page || block->box[2] <= block->box[0])
        return;
    gboolean empty = item->box[2] <= item->box[0];
    for (int i = 0; i < 2; i++) {
        item->box[i] = empty ? block->box[i] : MIN(item->box[i], block->box[i]);
        item->box[i + 2] = empty ? block->box[i + 2] : MAX(item->box[i + 2], block->box[i + 2]);
    }
}

static jd_item *add_item(chunk_work *work, jd_item_kind kind, const jd_block *block)
{
    jd_item *item = jd_item_new(kind);
    g_strfreev(item->section);
    item->section = g_strdupv(block->section);
    item->page = block->page;
    item->ordinal = kind == JD_ITEM_TEXT ? work->chunks++ : work->images++;
    g_ptr_array_add(work->items, item);
    return item;
}

/* Page and box are those of the text that is new in the chunk; the byte range covers all of it. */
static void add_chunk(chunk_work *work, const jd_span *span, const GArray *pieces)
{
    g_autofree char *text = jd_span_text(span, pieces);
    if (!text[0])
        return; /* nothing but empty lines */
    const jd_block *own = g_array_index(pieces, jd_piece, span->own).block;
    jd_item *item = add_item(work, JD_ITEM_TEXT, own);
    item->text = g_steal_pointer(&text);
    item->language = language_of(work, item->text);
    for (guint i = span->first; i < span->end; i++) {
        const jd_block *block = g_array_index(pieces, jd_piece, i).block;
        widen_range(item, block);
        if (i >= span->own)
            widen_box(item, block);
    }
}

/* The last `max_chars` characters of a text, from a word's beginning. */
static char *shorten_front(const char *text, gsize max_chars)
{
    const char *from = text + strlen(text);
    for (gsize n = 0; n < max_chars && from > text; n++)
        from = g_utf8_prev_char(from);
    if (from == text)
        return g_strdup(text);
    const char *gap = strchr(from, ' ');
    return g_strconcat("…", gap && gap[1] ? gap + 1 : g_utf8_next_char(from), NULL);
}

/* The text before and after a picture. What one side does not need the other may use. */
static char *nearby_text(const section_walk *walk)
{
    enum { HALF = JD_CHUNK_NEARBY_CHARS / 2 };
    gsize before_chars = walk->before ? jd_text_chars(walk->before) : 0;
    gsize after_chars = walk->after ? jd_text_chars(walk->after) : 0;
    if (!walk->before || !walk->after)
        return g_strdup(walk->before ? walk->before : walk->after);
    g_autofree char *before =
        shorten_front(walk->before, JD_CHUNK_NEARBY_CHARS - MIN(HALF, after_chars));
    g_autofree char *after =
        jd_text_shorten(walk->after, JD_CHUNK_NEARBY_CHARS - MIN(HALF, before_chars));
    return g_strconcat(before, "\n\n", after, NULL);
}

/* The text before and behind the picture at the cursor. */
static void look_around(section_walk *walk, const GPtrArray *blocks)
{
    if (walk->last && !walk->before)
        walk->before = shorten_front(walk->last->text, JD_CHUNK_NEARBY_CHARS);
    if (walk->next > walk->cursor)
        return;
    g_clear_pointer(&walk->after, g_free);
    for (walk->next = walk->cursor; walk->next < walk->to; walk->next++) {
        const jd_block *block = blocks->pdata[walk->next];
        if (!has_text(block))
            continue;
        walk->after = jd_text_shorten(block->text, JD_CHUNK_NEARBY_CHARS);
        return;
    }
}

static void add_image(chunk_work *work, section_walk *walk)
{
    const GPtrArray *blocks = work->document->blocks;
    const jd_block *block = blocks->pdata[walk->cursor];
    const jd_picture *picture = block->picture;
    jd_item *item = add_item(work, JD_ITEM_IMAGE, block);
    item->caption = g_strdup(picture->caption);
    item->alt = g_strdup(picture->alt);
    item->source = g_strdup(picture->source);
    item->media_type = g_strdup(picture->media_type);
    item->width = picture->width;
    item->height = picture->height;
    item->bytes = picture->bytes ? g_bytes_ref(picture->bytes) : NULL;
    look_around(walk, blocks);
    item->nearby = nearby_text(walk);
    item->language = language_of(work, item->caption ? item->caption : item->nearby);
    widen_range(item, block);
    widen_box(item, block);
}

/* Passes over the blocks in front of `stop` (NULL: to the section's end) and adds its pictures. */
static void add_images_before(chunk_work *work, section_walk *walk, const jd_block *stop)
{
    const GPtrArray *blocks = work->document->blocks;
    for (; walk->cursor < walk->to; walk->cursor++) {
        const jd_block *block = blocks->pdata[walk->cursor];
        if (block == stop)
            return;
        if (block->kind == JD_BLOCK_PICTURE && block->picture)
            add_image(work, walk);
        else if (has_text(block)) {
            walk->last = block;
            g_clear_pointer(&walk->before, g_free);
        }
    }
}

static void chunk_section(chunk_work *work, guint from, guint to)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new();
    g_autoptr(GArray) pieces = g_array_new(FALSE, FALSE, sizeof(jd_piece));
    g_autoptr(GArray) spans = g_array_new(FALSE, FALSE, sizeof(jd_span));
    for (guint i = from; i < to; i++)
        if (has_text(work->document->blocks->pdata[i]))
            g_ptr_array_add(texts, work->document->blocks->pdata[i]);
    jd_pieces_make(pieces, texts, &(jd_piece_limits){work->options.target, work->options.max});
    jd_pack(spans, pieces, &work->options);
    section_walk walk = {.to = to, .cursor = from, .next = from};
    for (guint i = 0; i < spans->len; i++) {
        const jd_span *span = &g_array_index(spans, jd_span, i);
        add_images_before(work, &walk, g_array_index(pieces, jd_piece, span->own).block);
        add_chunk(work, span, pieces);
    }
    add_images_before(work, &walk, NULL);
    g_free(walk.before);
    g_free(walk.after);
}

static gboolean same_section(const jd_block *a, const jd_block *b)
{
    return g_strv_equal((const char *const *)a->section, (const char *const *)b->section);
}

static void chunk_by_section(chunk_work *work)
{
    const GPtrArray *blocks = work->document->blocks;
    for (guint from = 0, to; from < blocks->len; from = to) {
        for (to = from + 1; to < blocks->len; to++)
            if (!same_section(blocks->pdata[from], blocks->pdata[to]))
                break;
        chunk_section(work, from, to);
    }
}

static jd_pack_options pack_options(const jd_chunk_options *options)
{
    int target = options->target_chars > 0 ? options->target_chars : JD_CHUNK_TARGET_CHARS;
    target = CLAMP(target, JD_CHUNK_LEAST_TARGET_CHARS, JD_CHUNK_MOST_TARGET_CHARS);
    int overlap = options->overlap_chars >= 0 ? options->overlap_chars : JD_CHUNK_OVERLAP_CHARS;
    return (jd_pack_options){.target = target,
                             .overlap = MIN(overlap, target / 2),
                             .max = MAX(JD_CHUNK_MAX_CHARS, target)};
}

GPtrArray *jd_chunk_document(const jd_document *document, const jd_chunk_options *options)
{
    static const jd_chunk_options defaults = JD_CHUNK_OPTIONS_INIT;
    if (!options)
        options = &defaults;
    if (options->chunking == JD_CHUNKING_ARTICLE)
        return jd_chunk_article(document);
    g_autofree char *language = jd_chunk_language(document);
    chunk_work work = {.document = document,
                       .options = pack_options(options),
                       .language = language,
                       .items = g_ptr_array_new_with_free_func((GDestroyNotify)jd_item_free)};
    chunk_by_section(&work);
    return work.items;
}
