/* NumPy's .npy and lines of JSON. */
#include "cli/vector_format.h"

#include <string.h>

void jd_vector_row(const jd_vector_sink *sink, const float *values, guint8 *bytes)
{
    for (int i = 0; i < sink->dimension; i++) {
        guint32 bits;
        memcpy(&bits, &values[i], sizeof bits);
        bits = GUINT32_TO_LE(bits);
        memcpy(bytes + (gsize)i * sizeof bits, &bits, sizeof bits);
    }
}

/* ---- .npy ---- */

/* The header's length is fixed, so that the number of rows can be filled in at the end. NumPy's
 * format 1.0 (numpy/lib/format.py): magic, version, length of the rest of the header (16 bits,
 * little endian), a Python dict padded with spaces to a line's end. */
enum { NPY_HEADER = 128, NPY_PREAMBLE = 10 };

static void npy_header(jd_vector_sink *sink)
{
    char header[NPY_HEADER + 1];
    memcpy(header, "\x93NUMPY\x01\x00", 8);
    header[8] = (char)(NPY_HEADER - NPY_PREAMBLE);
    header[9] = 0;
    g_autofree char *dict = g_strdup_printf(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%" G_GUINT64_FORMAT ", %d), }",
        sink->rows, sink->dimension);
    g_snprintf(header + NPY_PREAMBLE, NPY_HEADER - NPY_PREAMBLE + 1, "%-*s\n",
               NPY_HEADER - NPY_PREAMBLE - 1, dict);
    fwrite(header, 1, NPY_HEADER, sink->stream);
}

static void npy_add(jd_vector_sink *sink, const char *id, const float *values)
{
    gsize size = (gsize)sink->dimension * sizeof(float);
    g_autofree guint8 *bytes = g_malloc(size);
    jd_vector_row(sink, values, bytes);
    fwrite(bytes, 1, size, sink->stream);
}

static gboolean npy_end(jd_vector_sink *sink)
{
    if (fseek(sink->stream, 0, SEEK_SET) == 0)
        npy_header(sink);
    return TRUE;
}

const jd_vector_format jd_vector_format_npy = {
    .ending = ".npy",
    .ids_beside = TRUE,
    .begin = npy_header,
    .add = npy_add,
    .end = npy_end,
};

/* ---- .jsonl ---- */

static void jsonl_add(jd_vector_sink *sink, const char *id, const float *values)
{
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    fprintf(sink->stream, "{\"id\":\"%s\",\"embedding\":[", id);
    for (int i = 0; i < sink->dimension; i++)
        /* Nine digits tell every float from its neighbours. */
        fprintf(sink->stream, "%s%s", i ? "," : "",
                g_ascii_formatd(number, sizeof number, "%.9g", (double)values[i]));
    fputs("]}\n", sink->stream);
}

const jd_vector_format jd_vector_format_jsonl = {.ending = ".jsonl", .add = jsonl_add};
