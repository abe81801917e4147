#!/usr/bin/env python3
"""The peer of the article's search: numpy and torch over the same vectors. peer_article.py DIR

Does what the article's program does for one question: dot products of the raw query with all unit vectors, softmax
with the temperature .25, threshold .01, the best 15. DIR comes from make_article.py. Each library runs in a process
of its own with one thread and with two, since their thread pools are fixed once they are loaded.
Prints one JSON line: median milliseconds, and the result, computed in double precision, to check others against.
"""

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
import zipfile
from pathlib import Path

TEMPERATURE, THRESHOLD, TOP = 0.25, 0.01, 15
REPEATS = 30
DIMENSION = 512


def load(folder):
    """The vectors straight out of the .pt file (one stored entry of raw numbers), and the query."""
    import numpy
    with zipfile.ZipFile(Path(folder) / "text_embeddings.pt") as archive:
        vectors = numpy.frombuffer(archive.read("text_embeddings/data/0"), dtype="<f4").reshape(-1, DIMENSION)
    query = numpy.array(json.loads((Path(folder) / "query.json").read_text()), dtype=numpy.float32)
    return vectors, query


def numpy_search(vectors, query):
    import numpy
    scores = vectors @ query / TEMPERATURE
    scores = numpy.exp(scores - scores.max())
    scores /= scores.sum()
    best = numpy.argpartition(scores, -TOP)[-TOP:]
    best = best[numpy.argsort(-scores[best], kind="stable")]
    return [(int(row), float(scores[row])) for row in best if scores[row] >= THRESHOLD]


def torch_search(vectors, query):
    import torch
    scores = torch.softmax(torch.matmul(vectors, query) / TEMPERATURE, dim=0)
    best = torch.topk(scores, TOP)
    keep = best.values >= THRESHOLD
    return list(zip(best.indices[keep].tolist(), best.values[keep].tolist()))


def worker(library, threads, folder):
    """Median time of one library in this process."""
    vectors, query = load(folder)
    search = numpy_search
    if library == "torch":
        import torch
        torch.set_num_threads(threads)
        own = torch.load(Path(folder) / "text_embeddings.pt", weights_only=True)   # also proves the file's form
        vectors, query, search = own, torch.from_numpy(query), torch_search
    search(vectors, query)
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        search(vectors, query)
        times.append((time.perf_counter() - start) * 1000)
    module = sys.modules[library]
    return {"median_ms": round(statistics.median(times), 3), "version": module.__version__}


def reference(folder):
    """The result in double precision: rows, probabilities and the ranking below the threshold too."""
    import numpy
    vectors, query = load(folder)
    scores = vectors.astype(numpy.float64) @ query.astype(numpy.float64) / TEMPERATURE
    scores = numpy.exp(scores - scores.max())
    scores /= scores.sum()
    best = numpy.argsort(-scores, kind="stable")[:TOP]
    return [[int(row), float(scores[row])] for row in best]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--worker", choices=("numpy", "torch"), help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, default=1, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        print(json.dumps(worker(options.worker, options.threads, options.folder)))
        return
    results = {"peer": "article", "top": reference(options.folder)}
    for library in ("numpy", "torch"):
        if importlib.util.find_spec(library) is None:
            results[library] = "absent"
            continue
        results[library] = {}
        for threads in (1, 2):
            variables = {name: str(threads) for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}
            done = subprocess.run([sys.executable, __file__, options.folder, "--worker", library, "--threads", str(threads)],
                                  env={**os.environ, **variables}, capture_output=True, text=True)
            results[library][f"{threads} threads"] = (json.loads(done.stdout) if done.returncode == 0
                                                      else {"failed": done.stderr.strip().splitlines()[-1:]})
    print(json.dumps(results))


if __name__ == "__main__":
    main()
