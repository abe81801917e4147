#include "read/worker/declared.h"

#include <stdlib.h>
#include <string.h>

static gboolean is_date(int year, int month, int day)
{
    return year >= 1000 && year <= 9999 && month > 0 && day > 0 &&
           g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year);
}

static int digits(const char *text, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        if (!g_ascii_isdigit(text[i]))
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

/** Length of a time with zone ("15:02:12.635Z", "10:00 +0100") at `text`, 0 for none. */
static gsize time_length(const char *text)
{
    if (digits(text, 2) < 0 || text[2] != ':')
        return 0;
    gsize length = strspn(text, "0123456789:.,");
    if (text[length] == 'Z' || text[length] == 'z')
        return length + 1;
    const char *zone = text + length + (text[length] == ' ');
    if (*zone != '+' && *zone != '-')
        return length;
    return zone - text + 1 + strspn(zone + 1, "0123456789:");
}

/** "2024-11-29" with "-", "/" or "." between, and what may follow it. */
static char *from_numbers(const char *text)
{
    int year = digits(text, 4);
    if (year < 0)
        return NULL;
    gboolean dense = g_ascii_isdigit(text[4]);
    if (!dense && (text[4] == '\0' || !strchr("-/.", text[4])))
        return NULL;
    const char *p = text + 4 + !dense;
    int month = digits(p, 2);
    if (month < 0 || (!dense && p[2] != text[4]))
        return NULL;
    p += 2 + !dense;
    int day = digits(p, 2);
    if (day < 0 || g_ascii_isdigit(p[2]) || !is_date(year, month, day))
        return NULL;
    p += 2;
    g_autofree char *date = g_strdup_printf("%04d-%02d-%02d", year, month, day);
    gsize time = *p == 'T' || *p == 't' || *p == ' ' ? time_length(p + 1) : 0;
    if (time == 0)
        return g_steal_pointer(&date);
    g_autofree char *rest = g_strndup(p + 1, time);
    g_auto(GStrv) parts = g_strsplit(rest, " ", -1);
    g_autofree char *dense_rest = g_strjoinv("", parts);
    return g_strconcat(date, "T", dense_rest, NULL);
}

/** 1 to 12 for an English month's name or its first three letters. */
static int month_of(const char *word)
{
    static const char *const names[] = {"january",   "february", "march",    "april",
                                        "may",       "june",     "july",     "august",
                                        "september", "october",  "november", "december"};
    gsize length = strlen(word);
    if (length < 3)
        return 0;
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (length <= strlen(names[i]) && g_ascii_strncasecmp(word, names[i], length) == 0)
            return (int)i + 1;
    return 0;
}

/** "November 29, 2024", "29 Nov 2024", "Fri, 29 Nov 2024 ...": a month's name with a day and a year
 * beside it. */
static char *from_words(const char *text)
{
    g_auto(GStrv) words = g_strsplit_set(text, " ,.\t\n", 16);
    int found[3] = {0}; /* day, month, year */
    for (char **word = words; *word; word++) {
        int month = month_of(*word);
        int number = g_ascii_isdigit(**word) ? atoi(*word) : 0;
        if (month && !found[1])
            found[1] = month;
        else if (number >= 1000 && number <= 9999 && strlen(*word) == 4 && !found[2])
            found[2] = number;
        else if (number >= 1 && number <= 31 && !strchr(*word, ':') && !found[0])
            found[0] = number;
    }
    if (!is_date(found[2], found[1], found[0]))
        return NULL;
    return g_strdup_printf("%04d-%02d-%02d", found[2], found[1], found[0]);
}

char *jd_declared_date(const char *text)
{
    text += strspn(text, " \t\r\n");
    if (!g_utf8_validate(text, -1, NULL) || strlen(text) > 80)
        return NULL;
    char *date = from_numbers(text);
    return date ? date : from_words(text);
}

char *jd_declared_language(const char *tag)
{
    if (!tag || !g_ascii_isalpha(tag[0]) || !g_ascii_isalpha(tag[1]) || g_ascii_isalnum(tag[2]))
        return NULL;
    return g_ascii_strdown(tag, 2);
}

void jd_declare(char **field, char *value)
{
    if (!*field && value && *value)
        *field = value;
    else
        g_free(value);
}
