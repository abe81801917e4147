#include "read/worker/sheet.h"

#include "base/error.h"
#include "read/protocol.h"
#include "read/worker/encode.h"
#include "read/worker/font.h"
#include "read/worker/picture.h"
#include "read/worker/scale.h"

#include <string.h>

#define GAP 8       /* pixels between pictures */
#define LABEL_PAD 3 /* above and below a label's letters */

/* One picture of the sheet. */
typedef struct tile {
    const guint8 *data;
    gsize size;
    const char *label;
    gboolean lossy;
    jd_size upright; /* as it is shown, unscaled */
    jd_size shown;
    int x, y; /* of the label's top left corner; the picture is below */
} tile;

typedef struct sheet {
    tile *tiles;
    int count;
    int columns;
    int max_side;
    int scale;        /* of the letters */
    int label_height; /* 0 without labels */
    jd_size size;
} sheet;

static GBytes *encode(jd_pixels *pixels, gboolean lossy, const char **media_type, GError **error)
{
    jd_pixels_flatten(pixels);
    GBytes *bytes = (lossy ? jd_encode_jpeg : jd_encode_png)(pixels, error);
    if (bytes)
        *media_type = lossy ? "image/jpeg" : "image/png";
    return bytes;
}

/* ---- one picture ---- */

static gboolean opaque(const jd_pixels *pixels)
{
    gsize count = (gsize)pixels->width * pixels->height;
    for (gsize i = 0; i < count; i++)
        if (pixels->rgba[i * 4 + 3] != 255)
            return FALSE;
    return TRUE;
}

/* Whether the file itself can be sent. Where pixels may be transparent, models that ignore alpha
 * would see whatever colour is hidden there. */
static gboolean fit_to_send(const tile *picture, const jd_picture_info *info, int max_side)
{
    if (!info->plain || info->width > max_side || info->height > max_side)
        return FALSE;
    jd_codec_input input = {.data = picture->data,
                            .size = picture->size,
                            .depth = info->alpha ? JD_DECODE_PIXELS : JD_DECODE_CHECK};
    jd_picture_info again;
    g_autoptr(jd_pixels) pixels = NULL;
    return jd_picture_decode(&input, &again, &pixels, NULL) && (!pixels || opaque(pixels));
}

static GBytes *render_one(const tile *picture, int max_side, const char **media_type,
                          GError **error)
{
    const jd_codec_input input = {
        .data = picture->data, .size = picture->size, .depth = JD_DECODE_HEADER};
    jd_picture_info info;
    if (!jd_picture_decode(&input, &info, NULL, error))
        return NULL;
    if (fit_to_send(picture, &info, max_side)) {
        *media_type = info.media_type;
        return g_bytes_new(picture->data, picture->size);
    }
    g_autoptr(jd_pixels) pixels =
        jd_picture_fit(picture->data, picture->size, (jd_size){max_side, max_side}, error);
    return pixels ? encode(pixels, info.lossy, media_type, error) : NULL;
}

/* ---- several ---- */

static jd_size cell(const sheet *s, int columns)
{
    int rows = (s->count + columns - 1) / columns;
    return (jd_size){(s->max_side - GAP * (columns - 1)) / columns,
                     (s->max_side - GAP * (rows - 1)) / rows - s->label_height};
}

/* The number of columns at which the pictures come out largest. */
static void choose_columns(sheet *s)
{
    double best = -1;
    for (int columns = 1; columns <= s->count; columns++) {
        jd_size room = cell(s, columns);
        double area = 0;
        for (int i = 0; i < s->count && room.width > 0 && room.height > 0; i++) {
            jd_size shown = jd_size_fit(s->tiles[i].upright, room);
            area += (double)shown.width * shown.height;
        }
        if (area > best) {
            best = area;
            s->columns = columns;
        }
    }
}

static int tile_width(const sheet *s, const tile *t, int room)
{
    int label = t->label ? MIN(jd_font_width(t->label, s->scale), room) : 0;
    return MAX(t->shown.width, label);
}

/* Columns are as wide and rows as high as what is in them. */
static void place(sheet *s)
{
    jd_size room = cell(s, s->columns);
    room = (jd_size){MAX(room.width, 1), MAX(room.height, 1)};
    for (int i = 0; i < s->count; i++)
        s->tiles[i].shown = jd_size_fit(s->tiles[i].upright, room);
    int x = 0;
    for (int column = 0; column < s->columns; column++) {
        int widest = 0;
        for (int i = column; i < s->count; i += s->columns) {
            s->tiles[i].x = x;
            widest = MAX(widest, tile_width(s, &s->tiles[i], room.width));
        }
        x += widest + GAP;
    }
    int y = 0;
    for (int first = 0; first < s->count; first += s->columns) {
        int highest = 0;
        for (int i = first; i < MIN(first + s->columns, s->count); i++) {
            s->tiles[i].y = y;
            highest = MAX(highest, s->tiles[i].shown.height);
        }
        y += s->label_height + highest + GAP;
    }
    s->size = (jd_size){MIN(x - GAP, s->max_side), MIN(y - GAP, s->max_side)};
}

static gboolean measure(sheet *s, GError **error)
{
    for (int i = 0; i < s->count; i++) {
        tile *t = &s->tiles[i];
        const jd_codec_input input = {.data = t->data, .size = t->size, .depth = JD_DECODE_HEADER};
        jd_picture_info info;
        if (!jd_picture_decode(&input, &info, NULL, error)) {
            jd_prefix_error(error, "picture %d: ", i + 1);
            return FALSE;
        }
        gboolean swap = info.orientation >= 5;
        t->upright = (jd_size){swap ? info.height : info.width, swap ? info.width : info.height};
        t->lossy = info.lossy;
    }
    return TRUE;
}

static void paste(jd_pixels *onto, const jd_pixels *picture, int left, int top)
{
    int width = MIN(picture->width, onto->width - left);
    for (int y = 0; y < MIN(picture->height, onto->height - top) && width > 0; y++)
        memcpy(onto->rgba + ((gsize)(top + y) * onto->width + left) * 4,
               picture->rgba + (gsize)y * picture->width * 4, (gsize)width * 4);
}

static jd_pixels *draw(const sheet *s, GError **error)
{
    g_autoptr(jd_pixels) paper = jd_pixels_new(s->size.width, s->size.height, error);
    if (!paper)
        return NULL;
    memset(paper->rgba, 0xFF, (gsize)paper->width * paper->height * 4);
    for (int i = 0; i < s->count; i++) {
        const tile *t = &s->tiles[i];
        g_autoptr(jd_pixels) picture = jd_picture_fit(t->data, t->size, t->shown, error);
        if (!picture) {
            jd_prefix_error(error, "picture %d: ", i + 1);
            return NULL;
        }
        jd_pixels_flatten(picture);
        paste(paper, picture, t->x, t->y + s->label_height);
        if (t->label)
            jd_font_draw(paper, t->x, t->y + LABEL_PAD, t->label, s->scale);
    }
    return g_steal_pointer(&paper);
}

static GBytes *render_sheet(sheet *s, const char **media_type, GError **error)
{
    if (!measure(s, error))
        return NULL;
    gboolean lossy = FALSE;
    for (int i = 0; i < s->count; i++) {
        lossy |= s->tiles[i].lossy;
        if (s->tiles[i].label)
            s->label_height = jd_font_height(s->scale) + 2 * LABEL_PAD;
    }
    choose_columns(s);
    place(s);
    g_autoptr(jd_pixels) paper = draw(s, error);
    return paper ? encode(paper, lossy, media_type, error) : NULL;
}

GBytes *jd_sheet_render(const guint8 *data, const GArray *pictures, int max_side,
                        const char **media_type, GError **error)
{
    int count = (int)pictures->len;
    g_autofree tile *tiles = g_new0(tile, count);
    gsize offset = 0;
    for (int i = 0; i < count; i++) {
        const jd_request_picture *picture = &g_array_index(pictures, jd_request_picture, i);
        tiles[i] = (tile){.data = data + offset, .size = picture->size, .label = picture->label};
        offset += picture->size;
    }
    if (count == 1 && !tiles[0].label)
        return render_one(&tiles[0], max_side, media_type, error);
    /* Letters of about a sixtieth of the sheet can be read after a model has scaled it down. */
    sheet s = {
        .tiles = tiles, .count = count, .max_side = max_side, .scale = CLAMP(max_side / 400, 1, 8)};
    return render_sheet(&s, media_type, error);
}
