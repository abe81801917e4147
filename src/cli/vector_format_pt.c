/*
 * A tensor as torch.save() writes it: a zip file, nothing compressed, of the rows
 * ("archive/data/0"), a pickle that says what they are, and a version.
 *
 * Sources: torch/serialization.py and torch/_utils.py (_rebuild_tensor_v2), Python's pickletools,
 * and PKWARE's APPNOTE.TXT for zip.
 */
#include "cli/vector_format.h"

#include <string.h>

enum { LOCAL_HEADER = 30, DATA_START = 64 }; /* torch aligns the data so as well */

typedef struct zip_entry {
    const char *name;
    guint32 check, size, offset;
} zip_entry;

static guint32 crc32_add(guint32 crc, const guint8 *bytes, gsize size)
{
    crc = ~crc;
    for (gsize i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xEDB88320u & (0u - (crc & 1)));
    }
    return ~crc;
}

static void put16(GByteArray *out, guint value)
{
    guint8 bytes[] = {(guint8)value, (guint8)(value >> 8)};
    g_byte_array_append(out, bytes, sizeof bytes);
}

static void put32(GByteArray *out, guint32 value)
{
    put16(out, value & 0xFFFF);
    put16(out, value >> 16);
}

static void put_text(GByteArray *out, const char *text)
{
    g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text));
}

/* What the local and the central header share: from the version needed to the name's length. */
static void put_common(GByteArray *out, const zip_entry *entry)
{
    enum { VERSION = 20, MIDNIGHT = 0, FIRST_OF_1980 = 0x21 };
    put16(out, VERSION);
    put16(out, 0); /* flags */
    put16(out, 0); /* stored */
    put16(out, MIDNIGHT);
    put16(out, FIRST_OF_1980);
    put32(out, entry->check);
    put32(out, entry->size);
    put32(out, entry->size);
    put16(out, (guint)strlen(entry->name));
}

/* `padding`: zero bytes of an extra field, to align what follows. */
static void put_local_header(GByteArray *out, const zip_entry *entry, guint padding)
{
    static const guint8 zeros[DATA_START];
    put32(out, 0x04034b50);
    put_common(out, entry);
    put16(out, padding);
    put_text(out, entry->name);
    if (padding == 0)
        return;
    /* An extra field of an id that nobody uses, "FB" as torch has it, and its length. */
    put_text(out, "FB");
    put16(out, padding - 4);
    g_byte_array_append(out, zeros, padding - 4);
}

static void put_central_header(GByteArray *out, const zip_entry *entry)
{
    put32(out, 0x02014b50);
    put16(out, 20);
    put_common(out, entry);
    put16(out, 0); /* extra */
    put16(out, 0); /* comment */
    put16(out, 0); /* disk */
    put16(out, 0); /* internal attributes */
    put32(out, 0); /* external attributes */
    put32(out, entry->offset);
    put_text(out, entry->name);
}

static const char data_name[] = "archive/data/0";

static zip_entry data_entry(const jd_vector_sink *sink)
{
    guint32 size = (guint32)(sink->rows * (guint64)sink->dimension * sizeof(float));
    return (zip_entry){.name = data_name, .check = sink->check, .size = size};
}

static void write_data_header(jd_vector_sink *sink)
{
    zip_entry data = data_entry(sink);
    g_autoptr(GByteArray) out = g_byte_array_new();
    put_local_header(out, &data, DATA_START - LOCAL_HEADER - (guint)strlen(data_name));
    fwrite(out->data, 1, out->len, sink->stream);
}

static void add(jd_vector_sink *sink, const char *id, const float *values)
{
    gsize size = (gsize)sink->dimension * sizeof(float);
    g_autofree guint8 *bytes = g_malloc(size);
    jd_vector_row(sink, values, bytes);
    sink->check = crc32_add(sink->check, bytes, size);
    fwrite(bytes, 1, size, sink->stream);
}

static void pickle_text(GByteArray *out, const char *text)
{
    put_text(out, "X");
    put32(out, (guint32)strlen(text));
    put_text(out, text);
}

static void pickle_integer(GByteArray *out, gint32 value)
{
    put_text(out, "J");
    put32(out, (guint32)value);
}

/* _rebuild_tensor_v2(storage, 0, (rows, dimension), (dimension, 1), False, OrderedDict()) */
static GByteArray *make_pickle(const jd_vector_sink *sink)
{
    GByteArray *out = g_byte_array_new();
    gint32 rows = (gint32)sink->rows;
    put_text(out, "\x80\x02"
                  "ctorch._utils\n_rebuild_tensor_v2\n((");
    pickle_text(out, "storage");
    put_text(out, "ctorch\nFloatStorage\n");
    pickle_text(out, "0");
    pickle_text(out, "cpu");
    pickle_integer(out, rows * sink->dimension);
    put_text(out, "tQ");
    pickle_integer(out, 0);
    pickle_integer(out, rows);
    pickle_integer(out, sink->dimension);
    put_text(out, "\x86");
    pickle_integer(out, sink->dimension);
    pickle_integer(out, 1);
    put_text(out, "\x86\x89"
                  "ccollections\nOrderedDict\n)RtR.");
    return out;
}

/* A small entry, header and content, at the stream's end. */
static zip_entry write_entry(FILE *stream, const char *name, const guint8 *bytes, guint size)
{
    zip_entry entry = {.name = name,
                       .check = crc32_add(0, bytes, size),
                       .size = size,
                       .offset = (guint32)ftell(stream)};
    g_autoptr(GByteArray) out = g_byte_array_new();
    put_local_header(out, &entry, 0);
    g_byte_array_append(out, bytes, size);
    fwrite(out->data, 1, out->len, stream);
    return entry;
}

static void write_directory(FILE *stream, const zip_entry *entries, guint count)
{
    guint32 offset = (guint32)ftell(stream);
    g_autoptr(GByteArray) out = g_byte_array_new();
    for (guint i = 0; i < count; i++)
        put_central_header(out, &entries[i]);
    guint32 size = out->len;
    put32(out, 0x06054b50);
    put16(out, 0); /* disk */
    put16(out, 0); /* disk of the directory */
    put16(out, count);
    put16(out, count);
    put32(out, size);
    put32(out, offset);
    put16(out, 0); /* comment */
    fwrite(out->data, 1, out->len, stream);
}

static gboolean end(jd_vector_sink *sink)
{
    /* Sizes are 32 bits wide and numbers in the pickle are signed; the rest takes less than this.
     */
    if (sink->rows * (guint64)sink->dimension > G_MAXINT32 / sizeof(float))
        return FALSE;
    g_autoptr(GByteArray) pickle = make_pickle(sink);
    zip_entry what = write_entry(sink->stream, "archive/data.pkl", pickle->data, pickle->len);
    zip_entry version = write_entry(sink->stream, "archive/version", (const guint8 *)"3\n", 2);
    zip_entry entries[] = {data_entry(sink), what, version};
    write_directory(sink->stream, entries, G_N_ELEMENTS(entries));
    if (fseek(sink->stream, 0, SEEK_SET) == 0)
        write_data_header(sink);
    return TRUE;
}

const jd_vector_format jd_vector_format_pt = {
    .ending = ".pt",
    .ids_beside = TRUE,
    .begin = write_data_header,
    .add = add,
    .end = end,
};
