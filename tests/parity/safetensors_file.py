"""Random weights from a seed, and the safetensors files that hold them; numpy alone."""
import json

import numpy as np

F32, F16, BF16 = "F32", "F16", "BF16"


def to_bytes(values, dtype):
    """The numbers in the file's own form; bf16 by cutting, which is exact enough for random numbers."""
    if dtype == F16:
        return values.astype("<f2").tobytes()
    if dtype == BF16:
        return (np.ascontiguousarray(values, dtype="<f4").view("<u4") >> 16).astype("<u2").tobytes()
    return np.ascontiguousarray(values, dtype="<f4").tobytes()


def write(path, tensors, dtype=F32):
    """Writes one file; `tensors` is name -> array."""
    header, blobs, at = {"__metadata__": {"format": "pt"}}, [], 0
    for name, values in tensors.items():
        blob = to_bytes(values, dtype)
        header[name] = {"dtype": dtype, "shape": list(values.shape), "data_offsets": [at, at + len(blob)]}
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.writelines(blobs)


def write_model(folder, tensors, dtype=F32, shards=1):
    """model.safetensors, or as many shards with their index."""
    if shards == 1:
        return write(folder / "model.safetensors", tensors, dtype)
    names, index = list(tensors), {}
    for shard in range(shards):
        file = f"model-{shard + 1:05}-of-{shards:05}.safetensors"
        part = names[shard::shards]
        write(folder / file, {name: tensors[name] for name in part}, dtype)
        index.update({name: file for name in part})
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": index}))


class Weights(dict):
    """Tensors by name, drawn from a seed. Whole numbers are drawn and then scaled, so that every machine gets the same."""

    def __init__(self, seed):
        super().__init__()
        self.random = np.random.RandomState(seed)

    def draw(self, shape, deviation):
        whole = self.random.randint(-32768, 32768, size=shape).astype(np.float32)
        return whole * np.float32(deviation * 3 ** .5 / 32768)

    def table(self, name, rows, columns, deviation=1.0):
        self[name] = self.draw((rows, columns), deviation)

    def linear(self, name, out, size, bias=True):
        """As large as keeps the numbers that come out as large as those that go in."""
        self[name + ".weight"] = self.draw((out, size), 1.2 / size ** .5)
        if bias:
            self[name + ".bias"] = self.draw((out,), .1)

    def norm(self, name, size, bias=True):
        self[name + ".weight"] = 1 + self.draw((size,), .1)
        if bias:
            self[name + ".bias"] = self.draw((size,), .1)
