"""The picture of a question is kept with the conversation: shown again, exported, erased with it."""
import base64
import contextlib
import hashlib
import sqlite3

import pytest

from asking import png, write_documents
from conftest import Jackdaw
from serving import Server, error_of

API = "/api/v1"
RED, BLUE = png(30, 20, (200, 10, 10)), png(600, 300, (10, 10, 200))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    jackdaw = Jackdaw(tmp_path_factory.mktemp("pictures"))
    jackdaw.ok("ingest", write_documents(jackdaw.folder / "documents"))
    with Server(jackdaw, "--backend", "extract") as running:
        yield running
        assert running.stop() == 0, running.log()


def begin(server):
    return server.post(f"{API}/conversations", {}).json()["id"]


def ask(server, conversation, picture=None):
    body = {"question": "Which invoices were paid?", "conversation": conversation}
    if picture:
        body["image"] = base64.b64encode(picture).decode()
    answer = server.post(f"{API}/ask", body)
    assert answer.status_code == 200, answer.text


def messages(server, conversation):
    return server.json(f"{API}/conversations/{conversation}")["messages"]


def stored(server):
    with contextlib.closing(sqlite3.connect(server.jackdaw.kb)) as base:
        return base.execute("SELECT count(*) FROM picture").fetchone()[0]


def test_it_is_shown_again(server):
    conversation = begin(server)
    ask(server, conversation, BLUE)
    question, _ = messages(server, conversation)
    assert question["content"]["image"] == {"sha256": hashlib.sha256(BLUE).hexdigest(), "media_type": "image/png",
                                            "width": 600, "height": 300, "bytes": len(BLUE)}
    place = f"{API}/conversations/{conversation}/messages/{question['id']}"
    whole = server.get(f"{place}/image")
    assert (whole.status_code, whole.headers["content-type"], whole.content) == (200, "image/png", BLUE)
    assert server.get(f"{place}/image", headers={"If-None-Match": whole.headers["etag"]}).status_code == 304
    small = server.get(f"{place}/thumbnail?size=64")
    assert small.headers["content-type"] in ("image/png", "image/jpeg") and 0 < len(small.content)
    error_of(server.get(f"{place}/thumbnail?size=0"), 400)


def test_only_where_there_is_one(server):
    conversation, other = begin(server), begin(server)
    ask(server, conversation)
    ask(server, other, RED)
    (question, answer), (with_picture, _) = messages(server, conversation), messages(server, other)
    assert "image" not in question["content"]
    for place in (f"{conversation}/messages/{question['id']}", f"{conversation}/messages/{answer['id']}",
                  f"{conversation}/messages/{with_picture['id']}", f"c999/messages/{with_picture['id']}"):
        for what in ("image", "thumbnail"):
            error_of(server.get(f"{API}/conversations/{place}/{what}"), 404, "not-found")


def test_export(server):
    conversation = begin(server)
    ask(server, conversation, RED)
    # A client's own message may claim anything.
    server.post(f"{API}/conversations/{conversation}/messages",
                {"role": "user", "text": "?", "content": {"image": {"sha256": hashlib.sha256(RED).hexdigest()}}})
    place = f"{API}/conversations/{conversation}/export"
    first, _, claimed = server.json(place, format="json")["messages"]
    kind, data = first["content"]["image"]["data"].split(",")
    assert kind == "data:image/png;base64" and base64.b64decode(data) == RED
    assert "data" not in claimed["content"]["image"]
    assert "(with a picture: image/png, 30 × 20)" in server.get(place).text


def test_it_goes_with_the_last_message(server):
    before = stored(server)
    green = png(10, 10, (10, 200, 10))
    one, other = begin(server), begin(server)
    for conversation in (one, one, other):
        ask(server, conversation, green)
    assert stored(server) == before + 1
    second = messages(server, one)[2]
    server.client.delete(f"{API}/conversations/{one}/messages/{second['id']}")
    server.client.delete(f"{API}/conversations/{other}")
    assert stored(server) == before + 1
    assert server.get(f"{API}/conversations/{one}/messages/{messages(server, one)[0]['id']}/image").content == green
    server.client.delete(f"{API}/conversations/{one}")
    assert stored(server) == before


def test_a_picture_that_is_none_is_not_kept(server):
    conversation = begin(server)
    body = {"question": "What?", "conversation": conversation, "image": base64.b64encode(b"<svg/>").decode()}
    assert server.post(f"{API}/ask", body).status_code == 422
    assert messages(server, conversation) == []


def test_with_a_file(server):
    conversation = begin(server)
    answer = server.client.post(f"{API}/ask", data={"question": "Which invoices?", "conversation": conversation},
                                files={"image": ("a.png", RED)})
    assert answer.status_code == 200, answer.text
    assert messages(server, conversation)[0]["content"]["image"]["width"] == 30
