#include "answer/talk.h"

#include "base/limits.h"

#include <string.h>

#define THINK_OPEN "<think>"
#define THINK_CLOSE "</think>"

enum { AT_START, THINKING, TALKING };

void jd_talk_init(jd_talk *talk, void (*on_text)(const char *piece, void *user), void *user)
{
    *talk = (jd_talk){
        .text = g_string_new(NULL), .head = g_string_new(NULL), .on_text = on_text, .user = user};
}

void jd_talk_clear(jd_talk *talk)
{
    if (talk->text) {
        g_string_free(talk->text, TRUE);
        g_string_free(talk->head, TRUE);
    }
    *talk = (jd_talk){0};
}

/* C0, DEL, and C1 as UTF-8 has it (C2 80 to C2 9F). */
static void append_clean(GString *out, const char *piece, gsize length)
{
    for (gsize i = 0; i < length; i++) {
        unsigned char c = (unsigned char)piece[i];
        gboolean c1 = c == 0xC2 && i + 1 < length && (unsigned char)piece[i + 1] < 0xA0;
        if (c1)
            i++;
        else if ((c >= ' ' && c != 0x7F) || c == '\n' || c == '\t')
            g_string_append_c(out, (char)c);
    }
}

static gboolean say(jd_talk *talk, const char *piece, gsize length)
{
    g_autoptr(GString) clean = g_string_new(NULL);
    append_clean(clean, piece, length);
    gsize skip = talk->text->len > 0 ? 0 : strspn(clean->str, " \n\t");
    gsize rest = clean->len - skip;
    if (rest == 0)
        return TRUE;
    if (rest > (gsize)JD_LIMIT_SERVER_ANSWER_BYTES - talk->text->len)
        return FALSE;
    g_string_append_len(talk->text, clean->str + skip, (gssize)rest);
    if (talk->on_text)
        talk->on_text(clean->str + skip, talk->user);
    return TRUE;
}

/* Looks at what is held back; TRUE where talk has begun and `head` is part of it. */
static gboolean head_is_talk(jd_talk *talk)
{
    GString *head = talk->head;
    if (talk->state == AT_START) {
        g_string_erase(head, 0, (gssize)strspn(head->str, " \r\n\t"));
        if (g_str_has_prefix(head->str, THINK_OPEN))
            talk->state = THINKING;
        else if (!g_str_has_prefix(THINK_OPEN, head->str))
            return TRUE;
    }
    if (talk->state != THINKING)
        return FALSE;
    const char *close = strstr(head->str, THINK_CLOSE);
    if (close) {
        g_string_erase(head, 0, close + strlen(THINK_CLOSE) - head->str);
        return TRUE;
    }
    /* Only what may be the beginning of the closing mark needs keeping. */
    if (head->len > strlen(THINK_CLOSE))
        g_string_erase(head, 0, (gssize)(head->len - strlen(THINK_CLOSE)));
    return FALSE;
}

gboolean jd_talk_add(jd_talk *talk, const char *piece, gsize length)
{
    talk->begun |= length > 0;
    if (talk->state == TALKING)
        return say(talk, piece, length);
    if (length > (gsize)JD_LIMIT_SERVER_ANSWER_BYTES - talk->head->len)
        return FALSE;
    append_clean(talk->head, piece, length);
    if (!head_is_talk(talk))
        return TRUE;
    talk->state = TALKING;
    return say(talk, talk->head->str, talk->head->len);
}

void jd_talk_end(jd_talk *talk)
{
    if (talk->state == AT_START)
        say(talk, talk->head->str, talk->head->len);
    talk->state = TALKING;
}
