"""jackdaw model list, rm and bench, and what doctor says of models."""
import json
import os
import shutil

import pytest

import models
from models import files_below, installed


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def bert(jackdaw, made):
    jackdaw.ok("model", "add", models.make("bert-mean", made), "--name", "me/small")
    return installed(jackdaw) / "me" / "small"


def the_model(jackdaw):
    model, = jackdaw.ok("model", "list", "--json").json()
    return model


def test_nothing_installed(jackdaw):
    result = jackdaw.ok("model", "list")
    assert result.out == "" and "jackdaw model pull" in result.err
    assert jackdaw.ok("model", "list", "--json").json() == []


def test_list(jackdaw, bert):
    text = jackdaw.ok("model", "list").out
    model = the_model(jackdaw)
    assert text.startswith("me/small\n") and "72 numbers" in text and model["sha256"] in text and "computed when it was added" in text
    assert model["bytes"] == sum((bert / name).stat().st_size for name in files_below(bert))
    assert model["folder"] == str(bert) and model["installed_at"].startswith("20")


def test_a_model_put_there_by_hand(jackdaw, made):
    shutil.copytree(models.make("clip", made), installed(jackdaw) / "by-hand")
    model = the_model(jackdaw)
    assert (model["name"], model["use"], model["source"], model["sha256"]) == ("by-hand", "pictures", None, None)
    assert model["state"] is None
    assert "has no record" in model["problem"] and "has no record" in jackdaw.ok("model", "list").out
    assert jackdaw.ok("encode", "--model", "by-hand", stdin=b'{"text":"a"}\n').out


@pytest.mark.parametrize("text", ["", "{", "[]", '{"record":1}', '{"record":1,"files":[{}],"source":"x","use":"text"}',
                                  '{"record":1,"source":"x","use":"text","files":[{"path":"../x","size":1,"sha256":"' + "0" * 64 + '","verified":"hub"}]}'])
def test_a_damaged_record(jackdaw, bert, text):
    (bert / "jackdaw.record").write_text(text)
    model = the_model(jackdaw)
    assert "is damaged" in model["problem"] and model["use"] == "text" and model["source"] is None
    assert jackdaw.ok("encode", "--model", "me/small", stdin=b'{"text":"a"}\n').out


def test_a_record_of_a_newer_version(jackdaw, bert):
    (bert / "jackdaw.record").write_text('{"record":2}')
    assert "a newer Jackdaw" in the_model(jackdaw)["problem"]


def test_files_that_are_not_those_of_the_record(jackdaw, bert):
    with (bert / "tokenizer.json").open("a") as file:
        file.write(" ")
    assert "its tokenizer.json was changed" in the_model(jackdaw)["problem"]
    assert the_model(jackdaw)["state"] == "changed"
    (bert / "tokenizer.json").unlink()
    assert "its tokenizer.json is gone" in the_model(jackdaw)["problem"]


def test_one_changed_byte_is_seen(jackdaw, bert):
    """Of the same size, and made to look as old as it was."""
    model = the_model(jackdaw)
    assert model["state"] == "ok" and model["problem"] is None
    assert "; ok: nothing was changed since" in jackdaw.ok("model", "list").out
    weights = bert / "model.safetensors"
    data, times = bytearray(weights.read_bytes()), weights.stat()
    data[-1] ^= 1
    weights.write_bytes(data)
    os.utime(weights, ns=(times.st_atime_ns, times.st_mtime_ns))
    model = the_model(jackdaw)
    assert model["state"] == "changed"
    assert "its model.safetensors was changed: SHA-256 " in model["problem"] and model["sha256"] in model["problem"]
    # What was only touched is as it was.
    data[-1] ^= 1
    weights.write_bytes(data)
    assert the_model(jackdaw)["state"] == "ok"


def test_siglip2_of_any_picture_shape(jackdaw, made):
    """NaFlex has a vision tower of another kind: refused, and no hindrance where it lies among the models."""
    folder = jackdaw.folder / "naflex"
    shutil.copytree(models.make("siglip2", made), folder)
    config = json.loads((folder / "config.json").read_text())
    config["model_type"] = "siglip2"
    del config["vision_config"]["image_size"]
    config["vision_config"]["num_patches"] = 256
    (folder / "config.json").write_text(json.dumps(config))
    for command in (("model", "add", folder), ("encode", "--model", folder)):
        result = jackdaw.run(*command, stdin=b'{"id":1,"text":"a"}')
        assert result.status == 1 and "pictures of any shape (NaFlex), which Jackdaw does not run" in result.err
        assert "google/siglip2-base-patch16-256" in result.err
    shutil.copytree(folder, installed(jackdaw) / "naflex")
    assert the_model(jackdaw)["use"] is None
    (jackdaw.folder / "a.md").write_text("# Birds\n\nJackdaws nest in chimneys.\n")
    jackdaw.ok("ingest", jackdaw.folder / "a.md")


def test_a_family_that_is_not_run(jackdaw):
    folder = installed(jackdaw) / "other"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text('{"model_type":"llama"}')
    assert the_model(jackdaw)["use"] is None and "not run by Jackdaw" in jackdaw.ok("model", "list").out


def test_known(jackdaw):
    known = jackdaw.ok("model", "list", "--known", "--json").json()
    assert {model["use"] for model in known} == {"text", "pictures", "reranker"} and not any(model["installed"] for model in known)
    text = jackdaw.ok("model", "list", "--known").out
    assert all(model["name"] in text for model in known)


@pytest.mark.parametrize("name", ["me/small", "small"])
def test_rm(jackdaw, bert, name):
    assert jackdaw.ok("model", "rm", name).out == f"removed {name}\n"
    assert jackdaw.ok("model", "list", "--json").json() == [] and not bert.parent.exists()
    assert files_below(installed(jackdaw)) == []


def test_rm_leaves_the_owner_s_others(jackdaw, bert, made):
    jackdaw.ok("model", "add", models.make("clip", made), "--name", "me/other")
    assert jackdaw.ok("model", "rm", "me/small", "--json").json() == {"removed": ["me/small"]}
    assert the_model(jackdaw)["name"] == "me/other"


@pytest.mark.parametrize("name", ["nothing", "../models", "../../x", "/etc"])
def test_rm_of_what_is_not_there(jackdaw, bert, name):
    result = jackdaw.run("model", "rm", name)
    assert result.status == 1 and f"no model of the name '{name}' is installed" in result.err and bert.exists()


def test_rm_of_a_name_that_two_have(jackdaw, bert, made):
    jackdaw.ok("model", "add", models.make("clip", made), "--name", "you/small")
    result = jackdaw.run("model", "rm", "small")
    assert result.status == 2 and "me/small" in result.err and "you/small" in result.err


def test_rm_of_what_is_partly_there(jackdaw):
    parts = installed(jackdaw) / ".incoming" / "me--half" / "parts"
    parts.mkdir(parents=True)
    (parts / "x.part").write_bytes(b"x" * 1000)
    assert "1.0\xa0kB of me/half are there" in jackdaw.ok("model", "list").err
    jackdaw.ok("model", "rm", "me/half")
    assert files_below(installed(jackdaw)) == []


@pytest.mark.parametrize("name, inputs", [("bert-mean", {"text"}), ("clip", {"text", "picture"}), ("cross-bert", {"pair"})])
def test_bench(jackdaw, made, name, inputs):
    folder = models.make(name, made)
    result = jackdaw.ok("model", "bench", folder, "--seconds", "0", "--threads", "2", "--json").json()
    assert {run["input"] for run in result["runs"]} == inputs
    assert {(run["batch"], run["threads"]) for run in result["runs"]} == {(1, 1), (32, 1), (1, 2), (32, 2)}
    assert all(0 < run["least_ms"] <= run["median_ms"] for run in result["runs"])
    assert all(run["tokens"] > 1 for run in result["runs"] if run["input"] != "picture")
    assert set(result["load_ms"]) == {"packing", "cold", "warm"} and result["isa"] and result["library"] and result["cores"] >= 1
    text = jackdaw.ok("model", "bench", folder, "--seconds", "0").out
    assert result["isa"] in text and "median ms" in text


def test_tensors_that_are_not_used_are_named(jackdaw, made, tmp_path):
    folder = tmp_path / "shallow"
    shutil.copytree(models.make("bert-mean", made), folder)
    assert jackdaw.ok("model", "bench", folder, "--seconds", "0", "--json").json()["unused"] == []
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["num_hidden_layers"] -= 1
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    unused = jackdaw.ok("model", "bench", folder, "--seconds", "0", "--json").json()["unused"]
    assert unused == sorted(unused) and len(unused) == 16
    assert all(f"layer.{config['num_hidden_layers']}." in name for name in unused)
    assert f"16 tensors of the checkpoint are not used: {unused[0]}, " in jackdaw.ok("model", "bench", folder, "--seconds", "0").out


def test_bench_of_what_is_not_there(jackdaw):
    result = jackdaw.run("model", "bench", "nothing")
    assert result.status == 1 and "no model 'nothing'" in result.err


@pytest.mark.parametrize("args, says", [(["model"], "'model' needs pull|add|list|rm|bench"), (["model", "pul"], "did you mean 'model pull'?"),
                                        (["model", "pull"], "'model pull' needs NAME..."), (["model", "add", "a", "b"], "does not take 'b'"),
                                        (["help", "model", "x"], "unknown command 'model x'"),
                                        (["model", "list", "--name", "x"], "unknown option --name of 'model list'")])
def test_usage(jackdaw, args, says):
    result = jackdaw.run(*args)
    assert result.status == 2 and says in result.err and result.out == ""


@pytest.mark.parametrize("part", ["pull", "add", "list", "rm", "bench"])
def test_help(jackdaw, part):
    first = jackdaw.ok("model", part, "--help").out
    assert first.startswith(f"Usage: jackdaw model {part}")
    assert first == jackdaw.ok("help", "model", part).out == jackdaw.ok("--help", "model", part).out
    assert f"model {part}" in jackdaw.ok("model", "--help").out
    assert f"jackdaw model {part}" in jackdaw.ok("generate", "man").out


def test_settings_of_a_part(jackdaw):
    config = jackdaw.folder / "home" / "config" / "jackdaw"
    config.mkdir(parents=True)
    (config / "config.ini").write_text("[model list]\nknown = true\n")
    assert "openai/clip-vit-base-patch16" in jackdaw.ok("model", "list").out
    (config / "config.ini").write_text("[model list]\nknwon = true\n")
    assert "did you mean 'known'?" in jackdaw.run("model", "list").err


def test_doctor(jackdaw, made):
    checks = {check["name"]: check for check in jackdaw.ok("doctor", "--json").json()["checks"]}
    assert all("jackdaw model pull" in checks[name]["advice"] for name in ("text encoder", "picture encoder", "reranker"))
    for name in ("bert-mean", "clip", "cross-bert"):
        jackdaw.ok("model", "add", models.make(name, made))
    checks = {check["name"]: check for check in jackdaw.ok("doctor", "--json").json()["checks"]}
    for name, model in (("text encoder", "bert-mean"), ("picture encoder", "clip"), ("reranker", "cross-bert")):
        assert checks[name]["state"] == "good" and model in checks[name]["found"]
    (installed(jackdaw) / "clip" / "jackdaw.record").write_text("{")
    checks = [check for check in jackdaw.ok("doctor", "--json").json()["checks"] if check["name"] == "model"]
    assert ["clip" in check["found"] and "damaged" in check["found"] for check in checks] == [True]
