/* NumPy's .npy files, format 1.0 to 3.0 (numpy/lib/format.py documents it). */
#ifndef JD_NN_NPY_H
#define JD_NN_NPY_H

#include "nn/tensor.h"

/**
 * The array of a .npy file: f2, f4 or f8, either byte order, C or Fortran order. Other types are
 * JD_ERROR_UNSUPPORTED, a malformed header or a size that does not fit it JD_ERROR_INVALID.
 */
jd_tensor *jd_npy_load(GBytes *file, GError **error);

#endif
