#!/usr/bin/env python3
"""Writes a knowledge base in the article's form, for measuring its search: make_article.py DIR [--texts N] [--images M]

Makes text_content.json, image_content.json, text_embeddings.pt, image_embeddings.pt, images/ and query.json, which
`jackdaw import-article` and `jackdaw search --profile article --query-embedding` take. The .pt files are written
by hand as torch.save writes them, because a few bytes of format are no reason to install PyTorch.
The vectors lie around a common mean and in clusters, as CLIP's do, and the query is not of unit length: the
article multiplies CLIP's raw text projection.
"""

import argparse
import json
import struct
import zlib
from pathlib import Path

import numpy

from make_corpus import make_picture

SEED = 512
DIMENSION = 512
QUERY_LENGTH = 9.0


def pickle_int(value):
    """The shortest pickle opcode of a non-negative integer, as Python's pickler chooses it."""
    if value < 1 << 8:
        return b"K" + struct.pack("<B", value)
    if value < 1 << 16:
        return b"M" + struct.pack("<H", value)
    return b"J" + struct.pack("<i", value)


def tensor_pickle(rows, columns):
    """The protocol 2 pickle of one contiguous float32 tensor, opcode for opcode as torch.save writes it."""
    unicode = lambda words: b"X" + struct.pack("<I", len(words)) + words
    put = lambda index: b"q" + bytes([index])
    return b"".join((
        b"\x80\x02", b"ctorch._utils\n_rebuild_tensor_v2\n", put(0), b"(",
        b"(", unicode(b"storage"), put(1), b"ctorch\nFloatStorage\n", put(2), unicode(b"0"), put(3), unicode(b"cpu"), put(4),
        pickle_int(rows * columns), b"t", put(5), b"Q",                       # the storage: BINPERSID of that tuple
        pickle_int(0), pickle_int(rows), pickle_int(columns), b"\x86", put(6),   # offset and shape
        pickle_int(columns), pickle_int(1), b"\x86", put(7),                     # strides
        b"\x89", b"ccollections\nOrderedDict\n", put(8), b")R", put(9),   # no gradient, no hooks
        b"t", put(10), b"R", put(11), b"."))


class TorchZip:
    """A zip archive of stored entries whose data begins at multiples of 64 bytes, padded by an extra field "FB"."""

    def __init__(self, path):
        self.file, self.directory, self.name = open(path, "wb"), [], Path(path).stem

    def add(self, entry, *parts):
        name, offset = f"{self.name}/{entry}".encode(), self.file.tell()
        checksum, size = 0, 0
        for part in parts:
            checksum, size = zlib.crc32(part, checksum), size + memoryview(part).nbytes
        fields = struct.pack("<HHHHHIII", 0, 0x0808, 0, 0, 0, checksum, size, size)
        padding = -(offset + 30 + len(name) + 4) % 64
        extra = b"FB" + struct.pack("<H", padding) + b"Z" * padding
        # Like torch: flag bit 3 says that sizes follow in a data descriptor, so the header itself holds none.
        self.file.write(b"PK\x03\x04" + fields[:10] + bytes(12) + struct.pack("<HH", len(name), len(extra)) + name + extra)
        for part in parts:
            self.file.write(part)
        self.file.write(b"PK\x07\x08" + struct.pack("<III", checksum, size, size))
        self.directory.append(b"PK\x01\x02" + struct.pack("<H", 0) + fields +
                              struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, offset) + name)

    def close(self):
        start = self.file.tell()
        for record in self.directory:
            self.file.write(record)
        count = len(self.directory)
        self.file.write(b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, self.file.tell() - start, start, 0))
        self.file.close()


def save_tensor(path, array):
    """Writes a float32 matrix as torch.save(tensor, path) would."""
    archive = TorchZip(path)
    archive.add("data.pkl", tensor_pickle(*array.shape))
    archive.add("byteorder", b"little")
    archive.add("data/0", memoryview(numpy.ascontiguousarray(array, dtype="<f4")).cast("B"))
    archive.add("version", b"3\n")
    archive.close()


def unit_vectors(rng, count):
    """Unit vectors in 64 clusters around a common mean."""
    mean = rng.standard_normal(DIMENSION, dtype=numpy.float32)
    centres = mean + 0.7 * rng.standard_normal((64, DIMENSION), dtype=numpy.float32)
    vectors = rng.standard_normal((count, DIMENSION), dtype=numpy.float32)
    vectors += centres[rng.integers(0, 64, count)]
    return vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)


def make_article(folder, texts, images):
    folder = Path(folder)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    rng = numpy.random.default_rng(SEED)
    vectors = unit_vectors(rng, texts)
    # A dozen items stand near the query by falling degrees: else a softmax over 100,000 leaves nothing to be found.
    rows = numpy.linspace(0, texts - 1, 12, dtype=int)
    near = vectors[rows[0]] + numpy.linspace(0.3, 0.45, 12, dtype=numpy.float32)[:, None] * unit_vectors(rng, 12)
    vectors[rows] = near / numpy.linalg.norm(near, axis=1, keepdims=True)
    save_tensor(folder / "text_embeddings.pt", vectors)
    query = near.mean(axis=0)
    query *= QUERY_LENGTH / numpy.linalg.norm(query)
    (folder / "query.json").write_text(json.dumps([float(x) for x in query]))
    (folder / "text_content.json").write_text(json.dumps(
        [{"article_title": f"Article {n // 50}", "section": f"Section {n // 5}", "text": f"Item {n} of the measured collection."}
         for n in range(texts)]))
    names = [f"picture{n:02}.{'jpg' if n % 4 == 3 else 'png'}" for n in range(16)]
    for number, name in enumerate(names):
        make_picture(number, folder / "images" / name)
    save_tensor(folder / "image_embeddings.pt", unit_vectors(rng, images))
    (folder / "image_content.json").write_text(json.dumps(
        [{"article_title": f"Article {n // 4}", "section": f"Section {n}", "image_path": f"images/{names[n % 16]}",
          "caption": f"Picture {n} of the measured collection"} for n in range(images)]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--images", type=int, default=1_000)
    options = parser.parse_args()
    make_article(options.folder, options.texts, options.images)


if __name__ == "__main__":
    main()
