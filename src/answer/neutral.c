#include "answer/neutral.h"

#include <string.h>

#define FULL_WIDTH_LESS "\xEF\xBC\x9C"
#define FULL_WIDTH_LEFT "\xEF\xBC\xBB"
#define FULL_WIDTH_RIGHT "\xEF\xBC\xBD"
#define FULL_WIDTH_BAR "\xEF\xBD\x9C"

static const char *const angle_names[] = {"s",           "unk",           "pad",
                                          "bos",         "eos",           "mask",
                                          "img",         "image",         "image_soft_token",
                                          "img_break",   "img_end",       "video",
                                          "audio",       "start_of_turn", "end_of_turn",
                                          "boi",         "eoi",           "start_of_image",
                                          "think",       "tool_call",     "tool_response",
                                          "system",      "user",          "assistant",
                                          "end_of_image"};
static const char *const angle_starts[] = {"start_", "end_", "image_", "unused", "__"};
static const char *const square_names[] = {
    "inst",       "img",          "img_break", "img_end", "system_prompt", "available_tools",
    "tool_calls", "tool_results", "prefix",    "suffix",  "middle",        "tool_content"};

static gboolean is_name(const char *text, gsize length, const char *const *names, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        if (strlen(names[i]) == length && !g_ascii_strncasecmp(text, names[i], length))
            return TRUE;
    }
    return FALSE;
}

static gboolean begins_with(const char *text, const char *const *starts, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        if (!g_ascii_strncasecmp(text, starts[i], strlen(starts[i])))
            return TRUE;
    }
    return FALSE;
}

/* Length of the run of name characters. */
static gsize name_length(const char *text)
{
    gsize n = 0;
    while (g_ascii_isalnum(text[n]) || text[n] == '_')
        n++;
    return n;
}

/* `text` is behind a '<'. */
static gboolean is_angle_token(const char *text)
{
    if (*text == '|' || g_str_has_prefix(text, FULL_WIDTH_BAR))
        return TRUE;
    if (!g_ascii_strncasecmp(text, "<sys>>", 6) || !g_ascii_strncasecmp(text, "</sys>>", 7))
        return TRUE;
    if (*text == '/')
        text++;
    gsize n = name_length(text);
    if (n == 0 || text[n] != '>')
        return FALSE;
    return is_name(text, n, angle_names, G_N_ELEMENTS(angle_names)) ||
           begins_with(text, angle_starts, G_N_ELEMENTS(angle_starts));
}

/* `text` is behind a '['. */
static gboolean is_square_token(const char *text)
{
    if (*text == '/')
        text++;
    gsize n = name_length(text);
    if (n == 3 && !g_ascii_strncasecmp(text, "img", 3) && text[3] == '-') {
        n = 4 + strspn(text + 4, "0123456789");
        return n > 4 && text[n] == ']';
    }
    return n > 0 && text[n] == ']' && is_name(text, n, square_names, G_N_ELEMENTS(square_names));
}

/* Length of "1]", "1, 2]" or "1-3]" behind a '[', 0 where it is none. */
static gsize number_list(const char *text)
{
    gsize n = strspn(text, "0123456789,- ");
    return n > 0 && g_ascii_isdigit(*text) && text[n] == ']' ? n + 1 : 0;
}

static gboolean is_code_before(const GString *out)
{
    char before = out->len > 0 ? out->str[out->len - 1] : ' ';
    return g_ascii_isalnum(before) || before == ']' || before == ')' || before == '_';
}

static char *neutralise(const char *text, gboolean numbers)
{
    GString *out = g_string_new(NULL);
    for (const char *p = text ? text : ""; *p; p++) {
        unsigned char c = (unsigned char)*p;
        gsize list = numbers && c == '[' && !is_code_before(out) ? number_list(p + 1) : 0;
        if (list > 0) {
            g_string_append(out, FULL_WIDTH_LEFT);
            g_string_append_len(out, p + 1, list - 1);
            g_string_append(out, FULL_WIDTH_RIGHT);
            p += list;
        } else if (c == '<' && is_angle_token(p + 1)) {
            g_string_append(out, FULL_WIDTH_LESS);
        } else if (c == '[' && is_square_token(p + 1)) {
            g_string_append(out, FULL_WIDTH_LEFT);
        } else if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7F) {
            g_string_append_c(out, ' ');
        } else {
            g_string_append_c(out, *p);
        }
    }
    return g_string_free(out, FALSE);
}

char *jd_neutral_text(const char *text)
{
    return neutralise(text, FALSE);
}

char *jd_neutral_passage(const char *text)
{
    return neutralise(text, TRUE);
}
