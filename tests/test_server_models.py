"""Encoders of a running server: fetched beside everything else, and used without a new start."""
import concurrent.futures
import itertools
import signal
import time

import pytest

import models
from library import write_library
from servers.hub import Hub, read_folder
from serving import Server, error_of
from test_server_jobs import Hold, start, wait_until_running

API = "/api/v1"
NAME = "someone/small-bert"
WEIGHTS = "model.safetensors"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return models.make("bert-mean", tmp_path_factory.mktemp("models"))


@pytest.fixture
def hub(folder):
    with Hub({NAME: {**read_folder(folder), "README.md": b"---\nlicense: mit\n---\n"}}) as server:
        yield server


@pytest.fixture
def library(tmp_path):
    return write_library(tmp_path / "library")


@pytest.fixture
def hold(tmp_path):
    held = Hold(tmp_path)
    yield held
    held.release()


def fetch(server):
    answer = server.post(f"{API}/encoders", {"name": NAME})
    assert answer.status_code == 202, answer.text
    return answer.json()


def state(server, job):
    return server.json(f"{API}/jobs/{job['id']}")["state"]


def eventually(what):
    """Models are looked for once a second."""
    end = time.monotonic() + 30
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


def names(server):
    return {model["id"] for model in server.json("/v1/models")["data"]}


def test_fetching_and_ingesting_hold_up_nobody(jackdaw, library, hub, hold):
    hub.faults[WEIGHTS] = [("hold", 1000)]
    env = {"HF_ENDPOINT": hub.url, "JACKDAW_READER": str(hold.program)}
    with Server(jackdaw, "--root", library, env=env) as server:
        ingest = start(server, library)
        wait_until_running(server, ingest)
        pull, another = fetch(server), start(server, library, collection="two")
        assert hub.held.wait(30)
        # Both run, and what came later waits for its own kind alone.
        assert (state(server, ingest), state(server, pull), state(server, another)) == ("running", "running", "queued")
        assert server.json(f"{API}/jobs/{pull['id']}")["progress"]["unit"] == "bytes"
        hold.release()
        assert server.finish(ingest)["state"] == server.finish(another)["state"] == "done"
        assert state(server, pull) == "running"
        hub.release.set()
        done = server.finish(pull)
        assert (done["state"], done["result"]["name"]) == ("done", NAME)


def test_cancelling_both_kinds(jackdaw, library, hub, hold):
    hub.faults[WEIGHTS] = [("hold", 1000)]
    env = {"HF_ENDPOINT": hub.url, "JACKDAW_READER": str(hold.program)}
    with Server(jackdaw, "--root", library, env=env) as server:
        running = [start(server, library), fetch(server)]
        assert hub.held.wait(30)
        waiting = [start(server, library, collection="two"), fetch(server)]
        for job in waiting:
            answer = server.client.delete(f"{API}/jobs/{job['id']}")
            assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
            error_of(server.client.delete(f"{API}/jobs/{job['id']}"), 409, "conflict")
        wait_until_running(server, running[0])
        for job in running:
            assert server.client.delete(f"{API}/jobs/{job['id']}").status_code == 202
        hold.release()
        assert [server.finish(job)["state"] for job in running] == ["cancelled", "cancelled"]
        hub.release.set()
        assert server.finish(fetch(server))["state"] == "done"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_fetching_goes_on_after_the_end(jackdaw, hub, how):
    hub.faults[WEIGHTS] = [("hold", 1000)]
    env = {"HF_ENDPOINT": hub.url}
    with Server(jackdaw, env=env) as server:
        pull, gone = fetch(server), fetch(server)
        assert server.client.delete(f"{API}/jobs/{gone['id']}").status_code == 202
        assert hub.held.wait(30)
        assert server.stop(how) == (0 if how == signal.SIGTERM else -signal.SIGKILL)
    hub.release.set()
    with Server(jackdaw, env=env) as server:
        assert server.finish(pull)["state"] == "done"
        assert state(server, gone) == "cancelled"
        eventually(lambda: NAME in names(server))


def test_what_is_installed_meanwhile_is_used(jackdaw, library, folder):
    jackdaw.ok("ingest", library)
    with Server(jackdaw, "--root", library) as server:
        assert NAME.split("/")[1] not in names(server)
        found = server.json(f"{API}/search", query="dancing cranes")
        assert found["text"][0]["scores"]["dense"] is None
        # By another program: nobody tells the server.
        jackdaw.ok("model", "add", folder, "--name", NAME)
        eventually(lambda: NAME in names(server))
        vector = server.post("/v1/embeddings", {"model": NAME, "input": "a crane"})
        assert vector.status_code == 200 and len(vector.json()["data"][0]["embedding"]) == 72
        assert {"name": NAME, "kind": "text"} in server.json(f"{API}/models")["encoders"]
        assert server.finish(server.post(f"{API}/embed", {}).json())["state"] == "done"
        found = server.json(f"{API}/search", query="dancing cranes")
        assert f"dense: {NAME}" in found["notes"]
        jackdaw.ok("model", "rm", NAME)
        eventually(lambda: NAME not in names(server))
        assert server.post("/v1/embeddings", {"model": NAME, "input": "a crane"}).status_code == 404
        assert server.json(f"{API}/search", query="dancing cranes")["text"]


def test_many_questions_at_once_are_those_one_by_one(jackdaw, library, folder):
    jackdaw.ok("model", "add", folder, "--name", NAME)
    jackdaw.ok("ingest", library)
    questions = [" ".join(words) for n in (1, 2, 3, 5) for words in itertools.permutations(["crane", "dance", "owl", "snow", "lake"], n)][:120]

    def ask(question):
        found = server.json(f"{API}/search", query=question, threshold=0, k=5)
        return [(hit["id"], hit["scores"]["dense"]) for hit in found["text"]]

    with Server(jackdaw) as server:
        alone = [ask(question) for question in questions]
        with concurrent.futures.ThreadPoolExecutor(24) as pool:
            together = list(pool.map(ask, questions))
    assert any(hits for hits in alone)
    for one, other in zip(alone, together):
        assert [identity for identity, _ in one] == [identity for identity, _ in other]
        assert [score for _, score in one] == pytest.approx([score for _, score in other], abs=1e-3)


def test_another_model_of_the_same_name(jackdaw, folder, tmp_path_factory):
    other = models.make("bert-cls", tmp_path_factory.mktemp("other"))
    with Server(jackdaw) as server:
        def vector():
            answer = server.post("/v1/embeddings", {"model": NAME, "input": "a crane"})
            return answer.json()["data"][0]["embedding"] if answer.status_code == 200 else None
        jackdaw.ok("model", "add", folder, "--name", NAME)
        eventually(vector)
        before = vector()
        jackdaw.ok("model", "rm", NAME)
        jackdaw.ok("model", "add", other, "--name", NAME)
        eventually(lambda: vector() not in (None, before))
