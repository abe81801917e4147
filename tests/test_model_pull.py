"""jackdaw model pull from a loopback hub: what it fetches and verifies, and what a hub can do to it."""
import json
import signal
import subprocess
import threading
import time

import pytest

import models
from models import files_below, installed, nothing_installed
from servers.hub import COMMIT, Hub, read_folder, sha256

REPOSITORY = "someone/small-bert"
WEIGHTS = "model.safetensors"


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    folder = models.make("bert-mean", tmp_path_factory.mktemp("models"))
    return {**read_folder(folder), "README.md": b"---\nlanguage: en\nlicense: mit\n---\nA model.\n",
            "onnx/model.onnx": b"not wanted", "pytorch_model.bin": b"the same weights again", ".gitattributes": b"no"}


WANTED_NOT = {"onnx/model.onnx", "pytorch_model.bin", ".gitattributes"}


@pytest.fixture
def hub(repository):
    with Hub({REPOSITORY: dict(repository)}) as server:
        yield server


def pull(jackdaw, hub, *options, name=REPOSITORY, env=None, **kwargs):
    return jackdaw.run("model", "pull", name, *options, env={"HF_ENDPOINT": hub.url, **(env or {})}, **kwargs)


def works(jackdaw, name=REPOSITORY):
    """The installed model makes vectors."""
    result = jackdaw.ok("encode", "--model", name, stdin=b'{"id":1,"text":"cat"}\n')
    return len(json.loads(result.out)["embedding"]) > 0


def fails(jackdaw, result, *says):
    assert result.status == 1, result.err
    for words in says:
        assert words in result.err
    lines = [line for line in result.err.splitlines() if line.startswith("jackdaw:")]
    assert len(lines) == 1
    assert nothing_installed(jackdaw)


# ---- what works ----

def test_a_model_is_fetched_verified_and_works(jackdaw, hub, repository):
    model, = pull(jackdaw, hub, "--json").json()
    assert {key: model[key] for key in ("name", "use", "family", "licence", "revision", "verified", "problem", "dimension")} == {
        "name": REPOSITORY, "use": "text", "family": "bert", "licence": "apache-2.0", "revision": COMMIT, "verified": "hub",
        "problem": None, "dimension": 72}
    assert model["source"] == f"{hub.url}/{REPOSITORY}"
    assert model["sha256"] == sha256(repository[WEIGHTS])
    folder = installed(jackdaw) / REPOSITORY
    assert files_below(folder) == sorted(set(repository) - WANTED_NOT | {"jackdaw.record"})
    assert all((folder / path).read_bytes() == repository[path] for path in set(repository) - WANTED_NOT)
    assert files_below(installed(jackdaw) / ".incoming") == []
    assert jackdaw.ok("model", "list", "--json").json() == [model]
    assert works(jackdaw) and works(jackdaw, "small-bert")


def test_the_record_has_every_file_s_hash(jackdaw, hub, repository):
    assert pull(jackdaw, hub).status == 0
    record = json.loads((installed(jackdaw) / REPOSITORY / "jackdaw.record").read_text())
    assert {file["path"]: file["sha256"] for file in record["files"]} == {
        path: sha256(data) for path, data in repository.items() if path not in WANTED_NOT}
    assert {file["verified"] for file in record["files"]} == {"hub"}


def test_an_installed_model_is_left_alone(jackdaw, hub):
    assert pull(jackdaw, hub).status == 0
    before = len(hub.requests)
    again = pull(jackdaw, hub)
    assert again.status == 0 and "is installed already" in again.err and REPOSITORY in again.out
    assert len(hub.requests) == before


def test_replace_takes_the_place(jackdaw, hub, repository):
    assert pull(jackdaw, hub).status == 0
    folder = installed(jackdaw) / REPOSITORY
    (folder / "config.json").write_text("{}")
    (folder / "old.txt").write_text("of an earlier revision")
    assert pull(jackdaw, hub, "--replace").status == 0
    assert (folder / "config.json").read_bytes() == repository["config.json"] and not (folder / "old.txt").exists()
    assert files_below(installed(jackdaw) / ".incoming") == []


def test_known_by_name(jackdaw, repository):
    with Hub({"BAAI/bge-small-en-v1.5": repository}) as hub:
        assert pull(jackdaw, hub, name="BGE-small-en-v1.5").status == 0
    known = {model["name"]: model for model in jackdaw.ok("model", "list", "--known", "--json").json()}
    assert known["BAAI/bge-small-en-v1.5"]["installed"] and not known["openai/clip-vit-base-patch16"]["installed"]


def test_several_at_once(jackdaw, repository):
    with Hub({"a/one": repository, "a/two": repository}) as hub:
        result = jackdaw.run("model", "pull", "a/one", "a/two", "--json", env={"HF_ENDPOINT": hub.url})
    assert [model["name"] for model in result.json()] == ["a/one", "a/two"]


@pytest.mark.parametrize("name, says", [("bert", "no model is known as \"bert\""), ("a/b/c", "'a/b/c' is no name of a model"),
                                        ("../evil", "is no name of a model"), ("a--b", "is no name of a model")])
def test_names_that_are_none(jackdaw, hub, name, says):
    result = pull(jackdaw, hub, name=name)
    assert result.status in (1, 2) and says in result.err and hub.requests == []


# ---- what it sends, and to whom ----

def test_the_token_goes_to_the_hub_alone(jackdaw, repository):
    with Hub({REPOSITORY: repository}, token="hf_secret") as hub:
        assert pull(jackdaw, hub, env={"HF_TOKEN": "hf_secret"}).status == 0
        assert all(headers.get("Authorization") == "Bearer hf_secret" for _, _, headers in hub.requests)
        assert hub.cdn_requests and all("Authorization" not in headers for _, _, headers in hub.cdn_requests)


def test_another_source_does_not_get_the_token(jackdaw, hub):
    result = pull(jackdaw, hub, "--source", hub.url, env={"HF_ENDPOINT": "https://hub.invalid", "HF_TOKEN": "hf_secret"})
    assert result.status == 0, result.err
    assert all("Authorization" not in headers for _, _, headers in hub.requests)


@pytest.mark.parametrize("how", [{"HF_HUB_OFFLINE": "1"}, {"JACKDAW_OFFLINE": "true"}])
def test_offline(jackdaw, hub, how):
    result = pull(jackdaw, hub, env=how)
    assert result.status == 2 and "forbids fetching it" in result.err and "jackdaw model add" in result.err
    assert hub.requests == [] and nothing_installed(jackdaw)


def test_offline_an_installed_model_is_there(jackdaw, hub):
    assert pull(jackdaw, hub).status == 0
    assert pull(jackdaw, hub, "--offline").status == 0


def test_a_repository_that_was_renamed(jackdaw, repository):
    with Hub({REPOSITORY: repository}, token="hf_secret") as hub:
        hub.renamed["old/name"] = REPOSITORY
        assert pull(jackdaw, hub, name="old/name", env={"HF_TOKEN": "hf_secret"}).status == 0
    assert jackdaw.ok("model", "list", "--json").json()[0]["name"] == "old/name"


@pytest.mark.parametrize("location, says", [("/someone/small-bert/resolve/main/config.json", "redirects more than"),
                                            ("file:///etc/passwd", "which is not followed"), ("gopher://x/", "which is not followed")])
def test_redirects_that_are_not_followed(jackdaw, hub, location, says):
    hub.redirect = location
    fails(jackdaw, pull(jackdaw, hub), says)


# ---- refusals ----

def test_gated(jackdaw, repository):
    with Hub({REPOSITORY: repository}, token="right", gated=[REPOSITORY]) as hub:
        fails(jackdaw, pull(jackdaw, hub), f"of {REPOSITORY} is gated at", "HF_TOKEN")
        fails(jackdaw, pull(jackdaw, hub, env={"HF_TOKEN": "wrong"}), "HF_TOKEN does not open it")


def test_private_or_not_there(jackdaw, repository):
    with Hub({REPOSITORY: repository}, token="right") as hub:
        fails(jackdaw, pull(jackdaw, hub), f"has no model {REPOSITORY}, or does not give it to everybody")
        fails(jackdaw, pull(jackdaw, hub, env={"HF_TOKEN": "wrong"}), "with the token in HF_TOKEN")


def test_no_such_repository_or_revision(jackdaw, hub):
    fails(jackdaw, pull(jackdaw, hub, name="someone/else"), "has no model someone/else")
    fails(jackdaw, pull(jackdaw, hub, "--revision", "v9"), "has no revision v9 of")


def test_a_repository_without_a_model(jackdaw):
    with Hub({REPOSITORY: {"config.json": b"{}", "model.gguf": b"GGUF"}}) as hub:
        fails(jackdaw, pull(jackdaw, hub), "it holds no model that Jackdaw reads, but model.gguf")


def test_an_unknown_family_is_told_before_its_weights_are_fetched(jackdaw):
    files = {"config.json": b'{"model_type":"llama"}', WEIGHTS: b"\0" * 2_000_000}
    with Hub({REPOSITORY: files}) as hub:
        fails(jackdaw, pull(jackdaw, hub), 'of type "llama", which Jackdaw does not run')
        assert hub.asked(WEIGHTS) == []


@pytest.mark.parametrize("path, data, says", [
    ("config.json", b'{"model_type":"bert"}', "config.json"),
    ("tokenizer.json", b'{"model":{}}', '"vocab" is no list'),
    (WEIGHTS, b"\xff" * 400, WEIGHTS),
])
def test_a_model_that_does_not_load_is_not_installed(jackdaw, repository, path, data, says):
    with Hub({REPOSITORY: {**repository, path: data}}) as hub:
        fails(jackdaw, pull(jackdaw, hub), "is not installed:", says)
    assert files_below(installed(jackdaw) / ".incoming") == []


# ---- faults on the way ----

def test_a_broken_transfer_goes_on_where_it_was(jackdaw, hub, repository):
    hub.faults[WEIGHTS] = [("cut", 10_000), ("cut", 5_000)]
    assert pull(jackdaw, hub).status == 0
    assert [headers.get("Range") for _, _, headers in hub.cdn_requests] == [None, "bytes=10000-", "bytes=15000-"]
    assert works(jackdaw)


def test_what_has_come_is_kept_for_the_next_pull(jackdaw, hub):
    hub.faults[WEIGHTS] = [("cut", 20_000)] + [("cut", 0)] * 4
    result = pull(jackdaw, hub)
    fails(jackdaw, result, "broke off", "what has come is kept")
    assert f"of {REPOSITORY} are there" in jackdaw.ok("model", "list").err
    assert pull(jackdaw, hub).status == 0
    assert hub.asked(WEIGHTS)[-1]["Range"] == "bytes=20000-"
    assert len(hub.asked("vocab.txt") or hub.asked("tokenizer.json")) == 1  # what was whole is not fetched again


def test_a_part_that_was_damaged_on_the_disk(jackdaw, hub):
    hub.faults[WEIGHTS] = [("cut", 20_000)] + [("cut", 0)] * 4
    assert pull(jackdaw, hub).status == 1
    part, = (installed(jackdaw) / ".incoming").rglob("*.part")
    part.write_bytes(b"\0" * 20_000)
    result = pull(jackdaw, hub)
    assert result.status == 0 and "fetching it anew" in result.err and works(jackdaw)


@pytest.mark.parametrize("fault", [("no range",), ("other range",), ("status", 416, {})])
def test_a_server_that_does_not_go_on(jackdaw, hub, fault):
    hub.faults[WEIGHTS] = [("cut", 10_000), fault]
    assert pull(jackdaw, hub).status == 0
    assert works(jackdaw)


@pytest.mark.parametrize("fault, says", [(("wrong",), "has the SHA-256"), (("longer",), "is longer than")])
def test_wrong_bytes(jackdaw, hub, fault, says):
    hub.faults[WEIGHTS] = [fault]
    fails(jackdaw, pull(jackdaw, hub), WEIGHTS, says)
    assert not list((installed(jackdaw) / ".incoming").rglob("*.part"))
    assert pull(jackdaw, hub).status == 0


def test_wrong_bytes_of_a_small_file(jackdaw, hub):
    hub.faults["config.json"] = [("wrong",)]
    fails(jackdaw, pull(jackdaw, hub), "config.json has the git hash")


def test_a_file_that_always_ends_too_soon(jackdaw, hub):
    hub.faults[WEIGHTS] = [("shorter",)] * 20
    fails(jackdaw, pull(jackdaw, hub), WEIGHTS)
    assert len(hub.asked(WEIGHTS)) < 30


def test_a_hub_that_contradicts_itself(jackdaw, hub, repository):
    hub.promised[WEIGHTS] = repository[WEIGHTS][:-1] + b"?"
    fails(jackdaw, pull(jackdaw, hub), WEIGHTS, "has the SHA-256", "it was promised to have")


@pytest.mark.parametrize("fault", [("status", 503, {}), ("status", 429, {"Retry_After": "0"}), ("status", 500, {})])
def test_a_server_in_trouble_is_asked_again(jackdaw, hub, fault):
    hub.faults[WEIGHTS] = [fault]
    result = pull(jackdaw, hub)
    assert result.status == 0 and f"status {fault[1]}: trying again" in result.err


def test_trouble_with_the_list(jackdaw, hub):
    hub.faults["hub"] = [(502, {}), (429, {"Retry_After": "1"})]
    assert pull(jackdaw, hub).status == 0


def test_a_pause_that_is_too_long(jackdaw, hub):
    hub.faults["hub"] = [(429, {"Retry_After": "86400"})]
    fails(jackdaw, pull(jackdaw, hub), "gives no more for now", "asks for a longer pause")


def test_nothing_there(jackdaw):
    result = jackdaw.run("model", "pull", REPOSITORY, env={"HF_ENDPOINT": "http://127.0.0.1:9"})
    fails(jackdaw, result, "cannot reach http://127.0.0.1:9")


def test_an_endpoint_that_is_none(jackdaw):
    result = jackdaw.run("model", "pull", REPOSITORY, env={"HF_ENDPOINT": "ftp://x"})
    assert result.status == 2 and '"ftp://x" is no address' in result.err


# ---- sources ----

def test_the_next_source_is_asked(jackdaw, hub, repository):
    with Hub({}) as empty:
        broken = "http://127.0.0.1:9"
        result = jackdaw.run("model", "pull", REPOSITORY, "--source", f"{broken},{empty.url},{hub.url}")
    assert result.status == 0, result.err
    assert f"trying {empty.url}" in result.err and f"trying {hub.url}" in result.err
    assert jackdaw.ok("model", "list", "--json").json()[0]["source"].startswith(hub.url)


def test_another_source_goes_on_with_what_came(jackdaw, hub, repository):
    with Hub({REPOSITORY: repository}) as first:
        first.faults[WEIGHTS] = [("cut", 20_000)] + [("cut", 0)] * 4
        result = jackdaw.run("model", "pull", REPOSITORY, "--source", f"{first.url} {hub.url}")
    assert result.status == 0, result.err
    assert hub.asked(WEIGHTS)[-1]["Range"] == "bytes=20000-"


def test_a_known_hash_must_fit(jackdaw, repository):
    name = "sentence-transformers/all-MiniLM-L6-v2"
    with Hub({name: repository}) as hub:
        fails(jackdaw, pull(jackdaw, hub, name=name), "gives another model.safetensors than Jackdaw knows")
        assert hub.asked(WEIGHTS) == []
        assert pull(jackdaw, hub, "--revision", COMMIT, name=name).status == 0


def test_a_branch_of_a_server_without_commits_may_move(jackdaw, repository):
    with Hub({REPOSITORY: dict(repository)}, lists=False, hashes=False) as hub:
        assert pull(jackdaw, hub, "--unverified").status == 0
        hub.repositories[REPOSITORY]["tokenizer_config.json"] = b'{"a":"b"}'
        assert pull(jackdaw, hub, "--unverified", "--replace").status == 0


def test_a_pinned_hash_must_fit(jackdaw, hub, repository):
    assert pull(jackdaw, hub).status == 0
    changed = repository[WEIGHTS][:-1] + bytes([repository[WEIGHTS][-1] ^ 1])
    hub.repositories[REPOSITORY][WEIGHTS] = changed
    result = pull(jackdaw, hub, "--replace")
    assert result.status == 1 and "for the same revision" in result.err
    assert works(jackdaw) and jackdaw.ok("model", "list", "--json").json()[0]["sha256"] == sha256(repository[WEIGHTS])


# ---- servers that are no hubs ----

def test_a_plain_file_server(jackdaw, repository):
    with Hub({REPOSITORY: repository}, lists=False, hashes=False) as hub:
        fails(jackdaw, pull(jackdaw, hub), "gives no hash of", "--unverified")
        result = pull(jackdaw, hub, "--unverified", "--json")
    model, = result.json()
    assert model["verified"] == "size" and model["sha256"] == sha256(repository[WEIGHTS]) and works(jackdaw)


def test_a_hub_without_a_list(jackdaw, repository):
    with Hub({REPOSITORY: repository}, lists=False) as hub:
        model, = pull(jackdaw, hub, "--json").json()
    assert (model["verified"], model["revision"], model["licence"]) == ("hub", COMMIT, None)


def test_without_hashes_a_part_is_continued_only_where_it_is_the_same_object(jackdaw, repository):
    with Hub({REPOSITORY: repository}, lists=False, hashes=False) as hub:
        hub.faults[WEIGHTS] = [("cut", 10_000), ("cut", 0)]
        assert pull(jackdaw, hub, "--unverified").status == 0
        assert hub.asked(WEIGHTS)[1]["Range"] == "bytes=10000-" and hub.asked(WEIGHTS)[1]["If-Range"].startswith('"')
    assert works(jackdaw)


def test_if_range_finds_another_object(jackdaw, repository):
    """The object changes between two requests: the second, with If-Range, gets the whole of the new one, whose length is not
    what was promised."""
    longer = {"config.json": repository["config.json"] + b" " * 300}
    with Hub({REPOSITORY: dict(repository)}, lists=False, hashes=False) as hub:
        hub.faults["config.json"] = [("cut", 100)]
        original = hub.send

        def send(request, path, data, **headers):
            original(request, path, data, **headers)
            if path == "config.json" and request.command == "GET":
                hub.repositories[REPOSITORY].update(longer)
        hub.send = send
        fails(jackdaw, pull(jackdaw, hub, "--unverified"), "config.json is longer than")
        assert "If-Range" in hub.asked("main/config.json")[1]


# ---- several processes, interruption, full disks ----

def start(jackdaw, hub, *options):
    return subprocess.Popen([jackdaw.program, "model", "pull", REPOSITORY, *options], env={**jackdaw.env, "HF_ENDPOINT": hub.url},
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_at_once(jackdaw, hub):
    hub.faults[WEIGHTS] = [("hold", 10_000)]
    with start(jackdaw, hub) as first:
        assert hub.held.wait(60)
        with start(jackdaw, hub) as second:
            line = second.stderr.readline()
            assert "another process is at work on" in line
            hub.release.set()
            out, err = first.communicate(timeout=60)
            assert first.returncode == 0, err
            out, err = second.communicate(timeout=60)
            assert second.returncode == 0 and "the other process has installed it" in err and REPOSITORY in out
    assert works(jackdaw) and files_below(installed(jackdaw) / ".incoming") == []


def test_ctrl_c_keeps_what_has_come(jackdaw, hub):
    hub.faults[WEIGHTS] = [("hold", 10_000)]
    with start(jackdaw, hub) as process:
        assert hub.held.wait(60)
        parts = installed(jackdaw) / ".incoming"
        until = time.monotonic() + 60
        while not any(part.stat().st_size == 10_000 for part in parts.rglob("*.part")) and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and nothing_installed(jackdaw)
    hub.release.set()
    assert pull(jackdaw, hub).status == 0
    assert hub.asked(WEIGHTS)[-1]["Range"] == "bytes=10000-"


def test_killed_and_started_again(jackdaw, hub):
    hub.faults[WEIGHTS] = [("hold", 10_000)]
    with start(jackdaw, hub) as process:
        assert hub.held.wait(60)
        process.kill()
        process.communicate(timeout=60)
    assert nothing_installed(jackdaw)
    hub.release.set()
    assert pull(jackdaw, hub).status == 0 and works(jackdaw)


def test_a_limit_of_file_sizes(jackdaw, hub):
    command = f"ulimit -f 8; exec '{jackdaw.program}' model pull {REPOSITORY}"  # blocks of 1024 bytes
    done = subprocess.run(["bash", "-c", command], env={**jackdaw.env, "HF_ENDPOINT": hub.url}, capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 1 and "cannot write" in done.stderr and "File too large" in done.stderr
    assert nothing_installed(jackdaw)
    assert pull(jackdaw, hub).status == 0


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 64 kB, where one may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_disk_that_is_too_small(jackdaw, hub, small_disk):
    result = pull(jackdaw, hub, env={"JACKDAW_MODELS": str(small_disk)})
    assert result.status == 1 and "needs" in result.err and "left" in result.err
    assert hub.asked(WEIGHTS) == []


def test_a_disk_that_gets_full(jackdaw, hub, small_disk):
    """A server that does not say how large a file is until it comes."""
    hub.faults["config.json"] = [("hold", 10)]
    env = {"JACKDAW_MODELS": str(small_disk)}
    files = {path: data for path, data in hub.repositories[REPOSITORY].items() if path != WEIGHTS}
    hub.repositories[REPOSITORY] = {**files, WEIGHTS: hub.repositories[REPOSITORY][WEIGHTS][:30_000]}
    thread = threading.Thread(target=lambda: hub.held.wait(60) and ((small_disk / "other").write_bytes(b"x" * 32_000), hub.release.set()))
    thread.start()
    result = pull(jackdaw, hub, env=env)
    thread.join()
    assert result.status == 1 and "No space left" in result.err
    assert [entry.name for entry in small_disk.iterdir() if not entry.name.startswith(".")] == ["other"]


def test_a_folder_without_permission(jackdaw, hub):
    result = pull(jackdaw, hub, env={"JACKDAW_MODELS": "/proc/nothing"})
    assert result.status == 1 and "cannot make the folder /proc/nothing" in result.err
