#include "read/worker/charset.h"

#include "base/error.h"

#include <errno.h>
#include <string.h>

enum {
    SNIFFED_BYTES = 8192,
    /* Of 100 bytes of text this many may be control characters that no text file needs. */
    CONTROL_PERCENT = 2,
    /* UTF-16 without a mark: of 100 characters so many must have a zero in the one half ... */
    UTF16_ZERO_PERCENT = 40,
    /* ... and at most so many in the other. */
    UTF16_STRAY_PERCENT = 5
};

static const char replacement[] = "\xEF\xBF\xBD";

/* Labels as browsers take them (the WHATWG Encoding standard: ISO 8859-1 means windows-1252). */
static const struct {
    const char *label, *converter;
} charsets[] = {
    {"utf-8", "UTF-8"},
    {"utf8", "UTF-8"},
    {"unicode-1-1-utf-8", "UTF-8"},
    {"utf-16", "UTF-16LE"},
    {"utf-16le", "UTF-16LE"},
    {"utf-16be", "UTF-16BE"},
    {"utf-32le", "UTF-32LE"},
    {"utf-32be", "UTF-32BE"},
    {"us-ascii", "WINDOWS-1252"},
    {"ascii", "WINDOWS-1252"},
    {"iso-8859-1", "WINDOWS-1252"},
    {"iso8859-1", "WINDOWS-1252"},
    {"iso_8859-1", "WINDOWS-1252"},
    {"latin1", "WINDOWS-1252"},
    {"windows-1252", "WINDOWS-1252"},
    {"cp1252", "WINDOWS-1252"},
    {"x-cp1252", "WINDOWS-1252"},
    {"iso-8859-2", "ISO-8859-2"},
    {"latin2", "ISO-8859-2"},
    {"iso-8859-5", "ISO-8859-5"},
    {"iso-8859-7", "ISO-8859-7"},
    {"iso-8859-9", "WINDOWS-1254"},
    {"latin5", "WINDOWS-1254"},
    {"iso-8859-15", "ISO-8859-15"},
    {"latin-9", "ISO-8859-15"},
    {"windows-1250", "WINDOWS-1250"},
    {"cp1250", "WINDOWS-1250"},
    {"windows-1251", "WINDOWS-1251"},
    {"cp1251", "WINDOWS-1251"},
    {"windows-1253", "WINDOWS-1253"},
    {"windows-1254", "WINDOWS-1254"},
    {"windows-1255", "WINDOWS-1255"},
    {"windows-1256", "WINDOWS-1256"},
    {"windows-1257", "WINDOWS-1257"},
    {"koi8-r", "KOI8-R"},
    {"koi8-u", "KOI8-U"},
    {"shift_jis", "CP932"},
    {"shift-jis", "CP932"},
    {"sjis", "CP932"},
    {"x-sjis", "CP932"},
    {"windows-31j", "CP932"},
    {"euc-jp", "EUC-JP"},
    {"x-euc-jp", "EUC-JP"},
    {"iso-2022-jp", "ISO-2022-JP"},
    {"gb2312", "GB18030"},
    {"gbk", "GB18030"},
    {"x-gbk", "GB18030"},
    {"gb18030", "GB18030"},
    {"big5", "BIG5-HKSCS"},
    {"big5-hkscs", "BIG5-HKSCS"},
    {"x-x-big5", "BIG5-HKSCS"},
    {"euc-kr", "CP949"},
    {"ks_c_5601-1987", "CP949"},
    {"windows-949", "CP949"},
};

/** NULL where the system has no such converter. */
static GIConv open_converter(const char *charset)
{
    GIConv converter = g_iconv_open("UTF-8", charset);
    return converter == (GIConv)-1 ? NULL : converter; /* NOLINT(performance-no-int-to-ptr) */
}

static void close_converter(gpointer converter)
{
    g_iconv_close(converter);
}

void jd_charset_warm_up(void)
{
    /* Kept open for the life of the process: closing a converter would unload its module. */
    GPtrArray *open = g_ptr_array_new_with_free_func(close_converter);
    for (gsize i = 0; i < G_N_ELEMENTS(charsets); i++) {
        if (i > 0 && strcmp(charsets[i].converter, charsets[i - 1].converter) == 0)
            continue;
        GIConv converter = open_converter(charsets[i].converter);
        if (converter)
            g_ptr_array_add(open, converter);
    }
    g_dataset_set_data_full(charsets, "converters", open, (GDestroyNotify)g_ptr_array_unref);
}

const char *jd_charset_find(const char *label, gsize length)
{
    for (gsize i = 0; i < G_N_ELEMENTS(charsets); i++)
        if (strlen(charsets[i].label) == length &&
            g_ascii_strncasecmp(charsets[i].label, label, length) == 0)
            return charsets[i].converter;
    return NULL;
}

static const char *utf16_without_mark(const char *data, gsize size)
{
    gsize pairs = MIN(size, SNIFFED_BYTES) / 2;
    if (pairs == 0 || size % 2 != 0 || !memchr(data, 0, 2 * pairs))
        return NULL;
    gsize first = 0;
    gsize second = 0;
    for (gsize i = 0; i < pairs; i++) {
        first += data[2 * i] == 0;
        second += data[2 * i + 1] == 0;
    }
    if (second * 100 >= pairs * UTF16_ZERO_PERCENT && first * 100 <= pairs * UTF16_STRAY_PERCENT)
        return "UTF-16LE";
    if (first * 100 >= pairs * UTF16_ZERO_PERCENT && second * 100 <= pairs * UTF16_STRAY_PERCENT)
        return "UTF-16BE";
    return NULL;
}

const char *jd_charset_told(const char *data, gsize size, gsize *mark)
{
    /* UTF-32's little-endian mark begins with UTF-16's. */
    static const struct {
        const char *bytes;
        gsize length;
        const char *converter;
    } marks[] = {{"\xEF\xBB\xBF", 3, "UTF-8"},
                 {"\xFF\xFE\0\0", 4, "UTF-32LE"},
                 {"\0\0\xFE\xFF", 4, "UTF-32BE"},
                 {"\xFF\xFE", 2, "UTF-16LE"},
                 {"\xFE\xFF", 2, "UTF-16BE"}};
    for (gsize i = 0; i < G_N_ELEMENTS(marks); i++)
        if (size >= marks[i].length && memcmp(data, marks[i].bytes, marks[i].length) == 0) {
            *mark = marks[i].length;
            return marks[i].converter;
        }
    *mark = 0;
    return utf16_without_mark(data, size);
}

gboolean jd_charset_is_utf8(const char *text, gsize size, const char **bad)
{
    const char *end = text + size;
    const char *stop;
    while (!g_utf8_validate(text, end - text, &stop)) {
        if (*stop != '\0') {
            *bad = stop;
            return FALSE;
        }
        text = stop + 1;
    }
    return TRUE;
}

/* None of white space, escape, which begins the colours of a log, and backspace, which overstrikes
 * in manual pages. Written so that a compiler does many at once. */
static inline guint8 is_odd_control(guchar c)
{
    const guint8 control = c < 0x20;
    const guint8 blank = (guchar)(c - '\b') <= '\r' - '\b';
    const guint8 escape = c == 0x1B;
    const guint8 delete = c == 0x7F;
    return (guint8)((control & !(blank | escape)) | delete);
}

gboolean jd_charset_is_text(const char *data, gsize size)
{
    gsize mark;
    const char *told = jd_charset_told(data, size, &mark);
    if (told && strcmp(told, "UTF-8") != 0)
        return TRUE;
    gsize sniffed = MIN(size, SNIFFED_BYTES);
    if (memchr(data, 0, sniffed))
        return FALSE;
    gsize controls = 0;
    for (gsize i = 0; i < sniffed; i++)
        controls += is_odd_control((guchar)data[i]);
    return controls * 100 <= sniffed * CONTROL_PERCENT;
}

/* A growing output of g_iconv(). */
typedef struct sink {
    char *data;
    gsize length, capacity;
} sink;

static gboolean sink_reserve(sink *out, gsize more, GError **error)
{
    if (out->capacity - out->length >= more)
        return TRUE;
    gsize capacity = out->capacity + out->capacity / 2 + more;
    char *data = g_try_realloc(out->data, capacity);
    if (!data) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL,
                     "no memory for a text of %" G_GSIZE_FORMAT " bytes", capacity);
        return FALSE;
    }
    out->data = data;
    out->capacity = capacity;
    return TRUE;
}

static gboolean convert(GIConv converter, const jd_format_input *input, sink *out, gsize *errors,
                        GError **error)
{
    char *in = (char *)input->data;
    gsize left = input->size;
    while (left > 0) {
        if (!sink_reserve(out, 64, error))
            return FALSE;
        char *to = out->data + out->length;
        gsize room = out->capacity - out->length;
        gsize done = g_iconv(converter, &in, &left, &to, &room);
        int failure = errno;
        out->length = to - out->data;
        if (done != (gsize)-1)
            break;
        if (failure == E2BIG) {
            if (!sink_reserve(out, room + 64 + left, error))
                return FALSE;
            continue;
        }
        /* A byte that does not belong here, or an end in mid-character. */
        if (!sink_reserve(out, 3, error))
            return FALSE;
        memcpy(out->data + out->length, replacement, 3);
        out->length += 3;
        (*errors)++;
        if (failure != EILSEQ)
            break;
        in++;
        left--;
    }
    return TRUE;
}

gboolean jd_decoded_init_from(jd_decoded *decoded, const jd_format_input *input,
                              const char *charset, gsize *errors, GError **error)
{
    GIConv converter = open_converter(charset);
    if (!converter) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED,
                     "convert the file to UTF-8, for example with iconv",
                     "this system cannot convert from %s", charset);
        return FALSE;
    }
    sink out = {0};
    gsize bad = 0;
    gboolean done = sink_reserve(&out, input->size + input->size / 4 + 64, error) &&
                    convert(converter, input, &out, &bad, error);
    g_iconv_close(converter);
    if (!done) {
        g_free(out.data);
        return FALSE;
    }
    *decoded = (jd_decoded){.text = out.data, .size = out.length, .offset = -1, .owned = out.data};
    if (errors)
        *errors = bad;
    return TRUE;
}

static gboolean not_text(const jd_format_input *input, GError **error)
{
    const char *zero = memchr(input->data, 0, input->size);
    if (zero)
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                     "the file is binary data, not text: a zero byte at offset %" G_GSIZE_FORMAT,
                     (gsize)(zero - input->data));
    else
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                     "the file is binary data, not text: it is full of control characters");
    return FALSE;
}

gboolean jd_decoded_init(jd_decoded *decoded, const jd_format_input *input, GError **error)
{
    gsize mark;
    const char *told = jd_charset_told(input->data, input->size, &mark);
    jd_format_input rest = {.data = input->data + mark, .size = input->size - mark};
    if (told && strcmp(told, "UTF-8") != 0) {
        gsize errors = 0;
        if (!jd_decoded_init_from(decoded, &rest, told, &errors, error))
            return FALSE;
        /* Zeros or nonsense all over: it only looked like text. */
        if (errors * 100 <= decoded->size && !memchr(decoded->text, 0, decoded->size))
            return TRUE;
        jd_decoded_clear(decoded);
        jd_set_error(error, JD_ERROR_INVALID, NULL, "the file begins like %s text, but is none",
                     told);
        return FALSE;
    }
    if (memchr(rest.data, 0, rest.size) || !jd_charset_is_text(rest.data, rest.size))
        return not_text(input, error);
    const char *bad;
    if (!jd_charset_is_utf8(rest.data, rest.size, &bad)) {
        jd_set_error(error, JD_ERROR_INVALID,
                     "convert it to UTF-8, for example: iconv -f WINDOWS-1252 -t UTF-8",
                     "the file is neither UTF-8 nor UTF-16 or UTF-32 text: byte 0x%02X at offset "
                     "%" G_GSIZE_FORMAT " belongs to some other encoding",
                     (guchar)*bad, (gsize)(bad - input->data));
        return FALSE;
    }
    *decoded = (jd_decoded){.text = rest.data, .size = rest.size, .offset = (gint64)mark};
    return TRUE;
}

void jd_decoded_clear(jd_decoded *decoded)
{
    g_free(decoded->owned);
    *decoded = (jd_decoded){.offset = -1};
}
