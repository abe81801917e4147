"""The REST interface of `jackdaw serve`: what each endpoint answers, and what it refuses."""
import base64
import json
import pathlib
import re

import pytest

from conftest import ROOT, Jackdaw
from library import CRANES, png, write_library
from serving import Server, error_of

API = "/api/v1"


@pytest.fixture(scope="module")
def jackdaw_home(tmp_path_factory):
    jackdaw = Jackdaw(tmp_path_factory.mktemp("server"))
    write_library(jackdaw.folder / "library")
    jackdaw.ok("ingest", "--json", "library")
    return jackdaw


@pytest.fixture(scope="module")
def server(jackdaw_home):
    with Server(jackdaw_home, "--root", "library") as running:
        yield running
        assert running.stop() == 0, running.log()


# ---- health, metrics, page

def test_health(server):
    health = server.json(f"{API}/health")
    assert health["status"] == "ok" and health["version"]
    assert health["base"]["documents"] == 3


def test_metrics_count_requests(server):
    server.get(f"{API}/search", params={"query": "owl"})
    text = server.get("/metrics").text
    assert re.search(r'jackdaw_requests_total\{method="GET",path="/api/v1/search",status="200"\} [1-9]', text)
    assert re.search(r'jackdaw_request_seconds_bucket\{method="GET",path="/api/v1/search",le="\+Inf"\} [1-9]', text)
    assert "jackdaw_documents 3\n" in text
    for line in text.splitlines():
        assert line.startswith("#") or re.fullmatch(r"[a-z_]+(\{[^}]*\})? [0-9.e+-]+", line), line


def test_page_is_compiled_in(server):
    page = server.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Jackdaw" in page.text
    again = server.get("/", headers={"If-None-Match": page.headers["etag"]})
    assert again.status_code == 304 and not again.content
    plain = server.get("/", headers={"Accept-Encoding": "identity"})
    assert plain.text == page.text


def test_unknown_paths_and_methods(server):
    error_of(server.get("/nothing"), 404, "not-found")
    error_of(server.get(f"{API}/nothing"), 404, "not-found")
    answer = server.client.delete(f"{API}/search")
    error_of(answer, 405, "not-allowed")
    assert answer.headers["allow"] == "GET, POST"
    assert server.client.head(f"{API}/health").status_code == 200


# ---- search

def test_search_is_what_the_command_prints(server, jackdaw_home):
    answer = server.json(f"{API}/search", query="dancing cranes", k=2)
    printed = jackdaw_home.ok("search", "--json", "-k", "2", "dancing cranes").json()
    for one in (answer, printed):
        one.pop("timings_ms")
    assert answer == printed
    assert answer["text"][0]["document"]["title"] == "Cranes"


def test_search_by_body(server):
    body = {"query": "owl", "images": False, "threshold": 0, "k_text": 1}
    answer = server.post(f"{API}/search", body).json()
    assert len(answer["text"]) == 1 and answer["images"] == []


def test_search_filters(server):
    found = server.json(f"{API}/search", query="owl recorder crane", threshold=0, type="markdown")
    assert found["text"]
    assert {hit["document"]["media_type"] for hit in found["text"]} == {"text/markdown"}
    assert server.json(f"{API}/search", query="owl", title="cranes")["text"] == []
    assert server.json(f"{API}/search", query="owl", since="2999-01-01")["text"] == []


def test_search_snippets_mark_the_words(server):
    hit = server.json(f"{API}/search", query="dancing", snippet=60)["text"][0]
    whole = "".join(piece["text"] for piece in hit["snippet"])
    marked = [piece["text"] for piece in hit["snippet"] if piece["match"]]
    assert marked and all(word.lower().startswith("danc") for word in marked)
    assert len(whole) <= 62


@pytest.mark.parametrize("params, word", [
    ({}, "nothing to search"), ({"query": "x", "k": "0"}, "k is to be"), ({"query": "x", "k": "1.5"}, "k is to be"),
    ({"query": "x", "threshold": "2"}, "threshold"), ({"query": "x", "profile": "best"}, "profile"),
    ({"query": "x", "text": "maybe"}, "text"), ({"query": "x", "like": "d1"}, "like"),
    ({"query": "x", "qery": "y"}, "qery"), ({"query": "x", "since": "soon"}, "since"),
    ({"query": "x", "document": "t1"}, "document"), ({"like": "t1", "embedding": "[1]"}, "vector"),
    ({"query": "x", "embedding": "[\"a\"]"}, "embedding"), ({"query": "x", "image": "!!"}, "image"),
])
def test_search_refuses(server, params, word):
    error = error_of(server.get(f"{API}/search", params=params), 400)
    assert word in error["message"]


@pytest.mark.parametrize("content, status", [
    (b"{", 400), (b"[]", 400), (b"\xff", 400), (b'{"query":1}', 400), (b'{"query":"a","query":"b"}', 400),
    (b'{"query":"' + b"x" * 40000 + b'"}', 413), (b"", 400), (b"[" * 100000, 400),
])
def test_bad_json(server, content, status):
    answer = server.client.post(f"{API}/search", content=content, headers={"Content-Type": "application/json"})
    error_of(answer, status)


def test_bodies_of_other_types(server):
    answer = server.client.post(f"{API}/search", content=b"query=owl",
                                headers={"Content-Type": "application/x-www-form-urlencoded"})
    error_of(answer, 415, "unsupported")
    answer = server.client.post(f"{API}/search", content=b"x", headers={"Content-Type": "multipart/mixed; boundary=y"})
    error_of(answer, 415, "unsupported")


@pytest.mark.parametrize("target", ["/api/v1/search?query=%zz", "/api/v1/search?query=%00", "/api/v1/search?query=%ff",
                                    "/api/v1/search?query=a&query=b", "/%00", "/a%2fb"])
def test_malformed_targets(server, target):
    answer = server.raw(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 40"), answer[:100]


def test_search_by_picture_needs_an_encoder(server):
    picture = png(8, 8, (1, 2, 3))
    for answer in (server.post(f"{API}/search", {"image": base64.b64encode(picture).decode()}),
                   server.client.post(f"{API}/search", files={"image": ("x.png", picture)})):
        error = error_of(answer, 503, "unavailable")
        assert "no encoder for pictures" in error["message"]


# ---- ask

QUESTION = "Why do cranes dance in spring?"


def test_ask_is_what_the_command_prints(server, jackdaw_home):
    answer = server.post(f"{API}/ask", {"question": QUESTION, "backend": "extract"}).json()
    printed = jackdaw_home.ok("ask", "--json", "--backend", "extract", QUESTION).json()
    for one in (answer, printed):
        one.pop("timings_ms")
    assert answer == printed and answer["answered"]


def test_ask_streams(server):
    events = list(server.events(f"{API}/ask", "POST", json={"question": QUESTION, "stream": True}))
    names = [name for name, _ in events]
    assert names[0] == "start" and names[-2:] == ["citations", "done"]
    assert names.index("evidence") < names.index("token")
    done = events[-1][1]
    assert "".join(data["text"] for name, data in events if name == "token") == done["answer"]
    assert dict(events)["citations"] == done["citations"]
    evidence = next(data for name, data in events if name == "evidence")
    assert evidence["text"][0]["document"]["title"] == "Cranes"
    by_header = list(server.events(f"{API}/ask", "POST", json={"question": QUESTION},
                                   headers={"Accept": "text/event-stream"}))
    assert by_header[-1][1]["answer"] == done["answer"]


def test_ask_about_nothing(server):
    answer = server.post(f"{API}/ask", {"question": "What does a season ticket cost?"}).json()
    assert answer["answered"] is False and answer["evidence"] == {"text": [], "images": []}


@pytest.mark.parametrize("body, word", [
    ({}, "question"), ({"question": " "}, "question"), ({"question": "x", "backend": "magic"}, "backend"),
    ({"question": "x", "history": [{"question": "y"}]}, "history"), ({"question": "x", "server": "http://h"}, "server"),
    ({"question": "x", "conversation": "7"}, "conversation"), ({"question": "x", "stream": "yes"}, "stream"),
])
def test_ask_refuses(server, body, word):
    assert word in error_of(server.post(f"{API}/ask", body), 400)["message"]


def test_ask_stream_tells_errors(server):
    body = {"question": QUESTION, "stream": True, "backend": "ollama"}
    name, data = list(server.events(f"{API}/ask", "POST", json=body))[-1]
    assert name == "error" and data["code"] == "unavailable"


def test_stopping_what_is_not_there(server):
    error_of(server.client.delete(f"{API}/ask/a99999"), 404)
    error_of(server.client.delete(f"{API}/ask/7"), 404)


# ---- documents, passages, pictures

def test_documents(server):
    page = server.json(f"{API}/documents", limit=2, order="title")
    assert page["total"] == 3 and [d["title"] for d in page["documents"]] == ["Cranes", "Owls"]
    rest = server.json(f"{API}/documents", limit=2, offset=2, order="title")
    assert len(rest["documents"]) == 1
    only = server.json(f"{API}/documents", type="html")
    assert only["total"] == 1 and only["documents"][0]["chunks"] == 2
    collections = server.json(f"{API}/collections")["collections"]
    assert [c["name"] for c in collections] == ["default"] and collections[0]["documents"] == 3


def test_document_with_its_items(server, jackdaw_home):
    identity = server.json(f"{API}/documents", type="html")["documents"][0]["id"]
    whole = server.json(f"{API}/documents/{identity}")
    assert whole == jackdaw_home.ok("show", "--json", identity).json()
    second = server.json(f"{API}/documents/{identity}", limit=1, offset=1)
    assert second["chunks"] == whole["chunks"][1:2] and second["images"] == []
    chunk = server.json(f"{API}/chunks/{whole['chunks'][0]['id']}")
    assert chunk == whole["chunks"][0]
    image = server.json(f"{API}/images/{whole['images'][0]['id']}")
    assert image == whole["images"][0] and image["caption"] == "A dancing crane on a meadow"


def test_picture_bytes(server, jackdaw_home):
    identity = server.json(f"{API}/search", query="dancing crane", text=False)["images"][0]["id"]
    answer = server.get(f"{API}/images/{identity}/bytes")
    assert answer.content == (jackdaw_home.folder / "library/crane.png").read_bytes()
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    again = server.get(f"{API}/images/{identity}/bytes", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_thumbnails(server, tmp_path):
    with_picture = {"big.png": png(800, 400, (9, 99, 200))}
    done = server.upload(with_picture, collection="thumbs")
    assert done["result"]["images"] == 1, done
    document = server.json(f"{API}/documents", collection="thumbs")["documents"][0]
    image = server.json(f"{API}/documents/{document['id']}")["images"][0]
    for size, expected in ((100, 128), (256, 256), (1024, 800)):
        answer = server.get(f"{API}/images/{image['id']}/thumbnail", params={"size": size})
        assert answer.headers["content-type"] in ("image/png", "image/jpeg")
        assert answer.content[16:24] == expected.to_bytes(4, "big") + (expected // 2).to_bytes(4, "big")
    error_of(server.get(f"{API}/images/{image['id']}/thumbnail", params={"size": 5000}), 400)
    assert server.client.delete(f"{API}/documents/{document['id']}").status_code == 204


@pytest.mark.parametrize("path", ["documents/d999", "documents/7", "documents/d0", "documents/x", "chunks/t999",
                                  "chunks/i1", "images/i999", "images/i999/bytes", "images/i999/thumbnail",
                                  "jobs/j999", "jobs/j999/events", "conversations/c999", "conversations/c999/export",
                                  "documents/d99999999999999999999999"])
def test_what_is_not_there(server, path):
    error_of(server.get(f"{API}/{path}"), 404, "not-found")


def test_models(server):
    models = server.json(f"{API}/models")
    assert models["encoders"] == [] and models["spaces"] == []
    assert [s["backend"] for s in models["servers"]] == ["ollama", "openai"]
    assert models["answers"] == {"backend": "auto", "model": None}


# ---- conversations

def test_conversations(server):
    made = server.post(f"{API}/conversations", {"title": "About cranes"})
    assert made.status_code == 201
    path = f"{API}/conversations/{made.json()['id']}"
    first = server.post(f"{API}/ask", {"question": QUESTION, "conversation": made.json()["id"]}).json()
    whole = server.json(path)
    assert [m["role"] for m in whole["messages"]] == ["user", "assistant"]
    assert whole["messages"][1]["text"] == first["answer"]
    assert whole["messages"][1]["content"]["citations"] == first["citations"]
    message = server.post(f"{path}/messages", {"role": "user", "text": "And owls?", "content": {"a": 1}})
    assert message.status_code == 201 and message.json()["content"] == {"a": 1}
    assert server.client.patch(path, json={"title": "Cranes & owls"}).json()["title"] == "Cranes & owls"
    found = server.json(f"{API}/conversations", query="AND OWLS")["conversations"]
    assert [c["title"] for c in found] == ["Cranes & owls"] and found[0]["messages"] == 3
    assert server.json(f"{API}/conversations", query="zeppelin")["conversations"] == []
    exported = server.get(f"{path}/export")
    assert exported.headers["content-disposition"].startswith("attachment")
    assert "# Cranes & owls" in exported.text and "[1]: Cranes (" in exported.text
    assert server.json(f"{path}/export", format="json") == server.json(path)
    assert server.client.delete(f"{path}/messages/{whole['messages'][1]['id']}").status_code == 204
    assert [m["role"] for m in server.json(path)["messages"]] == ["user"]
    assert server.client.delete(path).status_code == 204
    error_of(server.get(path), 404)


@pytest.mark.parametrize("body", [{"title": ""}, {"title": "x" * 2000}, {"title": 7}, {"name": "x"}])
def test_bad_titles(server, body):
    error_of(server.post(f"{API}/conversations", body), 400)


def test_bad_messages(server):
    identity = server.post(f"{API}/conversations", {}).json()["id"]
    path = f"{API}/conversations/{identity}/messages"
    for body in ({}, {"role": "user"}, {"role": "system", "text": "x"}, {"role": "user", "text": "x", "content": 1}):
        error_of(server.post(path, body), 400)
    error_of(server.client.delete(f"{path}/m999"), 404)


# ---- the description

def test_description_names_every_route(server):
    described = server.json(f"{API}/openapi.json")
    assert described["info"]["version"] == server.json(f"{API}/health")["version"]
    known = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    routes = set()
    for file in pathlib.Path(ROOT, "src/server").rglob("*.c"):
        if file.name.startswith("test_"):
            continue
        table = re.findall(r'\{"(GET|POST|PATCH|PUT|DELETE)",\s*"([^"]+)"', file.read_text())
        routes |= {(method, path) for method, path in table if path.startswith(("/api/v1/", "/v1/", "/mcp", "/metrics"))}
    assert {(method, path.replace("...}", "}")) for method, path in routes} == known


def test_answers_are_as_described(server):
    """Spot checks; test_server_description.py has a tool make up requests."""
    import jsonschema
    described = json.loads(server.get(f"{API}/openapi.json").text)
    for path, name in ((f"{API}/search?query=crane&snippet=50", "Results"), (f"{API}/models", "Models"),
                       (f"{API}/health", "Health")):
        schema = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
        jsonschema.validate(server.json(path), schema)


def test_uploaded_html_is_never_served_as_html(server):
    assert "<h1>" in CRANES
    done = server.upload({"evil.html": b"<html><h1>Evil</h1><p>Some words with <script>alert(1)</script></p></html>"},
                         collection="evil")
    document = server.json(f"{API}/documents", collection="evil")["documents"][0]
    assert done["state"] == "done" and document["uri"] == "upload:evil.html"
    for path in (f"{API}/documents/{document['id']}", f"{API}/search?query=evil&collection=evil"):
        assert server.get(path).headers["content-type"] == "application/json"
    assert server.client.delete(f"{API}/documents/{document['id']}").status_code == 204
