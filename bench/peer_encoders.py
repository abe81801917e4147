#!/usr/bin/env python3
"""One contender of bench/encoders: a peer that runs the same model on the same input: peer_encoders.py ENGINE FOLDER THREADS WORK

Speaks the protocol of encoders.c, except that the first line holds token ids, {"ids":[[...]]}, all of one length (nothing is
padded), or {"pictures":COUNT}. ENGINE: torch-f32, torch-bf16, torch-int8 (dynamic), onnx-f32, onnx-int8 (dynamic), openvino
(its own choice of numbers), openvino-f32. Exported models are kept under WORK.
"""
import json
import os
import pathlib
import sys
import time
import warnings

ENGINE, FOLDER, THREADS, WORK = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), pathlib.Path(sys.argv[4])
os.environ["OMP_NUM_THREADS"] = str(THREADS)
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402  (after the number of threads)


def torch_model(kind):
    """A module that takes ids or pixels and gives vectors that are not normalised."""
    import torch
    from transformers import AutoModel

    class Texts(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = AutoModel.from_pretrained(FOLDER, dtype=torch.float32).eval()
            self.clip = hasattr(self.model, "text_model")
            if self.clip:
                self.model.vision_model = None

        def forward(self, ids):
            if self.clip:
                return self.model.text_projection(self.model.text_model(input_ids=ids).pooler_output)
            return self.model(input_ids=ids).last_hidden_state.mean(1)

    class Pictures(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = AutoModel.from_pretrained(FOLDER, dtype=torch.float32).eval()
            self.model.text_model = None

        def forward(self, pixels):
            return self.model.visual_projection(self.model.vision_model(pixel_values=pixels).pooler_output)

    return (Texts if kind == "texts" else Pictures)()


def make_input(first):
    """(kind, array): pictures are encoders.c's, the same numbers from the same seed."""
    if "ids" in first:
        return "texts", np.array(first["ids"], np.int64)
    spec = json.loads((FOLDER / "preprocessor_config.json").read_text("utf-8"))
    side = spec["crop_size"]["height"]
    state, values = 1, np.empty(side * side * 3, np.uint8)
    for i in range(len(values)):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        values[i] = state >> 24
    picture = values.reshape(side, side, 3).astype(np.float64) / 255
    picture = ((picture - spec["image_mean"]) / spec["image_std"]).astype(np.float32).transpose(2, 0, 1)
    return "pictures", np.repeat(picture[None], first["pictures"], axis=0)


def load_torch(kind, numbers):
    import torch
    torch.set_num_threads(THREADS)
    torch.set_grad_enabled(False)
    model = torch_model(kind)
    if numbers == "bf16":
        model = model.to(torch.bfloat16)
    elif numbers == "int8":
        model = torch.ao.quantization.quantize_dynamic(model, {torch.nn.Linear}, dtype=torch.qint8)

    def run(array):
        given = torch.from_numpy(array)
        if numbers == "bf16" and given.is_floating_point():
            given = given.bfloat16()
        return model(given).float().numpy()
    return run


def exported(kind, array, quantised):
    """The path of the ONNX file, made on first use."""
    path = WORK / f"{FOLDER.name}-{kind}-{'x'.join(map(str, array.shape))}.onnx"
    if not path.exists():
        import torch
        torch.onnx.export(torch_model(kind), (torch.from_numpy(array),), str(path), dynamo=False, opset_version=17,
                          input_names=["x"], output_names=["y"])
    if quantised:
        small = path.with_suffix(".int8.onnx")
        if not small.exists():
            from onnxruntime.quantization import QuantType, quantize_dynamic
            quantize_dynamic(str(path), str(small), weight_type=QuantType.QInt8)
        path = small
    return str(path)


def load_onnx(kind, array, numbers):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = THREADS, 1
    session = onnxruntime.InferenceSession(exported(kind, array, numbers == "int8"), options, providers=["CPUExecutionProvider"])
    return lambda given: session.run(None, {"x": given})[0]


def load_openvino(kind, array, numbers):
    import openvino
    core = openvino.Core()
    settings = {"INFERENCE_NUM_THREADS": THREADS, "PERFORMANCE_HINT": "LATENCY"}
    if numbers == "f32":
        settings["INFERENCE_PRECISION_HINT"] = "f32"
    model = core.compile_model(exported(kind, array, False), "CPU", settings)
    return lambda given: model(given)[0]


def main():
    kind, array = make_input(json.loads(sys.stdin.readline()))
    start = time.perf_counter()
    engine, _, numbers = ENGINE.partition("-")
    if engine == "torch":
        run = load_torch(kind, numbers)
    else:
        run = (load_onnx if engine == "onnx" else load_openvino)(kind, array, numbers)
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # nothing that a library prints stands among the answers
    print(json.dumps({"load_ms": (time.perf_counter() - start) * 1e3}), file=out, flush=True)
    for line in sys.stdin:
        start, cpu = time.perf_counter(), time.process_time()
        vectors = run(array)
        spent = {"ms": (time.perf_counter() - start) * 1e3, "cpu_ms": (time.process_time() - cpu) * 1e3}
        print(json.dumps({"vectors": vectors.tolist()} if line.startswith("vectors") else spent), file=out, flush=True)


if __name__ == "__main__":
    main()
