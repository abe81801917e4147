/*
 * Open knowledge bases for reading, for calls to borrow: a jd_kb is used by one thread at a time,
 * and opening one for every request would cost more than most requests.
 *
 * All share their encoders and their readers, which are loaded once. A base that was replaced on
 * disk is noticed, and opened anew.
 */
#ifndef JD_SERVER_BASES_H
#define JD_SERVER_BASES_H

#include <jackdaw.h>

typedef struct jd_bases jd_bases;

/** Opens the base in `path` for reading: it must be there. */
jd_bases *jd_bases_new(const char *path, const jd_kb_options *options, GError **error);
/** All must have been given back. */
void jd_bases_free(jd_bases *bases);

/** Where the base is. */
const char *jd_bases_path(const jd_bases *bases);

/** One more, which is the caller's. */
jd_kb *jd_bases_open(jd_bases *bases, jd_kb_mode mode, GError **error);

/** Borrows an open base. */
jd_kb *jd_bases_take(jd_bases *bases, GError **error);
void jd_bases_give(jd_bases *bases, jd_kb *kb);

/** A base that is given back at the end of the scope. */
typedef struct jd_borrowed {
    jd_bases *bases;
    jd_kb *kb; /* NULL: none could be opened */
} jd_borrowed;

static inline jd_borrowed jd_bases_borrow(jd_bases *bases, GError **error)
{
    return (jd_borrowed){bases, jd_bases_take(bases, error)};
}

static inline void jd_borrowed_clear(jd_borrowed *borrowed)
{
    if (borrowed->kb)
        jd_bases_give(borrowed->bases, borrowed->kb);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_borrowed, jd_borrowed_clear)

#endif
