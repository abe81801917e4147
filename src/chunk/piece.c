#include "chunk/piece.h"

#include "base/sentence.h"

#include <string.h>

typedef struct piece_maker {
    GArray *pieces;
    const jd_piece_limits *limits;
    const jd_block *block; /* at hand */
} piece_maker;

static gboolean is_solid(const jd_block *block)
{
    return block->kind == JD_BLOCK_LIST || block->kind == JD_BLOCK_TABLE ||
           block->kind == JD_BLOCK_CODE;
}

/* Counts the bytes that begin a character: the text is valid UTF-8. */
static guint chars_between(const char *text, gsize start, gsize end)
{
    guint chars = 0;
    for (gsize i = start; i < end; i++)
        chars += ((guchar)text[i] & 0xC0) != 0x80;
    return chars;
}

static jd_piece *add(piece_maker *maker, gsize start, gsize end)
{
    jd_piece piece = {.block = maker->block,
                      .start = start,
                      .end = end,
                      .chars = chars_between(maker->block->text, start, end),
                      .sentence = !is_solid(maker->block)};
    g_array_append_val(maker->pieces, piece);
    return &g_array_index(maker->pieces, jd_piece, maker->pieces->len - 1);
}

/* A sentence; one that is longer than the maximum is cut at words. */
static void add_sentence(piece_maker *maker, gsize start, gsize end)
{
    const char *text = maker->block->text;
    if (chars_between(text, start, end) > maker->limits->max) {
        while (start < end) {
            gsize cut = MIN(end, jd_words_end(text, start, maker->limits->target));
            add(maker, start, cut);
            start = cut;
        }
        return;
    }
    add(maker, start, end);
}

static void add_paragraph(piece_maker *maker)
{
    const char *text = maker->block->text;
    for (gsize start = 0; text[start];) {
        gsize end = jd_sentence_end(text, start);
        add_sentence(maker, start, end);
        start = end;
    }
}

/* The end of a run of whole lines from `start` with at most `room` characters; where the first line
 * is longer by itself, the end of as many words of it as fit. Looks at no more than it takes. */
static gsize lines_end(const char *text, gsize start, guint room)
{
    const char *last_line = NULL;
    const char *p = text + start;
    for (guint n = 0; n < room && *p; n++) {
        if (*p == '\n')
            last_line = p + 1;
        p = g_utf8_next_char(p);
    }
    if (*p == '\0')
        return p - text;
    return last_line ? (gsize)(last_line - text) : jd_words_end(text, start, room);
}

/* The bytes of a table's first row, to be repeated, where that leaves room for other rows. */
static gsize header_of(const jd_block *block, guint target)
{
    if (block->kind != JD_BLOCK_TABLE)
        return 0;
    const char *newline = strchr(block->text, '\n');
    if (!newline)
        return 0;
    gsize end = newline + 1 - block->text;
    return chars_between(block->text, 0, end) <= target / 3 ? end : 0;
}

/* A list, table or code block. `lead` characters in front of it shall stay with its beginning. */
static void add_solid(piece_maker *maker, guint lead)
{
    const char *text = maker->block->text;
    const jd_piece_limits *limits = maker->limits;
    if (lead + chars_between(text, 0, strlen(text)) <= limits->max) {
        add(maker, 0, strlen(text));
        return;
    }
    gsize header = header_of(maker->block, limits->target);
    guint header_chars = chars_between(text, 0, header);
    guint least = limits->target / 4;
    guint room = limits->target > lead + least ? limits->target - lead : MAX(least, 1);
    for (gsize start = 0; text[start];) {
        gsize end = lines_end(text, start, room);
        jd_piece *piece = add(maker, start, end);
        if (start > 0) {
            piece->header = header;
            piece->chars += header_chars;
        }
        start = end;
        room = limits->target - header_chars;
    }
}

static gboolean ends_in_colon(const char *text)
{
    gsize length = strlen(text);
    while (length > 0 && g_ascii_isspace(text[length - 1]))
        length--;
    return (length >= 1 && text[length - 1] == ':') ||
           (length >= 3 && memcmp(text + length - 3, "：", 3) == 0);
}

/* Glues the end of the paragraph whose pieces begin at `first` to what follows: the whole of it
 * where it is short, else its last sentence. Returns the number of characters glued. */
static guint glue_lead_in(piece_maker *maker, guint first)
{
    enum { JOIN = 2 }; /* the empty line between two blocks */
    guint limit = maker->limits->max / 2;
    guint chars = JOIN;
    guint from = maker->pieces->len;
    while (from > first) {
        guint more = g_array_index(maker->pieces, jd_piece, from - 1).chars;
        if (chars + more > limit)
            break;
        chars += more;
        from--;
    }
    if (from == maker->pieces->len)
        return 0;
    if (from > first) {
        from = maker->pieces->len - 1;
        chars = JOIN + g_array_index(maker->pieces, jd_piece, from).chars;
    }
    for (guint i = from; i < maker->pieces->len; i++)
        g_array_index(maker->pieces, jd_piece, i).glued = TRUE;
    return chars;
}

void jd_pieces_make(GArray *pieces, const GPtrArray *blocks, const jd_piece_limits *limits)
{
    piece_maker maker = {.pieces = pieces, .limits = limits};
    guint lead = 0;
    for (guint i = 0; i < blocks->len; i++) {
        maker.block = blocks->pdata[i];
        if (is_solid(maker.block)) {
            add_solid(&maker, lead);
            lead = 0;
            continue;
        }
        guint first = pieces->len;
        add_paragraph(&maker);
        const jd_block *next = i + 1 < blocks->len ? blocks->pdata[i + 1] : NULL;
        gboolean leads_in = next && is_solid(next) && ends_in_colon(maker.block->text);
        lead = leads_in ? glue_lead_in(&maker, first) : 0;
    }
}
