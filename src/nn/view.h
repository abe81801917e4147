/*
 * A view of a storage: how tensor files describe an array (offset and strides), checked and made
 * into a plain row-major tensor.
 */
#ifndef JD_NN_VIEW_H
#define JD_NN_VIEW_H

#include "nn/tensor.h"

typedef struct jd_view {
    jd_dtype dtype;
    int ndim;
    gint64 shape[JD_TENSOR_MAX_DIMS];
    gint64 stride[JD_TENSOR_MAX_DIMS]; /* elements between neighbours of a dimension */
    gint64 offset;                     /* of the first element in its storage, in elements */
    gboolean swapped;                  /* numbers are big-endian */
} jd_view;

/** Strides of an array without gaps: the last index fastest, or the first (`fortran`). FALSE where
 * the shape is negative somewhere or has more elements than fit 63 bits. */
gboolean jd_view_set_dense(jd_view *view, gboolean fortran);

/** Number of elements; FALSE where the shape is negative somewhere or the product overflows. */
gboolean jd_view_count(const jd_view *view, guint64 *count);

/** TRUE where every element lies within a storage of `elements`; else JD_ERROR_INVALID. */
gboolean jd_view_check(const jd_view *view, guint64 elements, GError **error);

/**
 * The view of `storage` as a tensor: sharing its bytes where they are contiguous, aligned and in
 * this machine's byte order, else a copy. `budget` is what copies may take in all, in bytes, and
 * shrinks; over it is JD_ERROR_LIMIT.
 */
jd_tensor *jd_view_to_tensor(const jd_view *view, GBytes *storage, guint64 *budget, GError **error);

#endif
