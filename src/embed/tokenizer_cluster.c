/* Grapheme clusters: UAX #29, section 3.1.1, rules GB3 to GB13. */
#include "embed/tokenizer_unicode.h"

/* What has to be remembered of the characters so far to decide on the next one. */
typedef struct cluster_state {
    jd_cluster_class last;
    gboolean picture;   /* a picture and marks (GB11) */
    gboolean consonant; /* a consonant and marks (GB9c) ... */
    gboolean linked;    /* ... with a linker among them */
    gboolean odd_flags; /* an odd number of regional indicators (GB12, GB13) */
} cluster_state;

static jd_cluster_class class_of(gunichar c)
{
    return jd_unicode_flags(c) >> JD_CHAR_CLUSTER_SHIFT;
}

static gboolean is_extend(jd_cluster_class class)
{
    return class == JD_CLUSTER_EXTEND || class == JD_CLUSTER_LINKER || class == JD_CLUSTER_LOOSE;
}

static gboolean is_control(jd_cluster_class class)
{
    return class >= JD_CLUSTER_CR && class <= JD_CLUSTER_CONTROL;
}

/* GB6 to GB8 */
static gboolean joins_hangul(jd_cluster_class before, jd_cluster_class after)
{
    switch (before) {
    case JD_CLUSTER_L:
        return after == JD_CLUSTER_L || after == JD_CLUSTER_V || after == JD_CLUSTER_LV ||
               after == JD_CLUSTER_LVT;
    case JD_CLUSTER_LV:
    case JD_CLUSTER_V:
        return after == JD_CLUSTER_V || after == JD_CLUSTER_T;
    case JD_CLUSTER_LVT:
    case JD_CLUSTER_T:
        return after == JD_CLUSTER_T;
    default:
        return FALSE;
    }
}

static gboolean joins(const cluster_state *state, jd_cluster_class after)
{
    if (state->last == JD_CLUSTER_CR && after == JD_CLUSTER_LF)
        return TRUE;
    if (is_control(state->last) || is_control(after))
        return FALSE;
    if (joins_hangul(state->last, after))
        return TRUE;
    if (is_extend(after) || after == JD_CLUSTER_ZWJ || after == JD_CLUSTER_SPACING ||
        state->last == JD_CLUSTER_PREPEND)
        return TRUE;
    if (after == JD_CLUSTER_CONSONANT)
        return state->consonant && state->linked;
    if (after == JD_CLUSTER_PICTURE)
        return state->picture && state->last == JD_CLUSTER_ZWJ;
    return after == JD_CLUSTER_FLAG && state->odd_flags;
}

static void take(cluster_state *state, jd_cluster_class class)
{
    const gboolean marks = is_extend(class) || class == JD_CLUSTER_ZWJ;
    /* Only marks may stand between the picture and the one ZWJ before the next. */
    state->picture =
        class == JD_CLUSTER_PICTURE || (state->picture && marks && state->last != JD_CLUSTER_ZWJ);
    state->linked = (state->linked && marks) || class == JD_CLUSTER_LINKER;
    state->consonant =
        class == JD_CLUSTER_CONSONANT || (state->consonant && marks && class != JD_CLUSTER_LOOSE);
    if (class == JD_CLUSTER_CONSONANT)
        state->linked = FALSE;
    state->odd_flags = class == JD_CLUSTER_FLAG && !state->odd_flags;
    state->last = class;
}

const char *jd_cluster_end(const char *text, const char *end)
{
    cluster_state state = {0};
    const char *p = text;
    take(&state, class_of(jd_utf8_next(&p)));
    while (p < end) {
        const char *next = p;
        jd_cluster_class after = class_of(jd_utf8_next(&next));
        if (!joins(&state, after))
            break;
        take(&state, after);
        p = next;
    }
    return p;
}
