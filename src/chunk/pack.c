#include "chunk/pack.h"

#include <string.h>

/* A chunk whose own text is shorter than this part of the target is joined to a neighbour. */
enum { TINY_PART = 4, JOIN_CHARS = 2 };

typedef struct pack_work {
    const GArray *pieces;
    const jd_pack_options *options;
    GArray *spans;
    guint first_span; /* of this section in spans */
    jd_span span;     /* at hand; empty where own == end */
} pack_work;

static const jd_piece *piece_at(const GArray *pieces, guint i)
{
    return &g_array_index(pieces, jd_piece, i);
}

/* Characters of pieces first <= i < end as one text: never less than they really have. */
static guint chars_of(const GArray *pieces, guint first, guint end)
{
    guint chars = 0;
    for (guint i = first; i < end; i++) {
        const jd_piece *piece = piece_at(pieces, i);
        chars += piece->chars;
        if (i > first && piece_at(pieces, i - 1)->block != piece->block)
            chars += JOIN_CHARS;
    }
    return chars;
}

/* The end of the run of glued pieces that begins at i. */
static guint run_end(const GArray *pieces, guint i)
{
    while (i + 1 < pieces->len && piece_at(pieces, i)->glued)
        i++;
    return i + 1;
}

/* Where the chunk that begins with pieces own <= i < end starts to repeat the one before it, which
 * keeps at least one piece for itself. */
static guint overlap_start(const pack_work *work, guint own, guint end)
{
    guint first = own;
    while (first > work->span.own + 1 && piece_at(work->pieces, first - 1)->sentence &&
           chars_of(work->pieces, first - 1, own) <= work->options->overlap &&
           chars_of(work->pieces, first - 1, end) <= work->options->max)
        first--;
    return first;
}

static gboolean is_tiny(const pack_work *work)
{
    return chars_of(work->pieces, work->span.own, work->span.end) <
           work->options->target / TINY_PART;
}

/* Whether the pieces up to `end` still belong to the chunk at hand. */
static gboolean fits(const pack_work *work, guint end)
{
    if (work->span.own == work->span.end)
        return TRUE;
    guint chars = chars_of(work->pieces, work->span.first, end);
    return chars <= work->options->target || (is_tiny(work) && chars <= work->options->max);
}

/* The section's last chunk: joined to the one before where it is tiny and there is room. */
static void close_section(pack_work *work)
{
    if (work->spans->len > work->first_span && is_tiny(work)) {
        jd_span *before = &g_array_index(work->spans, jd_span, work->spans->len - 1);
        if (chars_of(work->pieces, before->first, work->span.end) <= work->options->max) {
            before->end = work->span.end;
            return;
        }
    }
    g_array_append_val(work->spans, work->span);
}

void jd_pack(GArray *spans, const GArray *pieces, const jd_pack_options *options)
{
    pack_work work = {
        .pieces = pieces, .options = options, .spans = spans, .first_span = spans->len};
    if (pieces->len == 0)
        return;
    for (guint i = 0; i < pieces->len;) {
        guint end = run_end(pieces, i);
        if (!fits(&work, end)) {
            guint first = overlap_start(&work, i, end);
            g_array_append_val(spans, work.span);
            work.span = (jd_span){.first = first, .own = i, .end = i};
        }
        work.span.end = end;
        i = end;
    }
    close_section(&work);
}

char *jd_span_text(const jd_span *span, const GArray *pieces)
{
    GString *text = g_string_new(NULL);
    for (guint i = span->first; i < span->end; i++) {
        const jd_piece *piece = piece_at(pieces, i);
        gboolean goes_on = i > span->first && piece_at(pieces, i - 1)->block == piece->block;
        if (i > span->first && !goes_on) {
            g_string_truncate(text, strlen(g_strchomp(text->str)));
            g_string_append(text, "\n\n");
        }
        if (!goes_on)
            g_string_append_len(text, piece->block->text, piece->header);
        g_string_append_len(text, piece->block->text + piece->start, piece->end - piece->start);
    }
    return g_strchomp(g_string_free(text, FALSE));
}
