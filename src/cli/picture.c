#include "cli/picture.h"

#include "base/error.h"
#include "cli/report.h"
#include "pipeline.h"

gboolean jd_pictures_wanted(const jd_cli *cli)
{
    const char *choice = jd_values_text(cli->values, "pictures");
    if (cli->json || g_strcmp0(choice, "never") == 0)
        return FALSE;
    if (g_strcmp0(choice, "always") == 0)
        return TRUE;
    const char *name = g_getenv("TERM");
    return jd_picture_method() && cli->out.tty && name && !g_str_equal(name, "dumb");
}

#ifdef JD_HAVE_CHAFA
#include <chafa.h>
#include <sys/ioctl.h>

/* Ways to draw, the finest first: what the terminal must know, and how chafa then draws. */
static const struct {
    ChafaTermSeq needs;
    ChafaPixelMode pixels;
    ChafaCanvasMode colours;
    const char *name;
} methods[] = {
    {CHAFA_TERM_SEQ_BEGIN_KITTY_IMMEDIATE_IMAGE_V1, CHAFA_PIXEL_MODE_KITTY,
     CHAFA_CANVAS_MODE_TRUECOLOR, "kitty's graphics"},
    {CHAFA_TERM_SEQ_BEGIN_ITERM2_IMAGE, CHAFA_PIXEL_MODE_ITERM2, CHAFA_CANVAS_MODE_TRUECOLOR,
     "iTerm2's graphics"},
    {CHAFA_TERM_SEQ_BEGIN_SIXELS, CHAFA_PIXEL_MODE_SIXELS, CHAFA_CANVAS_MODE_TRUECOLOR, "sixels"},
    {CHAFA_TERM_SEQ_SET_COLOR_FGBG_DIRECT, CHAFA_PIXEL_MODE_SYMBOLS, CHAFA_CANVAS_MODE_TRUECOLOR,
     "characters in true colour"},
    {CHAFA_TERM_SEQ_SET_COLOR_FGBG_256, CHAFA_PIXEL_MODE_SYMBOLS, CHAFA_CANVAS_MODE_INDEXED_240,
     "characters in 256 colours"},
    {CHAFA_TERM_SEQ_SET_COLOR_FGBG_16, CHAFA_PIXEL_MODE_SYMBOLS, CHAFA_CANVAS_MODE_INDEXED_16,
     "characters in 16 colours"},
};

enum { MONOCHROME = G_N_ELEMENTS(methods) };

static ChafaTermInfo *detect_terminal(void)
{
    g_auto(GStrv) environment = g_get_environ();
    return chafa_term_db_detect(chafa_term_db_get_default(), environment);
}

static gsize find_method(ChafaTermInfo *terminal)
{
    const char *no_colour = g_getenv("NO_COLOR");
    for (gsize i = 0; i < G_N_ELEMENTS(methods); i++) {
        if (!chafa_term_info_have_seq(terminal, methods[i].needs))
            continue;
        if (methods[i].pixels == CHAFA_PIXEL_MODE_SYMBOLS && no_colour && *no_colour)
            return MONOCHROME;
        return i;
    }
    return MONOCHROME;
}

const char *jd_picture_method(void)
{
    ChafaTermInfo *terminal = detect_terminal();
    gsize method = find_method(terminal);
    chafa_term_info_unref(terminal);
    return method == MONOCHROME ? "characters without colour" : methods[method].name;
}

typedef struct jd_cells {
    int columns, rows; /* how large the picture may get */
    int width, height; /* of a cell, pixels */
} jd_cells;

static jd_cells measure(const jd_cli *cli, int indent)
{
    enum { MOST_COLUMNS = 72, MOST_ROWS = 20, CELL_WIDTH = 10, CELL_HEIGHT = 20 };
    jd_cells cells = {
        .columns = CLAMP(cli->out.columns - indent - 1, 1, MOST_COLUMNS),
        .rows = MOST_ROWS,
        .width = CELL_WIDTH,
        .height = CELL_HEIGHT,
    };
    struct winsize size;
    if (ioctl(fileno(cli->out.file), TIOCGWINSZ, &size) == 0 && size.ws_col && size.ws_row &&
        size.ws_xpixel && size.ws_ypixel) {
        cells.width = MAX(size.ws_xpixel / size.ws_col, 1);
        cells.height = MAX(size.ws_ypixel / size.ws_row, 1);
    }
    return cells;
}

/* Figures are drawn for paper: what is transparent in them is white. */
static void put_on_white(jd_pixels *pixels)
{
    gsize count = (gsize)pixels->width * (gsize)pixels->height;
    for (guint8 *p = pixels->rgba; count > 0; count--, p += 4) {
        for (int i = 0; i < 3; i++)
            p[i] = (guint8)((p[i] * p[3] + 255 * (255 - p[3])) / 255);
        p[3] = 255;
    }
}

static ChafaCanvas *make_canvas(const jd_pixels *pixels, const jd_cells *cells, gsize method)
{
    int columns = cells->columns, rows = cells->rows;
    float ratio = (float)cells->width / (float)cells->height;
    chafa_calc_canvas_geometry(pixels->width, pixels->height, &columns, &rows, ratio, FALSE, FALSE);
    ChafaSymbolMap *symbols = chafa_symbol_map_new();
    chafa_symbol_map_add_by_tags(symbols, CHAFA_SYMBOL_TAG_BLOCK | CHAFA_SYMBOL_TAG_BORDER |
                                              CHAFA_SYMBOL_TAG_SPACE);
    ChafaCanvasConfig *config = chafa_canvas_config_new();
    chafa_canvas_config_set_symbol_map(config, symbols);
    chafa_canvas_config_set_geometry(config, MAX(columns, 1), MAX(rows, 1));
    chafa_canvas_config_set_cell_geometry(config, cells->width, cells->height);
    if (method == MONOCHROME) {
        chafa_canvas_config_set_canvas_mode(config, CHAFA_CANVAS_MODE_FGBG);
        chafa_canvas_config_set_dither_mode(config, CHAFA_DITHER_MODE_ORDERED);
    } else {
        chafa_canvas_config_set_canvas_mode(config, methods[method].colours);
        chafa_canvas_config_set_pixel_mode(config, methods[method].pixels);
    }
    ChafaCanvas *canvas = chafa_canvas_new(config);
    chafa_canvas_draw_all_pixels(canvas, CHAFA_PIXEL_RGBA8_UNASSOCIATED, pixels->rgba,
                                 pixels->width, pixels->height, pixels->width * 4);
    chafa_canvas_config_unref(config);
    chafa_symbol_map_unref(symbols);
    return canvas;
}

/* Rows of characters are indented one by one; a picture of pixels hangs from the cursor. */
static void print_indented(FILE *file, const char *drawing, int indent)
{
    g_auto(GStrv) rows = g_strsplit(drawing, "\n", -1);
    for (char **row = rows; *row; row++)
        if (**row)
            fprintf(file, "%*s%s\n", indent, "", *row);
}

static void draw(const jd_cli *cli, jd_pixels *pixels, const jd_cells *cells, int indent)
{
    put_on_white(pixels);
    ChafaTermInfo *terminal = detect_terminal();
    ChafaCanvas *canvas = make_canvas(pixels, cells, find_method(terminal));
    GString *drawing = chafa_canvas_print(canvas, terminal);
    print_indented(cli->out.file, drawing->str, indent);
    g_string_free(drawing, TRUE);
    chafa_canvas_unref(canvas);
    chafa_term_info_unref(terminal);
}

void jd_picture_draw(const jd_cli *cli, jd_kb *kb, const jd_item *image, int indent)
{
    if (!image->sha256)
        return;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = jd_store_get_picture(jd_kb_store(kb), image->sha256, &error);
    jd_reader_pool *readers = bytes ? jd_kb_readers(kb, &error) : NULL;
    jd_cells cells = measure(cli, indent);
    g_autoptr(jd_pixels) pixels =
        readers ? jd_reader_pool_pixels(readers, bytes, cells.columns * cells.width,
                                        cells.rows * cells.height, &error)
                : NULL;
    if (pixels) {
        draw(cli, pixels, &cells, indent);
        return;
    }
    jd_prefix_error(&error, "picture not drawn: ");
    jd_report_note(cli, error->message);
}

#else

const char *jd_picture_method(void)
{
    return NULL;
}

void jd_picture_draw(const jd_cli *cli, jd_kb *kb, const jd_item *image, int indent)
{
    jd_report_note(cli, "picture not drawn: this build is without libchafa");
}

#endif
