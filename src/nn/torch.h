/*
 * PyTorch's checkpoint files: the zip format of torch.save since 1.6 and the older stream of
 * pickles.
 *
 * The pickle inside is interpreted by a small machine that knows the opcodes and the globals that
 * tensors need, and nothing else: any other is JD_ERROR_UNSUPPORTED, naming it. Nothing is
 * executed. Source: torch/serialization.py, torch/_utils.py (_rebuild_tensor_v2), Python's
 * pickletools.
 */
#ifndef JD_NN_TORCH_H
#define JD_NN_TORCH_H

#include "nn/tensor.h"

/**
 * All tensors of a checkpoint by name: char * -> jd_tensor *. A bare tensor has the name "". Nested
 * dicts join their keys with ".". Views honour storage offset and strides (copied where they are
 * not contiguous). Sizes that do not fit their storage are JD_ERROR_INVALID.
 */
GHashTable *jd_torch_load(GBytes *file, GError **error);

#endif
