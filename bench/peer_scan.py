#!/usr/bin/env python3
"""The peers of vector search: numpy and faiss over the same vectors. peer_scan.py VECTORS.npy QUERIES.npy LIBRARY THREADS

Prints one JSON line: the least of some milliseconds for one query and for eight, the best 10 by dot product (the
vectors are of unit length). LIBRARY "reference" prints the best 10 in double precision, ties by row, for all queries.
"""

import json
import os
import sys
import time

SEVERAL, TOP, REPEATS = 8, 10, 7


def least(search, *arguments):
    search(*arguments)
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        search(*arguments)
        times.append((time.perf_counter() - start) * 1000)
    return round(min(times), 3)


def numpy_search(numpy, vectors, queries):
    scores = vectors @ queries.T
    best = numpy.argpartition(scores, -TOP, axis=0)[-TOP:]
    return numpy.take_along_axis(best, numpy.argsort(-numpy.take_along_axis(scores, best, axis=0), axis=0), axis=0)


def reference(numpy, vectors, queries):
    """Row by row in pieces, so that a million vectors fit."""
    scores = numpy.concatenate([
        numpy.stack([(piece * query).sum(axis=1) for query in queries.astype(float)], axis=1) / numpy.linalg.norm(piece, axis=1)[:, None]
        for piece in (vectors[at:at + 50_000].astype(float) for at in range(0, len(vectors), 50_000))])
    scores /= numpy.linalg.norm(queries.astype(float), axis=1)
    return [[[int(row) + 1, float(column[row])] for row in numpy.argsort(-column, kind="stable")[:TOP]] for column in scores.T]


def main():
    vectors_path, queries_path, library, threads = sys.argv[1:]
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = threads
    import numpy
    queries = numpy.load(queries_path)
    vectors = numpy.load(vectors_path, mmap_mode="r" if library != "numpy" else None)
    if library == "reference":
        print(json.dumps(reference(numpy, vectors, queries)))
        return
    if library == "faiss":
        import faiss
        faiss.omp_set_num_threads(int(threads))
        index = faiss.IndexFlatIP(vectors.shape[1])
        for at in range(0, len(vectors), 100_000):
            index.add(numpy.ascontiguousarray(vectors[at:at + 100_000]))
        search, version = (lambda some: index.search(some, TOP)), faiss.__version__
    else:
        search, version = (lambda some: numpy_search(numpy, vectors, some)), numpy.__version__
    print(json.dumps({"one_ms": least(search, queries[:1]), "several_ms": least(search, queries[:SEVERAL]), "version": version}))


if __name__ == "__main__":
    main()
