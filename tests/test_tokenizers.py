"""Token ids equal to the reference library's, on generated texts. `make parity` does the same with many more."""
import json
import pathlib
import sys

import conftest
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent / "parity"))

import compare  # noqa: E402
import oracles  # noqa: E402
import texts  # noqa: E402

PROGRAM = conftest.BUILD / "jackdaw-test-tokenize"
CLIP = conftest.REFERENCE / "clip-vocab"
NAMES = ["bert-uncased", "bert-cased", "mpnet", "roberta", "gpt2", "modernbert", "llama-like", "xlm-roberta", "xlm-roberta-new",
         "siglip", "siglip-first", "unigram-bytes", "siglip2", "gemma", "gemma-across", "odd", "plain", "clip", "clip-plain"]
SOME = texts.texts(2, 1100)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokenizers")
    tokenizers = oracles.build(conftest.REFERENCE if CLIP.is_dir() else None)
    compare.save(tokenizers, folder)
    return folder, tokenizers


@pytest.mark.parametrize("name", NAMES)
def test_same_ids(built, name):
    folder, tokenizers = built
    if name not in tokenizers:
        pytest.skip("CLIP's vocabulary (../shared/reference/clip-vocab) is not there")
    some = compare.suited(name, SOME)
    different = compare.differences(PROGRAM, folder / name, tokenizers[name], some)
    different += compare.pair_differences(PROGRAM, folder / name, tokenizers[name], some[:200], 23)
    assert not different, f"{len(different)} differ; first: {different[0]!a}"


def test_the_texts_are_what_they_claim():
    assert sum(isinstance(t, bytes) for t in SOME) > 40
    assert any("\u200d" in t for t in SOME if isinstance(t, str))
    assert any("<s>" in t for t in SOME if isinstance(t, str))


def test_a_difference_is_found(built):
    """Another tokenizer on our side: the comparison must not pass."""
    folder, tokenizers = built
    assert compare.differences(PROGRAM, folder / "bert-cased", tokenizers["bert-uncased"], SOME[:100])


def test_clip_from_its_two_files(built, tmp_path):
    """vocab.json and merges.txt give what tokenizer.json gives."""
    folder, tokenizers = built
    if "clip" not in tokenizers:
        pytest.skip("CLIP's vocabulary (../shared/reference/clip-vocab) is not there")
    model = json.loads((folder / "clip" / "tokenizer.json").read_text())["model"]
    (tmp_path / "vocab.json").write_text(json.dumps(model["vocab"]))
    (tmp_path / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in model["merges"]), encoding="utf-8")
    different = compare.differences(PROGRAM, tmp_path, tokenizers["clip-plain"], SOME)
    assert not different, f"{len(different)} differ; first: {different[0]!a}"


def test_bert_from_its_lines(built, tmp_path):
    folder, tokenizers = built
    vocabulary = tokenizers["bert-uncased"].get_vocab()
    (tmp_path / "vocab.txt").write_text("".join(t + "\n" for t in sorted(vocabulary, key=vocabulary.get)), encoding="utf-8")
    different = compare.differences(PROGRAM, tmp_path, tokenizers["bert-uncased"], SOME)
    assert not different, f"{len(different)} differ; first: {different[0]!a}"
