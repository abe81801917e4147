#include "embed/tokenizer_text.h"

#include <string.h>

/* Second bytes that may follow a lead byte (Unicode 3.9, table 3-7); 0 where it is no lead. */
static guchar second_byte_range(guchar lead, guchar *last)
{
    *last = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    return lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
}

/* Length of the character at `s`, negative for an ill-formed part of that many bytes. */
static int sequence(const guchar *s, gsize left)
{
    if (s[0] < 0x80)
        return 1;
    guchar last;
    const guchar first = second_byte_range(s[0], &last);
    if (first == 0 || left < 2 || s[1] < first || s[1] > last)
        return -1;
    const int size = s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    for (int i = 2; i < size; i++)
        if ((gsize)i >= left || (s[i] & 0xC0) != 0x80)
            return -i;
    return size;
}

gsize jd_utf8_ascii(const char *text, gsize length)
{
    gsize at = 0;
    for (guint64 eight; length - at >= sizeof eight; at += sizeof eight) {
        memcpy(&eight, text + at, sizeof eight);
        if (eight & 0x8080808080808080ULL)
            break;
    }
    while (at < length && (guchar)text[at] < 0x80)
        at++;
    return at;
}

gsize jd_utf8_valid(const char *text, gsize length)
{
    for (gsize at = 0; at < length;) {
        at += jd_utf8_ascii(text + at, length - at);
        if (at == length)
            break;
        const int size = sequence((const guchar *)text + at, length - at);
        if (size < 0)
            return at;
        at += (gsize)size;
    }
    return length;
}

void jd_utf8_repair(const char *text, gsize length, GString *out)
{
    while (length > 0) {
        const gsize valid = jd_utf8_valid(text, length);
        g_string_append_len(out, text, (gssize)valid);
        text += valid;
        length -= valid;
        if (length == 0)
            break;
        const gsize bad = (gsize)-sequence((const guchar *)text, length);
        g_string_append_len(out, "\xEF\xBF\xBD", 3);
        text += bad;
        length -= bad;
    }
}

void jd_text_buffer_init(jd_text_buffer *buffer)
{
    *buffer = (jd_text_buffer){.now = g_string_new(NULL), .next = g_string_new(NULL)};
}

void jd_text_buffer_clear(jd_text_buffer *buffer)
{
    g_string_free(buffer->now, TRUE);
    g_string_free(buffer->next, TRUE);
}

void jd_text_buffer_swap(jd_text_buffer *buffer)
{
    GString *old = buffer->now;
    buffer->now = buffer->next;
    buffer->next = old;
    g_string_truncate(old, 0);
}

void jd_wordlist_init(jd_wordlist *words)
{
    *words = (jd_wordlist){
        .text = g_string_new(NULL),
        .next_text = g_string_new(NULL),
        .list = g_array_new(FALSE, FALSE, sizeof(jd_word)),
        .next_list = g_array_new(FALSE, FALSE, sizeof(jd_word)),
    };
}

void jd_wordlist_clear(jd_wordlist *words)
{
    g_string_free(words->text, TRUE);
    g_string_free(words->next_text, TRUE);
    g_array_unref(words->list);
    g_array_unref(words->next_list);
}

void jd_wordlist_set(jd_wordlist *words, const char *text, gsize length, gboolean origin)
{
    g_string_truncate(words->text, 0);
    g_string_append_len(words->text, text, (gssize)length);
    jd_wordlist_add(words, 0, length, origin);
    jd_wordlist_swap_list(words);
}

void jd_wordlist_add(jd_wordlist *words, gsize start, gsize length, gboolean origin)
{
    const jd_word word = {(guint32)start, (guint32)length, origin};
    g_array_append_val(words->next_list, word);
}

void jd_wordlist_swap_list(jd_wordlist *words)
{
    GArray *list = words->next_list;
    guint kept = 0;
    for (guint i = 0; i < list->len; i++) {
        const jd_word *word = &g_array_index(list, jd_word, i);
        if (word->length > 0)
            g_array_index(list, jd_word, kept++) = *word;
    }
    g_array_set_size(list, kept);
    words->next_list = words->list;
    words->list = list;
    g_array_set_size(words->next_list, 0);
}

void jd_wordlist_swap(jd_wordlist *words)
{
    GString *old = words->text;
    words->text = words->next_text;
    words->next_text = old;
    g_string_truncate(old, 0);
    jd_wordlist_swap_list(words);
}
