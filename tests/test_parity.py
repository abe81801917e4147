"""Encoders give what the reference libraries give: on checkpoints with random weights, of every family and of odd sizes.

What is expected was computed by tests/parity/compute_expected.py; `make parity` computes it anew, and on models of real sizes.
"""
import json
import sys

import pytest

from conftest import ROOT

sys.path.insert(0, str(ROOT / "tests" / "parity"))

import check  # noqa: E402  (needs the path above)
import make_checkpoints  # noqa: E402

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
