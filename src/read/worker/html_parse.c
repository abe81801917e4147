/*
 * gumbo asks for memory a hundred times for each paragraph, and most of it lives as long as the
 * tree: pieces are cut off large blocks, nothing is given back piece by piece, and blocks go with
 * the page. What gumbo lets grow by copying is then kept twice, so large pages are left to
 * malloc().
 */
#include "read/worker/html_parse.h"

enum { BLOCK_BYTES = 64 * 1024, ALIGNMENT = 16, LARGE_PAGE_BYTES = 1024 * 1024 };

typedef struct jd_html_block {
    struct jd_html_block *before;
    gsize size;
    char data[] __attribute__((aligned(ALIGNMENT)));
} jd_html_block;

static void *take(void *user, size_t size)
{
    jd_html_page *page = user;
    const gsize rounded = (size + ALIGNMENT - 1) & ~(gsize)(ALIGNMENT - 1);
    if (page->left < rounded) {
        const gsize room = MAX(rounded, (gsize)BLOCK_BYTES);
        jd_html_block *block = g_malloc(sizeof *block + room);
        block->before = page->blocks;
        block->size = room;
        page->blocks = block;
        page->left = room;
    }
    char *piece = page->blocks->data + page->blocks->size - page->left;
    page->left -= rounded;
    return piece;
}

static void leave(void *user, void *piece)
{
    (void)user;
    (void)piece;
}

jd_html_page *jd_html_page_new(const char *html, gsize size)
{
    jd_html_page *page = g_new0(jd_html_page, 1);
    GumboOptions options = kGumboDefaultOptions;
    options.max_errors = 0; /* nobody reads them */
    if (size < LARGE_PAGE_BYTES) {
        options.allocator = take;
        options.deallocator = leave;
        options.userdata = page;
    }
    page->tree = gumbo_parse_with_options(&options, html, size);
    return page;
}

void jd_html_page_free(jd_html_page *page)
{
    if (!page)
        return;
    if (!page->blocks)
        gumbo_destroy_output(&kGumboDefaultOptions, page->tree);
    while (page->blocks) {
        jd_html_block *block = page->blocks;
        page->blocks = block->before;
        g_free(block);
    }
    g_free(page);
}
