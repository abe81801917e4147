"""Jobs and streams of `jackdaw serve`: how they go on, stop, and survive the end of the server."""
import json
import signal
import sqlite3
import threading

import pytest

from conftest import BUILD
from library import CRANES, OWLS, png, write_library
from servers.openai import OpenAI, event
from servers.loopback import Stream
from serving import Server, error_of, parse_events

API = "/api/v1"
QUESTION = "Why do cranes dance in spring?"


class Hold:
    """A reader program that does nothing as long as a file is there: an ingest that takes as long as the test wants."""

    def __init__(self, folder):
        self.file = folder / "hold"
        self.program = folder / "held-reader"
        self.program.write_text(f'#!/bin/sh\nwhile [ -e "{self.file}" ]; do sleep 0.02; done\n'
                                f'exec "{BUILD}/jackdaw-reader" "$@"\n')
        self.program.chmod(0o755)
        self.file.touch()

    def release(self):
        self.file.unlink(missing_ok=True)


@pytest.fixture
def hold(tmp_path):
    held = Hold(tmp_path)
    yield held
    held.release()


@pytest.fixture
def library(tmp_path):
    return write_library(tmp_path / "library")


def start(server, *paths, **settings):
    answer = server.post(f"{API}/ingest", {"paths": [str(p) for p in paths], **settings})
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"{API}/jobs/{answer.json()['id']}"
    return answer.json()


def wait_until_running(server, job):
    for name, data in server.events(f"{API}/jobs/{job['id']}/events"):
        if name in ("state", "progress") and (name == "progress" or data["state"] == "running"):
            return
    pytest.fail("the job ended before it ran")


def spool(jackdaw):
    folder = jackdaw.kb.with_name(jackdaw.kb.name + ".uploads")
    return sorted(folder.iterdir()) if folder.exists() else []


# ---- ingest

def test_a_fresh_start_makes_the_base(jackdaw, library):
    with Server(jackdaw, "--root", library) as server:
        assert server.json(f"{API}/health")["base"]["documents"] == 0
        job = server.ingest("cranes.html", "owls.md")
        assert job["state"] == "done" and job["result"]["documents"] == 2 and job["error"] is None
        assert set(job["result"]) == set(jackdaw.ok("ingest", "--json", library).json())
        again = server.ingest(library)
        assert again["result"]["unchanged"] == 3
        assert server.json(f"{API}/search", query="dancing")["text"]
        listed = server.json(f"{API}/jobs")["jobs"]
        assert [j["id"] for j in listed] == [again["id"], job["id"]]
        assert server.json(f"{API}/jobs", limit=1, offset=1)["jobs"] == [job]
        assert server.json(f"{API}/jobs/{job['id']}") == job


def test_progress_is_streamed(jackdaw, library):
    with Server(jackdaw, "--root", library) as server:
        job = start(server, library)
        events = list(server.events(f"{API}/jobs/{job['id']}/events"))
        assert events[0][0] in ("state", "end") and events[-1][0] == "end"
        for name, data in events:
            if name == "progress":
                assert set(data) == {"stage", "what", "done", "total", "unit"}


def test_a_lost_stream_is_taken_up_again(jackdaw, library, hold):
    with Server(jackdaw, "--root", library, env={"JACKDAW_READER": str(hold.program)}) as server:
        job = start(server, library)
        path = f"{API}/jobs/{job['id']}/events"
        with server.client.stream("GET", path) as answer:
            assert next(parse_events(answer.iter_lines()))[0] == "state"
        wait_until_running(server, job)
        # The first event says what was missed, whatever the client says that it has seen.
        again = server.events(path, headers={"Last-Event-ID": "7"})
        name, data = next(again)
        assert name == "state" and data["state"] == "running" and data["request"] == job["request"]
        hold.release()
        name, over = list(again)[-1]
        assert name == "end" and over["state"] == "done"
        assert list(server.events(path)) == [("end", over)]


def test_a_request_is_shown_as_it_was_sent(jackdaw, library):
    with Server(jackdaw, "--root", library) as server:
        for given in ("owls.md", str(library / "owls.md")):
            assert server.ingest(given)["request"]["paths"] == [given]
        assert str(library) not in json.dumps(start(server, "."))


def test_uploads_find_their_pictures(jackdaw):
    with Server(jackdaw) as server:
        files = {"site/birds/cranes.html": CRANES.encode(), "site/birds/crane.png": png(40, 20, (1, 2, 3)),
                 "owls.md": OWLS.encode(), "../../etc/../..": b"A text with words that climbs out."}
        job = server.upload(files, collection="web")
        assert job["state"] == "done" and not job["result"]["skipped"], job
        assert job["request"]["files"] == ["site/birds/cranes.html", "site/birds/crane.png", "owls.md", "etc"]
        documents = {d["uri"]: d for d in server.json(f"{API}/documents", collection="web")["documents"]}
        assert set(documents) == {"upload:site/birds/cranes.html", "upload:owls.md", "upload:etc"}
        page = documents["upload:site/birds/cranes.html"]
        image = server.json(f"{API}/documents/{page['id']}")["images"][0]
        assert server.get(f"{API}/images/{image['id']}/bytes").content == files["site/birds/crane.png"]
        assert spool(jackdaw) == []
        # The same name again replaces it; what is unchanged is not read.
        again = server.upload({"owls.md": b"# Owls\n\nThey sleep by day.\n"}, collection="web")
        assert again["result"]["documents"] == 1
        assert server.json(f"{API}/documents", collection="web")["total"] == 3


def test_uploads_that_are_broken(jackdaw):
    with Server(jackdaw) as server:
        job = server.upload({"cut.png": png(40, 20, (1, 2, 3))[:60], "empty.md": b"", "good.md": OWLS.encode()})
        assert job["state"] == "done" and job["result"]["documents"] == 1
        skipped = {s["uri"]: s["reason"] for s in job["result"]["skipped"]}
        assert set(skipped) == {"upload:cut.png", "upload:empty.md"}
        assert all("/" not in reason for reason in skipped.values())
        assert spool(jackdaw) == []
        error_of(server.client.post(f"{API}/ingest", files=[("f", ("a.md", b"x"))], data={"paths": "y"}), 403)
        error_of(server.client.post(f"{API}/ingest", files=[("f", ("a.md", b"x"))], data={"chunking": "odd"}), 400)
        assert spool(jackdaw) == []


def test_two_uploads_of_the_same_name(jackdaw):
    with Server(jackdaw) as server:
        answer = server.client.post(f"{API}/ingest", files=[("f", ("a.md", b"# One\n\nfirst words")),
                                                            ("f", ("a.md", b"# Two\n\nsecond words"))])
        assert server.finish(answer.json())["result"]["documents"] == 2


def test_prune_and_chunking(jackdaw, library):
    with Server(jackdaw, "--root", library) as server:
        server.ingest(library)
        (library / "owls.md").unlink()
        assert server.ingest(library, prune=True)["result"]["pruned"] == 1
        article = server.ingest(library, chunking="article", collection="two", force=True)
        assert article["result"]["documents"] == 2


# ---- erase

def erase(server, name):
    answer = server.client.delete(f"{API}/collections/{name}")
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"{API}/jobs/{answer.json()['id']}"
    return server.finish(answer.json())


def test_a_collection_is_erased(jackdaw, library):
    with Server(jackdaw, "--root", library) as server:
        server.ingest(library)
        kept = server.json(f"{API}/documents")["documents"]
        for name in ("two", "a/b ü"):
            server.ingest(library, collection=name)
            job = erase(server, name)
            assert job["kind"] == "erase" and job["state"] == "done" and job["request"] == {"collection": name}
            assert job["result"] == {"documents": len(kept)}
        assert server.json(f"{API}/documents")["documents"] == kept
        assert [c["name"] for c in server.json(f"{API}/collections")["collections"]] == ["default"]
        error_of(server.client.delete(f"{API}/collections/two"), 404, "not-found")
    jackdaw.ok("verify")


def test_erasing_waits_its_turn_and_can_be_stopped(jackdaw, library, hold):
    with Server(jackdaw, "--root", library, "--reader", hold.program) as server:
        hold.release()
        server.ingest(library)
        hold.file.touch()
        running = start(server, library, collection="two", force=True)
        wait_until_running(server, running)
        waiting = server.client.delete(f"{API}/collections/default").json()
        unwanted = server.client.delete(f"{API}/collections/default").json()
        assert waiting["state"] == "queued" and server.json(f"{API}/documents", collection="default")["total"] == 3
        assert server.client.delete(f"{API}/jobs/{unwanted['id']}").json()["state"] == "cancelled"
        server.stop(signal.SIGKILL)
        hold.release()
    with Server(jackdaw, "--root", library) as server:
        assert server.finish(running)["state"] == "done"
        assert server.finish(waiting)["result"] == {"documents": 3}
        assert [c["name"] for c in server.json(f"{API}/collections")["collections"]] == ["two"]
    jackdaw.ok("verify")


def test_links_out_of_a_root(jackdaw, library, tmp_path):
    outside = tmp_path / "outside.md"
    outside.write_text("# Secret\n\nNobody may read this here.\n")
    (library / "link.md").symlink_to(outside)
    with Server(jackdaw, "--root", library) as server:
        error_of(server.post(f"{API}/ingest", {"paths": ["link.md"]}), 404)
        job = server.ingest(library)
        assert [s["uri"] for s in job["result"]["skipped"]] == [str(library / "link.md")]
        assert server.json(f"{API}/search", query="secret", threshold=0)["text"] == []


def test_embedding_without_an_encoder(jackdaw, library):
    with Server(jackdaw) as server:
        job = server.finish(server.post(f"{API}/embed", {}).json())
        assert job["state"] == "failed" and job["error"]["code"] == "unavailable" and job["result"] is None


# ---- one after another, beside everything else

def test_one_at_a_time_and_everything_else_beside_it(jackdaw, library, hold):
    jackdaw.ok("ingest", library)
    with Server(jackdaw, "--root", library, env={"JACKDAW_READER": str(hold.program)}) as server:
        first = start(server, library, force=True, collection="one")
        second = start(server, library, collection="two")
        wait_until_running(server, first)
        assert server.json(f"{API}/jobs/{second['id']}")["state"] == "queued"
        # Reading and writing go on meanwhile.
        assert server.json(f"{API}/search", query="dancing")["text"]
        made = server.post(f"{API}/conversations", {"title": "Meanwhile"})
        assert made.status_code == 201
        owls = server.json(f"{API}/documents", title="owls", collection="default")["documents"][0]["id"]
        assert server.client.delete(f"{API}/documents/{owls}").status_code == 204
        error_of(server.get(f"{API}/documents/{owls}"), 404)
        hold.release()
        assert server.finish(second)["state"] == "done"
        assert server.json(f"{API}/jobs/{first['id']}")["state"] == "done"
        assert {c["name"] for c in server.json(f"{API}/collections")["collections"]} == {"default", "one", "two"}


def test_cancelling(jackdaw, library, hold):
    with Server(jackdaw, "--root", library, env={"JACKDAW_READER": str(hold.program)}) as server:
        first, second = start(server, library), start(server, library, collection="two")
        wait_until_running(server, first)
        waiting = server.client.delete(f"{API}/jobs/{second['id']}")
        assert waiting.status_code == 202 and waiting.json()["state"] == "cancelled"
        assert server.client.delete(f"{API}/jobs/{first['id']}").status_code == 202
        hold.release()
        assert server.finish(first)["state"] == "cancelled"
        error_of(server.client.delete(f"{API}/jobs/{first['id']}"), 409, "conflict")
        again = server.ingest(library)["result"]
        assert again["documents"] + again["unchanged"] == 3


def test_another_program_writes(jackdaw, library, hold):
    """The base is locked: a short write is refused after a while, a job waits."""
    import subprocess
    with Server(jackdaw, "--root", library) as server:
        other = subprocess.Popen([str(jackdaw.program), "ingest", str(library)], cwd=jackdaw.folder,
                                 env={**jackdaw.env, "JACKDAW_READER": str(hold.program)}, stdout=subprocess.DEVNULL)
        while not jackdaw.kb.with_name("kb.db.lock").read_text().strip().startswith(str(other.pid)):
            assert other.poll() is None
        answer = server.post(f"{API}/conversations", {})
        error_of(answer, 503, "busy")
        assert answer.headers["retry-after"]
        hold.release()
        assert other.wait(60) == 0
        assert server.post(f"{API}/conversations", {}).status_code == 201


# ---- ends of the server

@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_jobs_go_on_after_the_end(jackdaw, library, hold, how):
    args, env = ("--root", library), {"JACKDAW_READER": str(hold.program)}
    with Server(jackdaw, *args, env=env) as server:
        running = start(server, library, collection="paths")
        files = [("file", ("a.md", b"# Kept\n\nWhat was uploaded is not lost.\n"))]
        uploaded = server.client.post(f"{API}/ingest", files=files, data={"collection": "up"}).json()
        gone = server.post(f"{API}/ingest", {"paths": ["owls.md"], "collection": "gone"}).json()
        assert server.client.delete(f"{API}/jobs/{gone['id']}").status_code == 202
        wait_until_running(server, running)
        assert len(spool(jackdaw)) == 1
        if how == signal.SIGTERM:
            threading.Timer(0.5, hold.release).start()
        status = server.stop(how)
        assert status == (0 if how == signal.SIGTERM else -signal.SIGKILL)
        hold.release()
    with Server(jackdaw, *args) as server:
        assert server.finish(uploaded)["state"] == "done"
        states = {j["id"]: j["state"] for j in server.json(f"{API}/jobs")["jobs"]}
        assert states == {running["id"]: "done", uploaded["id"]: "done", gone["id"]: "cancelled"}
        assert server.json(f"{API}/documents", collection="paths")["total"] == 3
        assert server.json(f"{API}/documents", collection="up")["documents"][0]["uri"] == "upload:a.md"
        assert spool(jackdaw) == []


def test_followers_are_told_that_the_server_stops(jackdaw, library, hold):
    with Server(jackdaw, "--root", library, env={"JACKDAW_READER": str(hold.program)}) as server:
        job = start(server, library)
        wait_until_running(server, job)
        with server.client.stream("GET", f"{API}/jobs/{job['id']}/events") as answer:
            lines = answer.iter_lines()
            events = parse_events(lines)
            assert next(events)[0] == "state"
            server.process.send_signal(signal.SIGTERM)
            hold.release()
            assert list(events)[-1][0] == "end"
        assert server.process.wait(60) == 0


class Gate:
    """A model that says a word, waits until it may go on, and says another."""

    def __init__(self):
        self.opened = threading.Event()

    def pieces(self):
        yield event({"role": "assistant", "content": "They dance"})
        self.opened.wait(60)
        yield event({"content": " in spring [1]."})
        yield event({}, "stop")
        yield "data: [DONE]\n\n"

    def stream(self, body):
        return Stream(self.pieces(), "text/event-stream")


@pytest.fixture
def asking(jackdaw, library):
    """A server whose model waits at the gate."""
    jackdaw.ok("ingest", library)
    gate = Gate()
    with OpenAI(chat=gate.stream) as model:
        with Server(jackdaw, "--backend", "openai", env={"OPENAI_BASE_URL": model.url + "/v1"}) as server:
            yield server, gate, model
            gate.opened.set()


def stream_of(server):
    return server.client.stream("POST", f"{API}/ask", json={"question": QUESTION, "stream": True})


def until(events, name):
    for found, data in events:
        if found == name:
            return data
    pytest.fail(f"no event {name}")


def test_words_come_as_they_are_said(asking):
    server, gate, _ = asking
    with stream_of(server) as answer:
        events = parse_events(answer.iter_lines())
        assert until(events, "token") == {"text": "They dance"}
        gate.opened.set()
        done = until(events, "done")
        assert done["answer"] == "They dance in spring [1]." and done["complete"] and done["backend"] == "openai"
        assert done["citations"]


def test_sigterm_in_the_middle_of_a_stream(asking):
    server, gate, _ = asking
    with stream_of(server) as answer:
        events = parse_events(answer.iter_lines())
        until(events, "token")
        server.process.send_signal(signal.SIGTERM)
        # No more connections are taken; the stream goes on to its end.
        while "ending" not in server.log() and server.process.poll() is None:
            try:
                server.connect().close()
            except OSError:
                break
        gate.opened.set()
        assert until(events, "done")["answer"] == "They dance in spring [1]."
    assert server.process.wait(60) == 0


def test_closing_the_connection_stops_the_answer(asking):
    server, gate, model = asking
    with stream_of(server) as answer:
        until(parse_events(answer.iter_lines()), "token")
    gate.opened.set()  # what the model says now nobody hears
    for _ in range(200):
        if 'path="/api/v1/ask"' in server.get("/metrics").text:
            break
    assert 'path="/api/v1/ask",status="200"' in server.get("/metrics").text


def test_deleting_stops_the_answer(asking):
    server, gate, _ = asking
    with stream_of(server) as answer:
        events = parse_events(answer.iter_lines())
        identity = until(events, "start")["id"]
        until(events, "token")
        assert server.client.delete(f"{API}/ask/{identity}").status_code == 204
        done = until(events, "done")
        assert done["complete"] is False and done["answer"] == "They dance"


def test_slow_models_hold_up_nobody(asking):
    server, gate, _ = asking
    waiting = []
    for _ in range(16):
        sock = server.connect()
        body = json.dumps({"question": QUESTION, "stream": True}).encode()
        sock.sendall(b"POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                     b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        waiting.append(sock)
    for _ in range(10):
        assert server.get(f"{API}/search", params={"query": "owl"}).status_code == 200
    gate.opened.set()
    for sock in waiting:
        text = b""
        while not text.endswith(b"\r\n0\r\n\r\n"):
            text += sock.recv(65536)
        assert b"event: error" not in text
        sock.close()


def test_follow_up_questions_know_what_was_said(asking):
    server, gate, model = asking
    gate.opened.set()
    history = [{"question": "What are cranes?", "answer": "Birds with long legs."}]
    server.post(f"{API}/ask", {"question": QUESTION, "history": history})
    sent = json.dumps(model.asked("/v1/chat/completions")[-1])
    assert "What are cranes?" in sent and "Birds with long legs." in sent
    conversation = server.post(f"{API}/conversations", {}).json()["id"]
    for _ in range(2):
        server.post(f"{API}/ask", {"question": QUESTION, "conversation": conversation})
    messages = model.asked("/v1/chat/completions")[-1]["messages"]
    assert [m["role"] for m in messages if m["role"] != "system"] == ["user", "assistant", "user"]


def test_a_picture_goes_with_the_question(asking):
    server, gate, model = asking
    gate.opened.set()
    answer = server.client.post(f"{API}/ask", data={"question": QUESTION},
                                files={"image": ("q.png", png(30, 30, (200, 100, 50)))})
    assert answer.status_code == 200
    assert "data:image/" in json.dumps(model.asked("/v1/chat/completions")[-1])
    error = error_of(server.client.post(f"{API}/ask", data={"question": QUESTION},
                                        files={"image": ("q.png", b"no picture")}), 422, "unsupported")
    assert "that was sent" in error["message"]


def test_pages_of_the_web(jackdaw):
    """URLs are ingested where the server was started so, and private addresses only where they are named."""
    from servers.loopback import Loopback, Reply

    class Web(Loopback):
        def answer(self, request):
            if request.path == "/robots.txt":
                return Reply(b"", 404)
            return Reply(CRANES.encode(), content_type="text/html")

    with Web() as web:
        with Server(jackdaw, "--fetch") as server:
            job = server.finish(server.post(f"{API}/ingest", {"urls": [web.url + "/a.html"]}).json())
            assert job["result"]["documents"] == 0 and len(job["result"]["skipped"]) == 1
        with Server(jackdaw, "--fetch", "--fetch-allow", f"localhost,{web.host}") as server:
            job = server.finish(server.post(f"{API}/ingest", {"urls": [web.url + "/a.html"]}).json())
            assert job["result"]["documents"] == 1, job
            assert server.json(f"{API}/documents")["documents"][0]["uri"] == web.url + "/a.html"


def test_what_waits_to_write_holds_up_no_search(jackdaw, library):
    """More writes than the server has cores wait for another program that writes; searches go on beside them."""
    jackdaw.ok("ingest", library)
    with Server(jackdaw) as server:
        other = sqlite3.connect(jackdaw.kb, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        statuses = []
        writes = [threading.Thread(target=lambda: statuses.append(server.post(f"{API}/conversations", {"title": "x"}).status_code))
                  for _ in range(12)]
        for write in writes:
            write.start()
        for _ in range(5):
            assert server.json(f"{API}/search", query="cranes dance")["text"]
        assert statuses == []
        other.execute("ROLLBACK")
        for write in writes:
            write.join()
        assert statuses == [201] * len(writes)
