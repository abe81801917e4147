#include "read/worker/html_tame.h"

#include "base/error.h"
#include "base/limits.h"

#include <gumbo.h>
#include <string.h>

/* How an element nests. What HTML closes by itself must not count as nested: thousands of <p> or
 * <li> in a row without end tags are common. */
typedef enum nesting {
    NESTS_INLINE, /* span, and everything unknown */
    NESTS_SCOPE,  /* object, button: what is open outside of it stays open */
    NESTS_BLOCK,  /* closes a paragraph; its end tag closes what is open in it */
    NESTS_P,      /* closed by the next block */
    NESTS_ITEM,   /* li, dt, dd: closed by the next one in the list */
    NESTS_HEADING,
    NESTS_TABLE,
    NESTS_CELL,   /* tr, td and the like: closes what is open in the table */
    NESTS_FORMAT, /* b, i, a: kept open across blocks until closed */
    NESTS_RAW,    /* no tags inside */
    NESTS_VOID
} nesting;

static const guint8 nestings[GUMBO_TAG_LAST + 1] = {
    [GUMBO_TAG_APPLET] = NESTS_SCOPE,     [GUMBO_TAG_BUTTON] = NESTS_SCOPE,
    [GUMBO_TAG_MARQUEE] = NESTS_SCOPE,    [GUMBO_TAG_OBJECT] = NESTS_SCOPE,
    [GUMBO_TAG_TEMPLATE] = NESTS_SCOPE,   [GUMBO_TAG_MI] = NESTS_SCOPE,
    [GUMBO_TAG_MO] = NESTS_SCOPE,         [GUMBO_TAG_MN] = NESTS_SCOPE,
    [GUMBO_TAG_MS] = NESTS_SCOPE,         [GUMBO_TAG_MTEXT] = NESTS_SCOPE,
    [GUMBO_TAG_ADDRESS] = NESTS_BLOCK,    [GUMBO_TAG_ARTICLE] = NESTS_BLOCK,
    [GUMBO_TAG_ASIDE] = NESTS_BLOCK,      [GUMBO_TAG_BLOCKQUOTE] = NESTS_BLOCK,
    [GUMBO_TAG_CENTER] = NESTS_BLOCK,     [GUMBO_TAG_DETAILS] = NESTS_BLOCK,
    [GUMBO_TAG_DIR] = NESTS_BLOCK,        [GUMBO_TAG_DIV] = NESTS_BLOCK,
    [GUMBO_TAG_DL] = NESTS_BLOCK,         [GUMBO_TAG_FIELDSET] = NESTS_BLOCK,
    [GUMBO_TAG_FIGCAPTION] = NESTS_BLOCK, [GUMBO_TAG_FIGURE] = NESTS_BLOCK,
    [GUMBO_TAG_FOOTER] = NESTS_BLOCK,     [GUMBO_TAG_FORM] = NESTS_BLOCK,
    [GUMBO_TAG_HEADER] = NESTS_BLOCK,     [GUMBO_TAG_HGROUP] = NESTS_BLOCK,
    [GUMBO_TAG_MAIN] = NESTS_BLOCK,       [GUMBO_TAG_MENU] = NESTS_BLOCK,
    [GUMBO_TAG_NAV] = NESTS_BLOCK,        [GUMBO_TAG_OL] = NESTS_BLOCK,
    [GUMBO_TAG_PRE] = NESTS_BLOCK,        [GUMBO_TAG_LISTING] = NESTS_BLOCK,
    [GUMBO_TAG_SECTION] = NESTS_BLOCK,    [GUMBO_TAG_SUMMARY] = NESTS_BLOCK,
    [GUMBO_TAG_UL] = NESTS_BLOCK,         [GUMBO_TAG_P] = NESTS_P,
    [GUMBO_TAG_LI] = NESTS_ITEM,          [GUMBO_TAG_DT] = NESTS_ITEM,
    [GUMBO_TAG_DD] = NESTS_ITEM,          [GUMBO_TAG_H1] = NESTS_HEADING,
    [GUMBO_TAG_H2] = NESTS_HEADING,       [GUMBO_TAG_H3] = NESTS_HEADING,
    [GUMBO_TAG_H4] = NESTS_HEADING,       [GUMBO_TAG_H5] = NESTS_HEADING,
    [GUMBO_TAG_H6] = NESTS_HEADING,       [GUMBO_TAG_TABLE] = NESTS_TABLE,
    [GUMBO_TAG_CAPTION] = NESTS_CELL,     [GUMBO_TAG_COLGROUP] = NESTS_CELL,
    [GUMBO_TAG_TBODY] = NESTS_CELL,       [GUMBO_TAG_THEAD] = NESTS_CELL,
    [GUMBO_TAG_TFOOT] = NESTS_CELL,       [GUMBO_TAG_TR] = NESTS_CELL,
    [GUMBO_TAG_TD] = NESTS_CELL,          [GUMBO_TAG_TH] = NESTS_CELL,
    [GUMBO_TAG_A] = NESTS_FORMAT,         [GUMBO_TAG_B] = NESTS_FORMAT,
    [GUMBO_TAG_BIG] = NESTS_FORMAT,       [GUMBO_TAG_CODE] = NESTS_FORMAT,
    [GUMBO_TAG_EM] = NESTS_FORMAT,        [GUMBO_TAG_FONT] = NESTS_FORMAT,
    [GUMBO_TAG_I] = NESTS_FORMAT,         [GUMBO_TAG_NOBR] = NESTS_FORMAT,
    [GUMBO_TAG_S] = NESTS_FORMAT,         [GUMBO_TAG_SMALL] = NESTS_FORMAT,
    [GUMBO_TAG_STRIKE] = NESTS_FORMAT,    [GUMBO_TAG_STRONG] = NESTS_FORMAT,
    [GUMBO_TAG_TT] = NESTS_FORMAT,        [GUMBO_TAG_U] = NESTS_FORMAT,
    [GUMBO_TAG_SCRIPT] = NESTS_RAW,       [GUMBO_TAG_STYLE] = NESTS_RAW,
    [GUMBO_TAG_TEXTAREA] = NESTS_RAW,     [GUMBO_TAG_TITLE] = NESTS_RAW,
    [GUMBO_TAG_XMP] = NESTS_RAW,          [GUMBO_TAG_IFRAME] = NESTS_RAW,
    [GUMBO_TAG_NOEMBED] = NESTS_RAW,      [GUMBO_TAG_NOFRAMES] = NESTS_RAW,
    [GUMBO_TAG_PLAINTEXT] = NESTS_RAW,    [GUMBO_TAG_AREA] = NESTS_VOID,
    [GUMBO_TAG_BASE] = NESTS_VOID,        [GUMBO_TAG_BASEFONT] = NESTS_VOID,
    [GUMBO_TAG_BGSOUND] = NESTS_VOID,     [GUMBO_TAG_BR] = NESTS_VOID,
    [GUMBO_TAG_COL] = NESTS_VOID,         [GUMBO_TAG_EMBED] = NESTS_VOID,
    [GUMBO_TAG_FRAME] = NESTS_VOID,       [GUMBO_TAG_HR] = NESTS_VOID,
    [GUMBO_TAG_IMAGE] = NESTS_VOID,       [GUMBO_TAG_IMG] = NESTS_VOID,
    [GUMBO_TAG_INPUT] = NESTS_VOID,       [GUMBO_TAG_KEYGEN] = NESTS_VOID,
    [GUMBO_TAG_LINK] = NESTS_VOID,        [GUMBO_TAG_META] = NESTS_VOID,
    [GUMBO_TAG_OPTION] = NESTS_VOID,      [GUMBO_TAG_OPTGROUP] = NESTS_VOID,
    [GUMBO_TAG_PARAM] = NESTS_VOID,       [GUMBO_TAG_RP] = NESTS_VOID,
    [GUMBO_TAG_RT] = NESTS_VOID,          [GUMBO_TAG_SOURCE] = NESTS_VOID,
    [GUMBO_TAG_TRACK] = NESTS_VOID,       [GUMBO_TAG_WBR] = NESTS_VOID,
    [GUMBO_TAG_HTML] = NESTS_VOID,        [GUMBO_TAG_HEAD] = NESTS_VOID,
    [GUMBO_TAG_BODY] = NESTS_VOID,
};

typedef struct markup {
    gsize start, end; /* from "<" to behind ">" */
    gsize name, name_length;
    gsize surplus; /* where the attributes over the limit begin, 0 where none do */
    gboolean closing, self_closed;
} markup;

typedef struct taming {
    jd_decoded *page;
    gsize at;
    gboolean xml;
    GumboTag open[JD_LIMIT_HTML_DEPTH];
    int depth;
    int over; /* open elements that were taken away */
    GumboTag formats[JD_LIMIT_HTML_FORMATTING];
    int format_count;
    int foreign; /* svg and math elements among the open ones */
    gboolean tamed;
    GError *error;
} taming;

/* ---- tags ---------------------------------------------------------------------------------- */

static gboolean is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/** The end of a quoted or bare attribute value that begins at `at`. */
static gsize value_end(const jd_decoded *page, gsize at)
{
    const char *text = page->text;
    if (at < page->size && (text[at] == '"' || text[at] == '\'')) {
        const char *quote = memchr(text + at + 1, text[at], page->size - at - 1);
        return quote ? (gsize)(quote - text) + 1 : page->size;
    }
    while (at < page->size && !is_blank(text[at]) && text[at] != '>')
        at++;
    return at;
}

static gsize skip_blanks(const jd_decoded *page, gsize at)
{
    while (at < page->size && is_blank(page->text[at]))
        at++;
    return at;
}

/** Reads the attributes from `at`; FALSE where the file ends in them. */
static gboolean read_attributes(const jd_decoded *page, gsize at, markup *found)
{
    const char *text = page->text;
    int count = 0;
    while (at < page->size) {
        char c = text[at];
        if (c == '>') {
            found->end = at + 1;
            found->self_closed = text[at - 1] == '/';
            return TRUE;
        }
        if (is_blank(c) || c == '/') {
            at++;
            continue;
        }
        if (++count == JD_LIMIT_HTML_ATTRIBUTES + 1)
            found->surplus = at;
        do
            at++;
        while (at < page->size && !is_blank(text[at]) && !strchr("/>=", text[at]));
        gsize equals = skip_blanks(page, at);
        if (equals < page->size && text[equals] == '=')
            at = value_end(page, skip_blanks(page, equals + 1));
    }
    return FALSE;
}

/** Behind a comment, a declaration or a processing instruction that begins at `at`. */
static gsize behind_markup(const jd_decoded *page, gsize at)
{
    const char *text = page->text;
    const char *limit = text + page->size;
    if (page->size - at >= 4 && memcmp(text + at, "<!--", 4) == 0) {
        /* "<!-->" and "<!--->" are whole comments: look from the dashes on. */
        for (const char *p = text + at + 2; (p = memchr(p, '>', limit - p)); p++) {
            if ((p - text - at >= 4 && p[-1] == '-' && p[-2] == '-') ||
                (p - text - at >= 7 && p[-1] == '!' && p[-2] == '-' && p[-3] == '-'))
                return p - text + 1;
        }
        return page->size;
    }
    const char *close = memchr(text + at, '>', page->size - at);
    return close ? (gsize)(close - text) + 1 : page->size;
}

/** The next tag from tamer->at on; FALSE at the end. */
static gboolean next_tag(taming *tamer, markup *found)
{
    const jd_decoded *page = tamer->page;
    const char *text = page->text;
    const char *open;
    while (tamer->at < page->size &&
           (open = memchr(text + tamer->at, '<', page->size - tamer->at))) {
        gsize at = open - text;
        *found = (markup){.start = at, .name = at + 1};
        if (at + 1 < page->size && (text[at + 1] == '!' || text[at + 1] == '?')) {
            tamer->at = behind_markup(page, at);
            continue;
        }
        if (at + 1 < page->size && text[at + 1] == '/') {
            found->closing = TRUE;
            found->name++;
        }
        if (found->name >= page->size || !g_ascii_isalpha(text[found->name])) {
            tamer->at = at + 1;
            continue;
        }
        gsize name_end = found->name;
        while (name_end < page->size && !is_blank(text[name_end]) && !strchr("/>", text[name_end]))
            name_end++;
        found->name_length = name_end - found->name;
        if (!read_attributes(page, name_end, found))
            return FALSE;
        tamer->at = found->end;
        return TRUE;
    }
    return FALSE;
}

/** Moves behind the content of an element without tags inside. */
static void skip_raw(taming *tamer, const markup *opened)
{
    const jd_decoded *page = tamer->page;
    const char *name = page->text + opened->name;
    gsize length = opened->name_length;
    for (gsize at = tamer->at; at < page->size; at++) {
        const char *close = memchr(page->text + at, '<', page->size - at);
        if (!close)
            break;
        at = close - page->text;
        if (page->size - at > length + 2 && close[1] == '/' &&
            g_ascii_strncasecmp(close + 2, name, length) == 0 &&
            (is_blank(close[length + 2]) || strchr("/>", close[length + 2]))) {
            tamer->at = at;
            return;
        }
    }
    tamer->at = page->size;
}

/* ---- taming -------------------------------------------------------------------------------- */

/** The page's text to be changed: a copy from the first change on. NULL without memory. */
static char *writable(taming *tamer)
{
    jd_decoded *page = tamer->page;
    if (!page->owned) {
        page->owned = g_try_malloc(page->size + 1);
        if (!page->owned) {
            jd_set_error(&tamer->error, JD_ERROR_LIMIT, NULL,
                         "no memory for a page of %" G_GSIZE_FORMAT " bytes", page->size);
            return NULL;
        }
        memcpy(page->owned, page->text, page->size);
        page->text = page->owned;
    }
    return page->owned;
}

/** Makes a tag a comment of the same length: "<! ... >". */
static void take_away(taming *tamer, const markup *found)
{
    char *text = writable(tamer);
    if (!text)
        return;
    memset(text + found->start + 1, ' ', found->end - found->start - 2);
    text[found->start + 1] = '!';
}

static void take_surplus(taming *tamer, const markup *found)
{
    char *text = writable(tamer);
    if (text)
        memset(text + found->surplus, ' ', found->end - 1 - found->surplus);
    tamer->tamed = TRUE;
}

/* ---- nesting ------------------------------------------------------------------------------- */

static nesting nesting_of(GumboTag tag)
{
    return tag <= GUMBO_TAG_LAST ? (nesting)nestings[tag] : NESTS_INLINE;
}

static gboolean is_foreign(GumboTag tag)
{
    return tag == GUMBO_TAG_SVG || tag == GUMBO_TAG_MATH;
}

static void pop_to(taming *tamer, int depth)
{
    while (tamer->depth > depth)
        tamer->foreign -= is_foreign(tamer->open[--tamer->depth]);
    tamer->over = 0;
}

/** Closes what is open in the innermost table. */
static void close_cell(taming *tamer)
{
    for (int i = tamer->depth - 1; i >= 0; i--)
        if (nesting_of(tamer->open[i]) == NESTS_TABLE) {
            pop_to(tamer, i + 1);
            return;
        }
}

/** Closes the item before this one in the same list. */
static void close_item(taming *tamer, GumboTag tag)
{
    for (int i = tamer->depth - 1; i >= 0; i--) {
        GumboTag open = tamer->open[i];
        nesting kind = nesting_of(open);
        if (kind == NESTS_ITEM && (open == GUMBO_TAG_LI) == (tag == GUMBO_TAG_LI)) {
            pop_to(tamer, i);
            return;
        }
        if (kind != NESTS_INLINE && kind != NESTS_P && open != GUMBO_TAG_DIV)
            return;
    }
}

/** Closes what a new block closes: an open paragraph, and a heading another one. */
static void close_paragraph(taming *tamer, nesting kind)
{
    int top = tamer->depth - 1;
    if (kind == NESTS_HEADING && top >= 0 && nesting_of(tamer->open[top]) == NESTS_HEADING)
        pop_to(tamer, top);
    for (int i = tamer->depth - 1; i >= 0; i--) {
        nesting open = nesting_of(tamer->open[i]);
        if (open == NESTS_P) {
            pop_to(tamer, i);
            return;
        }
        if (open != NESTS_INLINE)
            return;
    }
}

static void open_format(taming *tamer, GumboTag tag, const markup *found)
{
    if (tamer->format_count < JD_LIMIT_HTML_FORMATTING)
        tamer->formats[tamer->format_count++] = tag;
    else
        take_away(tamer, found);
}

static void close_format(taming *tamer, GumboTag tag)
{
    for (int i = tamer->format_count - 1; i >= 0; i--)
        if (tamer->formats[i] == tag) {
            tamer->format_count--;
            memmove(tamer->formats + i, tamer->formats + i + 1,
                    (tamer->format_count - i) * sizeof tamer->formats[0]);
            return;
        }
}

/** Whether elements of this kind never hold one another, so that they need no limit. */
static gboolean closes_itself(nesting kind)
{
    return kind == NESTS_P || kind == NESTS_ITEM || kind == NESTS_HEADING;
}

static void open_nested(taming *tamer, GumboTag tag, const markup *found)
{
    nesting kind = nesting_of(tag);
    if (kind == NESTS_ITEM)
        close_item(tamer, tag);
    if (kind != NESTS_INLINE && kind != NESTS_SCOPE)
        close_paragraph(tamer, kind);
    if (tamer->depth < JD_LIMIT_HTML_DEPTH) {
        tamer->foreign += is_foreign(tag);
        tamer->open[tamer->depth++] = tag;
    } else if (!closes_itself(kind)) {
        take_away(tamer, found);
        tamer->over++;
        tamer->tamed = TRUE;
    }
}

static void open_element(taming *tamer, GumboTag tag, const markup *found)
{
    nesting kind = nesting_of(tag);
    if (found->surplus)
        take_surplus(tamer, found);
    if (found->self_closed && tamer->foreign > 0)
        return;
    if (found->self_closed && tamer->xml && kind != NESTS_VOID && kind != NESTS_CELL) {
        take_away(tamer, found);
        return;
    }
    if (kind == NESTS_RAW) {
        if (tamer->foreign == 0)
            skip_raw(tamer, found);
        return;
    }
    if (kind == NESTS_FORMAT)
        open_format(tamer, tag, found);
    else if (kind == NESTS_CELL)
        close_cell(tamer);
    else if (kind != NESTS_VOID)
        open_nested(tamer, tag, found);
}

static void close_element(taming *tamer, GumboTag tag, const markup *found)
{
    nesting kind = nesting_of(tag);
    if (kind == NESTS_FORMAT) {
        close_format(tamer, tag);
        return;
    }
    if (kind == NESTS_VOID || kind == NESTS_CELL || kind == NESTS_RAW)
        return;
    if (tamer->over > 0 && !closes_itself(kind)) {
        /* Most likely the end of one that is no longer there. */
        take_away(tamer, found);
        tamer->over--;
        return;
    }
    for (int i = tamer->depth - 1; i >= 0; i--) {
        if (tamer->open[i] == tag ||
            (kind == NESTS_HEADING && nesting_of(tamer->open[i]) == NESTS_HEADING)) {
            pop_to(tamer, i);
            return;
        }
        nesting open = nesting_of(tamer->open[i]);
        if (open == NESTS_TABLE || open == NESTS_SCOPE ||
            (kind == NESTS_INLINE && open != NESTS_INLINE))
            return;
    }
}

gboolean jd_html_tame(jd_decoded *page, GPtrArray *warnings, GError **error)
{
    taming tamer = {.page = page, .xml = page->size > 5 && memcmp(page->text, "<?xml", 5) == 0};
    markup found;
    while (!tamer.error && next_tag(&tamer, &found)) {
        GumboTag tag = gumbo_tagn_enum(page->text + found.name, found.name_length);
        if (found.closing)
            close_element(&tamer, tag, &found);
        else
            open_element(&tamer, tag, &found);
    }
    if (tamer.error) {
        g_propagate_error(error, tamer.error);
        return FALSE;
    }
    if (tamer.tamed)
        g_ptr_array_add(warnings,
                        g_strdup_printf("elements nested deeper than %d or with more than %d "
                                        "attributes were read as plain text",
                                        JD_LIMIT_HTML_DEPTH, JD_LIMIT_HTML_ATTRIBUTES));
    return TRUE;
}
