#include "embed/tokenizer_forms.h"

#include "embed/tokenizer_unicode.h"

#include <string.h>

typedef struct letter {
    gunichar c;
    guint32 class; /* canonical combining class; 0: a starter */
} letter;

static gboolean is_compatible(jd_form form)
{
    return form == JD_FORM_NFKC || form == JD_FORM_NFKD;
}

static gboolean composes(jd_form form)
{
    return form == JD_FORM_NFC || form == JD_FORM_NFKC;
}

/* The flags of which a character has none where the form leaves it alone. */
static const guint32 ACTIVE[] = {
    [JD_FORM_NFC] = JD_CHAR_CLASS | JD_CHAR_NFC,
    [JD_FORM_NFD] = JD_CHAR_CLASS | JD_CHAR_NFD,
    [JD_FORM_NFKC] = JD_CHAR_CLASS | JD_CHAR_NFC | JD_CHAR_NFKD,
    [JD_FORM_NFKD] = JD_CHAR_CLASS | JD_CHAR_NFKD,
};

static gboolean is_active(guint32 flags, guint32 wanted)
{
    return (flags & wanted) && !(flags & JD_CHAR_UNKNOWN);
}

/* The first character from `p` on that the form may change, or `end`. */
static const char *next_active(const char *p, const char *end, guint32 wanted)
{
    for (;;) {
        p += jd_utf8_ascii(p, (gsize)(end - p));
        if (p == end)
            return end;
        const char *start = p;
        if (is_active(jd_unicode_flags(jd_utf8_next(&p)), wanted))
            return start;
    }
}

static void decompose(gunichar c, gboolean compatible, GArray *letters)
{
    gunichar parts[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];
    const gsize count = g_unichar_fully_decompose(c, compatible, parts, G_N_ELEMENTS(parts));
    for (gsize i = 0; i < count; i++) {
        const letter l = {parts[i], (guint32)g_unichar_combining_class(parts[i])};
        g_array_append_val(letters, l);
    }
}

/* Stable sort of a run of marks by class: by insertion where it is short, else by counting. */
static void order_marks(letter *marks, guint count, GArray *spare)
{
    if (count <= 16) {
        for (guint i = 1; i < count; i++) {
            const letter mark = marks[i];
            guint j = i;
            for (; j > 0 && marks[j - 1].class > mark.class; j--)
                marks[j] = marks[j - 1];
            marks[j] = mark;
        }
        return;
    }
    guint place[257] = {0};
    for (guint i = 0; i < count; i++)
        place[(marks[i].class & 0xFF) + 1]++;
    for (guint i = 1; i < 257; i++)
        place[i] += place[i - 1];
    g_array_set_size(spare, count);
    for (guint i = 0; i < count; i++)
        g_array_index(spare, letter, place[marks[i].class & 0xFF]++) = marks[i];
    memcpy(marks, spare->data, count * sizeof *marks);
}

static void order(GArray *letters, GArray *spare)
{
    letter *all = (letter *)(gpointer)letters->data;
    for (guint i = 0; i < letters->len;) {
        guint end = i;
        while (end < letters->len && all[end].class != 0)
            end++;
        if (end > i + 1)
            order_marks(all + i, end - i, spare);
        i = MAX(end, i + 1);
    }
}

/* UAX #15, D117: a letter joins the last starter unless something between the two blocks it. */
static void compose(GArray *letters)
{
    letter *all = (letter *)(gpointer)letters->data;
    guint kept = 0;
    gint64 starter = -1;
    for (guint i = 0; i < letters->len; i++) {
        const letter l = all[i];
        const gboolean adjacent = starter >= 0 && (guint)starter + 1 == kept;
        gunichar joined;
        if (starter >= 0 && (adjacent || all[kept - 1].class < l.class) &&
            g_unichar_compose(all[starter].c, l.c, &joined)) {
            all[starter].c = joined;
            continue;
        }
        if (l.class == 0)
            starter = kept;
        all[kept++] = l;
    }
    g_array_set_size(letters, kept);
}

static void append_letters(GString *out, const GArray *letters)
{
    for (guint i = 0; i < letters->len; i++)
        g_string_append_unichar(out, g_array_index(letters, letter, i).c);
}

void jd_form_apply(jd_form form, jd_text_buffer *buffer)
{
    const guint32 wanted = ACTIVE[form];
    const char *p = buffer->now->str;
    const char *end = p + buffer->now->len;
    const char *active = next_active(p, end, wanted);
    if (active == end)
        return;
    g_autoptr(GArray) letters = g_array_new(FALSE, FALSE, sizeof(letter));
    g_autoptr(GArray) spare = g_array_new(FALSE, FALSE, sizeof(letter));
    for (; active < end; active = next_active(p, end, wanted)) {
        /* A mark may join the character before it, which is no active one. */
        const char *start = active;
        if (composes(form) && active > p) {
            const char *before = jd_utf8_previous(active);
            const char *q = before;
            if (!(jd_unicode_flags(jd_utf8_next(&q)) & JD_CHAR_UNKNOWN))
                start = before;
        }
        g_string_append_len(buffer->next, p, start - p);
        g_array_set_size(letters, 0);
        p = start;
        while (p < end) {
            const char *q = p;
            const gunichar c = jd_utf8_next(&q);
            if (p >= active && !is_active(jd_unicode_flags(c), wanted))
                break;
            decompose(c, is_compatible(form), letters);
            p = q;
        }
        order(letters, spare);
        if (composes(form))
            compose(letters);
        append_letters(buffer->next, letters);
    }
    g_string_append_len(buffer->next, p, end - p);
    jd_text_buffer_swap(buffer);
}
