#include "nn/npy.h"

#include "base/error.h"
#include "base/limits.h"
#include "nn/view.h"

#include <string.h>

#define MAGIC "\x93NUMPY"
enum { MAGIC_SIZE = 6, VERSION_SIZE = 2 };

/* The header is a Python dict literal: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
 */
typedef struct npy_header {
    const char *at, *end;
    char descr[16];
    gboolean fortran;
    gint64 shape[JD_TENSOR_MAX_DIMS];
    int ndim;
    guint seen; /* one bit a key */
} npy_header;

enum { SEEN_DESCR = 1, SEEN_ORDER = 2, SEEN_SHAPE = 4, SEEN_ALL = 7 };

static gboolean invalid(GError **error, const char *what)
{
    jd_set_error(error, JD_ERROR_INVALID, "write it again with numpy.save", "the .npy header %s",
                 what);
    return FALSE;
}

static void skip_space(npy_header *header)
{
    while (header->at < header->end && g_ascii_isspace(*header->at))
        header->at++;
}

/* Takes `text` if it comes next, white space before it skipped. */
static gboolean take(npy_header *header, const char *text)
{
    skip_space(header);
    gsize length = strlen(text);
    if ((gsize)(header->end - header->at) < length || memcmp(header->at, text, length) != 0)
        return FALSE;
    header->at += length;
    return TRUE;
}

static gboolean take_string(npy_header *header, char *out, gsize size)
{
    skip_space(header);
    if (header->at == header->end || (*header->at != '\'' && *header->at != '"'))
        return FALSE;
    const char *start = header->at + 1;
    const char *stop = memchr(start, *header->at, header->end - start);
    if (!stop || (gsize)(stop - start) >= size)
        return FALSE;
    memcpy(out, start, stop - start);
    out[stop - start] = '\0';
    header->at = stop + 1;
    return TRUE;
}

static gboolean take_number(npy_header *header, gint64 *value)
{
    skip_space(header);
    const char *start = header->at;
    guint64 n = 0;
    while (header->at < header->end && g_ascii_isdigit(*header->at)) {
        if (!g_uint64_checked_mul(&n, n, 10) ||
            !g_uint64_checked_add(&n, n, (guint64)(*header->at - '0')) || n > G_MAXINT64)
            return FALSE;
        header->at++;
    }
    take(header, "L"); /* Python 2 wrote 3L */
    *value = (gint64)n;
    return header->at > start;
}

static gboolean take_shape(npy_header *header, GError **error)
{
    if (!take(header, "("))
        return invalid(error, "has no shape tuple");
    while (!take(header, ")")) {
        if (header->ndim == JD_TENSOR_MAX_DIMS)
            return invalid(error, "has more dimensions than 8");
        if (!take_number(header, &header->shape[header->ndim++]))
            return invalid(error, "has a shape that is not of whole numbers");
        if (!take(header, ",")) {
            if (!take(header, ")"))
                return invalid(error, "has a shape tuple without end");
            break;
        }
    }
    return TRUE;
}

static gboolean take_entry(npy_header *header, GError **error)
{
    char key[16];
    if (!take_string(header, key, sizeof key) || !take(header, ":"))
        return invalid(error, "is no dict of names and values");
    if (g_str_equal(key, "descr")) {
        header->seen |= SEEN_DESCR;
        if (take_string(header, header->descr, sizeof header->descr))
            return TRUE;
        jd_set_error(error, JD_ERROR_UNSUPPORTED, "save a plain float array",
                     "the array holds records, not numbers");
        return FALSE;
    }
    if (g_str_equal(key, "fortran_order")) {
        header->seen |= SEEN_ORDER;
        header->fortran = take(header, "True");
        return header->fortran || take(header, "False") ||
               invalid(error, "has a fortran_order that is neither True nor False");
    }
    if (g_str_equal(key, "shape")) {
        if (header->seen & SEEN_SHAPE)
            return invalid(error, "has two shapes");
        header->seen |= SEEN_SHAPE;
        return take_shape(header, error);
    }
    return invalid(error, "has an unknown key");
}

static gboolean parse_header(npy_header *header, GError **error)
{
    if (!take(header, "{"))
        return invalid(error, "is no dict");
    while (!take(header, "}")) {
        if (!take_entry(header, error))
            return FALSE;
        if (!take(header, ",")) {
            if (!take(header, "}"))
                return invalid(error, "has no end");
            break;
        }
    }
    skip_space(header);
    if (header->at != header->end)
        return invalid(error, "has something after its dict");
    return header->seen == SEEN_ALL || invalid(error, "lacks descr, fortran_order or shape");
}

static gboolean set_dtype(jd_view *view, const char *descr, GError **error)
{
    static const struct {
        const char *name;
        jd_dtype dtype;
    } types[] = {{"f2", JD_F16}, {"f4", JD_F32}, {"f8", JD_F64}};
    gboolean order = descr[0] == '<' || descr[0] == '>' || descr[0] == '=';
    for (gsize i = 0; order && i < G_N_ELEMENTS(types); i++) {
        if (g_str_equal(descr + 1, types[i].name)) {
            view->dtype = types[i].dtype;
            view->swapped = descr[0] == '>';
            return TRUE;
        }
    }
    g_autofree char *shown = g_strescape(descr, NULL);
    jd_set_error(error, JD_ERROR_UNSUPPORTED, "convert it: array.astype('float32')",
                 "the array is of type \"%s\"; f2, f4 and f8 (floating point) can be read", shown);
    return FALSE;
}

/* Finds the header's text; `*data` gets where the numbers begin. */
static gboolean find_header(const guint8 *bytes, gsize size, npy_header *header, GError **error)
{
    if (size < MAGIC_SIZE + VERSION_SIZE + 4 || memcmp(bytes, MAGIC, MAGIC_SIZE) != 0)
        return invalid(error, "is cut short");
    guint8 major = bytes[MAGIC_SIZE], minor = bytes[MAGIC_SIZE + 1];
    if (major < 1 || major > 3 || minor != 0) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                     ".npy format %d.%d is unknown; 1.0 to 3.0 can be read", major, minor);
        return FALSE;
    }
    const guint8 *field = bytes + MAGIC_SIZE + VERSION_SIZE;
    gsize width = major == 1 ? 2 : 4;
    gsize length = 0;
    for (gsize i = 0; i < width; i++)
        length |= (gsize)field[i] << (8 * i);
    header->at = (const char *)field + width;
    if (length > JD_LIMIT_NPY_HEADER_BYTES || length > size - MAGIC_SIZE - VERSION_SIZE - width)
        return invalid(error, "is longer than the file or than 64 KiB");
    header->end = header->at + length;
    return TRUE;
}

jd_tensor *jd_npy_load(GBytes *file, GError **error)
{
    gsize size;
    const guint8 *bytes = g_bytes_get_data(file, &size);
    npy_header header = {0};
    if (!find_header(bytes, size, &header, error))
        return NULL;
    gsize start = (gsize)((const guint8 *)header.end - bytes);
    /* The file is mapped and may change under us: the header is read from a copy. */
    g_autofree char *copy = g_strndup(header.at, header.end - header.at);
    header.end = copy + (header.end - header.at);
    header.at = copy;
    jd_view view = {0};
    if (!parse_header(&header, error) || !set_dtype(&view, header.descr, error))
        return NULL;
    view.ndim = header.ndim;
    memcpy(view.shape, header.shape, sizeof view.shape);
    guint64 count, expected;
    if (!jd_view_set_dense(&view, header.fortran) || !jd_view_count(&view, &count) ||
        !g_uint64_checked_mul(&expected, count, jd_dtype_size(view.dtype)) ||
        expected != size - start) {
        jd_set_error(error, JD_ERROR_INVALID, "the file is cut short or damaged: save it again",
                     "the .npy file holds %zu bytes of numbers, which is not what its shape needs",
                     size - start);
        return NULL;
    }
    g_autoptr(GBytes) numbers = g_bytes_new_from_bytes(file, start, size - start);
    guint64 budget = size + JD_LIMIT_TENSOR_COPY_BYTES;
    return jd_view_to_tensor(&view, numbers, &budget, error);
}
