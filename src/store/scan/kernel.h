/*
 * Products of an int16 query with rows of int8 codes: where the time of a scan goes.
 *
 * Sixteen bits for the query cost nothing where memory is the limit, and make its own rounding too
 * small to matter (code.h). Sums are exact: the caller keeps them below 2^31.
 */
#ifndef JD_STORE_SCAN_KERNEL_H
#define JD_STORE_SCAN_KERNEL_H

#include <glib.h>

/** The length of rows, and of the query, is a multiple of this; what is left over is zeros. */
#define JD_SCAN_STEP 64

/** Codes that stand one after another: `rows` rows of `stride` codes, 64-byte aligned. */
typedef struct jd_scan_codes {
    const gint8 *codes;
    gsize stride, rows;
} jd_scan_codes;

/** dots[r] = sum of query[i] * codes[r * stride + i]; the query is 64-byte aligned. */
typedef void (*jd_scan_dots_fn)(const jd_scan_codes *codes, const gint16 *query, gint32 *dots);

typedef struct jd_scan_kernel {
    const char *name; /* "avx2" */
    jd_scan_dots_fn dots;
    gboolean (*supported)(void); /* by this processor */
} jd_scan_kernel;

/** All that this build has, fastest first; the last runs everywhere. */
const jd_scan_kernel *jd_scan_kernels(gsize *n);

/** The first that this processor supports. */
const jd_scan_kernel *jd_scan_kernel_best(void);

#endif
