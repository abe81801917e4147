#include "nn/view.h"

#include "base/error.h"

#include <string.h>

gboolean jd_view_count(const jd_view *view, guint64 *count)
{
    guint64 product = 1;
    gboolean empty = FALSE;
    for (int i = 0; i < view->ndim; i++) {
        if (view->shape[i] < 0)
            return FALSE;
        if (view->shape[i] == 0)
            empty = TRUE;
        else if (!g_uint64_checked_mul(&product, product, (guint64)view->shape[i]) ||
                 product > G_MAXINT64)
            return FALSE;
    }
    *count = empty ? 0 : product;
    return TRUE;
}

gboolean jd_view_set_dense(jd_view *view, gboolean fortran)
{
    guint64 count;
    if (!jd_view_count(view, &count))
        return FALSE;
    gint64 stride = 1;
    for (int n = 0; n < view->ndim; n++) {
        int i = fortran ? n : view->ndim - 1 - n;
        view->stride[i] = stride;
        /* Cannot overflow: without the zero dimensions the product was checked above. */
        stride *= MAX(view->shape[i], 1);
    }
    return TRUE;
}

/* The index of the last element, overflow-checked. The view is not empty. */
static gboolean last_index(const jd_view *view, guint64 *last)
{
    *last = (guint64)view->offset;
    for (int i = 0; i < view->ndim; i++) {
        guint64 reach;
        if (view->stride[i] < 0 ||
            !g_uint64_checked_mul(&reach, (guint64)view->shape[i] - 1, (guint64)view->stride[i]) ||
            !g_uint64_checked_add(last, *last, reach))
            return FALSE;
    }
    return TRUE;
}

gboolean jd_view_check(const jd_view *view, guint64 elements, GError **error)
{
    guint64 count, last = 0;
    if (!jd_view_count(view, &count) || view->offset < 0) {
        jd_set_error(error, JD_ERROR_INVALID, NULL, "a tensor has an impossible shape or offset");
        return FALSE;
    }
    if (count == 0)
        return TRUE;
    if (!last_index(view, &last) || last >= elements) {
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "a tensor of %" G_GUINT64_FORMAT
                     " elements reaches beyond its storage of %" G_GUINT64_FORMAT,
                     count, elements);
        return FALSE;
    }
    return TRUE;
}

static gboolean is_contiguous(const jd_view *view)
{
    gint64 expected = 1;
    for (int i = view->ndim - 1; i >= 0; i--) {
        if (view->shape[i] != 1 && view->stride[i] != expected)
            return FALSE;
        expected *= view->shape[i];
    }
    return TRUE;
}

static void copy_element(guint8 *to, const guint8 *from, gsize size, gboolean swapped)
{
    if (!swapped) {
        memcpy(to, from, size);
        return;
    }
    for (gsize i = 0; i < size; i++)
        to[i] = from[size - 1 - i];
}

/* Walks the view in row-major order with one counter for each dimension. The view is not empty. */
static void copy_view(guint8 *to, const guint8 *base, const jd_view *view, guint64 count)
{
    gsize size = jd_dtype_size(view->dtype);
    gint64 index[JD_TENSOR_MAX_DIMS] = {0};
    /* Unsigned: it wraps harmlessly where a dimension of one element has a huge stride. */
    guint64 position = (guint64)view->offset;
    for (guint64 n = 0; n < count; n++) {
        copy_element(to + n * size, base + position * size, size, view->swapped);
        for (int i = view->ndim - 1; i >= 0; i--) {
            position += (guint64)view->stride[i];
            if (++index[i] < view->shape[i])
                break;
            position -= (guint64)view->stride[i] * (guint64)view->shape[i];
            index[i] = 0;
        }
    }
}

static GBytes *copy_of_view(const jd_view *view, const guint8 *base, guint64 count, GError **error)
{
    gsize bytes = (gsize)count * jd_dtype_size(view->dtype);
    guint8 *copy = g_try_malloc(bytes);
    if (!copy) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "no memory for a tensor of %zu bytes", bytes);
        return NULL;
    }
    copy_view(copy, base, view, count);
    return g_bytes_new_take(copy, bytes);
}

static gboolean spend(guint64 *budget, guint64 count, gsize size, GError **error)
{
    guint64 bytes;
    if (!g_uint64_checked_mul(&bytes, count, size) || bytes > *budget || bytes > G_MAXSSIZE) {
        jd_set_error(error, JD_ERROR_LIMIT, "save a contiguous copy: tensor.contiguous().clone()",
                     "a tensor of %" G_GUINT64_FORMAT
                     " elements repeats a small storage too often to be copied",
                     count);
        return FALSE;
    }
    *budget -= bytes;
    return TRUE;
}

jd_tensor *jd_view_to_tensor(const jd_view *view, GBytes *storage, guint64 *budget, GError **error)
{
    gsize size = jd_dtype_size(view->dtype), available;
    const guint8 *base = g_bytes_get_data(storage, &available);
    guint64 count;
    if (!jd_view_check(view, available / size, error) || !jd_view_count(view, &count))
        return NULL;
    const guint8 *first = count > 0 ? base + (gsize)view->offset * size : NULL;
    g_autoptr(GBytes) owner = NULL;
    if (count == 0 || (!view->swapped && is_contiguous(view) && (guintptr)first % size == 0)) {
        owner = g_bytes_ref(storage);
    } else {
        if (!spend(budget, count, size, error))
            return NULL;
        owner = copy_of_view(view, base, count, error);
        if (!owner)
            return NULL;
        first = g_bytes_get_data(owner, NULL);
    }
    jd_tensor *tensor = g_new0(jd_tensor, 1);
    tensor->dtype = view->dtype;
    tensor->ndim = view->ndim;
    memcpy(tensor->shape, view->shape, sizeof tensor->shape);
    tensor->count = (gsize)count;
    tensor->data = first;
    tensor->owner = g_steal_pointer(&owner);
    return tensor;
}
