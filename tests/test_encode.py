"""jackdaw encode and jackdaw rerank: lines in, lines out; what is wrong is named."""
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from conftest import ROOT

sys.path.insert(0, str(ROOT / "tests" / "parity"))

import make_checkpoints  # noqa: E402  (needs the path above)


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def bert(models, tmp_path):
    """A copy to damage."""
    return shutil.copytree(make_checkpoints.make("bert-mean", models), tmp_path / "bert")


def encode(jackdaw, model, *lines, options=(), **kwargs):
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    return jackdaw.run("encode", "--model", model, "--dtype", "f32", *options, stdin=text.encode("utf-8", "surrogateescape"), **kwargs)


def rows(result):
    assert result.status == 0, result.err
    return [json.loads(line) for line in result.out.splitlines()]


def test_order_and_ids(jackdaw, bert):
    texts = [f"cat {'dog ' * (n % 7)}" for n in range(150)]
    got = rows(encode(jackdaw, bert, *({"id": f"n{n}", "text": text} for n, text in enumerate(texts))))
    assert [row["id"] for row in got] == [f"n{n}" for n in range(150)]
    assert np.allclose(got[1]["embedding"], got[8]["embedding"], atol=1e-6)
    assert not np.allclose(got[1]["embedding"], got[2]["embedding"], atol=1e-2)


def test_a_line_without_id_gets_its_number(jackdaw, bert):
    assert [row["id"] for row in rows(encode(jackdaw, bert, {"text": "a"}, "", {"text": "b"}))] == [1, 3]


def test_texts_and_pictures_together(jackdaw, models, tmp_path):
    clip = make_checkpoints.make("clip", models)
    Image.new("RGB", (50, 40), (200, 10, 10)).save(tmp_path / "red.png")
    got = rows(encode(jackdaw, clip, {"id": 1, "image": str(tmp_path / "red.png")}, {"id": 2, "text": "a cat"},
                      {"id": 3, "image": str(tmp_path / "red.png")}))
    assert [len(row["embedding"]) for row in got] == [41] * 3
    assert got[0]["embedding"] == got[2]["embedding"] != got[1]["embedding"]


def test_answers_come_before_the_next_line_is_there(jackdaw, bert):
    """A program that writes a line and waits for its answer is not left waiting."""
    with subprocess.Popen([jackdaw.program, "encode", "--model", bert], env=jackdaw.env, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        for n in range(3):
            process.stdin.write(json.dumps({"id": n, "text": "cat"}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == n
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def test_tokens(jackdaw, bert):
    got = rows(encode(jackdaw, bert, {"id": 1, "text": "cat"}, options=["--tokens"]))
    vocabulary = json.loads((bert / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    assert got == [{"id": 1, "ids": [vocabulary["[CLS]"], vocabulary["cat"], vocabulary["[SEP]"]]}]


def test_bytes_that_are_no_utf8_are_replaced(jackdaw, bert):
    got = rows(encode(jackdaw, bert, '{"id":1,"text":"cat \udcff"}', {"id": 2, "text": "cat \ufffd"}))
    assert got[0]["embedding"] == got[1]["embedding"]


def test_a_text_of_10_mb(jackdaw, bert):
    assert len(rows(encode(jackdaw, bert, {"id": 1, "text": "cat dog " * 1_300_000}))[0]["embedding"]) == 72


@pytest.mark.parametrize("line,words", [
    ("nonsense", "no JSON"), ("[1]", "expected a JSON object"), ({"id": 2}, "expected an object with"),
    ({"text": 5}, "expected an object with"), ({"query": "a"}, "expected an object with"),
    ({"text": "a", "prompt": "none"}, "no such \"prompt\""), ({"query": "a", "text": "b"}, "takes no pairs"),
    ({"image": "x.png"}, "takes no pictures")], ids=str)
def test_a_bad_line_is_named_and_those_before_it_answered(jackdaw, bert, line, words):
    result = encode(jackdaw, bert, {"id": "good", "text": "cat"}, line)
    assert result.status == 1
    assert "line 2: " in result.err and words in result.err
    assert json.loads(result.out)["id"] == "good"


@pytest.mark.parametrize("content,words", [(b"", "not a picture"), (b"\x89PNG\r\n\x1a\n", "truncated"), (None, "No such file")], ids=str)
def test_a_bad_picture_is_named(jackdaw, models, tmp_path, content, words):
    if content is not None:
        (tmp_path / "bad.png").write_bytes(content)
    result = encode(jackdaw, make_checkpoints.make("clip", models), {"id": 1, "text": "cat"}, {"image": str(tmp_path / "bad.png")})
    assert result.status == 1
    assert "line 2: " in result.err and "bad.png" in result.err and words in result.err
    assert json.loads(result.out)["id"] == 1


def change_config(folder, **values):
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, **values}))


def write_tensors(folder, change):
    """Writes the checkpoint again, after `change` had its way with header and numbers."""
    data = (folder / "model.safetensors").read_bytes()
    size = int.from_bytes(data[:8], "little")
    header, numbers = json.loads(data[8:8 + size]), bytearray(data[8 + size:])
    change(header, numbers)
    text = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + numbers)


NORM = "encoder.layer.1.output.LayerNorm.weight"


def overlap(header, numbers):
    header[NORM]["data_offsets"] = [n - 4 for n in header[NORM]["data_offsets"]]


def beyond(header, numbers):
    header[NORM]["data_offsets"] = [len(numbers), len(numbers) + 288]


def nan(header, numbers):
    start = header[NORM]["data_offsets"][0]
    numbers[start:start + 4] = np.float32("nan").tobytes()


def missing(header, numbers):
    header["other"] = header.pop(NORM)


@pytest.mark.parametrize("change,words", [(overlap, NORM), (beyond, "beyond the end"), (nan, "NaN"), (missing, "is missing")],
                         ids=lambda value: getattr(value, "__name__", ""))
def test_damaged_tensors_are_named(jackdaw, bert, change, words):
    write_tensors(bert, change)
    result = encode(jackdaw, bert, {"text": "cat"})
    assert result.status == 1 and words in result.err and NORM in result.err and result.out == ""


@pytest.mark.parametrize("values,words", [
    ({"hidden_size": 2 ** 40}, "hidden_size"), ({"num_hidden_layers": -1}, "num_hidden_layers"), ({"hidden_size": 4104}, "has shape"),
    ({"num_attention_heads": 7}, "attention heads"), ({"vocab_size": 16777216}, "has shape"), ({"hidden_act": "silu"}, "silu"),
    ({"model_type": "llama"}, "llama"), ({"model_type": "clip"}, "is missing"), ({"model_type": 5}, "type")], ids=str)
def test_absurd_configurations_are_named(jackdaw, bert, values, words):
    change_config(bert, **values)
    result = encode(jackdaw, bert, {"text": "cat"})
    assert result.status == 1 and words in result.err and result.out == ""


def test_ids_beyond_the_vocabulary(jackdaw, bert):
    tokenizer = json.loads((bert / "tokenizer.json").read_text("utf-8"))
    tokenizer["model"]["vocab"]["zebra"] = 5000
    (bert / "tokenizer.json").write_text(json.dumps(tokenizer))
    result = encode(jackdaw, bert, {"text": "zebra"})
    assert result.status == 1 and "the id 5000" in result.err


def test_no_cache_is_no_error(jackdaw, bert, tmp_path):
    (tmp_path / "file").write_text("in the way of a folder")
    result = encode(jackdaw, bert, {"text": "cat"}, env={"XDG_CACHE_HOME": str(tmp_path / "file")})
    assert len(rows(result)) == 1


def packed(cache):
    """Packed weights, whole or begun."""
    return [path.name for path in cache.rglob("*.pack*") if not path.name.startswith("tokenizer-")]


def test_a_disk_that_gets_full_while_packing(jackdaw, bert, tmp_path):
    """What is computed stays right; nothing half-written is left, and the next process packs again."""
    cache = tmp_path / "home" / "cache"
    command = f"ulimit -f 8; exec '{jackdaw.program}' encode --model {bert} --dtype f32"  # blocks of 1024 bytes
    done = subprocess.run(["bash", "-c", command], input=b'{"text":"cat"}\n', env=jackdaw.env, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert packed(cache) == []
    row, = rows(encode(jackdaw, bert, {"text": "cat"}))
    assert len(packed(cache)) == 1
    assert json.loads(done.stdout)["embedding"] == row["embedding"]


def test_several_processes_pack_at_once(jackdaw, bert, tmp_path):
    command = [jackdaw.program, "encode", "--model", bert, "--dtype", "f32"]
    running = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=jackdaw.env) for _ in range(6)]
    for process in running:
        process.stdin.write(b'{"text":"cat"}\n')
        process.stdin.close()
    answers = {process.stdout.read() for process in running}
    assert [process.wait(60) for process in running] == [0] * len(running) and len(answers) == 1
    assert len(packed(tmp_path / "home" / "cache")) == 1
    assert rows(encode(jackdaw, bert, {"text": "cat"})) == [json.loads(answer) for answer in answers]


@pytest.mark.parametrize("merges,words", [
    (["a b", "ab a", "a b"], None),                       # one twice: the first counts
    ([["a", ""]], 'needs the token ""'),                  # a token that is made of itself
    ([["", "a"]], 'needs the token ""'),
    ([["ab", "a"], ["a", "b"]], None),                    # what is needed comes later
    (["a b", "aba b"], "which is not in the vocabulary")], ids=str)
def test_merges_that_go_in_circles(jackdaw, models, tmp_path, merges, words):
    folder = shutil.copytree(make_checkpoints.make("clip", models), tmp_path / "clip")
    tokenizer = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    vocab = tokenizer["model"]["vocab"]
    for token in ("a", "b", "ab", "aba"):
        vocab.setdefault(token, len(vocab))
    tokenizer["model"]["merges"] = merges
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    result = encode(jackdaw, folder, {"text": "ab" * 1000}, options=("--tokens",), timeout=30)
    assert result.status == (1 if words else 0), result.err
    assert not words or (words in result.err and str(folder) in result.err)


def test_models_by_name(jackdaw, bert, tmp_path):
    home = tmp_path / "home" / "data" / "jackdaw" / "models"
    shutil.copytree(bert, home / "someone" / "small")
    for name in ("someone/small", "small"):
        assert len(rows(encode(jackdaw, name, {"text": "cat"}))) == 1
    result = encode(jackdaw, "absent", {"text": "cat"})
    assert result.status == 1 and "no model 'absent'" in result.err and "someone/small" in result.err


def test_rerank(jackdaw, models, tmp_path):
    model = make_checkpoints.make("cross-bert", models)
    (tmp_path / "passages.txt").write_text("a dog\n\nretrieval of evidence\nthe cat\n")
    pairs = [{"query": "what cat", "text": text} for text in ("a dog", "retrieval of evidence", "the cat")]
    expected = sorted((row["score"] for row in rows(encode(jackdaw, model, *pairs))), reverse=True)
    got = jackdaw.ok("rerank", "--json", "--dtype", "f32", "--model", model, "what cat", tmp_path / "passages.txt").json()["results"]
    assert [row["rank"] for row in got] == [1, 2, 3] and {row["line"] for row in got} == {1, 3, 4}
    assert np.allclose([row["score"] for row in got], expected, atol=1e-6)
    result = jackdaw.run("rerank", "what cat", "-", stdin=b"a\n")
    assert result.status == 1 and "no cross-encoder is installed" in result.err
