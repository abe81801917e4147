#include "base/error.h"
#include "base/limits.h"
#include "read/protocol.h"
#include "read/wire.h"

#include <string.h>

static gboolean append(const void *data, gsize size, void *user)
{
    g_byte_array_append(user, data, (guint)size);
    return TRUE;
}

static jd_document *sample_document(void)
{
    jd_document *document = jd_document_new();
    document->title = g_strdup("Jackdaws love my big sphinx of quartz");
    document->media_type = g_strdup("text/html");
    char *section[] = {(char *)"One", (char *)"Zwei — 三", NULL};
    jd_block *text = jd_document_add(document, JD_BLOCK_TABLE, section);
    text->text = g_strdup("a | b");
    text->start = 10;
    text->end = 20;
    text->page = 3;
    text->box[2] = 1.5f;
    jd_block *referred = jd_document_add(document, JD_BLOCK_PICTURE, NULL);
    referred->picture = jd_picture_new();
    referred->picture->source = g_strdup("a b*.png");
    jd_block *embedded = jd_document_add(document, JD_BLOCK_PICTURE, section);
    embedded->picture = jd_picture_new();
    guint8 *bytes = g_malloc0(100000);
    embedded->picture->bytes = g_bytes_new_take(bytes, 100000);
    embedded->picture->media_type = g_strdup("image/png");
    embedded->picture->width = 7;
    embedded->picture->height = 9;
    g_ptr_array_add(document->warnings, g_strdup("odd"));
    return document;
}

static GByteArray *encode_sample(void)
{
    g_autoptr(jd_document) document = sample_document();
    GByteArray *bytes = g_byte_array_new();
    jd_reply_encoder encoder;
    jd_reply_encoder_init(&encoder, append, bytes);
    g_assert_true(jd_reply_encode_document(&encoder, document));
    jd_reply_encoder_clear(&encoder);
    return bytes;
}

static jd_reply_decoder *document_decoder(void)
{
    return jd_reply_decoder_new(&(jd_reply_expected){.type = JD_RECORD_DOCUMENT, .file_size = 20});
}

static void test_document_round_trip(void)
{
    g_autoptr(GByteArray) bytes = encode_sample();
    const gsize steps[] = {1, 7, 4096, bytes->len};
    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_autoptr(jd_reply_decoder) decoder = document_decoder();
        g_autoptr(GError) error = NULL;
        for (gsize at = 0; at < bytes->len; at += steps[i]) {
            g_assert_null(jd_reply_decoder_result(decoder));
            jd_reply_decoder_feed(decoder, bytes->data + at, MIN(steps[i], bytes->len - at),
                                  &error);
            g_assert_no_error(error);
        }
        jd_document *document = jd_reply_decoder_result(decoder)->document;
        g_assert_cmpstr(document->title, ==, "Jackdaws love my big sphinx of quartz");
        g_assert_null(document->language);
        g_assert_cmpuint(document->blocks->len, ==, 3);
        jd_block *text = document->blocks->pdata[0];
        g_assert_cmpint(text->kind, ==, JD_BLOCK_TABLE);
        g_assert_cmpstr(text->section[1], ==, "Zwei — 三");
        g_assert_cmpint(text->start, ==, 10);
        g_assert_cmpint(text->page, ==, 3);
        g_assert_cmpfloat(text->box[2], ==, 1.5f);
        jd_block *referred = document->blocks->pdata[1];
        g_assert_cmpstr(referred->picture->source, ==, "a b*.png");
        g_assert_cmpint(referred->start, ==, -1);
        jd_block *embedded = document->blocks->pdata[2];
        g_assert_cmpuint(g_bytes_get_size(embedded->picture->bytes), ==, 100000);
        g_assert_cmpint(embedded->picture->height, ==, 9);
        g_assert_cmpstr(document->warnings->pdata[0], ==, "odd");
    }
}

/* Whatever is cut off, no answer comes of it; whatever is changed, nothing breaks. */
static void test_document_damaged(void)
{
    g_autoptr(GByteArray) bytes = encode_sample();
    for (gsize length = 0; length < bytes->len; length += length < 400 ? 1 : 9973) {
        g_autoptr(jd_reply_decoder) decoder = document_decoder();
        jd_reply_decoder_feed(decoder, bytes->data, length, NULL);
        g_assert_null(jd_reply_decoder_result(decoder));
    }
    guint refused = 0;
    for (gsize at = 0; at < 400; at++) {
        g_autoptr(jd_reply_decoder) decoder = document_decoder();
        bytes->data[at] ^= 0xFF;
        refused += !jd_reply_decoder_feed(decoder, bytes->data, bytes->len, NULL);
        bytes->data[at] ^= 0xFF;
    }
    g_assert_cmpuint(refused, >, 200);
}

static void expect_refusal(const GByteArray *bytes, const char *message)
{
    g_autoptr(jd_reply_decoder) decoder = document_decoder();
    g_autoptr(GError) error = NULL;
    g_assert_false(jd_reply_decoder_feed(decoder, bytes->data, bytes->len, &error));
    g_assert_nonnull(strstr(error->message, message));
}

static void put_record(GByteArray *out, jd_record_type type, const char *payload, gsize size)
{
    jd_wire_put_u32(out, (guint32)size);
    jd_wire_put_u32(out, type);
    g_byte_array_append(out, (const guint8 *)payload, (guint)size);
}

static void test_lies(void)
{
    g_autoptr(GByteArray) after_end = encode_sample();
    jd_wire_put_u8(after_end, 0);
    expect_refusal(after_end, "after the answer's end");

    g_autoptr(GByteArray) other = g_byte_array_new();
    put_record(other, JD_RECORD_PIXELS, "\1\0\0\0\1\0\0\0aaaa", 12);
    expect_refusal(other, "out of place");

    g_autoptr(GByteArray) block_first = g_byte_array_new();
    put_record(block_first, JD_RECORD_BLOCK, "", 0);
    expect_refusal(block_first, "out of place");

    g_autoptr(GByteArray) counts = encode_sample();
    counts->data[counts->len - 8]++;
    expect_refusal(counts, "its counts are not what came");

    g_autoptr(GByteArray) not_utf8 = g_byte_array_new();
    put_record(not_utf8, JD_RECORD_ERROR, "\2\0\0\0\1\0\0\0\xFF\xFF\xFF\xFF\xFF", 13);
    expect_refusal(not_utf8, "not UTF-8");

    g_autoptr(GByteArray) huge = g_byte_array_new();
    put_record(huge, JD_RECORD_ERROR, "\2\0\0\0\xFE\xFF\xFF\xFF", 8);
    expect_refusal(huge, "too long");
}

static void test_byte_range_outside_of_file(void)
{
    g_autoptr(GByteArray) bytes = encode_sample();
    g_autoptr(jd_reply_decoder) decoder =
        jd_reply_decoder_new(&(jd_reply_expected){.type = JD_RECORD_DOCUMENT, .file_size = 19});
    g_autoptr(GError) error = NULL;
    g_assert_false(jd_reply_decoder_feed(decoder, bytes->data, bytes->len, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_INVALID);
}

static void test_error_round_trip(void)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *endless = g_strnfill(2 * JD_LIMIT_MESSAGE_BYTES, 'x');
    g_autoptr(GError) sent = NULL;
    jd_set_error(&sent, JD_ERROR_UNSUPPORTED, "a hint", "%s", endless);
    jd_reply_encoder encoder;
    jd_reply_encoder_init(&encoder, append, bytes);
    g_assert_true(jd_reply_encode_error(&encoder, sent));
    jd_reply_encoder_clear(&encoder);
    g_autoptr(jd_reply_decoder) decoder = document_decoder();
    g_assert_true(jd_reply_decoder_feed(decoder, bytes->data, bytes->len, NULL));
    jd_reply *reply = jd_reply_decoder_result(decoder);
    g_assert_error(reply->error, JD_ERROR, JD_ERROR_UNSUPPORTED);
    g_assert_cmpstr(jd_error_hint(reply->error), ==, "a hint");
    g_assert_cmpuint(strlen(reply->error->message), ==, JD_LIMIT_MESSAGE_BYTES);
}

static void test_request_round_trip(void)
{
    g_auto(jd_request) sent = {.type = JD_RECORD_RENDER, .size = 30, .max_side = 1024};
    sent.pictures = jd_request_pictures_new();
    jd_request_picture first = {10, g_strdup("Picture 1")};
    jd_request_picture second = {20, NULL};
    g_array_append_val(sent.pictures, first);
    g_array_append_val(sent.pictures, second);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    jd_request_encode(&sent, bytes);
    g_auto(jd_request) got = {0};
    g_autoptr(GError) error = NULL;
    jd_request_decode(bytes->data, bytes->len, &got, &error);
    g_assert_no_error(error);
    g_assert_cmpint(got.max_side, ==, 1024);
    g_assert_cmpstr(g_array_index(got.pictures, jd_request_picture, 0).label, ==, "Picture 1");
    for (gsize length = 0; length < bytes->len; length++) {
        g_auto(jd_request) cut = {0};
        g_assert_false(jd_request_decode(bytes->data, length, &cut, NULL));
    }
}

static void test_long_name_is_cut(void)
{
    GString *name = g_string_new(NULL);
    while (name->len <= JD_LIMIT_NAME_BYTES)
        g_string_append(name, "äöü\xFF");
    g_auto(jd_request) sent = {.type = JD_RECORD_READ, .name = g_string_free(name, FALSE)};
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    jd_request_encode(&sent, bytes);
    g_auto(jd_request) got = {0};
    g_assert_true(jd_request_decode(bytes->data, bytes->len, &got, NULL));
    g_assert_cmpuint(strlen(got.name), <=, JD_LIMIT_NAME_BYTES);
    g_assert_cmpuint(strlen(got.name), >, JD_LIMIT_NAME_BYTES - 4);
}

/* ---- archives ---- */

static void test_entries_round_trip(void)
{
    g_autoptr(GPtrArray) sent = jd_archive_entries_new();
    g_ptr_array_add(sent, jd_archive_entry_new("m/config.json", 7));
    g_ptr_array_add(sent, jd_archive_entry_new("", 0));
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    jd_reply_encoder encoder;
    jd_reply_encoder_init(&encoder, append, bytes);
    g_assert_true(jd_reply_encode_entries(&encoder, sent));
    jd_reply_encoder_clear(&encoder);
    g_autoptr(jd_reply_decoder) decoder =
        jd_reply_decoder_new(&(jd_reply_expected){.type = JD_RECORD_ENTRIES});
    g_assert_true(jd_reply_decoder_feed(decoder, bytes->data, bytes->len, NULL));
    const GPtrArray *got = jd_reply_decoder_result(decoder)->entries;
    g_assert_cmpuint(got->len, ==, 2);
    g_assert_cmpstr(((const jd_archive_entry *)got->pdata[0])->name, ==, "m/config.json");
    g_assert_cmpuint(((const jd_archive_entry *)got->pdata[0])->size, ==, 7);
    g_assert_cmpstr(((const jd_archive_entry *)got->pdata[1])->name, ==, "");
}

enum { ENTRY_BYTES = 300000 };

/* An entry in two pieces of so many bytes in all, and, where `failure` is not NULL, that error. */
static GByteArray *encode_entry(gsize size, const GError *failure)
{
    g_autofree guint8 *data = g_malloc0(size);
    GByteArray *bytes = g_byte_array_new();
    jd_reply_encoder encoder;
    jd_reply_encoder_init(&encoder, append, bytes);
    jd_reply_encode_unpacked(&encoder, ENTRY_BYTES);
    jd_reply_encode_piece(&encoder, data, size / 2);
    jd_reply_encode_piece(&encoder, data, size - size / 2);
    if (failure)
        jd_reply_encode_error(&encoder, failure);
    else
        jd_reply_encode_unpacked_end(&encoder);
    jd_reply_encoder_clear(&encoder);
    return bytes;
}

static gboolean refuse(const void *data, gsize size, void *user)
{
    return FALSE;
}

static gboolean decode_entry(const GByteArray *bytes, jd_sink sink, GByteArray *got,
                             jd_reply *reply)
{
    const jd_reply_expected expected = {
        .type = JD_RECORD_UNPACKED, .entry_size = ENTRY_BYTES, .sink = sink, .user = got};
    g_autoptr(jd_reply_decoder) decoder = jd_reply_decoder_new(&expected);
    if (!jd_reply_decoder_feed(decoder, bytes->data, bytes->len, NULL))
        return FALSE;
    jd_reply *result = jd_reply_decoder_result(decoder);
    *reply = *result;
    *result = (jd_reply){0};
    return TRUE;
}

static void test_entry_in_pieces(void)
{
    g_autoptr(GByteArray) got = g_byte_array_new();
    g_autoptr(GByteArray) whole = encode_entry(ENTRY_BYTES, NULL);
    g_autoptr(GByteArray) shorter = encode_entry(ENTRY_BYTES - 1, NULL);
    g_autoptr(GByteArray) longer = encode_entry(ENTRY_BYTES + 1, NULL);
    jd_reply reply = {0};
    g_assert_true(decode_entry(whole, append, got, &reply));
    g_assert_true(reply.unpacked);
    g_assert_cmpuint(got->len, ==, ENTRY_BYTES);
    g_assert_false(decode_entry(shorter, append, got, &reply));
    g_assert_false(decode_entry(longer, append, got, &reply));
    g_assert_false(decode_entry(whole, refuse, got, &reply));
}

static void test_entry_that_fails_on_the_way(void)
{
    g_autoptr(GError) failure = NULL;
    jd_set_error(&failure, JD_ERROR_INVALID, NULL, "its sum is wrong");
    g_autoptr(GByteArray) got = g_byte_array_new();
    g_autoptr(GByteArray) bytes = encode_entry(ENTRY_BYTES, failure);
    jd_reply reply = {0};
    g_assert_true(decode_entry(bytes, append, got, &reply));
    g_assert_false(reply.unpacked);
    g_assert_cmpstr(reply.error->message, ==, "its sum is wrong");
    jd_reply_clear(&reply);
}

static void test_unpack_request(void)
{
    const jd_request sent = {.type = JD_RECORD_UNPACK, .size = 1ull << 40, .entry = 12};
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    jd_request_encode(&sent, bytes);
    g_auto(jd_request) got = {0};
    g_assert_true(jd_request_decode(bytes->data, bytes->len, &got, NULL));
    g_assert_cmpuint(got.size, ==, 1ull << 40);
    g_assert_cmpuint(got.entry, ==, 12);
    g_assert_false(jd_request_decode(bytes->data, bytes->len - 1, &got, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/read/protocol/document", test_document_round_trip);
    g_test_add_func("/read/protocol/damaged", test_document_damaged);
    g_test_add_func("/read/protocol/lies", test_lies);
    g_test_add_func("/read/protocol/byte-range", test_byte_range_outside_of_file);
    g_test_add_func("/read/protocol/error", test_error_round_trip);
    g_test_add_func("/read/protocol/request", test_request_round_trip);
    g_test_add_func("/read/protocol/long-name", test_long_name_is_cut);
    g_test_add_func("/read/protocol/entries", test_entries_round_trip);
    g_test_add_func("/read/protocol/entry", test_entry_in_pieces);
    g_test_add_func("/read/protocol/entry-fails", test_entry_that_fails_on_the_way);
    g_test_add_func("/read/protocol/unpack-request", test_unpack_request);
    return g_test_run();
}
