/* What the tests of the text formats share: a document written out to be compared at one glance. */
#ifndef JD_READ_WORKER_TEST_DUMP_H
#define JD_READ_WORKER_TEST_DUMP_H

#include "read/worker/format.h"

typedef jd_document *(*jd_read_fn)(const jd_format_input *input, GError **error);

/**
 * The document's blocks, one a line: a letter for the kind (P paragraph, L list, T table, C code,
 * Q quotation, I picture), the section path in brackets, the text; of a picture the source, alt
 * text and caption. Lines of a text after the first stand below it.
 */
char *test_dump_blocks(const jd_document *document);

/** One line with what is set of title, language, date, authors and base. */
char *test_dump_meta(const jd_document *document);

/** A case of a table of tests. */
typedef struct test_case {
    const char *name;
    const char *text;
    const char *expected;
} test_case;

/** Reads every case and compares its blocks; also that every byte range lies in the text. */
void test_read_cases(jd_read_fn read, const test_case *cases, gsize count);

/** As above for what the document says about itself. */
void test_meta_cases(jd_read_fn read, const test_case *cases, gsize count);

/** The document that `read` makes of a text, which must not fail. */
jd_document *test_read(jd_read_fn read, const char *text, gssize length);

#endif
