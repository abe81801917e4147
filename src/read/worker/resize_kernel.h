/* The weights of a resize, and the inner loops that apply them. */
#ifndef JD_READ_WORKER_RESIZE_KERNEL_H
#define JD_READ_WORKER_RESIZE_KERNEL_H

#include "read/prepare.h"

/* Pillow's fixed point: 8 bits of a colour and 2 to spare for the weights' overshoot. */
#define JD_RESIZE_PRECISION 22
#define JD_RESIZE_HALF (1 << (JD_RESIZE_PRECISION - 1))

/* A weight in two parts that fit into 16 bits: high * 2^11 + low, with 0 <= low < 2^11. */
#define JD_RESIZE_LOW_BITS 11

/** For each output column or row: which input ones, and how much of each. */
typedef struct jd_kernel {
    int count; /* of outputs */
    int taps;  /* inputs of one output, at most */
    int *first;
    int *used;
    gint32 *weights; /* `taps` for each output */
    /* The same in parts, for whole groups of four inputs: four low parts, four high parts; taps / 4
     * groups for each output. */
    gint16 *split;
} jd_kernel;

/** A side that goes from `in` to `out` pixels, of which the outputs from `start` on are wanted. */
typedef struct jd_kernel_side {
    int in, out;
    int start, count;
    jd_resample resample;
} jd_kernel_side;

/** FALSE where memory runs out; to be cleared in any case. */
gboolean jd_kernel_init(jd_kernel *kernel, const jd_kernel_side *side);
void jd_kernel_clear(jd_kernel *kernel);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_kernel, jd_kernel_clear)

/** The loops of the best instruction set that this CPU has; all give the same bits. */
typedef struct jd_resize_filters {
    /** A row of RGBA pixels, all outputs of the kernel. */
    void (*row)(const jd_kernel *kernel, const guint8 *in, guint8 *out);
    /** Output row `y`, `stride` bytes, from rows that lie one after the other; `in` is the first
     * that it needs. */
    void (*column)(const jd_kernel *kernel, int y, const guint8 *in, gsize stride, guint8 *out);
} jd_resize_filters;

jd_resize_filters jd_resize_filters_best(void);
/** Those that run everywhere, for comparison. */
jd_resize_filters jd_resize_filters_portable(void);

#endif
