"""Runs `jackdaw encode` on a model of make_checkpoints.py and compares with what was expected of it."""
import json

import numpy as np
from PIL import Image

import make_checkpoints
import samples

TOLERANCE = 2e-5  # of unit vectors and of scores between 0 and 1, in f32
COSINES = {"auto": 0.9995, "int8": 0.99}  # of vectors to those in f32, at least


def unit(vectors):
    vectors = np.asarray(vectors, dtype=np.float64)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def lines_of(kind, folder):
    """What `encode` is asked for, so that its answers stand beside the expected rows of that kind."""
    if kind == "scores":
        return [{"query": query, "text": text} for query, text in samples.PAIRS]
    if kind == "texts":
        return [{"text": text} for text in samples.TEXTS]
    if kind == "pictures":
        paths = make_checkpoints.make_pictures(folder.parent / "pictures")
        for path in paths:
            Image.fromarray(np.load(path)).save(path.with_suffix(".png"))
        return [{"image": str(path.with_suffix(".png"))} for path in paths]
    return [{"text": text, "prompt": kind.removeprefix("prompt:")} for text in samples.TEXTS[:3]]


def answers(run, folder, lines, *options):
    """`run` takes arguments and standard input and returns standard output."""
    text = "".join(json.dumps({"id": n, **line}) + "\n" for n, line in enumerate(lines))
    rows = [json.loads(row) for row in run("encode", "--model", str(folder), *options, stdin=text.encode()).splitlines()]
    assert [row["id"] for row in rows] == list(range(len(lines)))
    return [row["embedding"] if "embedding" in row else [row["score"]] for row in rows]


def compare(run, folder, expected):
    """Yields (kind, largest difference in f32, {dtype: smallest cosine}; scores have no cosines)."""
    for kind, rows in expected.items():
        lines = lines_of(kind, folder)
        got = answers(run, folder, lines, "--dtype", "f32")
        rough = {dtype: answers(run, folder, lines, "--dtype", dtype) for dtype in COSINES}
        if kind == "scores":
            rows = np.asarray(rows, dtype=np.float64).reshape(-1, 1)
            yield kind, np.abs(np.asarray(got) - rows).max(), {}
            continue
        raw = answers(run, folder, lines, "--dtype", "f32", "--raw")
        assert np.abs(unit(raw) - np.asarray(got)).max() < 1e-6
        yield kind, np.abs(np.asarray(got) - unit(rows)).max(), {
            dtype: (unit(vectors) * unit(rows)).sum(axis=1).min() for dtype, vectors in rough.items()}
