"""MCP: the messages as they are on the wire, and the official Python client, in both eras and over both transports."""
import base64
import json
import pathlib
import struct
import subprocess
import sys
import threading

import jsonschema
import pytest

from asking import QUESTION, png, write_documents
from conftest import Jackdaw
from servers.ollama import Ollama, Stream, line, model
from serving import Server

CLIENTS = pathlib.Path(__file__).parent / "clients"
TOOLS = ["search", "ask", "get_document", "get_image", "list_collections"]
STATELESS = "2026-07-28"
META = {"io.modelcontextprotocol/protocolVersion": STATELESS, "io.modelcontextprotocol/clientCapabilities": {}}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    jackdaw = Jackdaw(tmp_path_factory.mktemp("mcp"))
    write_documents(jackdaw.folder / "documents")
    jackdaw.ok("ingest", "--json", "documents")
    return jackdaw


@pytest.fixture(scope="module")
def server(home):
    with Server(home, "--backend", "extract") as running:
        yield running
        assert running.stop() == 0, running.log()


def request(method, number=1, **params):
    return {"jsonrpc": "2.0", "id": number, "method": method, **({"params": params} if params else {})}


def call(tool, number=1, meta=None, **arguments):
    return request("tools/call", number, name=tool, arguments=arguments, **({"_meta": meta} if meta else {}))


def talk(home, *messages, args=("--backend", "extract")):
    """The replies of `jackdaw mcp` to these lines, by id; and its notifications."""
    lines = [m if isinstance(m, bytes) else json.dumps(m).encode() for m in messages]
    result = home.ok("mcp", *args, stdin=b"\n".join(lines) + b"\n")
    out = [json.loads(text) for text in result.out.splitlines()]
    return {m["id"]: m for m in out if "id" in m}, [m for m in out if "id" not in m]


def post(server, message, headers=None, **more):
    return server.client.post("/mcp", json=message, headers={"Accept": "application/json, text/event-stream",
                                                             **(headers or {})}, **more)


def mirrored(message, **more):
    """The headers that a request of the stateless era has."""
    params = message.get("params", {})
    name = params.get("name", params.get("uri"))
    named = {"Mcp-Name": name} if message["method"] in ("tools/call", "resources/read") else {}
    return {"MCP-Protocol-Version": STATELESS, "Mcp-Method": message["method"], **named, **more}


# ---- the official client

def explore(home, script, *args, program=sys.executable, progress=True):
    """What a client script found, checked against what the command prints. `progress`: that it was told of any."""
    done = subprocess.run([str(program), str(script), *map(str, args)], capture_output=True, env=home.env,
                          cwd=home.folder, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    printed = home.ok("ask", "--json", "--backend", "extract", QUESTION).json()
    assert told["tools"] == TOOLS
    assert told["titles"] == ["Accounts"]
    assert told["answer"] == printed["answer"] and "[1] t1" in told["shown"]
    assert told["progress"] or not progress
    assert not told["progress"] or "passages found: 1" in told["progress"][0][1]
    kind, media_type, data = told["picture"]
    assert (kind, media_type) == ("image", "image/png")
    assert struct.unpack(">II", base64.b64decode(data)[16:24]) == (64, 48)
    assert told["chunks"] == 2
    assert told["collections"][0]["name"] == "default" and told["collections"][0]["documents"] == 1
    assert told["failed"][0] is True and "d999" in told["failed"][1]
    assert told["resources"] == ["jackdaw://document/d1"]
    assert told["templates"] == ["jackdaw://document/{id}", "jackdaw://image/{id}"]
    assert told["text"].startswith("# Accounts") and "blue folder" in told["text"]
    assert base64.b64decode(told["blob"]) == png(160, 120, (200, 30, 30))
    return told


@pytest.mark.parametrize("mode, version, missing", [("auto", STATELESS, -32602), ("legacy", "2025-11-25", -32002)])
@pytest.mark.parametrize("transport", ["stdio", "http"])
def test_official_client(home, server, mode, version, missing, transport):
    target = [f"{server.url}mcp"] if transport == "http" else [home.program, "mcp", "--backend", "extract"]
    told = explore(home, CLIENTS / "mcp2.py", mode, *target)
    assert told["version"] == version and told["missing"] == missing


# ---- what every client is told

def test_tools_are_described(home):
    replies, _ = talk(home, request("tools/list"))
    tools = replies[1]["result"]["tools"]
    assert [tool["name"] for tool in tools] == TOOLS
    for tool in tools:
        assert tool["title"] and tool["description"] and tool["annotations"]["readOnlyHint"] is True
        assert tool["inputSchema"]["type"] == tool["outputSchema"]["type"] == "object"


def test_results_are_as_their_schemas_say(home):
    replies, _ = talk(home, request("tools/list"), call("search", 2, query=QUESTION), call("ask", 3, question=QUESTION),
                      call("get_document", 4, id="d1"), call("get_image", 5, id="i2"), call("list_collections", 6))
    schemas = {tool["name"]: tool["outputSchema"] for tool in replies[1]["result"]["tools"]}
    for number, name in enumerate(TOOLS, 2):
        result = replies[number]["result"]
        assert result["isError"] is False and result["content"]
        jsonschema.Draft202012Validator.check_schema(schemas[name])
        jsonschema.validate(result["structuredContent"], schemas[name])


@pytest.mark.parametrize("message, word", [
    (call("search"), "query"), (call("search", query=""), "query"), (call("search", query="x", k=0), "k is to be"),
    (call("search", query="x", colour=1), "colour"), (call("ask", question=" "), "question"),
    (call("ask", question="x" * 40000), "bytes"), (call("ask", question="x", history=[1]), "history"),
    (call("get_document", id="t1"), "id"), (call("get_document"), "id"), (call("get_document", id="d7"), "d7"),
    (call("get_image", id="i99"), "i99"), (call("get_image", id="i1", max_side=5), "max_side"),
    (call("list_collections", x=1), "x"),
])
def test_bad_arguments_are_told_to_the_model(home, message, word):
    replies, _ = talk(home, message)
    result = replies[1]["result"]
    assert result["isError"] is True and word in result["content"][0]["text"]


def test_document_page_by_page(home):
    replies, _ = talk(home, call("get_document", 1, id="d1", limit=1), call("get_document", 2, id="d1", offset=1))
    first, second = (replies[n]["result"]["structuredContent"]["chunks"] for n in (1, 2))
    assert [c["id"] for c in first + second] == ["t1", "t2"]


def test_resources_page_by_page(tmp_path):
    jackdaw = Jackdaw(tmp_path)
    folder = tmp_path / "many"
    folder.mkdir()
    for n in range(120):
        (folder / f"n{n}.md").write_text(f"# Note {n}\n\nSomething worth keeping, number {n}.\n")
    jackdaw.ok("ingest", "--json", "many")
    listed, cursor = [], None
    while True:
        replies, _ = talk(jackdaw, request("resources/list", **({"cursor": cursor} if cursor else {"x": 1})))
        listed += [r["uri"] for r in replies[1]["result"]["resources"]]
        cursor = replies[1]["result"].get("nextCursor")
        if not cursor:
            break
    assert len(listed) == len(set(listed)) == 120
    replies, _ = talk(jackdaw, request("resources/list", cursor="soon"))
    assert replies[1]["error"]["code"] == -32602


@pytest.mark.parametrize("uri", ["jackdaw://document/d9", "jackdaw://document/t1", "jackdaw://image/d1", "file:///etc/passwd"])
def test_resources_that_are_not_there(home, uri):
    replies, _ = talk(home, request("resources/read", 1, uri=uri), request("resources/read", 2, uri=uri, _meta=META))
    assert replies[1]["error"]["code"] == -32002
    assert replies[2]["error"]["code"] == -32602
    assert [replies[n]["error"]["data"]["uri"] for n in (1, 2)] == [uri, uri]


# ---- standard input and output

def test_bad_lines_do_not_end_it(home):
    replies, _ = talk(home, b"{", b"", b"[]", b'{"jsonrpc":"2.0","id":7,"method":1}', b"\xff\xfe",
                      {"jsonrpc": "2.0", "method": "notifications/unknown"},
                      {"jsonrpc": "2.0", "id": 5, "result": {}}, request("nothing", 2), request("ping", 3))
    assert replies[7]["error"]["code"] == -32600
    assert replies[2]["error"]["code"] == -32601
    assert replies[3]["result"] == {}
    assert None in replies


def test_progress_only_where_it_is_wanted(home):
    assert talk(home, call("ask", question=QUESTION))[1] == []
    replies, told = talk(home, call("ask", question=QUESTION, meta={"progressToken": "p"}))
    assert told and all(n["params"]["progressToken"] == "p" for n in told)
    steps = [n["params"]["progress"] for n in told]
    assert steps == sorted(set(steps)) and replies[1]["result"]


def test_base_that_is_not_there(tmp_path):
    result = Jackdaw(tmp_path).run("mcp", stdin=b"")
    assert result.status == 1 and result.out == "" and "ingest" in result.err


def test_cancelled_call_is_not_answered(home):
    waiting = threading.Event()

    class Waiting(Ollama):
        def talk(self, body):
            waiting.set()
            return super().talk(body)

    with Waiting([model("gemma3:4b")], chat=Stream([line("Two")], hold=True)) as ollama:
        process = subprocess.Popen([str(home.program), "mcp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   env={**home.env, "OLLAMA_HOST": ollama.url})
        process.stdin.write(json.dumps(call("ask", "slow", question=QUESTION)).encode() + b"\n")
        process.stdin.flush()
        assert waiting.wait(60)
        process.stdin.write(json.dumps({"jsonrpc": "2.0", "method": "notifications/cancelled",
                                        "params": {"requestId": "slow"}}).encode() + b"\n")
        process.stdin.write(json.dumps(request("ping", "after")).encode() + b"\n")
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert [json.loads(text)["id"] for text in out.splitlines()] == ["after"]


# ---- over HTTP

def test_handshake_over_http(server):
    answer = post(server, request("initialize", protocolVersion="2025-06-18", capabilities={},
                                  clientInfo={"name": "x", "version": "1"}))
    assert answer.status_code == 200 and answer.json()["result"]["protocolVersion"] == "2025-06-18"
    assert "mcp-session-id" not in answer.headers
    done = post(server, {"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert done.status_code == 202 and not done.content
    assert post(server, request("tools/list"), {"MCP-Protocol-Version": "2025-06-18"}).json()["result"]["tools"]


def test_progress_over_http_is_a_stream(server):
    answer = post(server, call("ask", question=QUESTION, meta={"progressToken": 4}))
    assert answer.headers["content-type"] == "text/event-stream"
    data = [json.loads(text[6:]) for text in answer.text.splitlines() if text.startswith("data: ")]
    assert data[0]["method"] == "notifications/progress" and data[-1]["result"]["structuredContent"]["answered"]
    plain = post(server, call("ask", question=QUESTION, meta={"progressToken": 4}), {"Accept": "application/json"})
    assert plain.json()["result"]["structuredContent"]["answered"]


def test_stateless_results_say_so(server):
    message = request("tools/list", _meta=META)
    result = post(server, message, mirrored(message)).json()["result"]
    assert result["resultType"] == "complete" and result["cacheScope"] == "private" and result["ttlMs"] > 0
    assert result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "jackdaw"
    assert "resultType" not in post(server, request("tools/list")).json()["result"]


def test_stateless_refusals_over_http(server):
    listing, calling = request("tools/list", _meta=META), call("list_collections", meta=META)
    future = request("tools/list", _meta={**META, "io.modelcontextprotocol/protocolVersion": "2030-01-01"})
    for message, headers, status, code in (
            (listing, {}, 400, -32020), (listing, mirrored(listing, **{"Mcp-Method": "ping"}), 400, -32020),
            (calling, mirrored(calling, **{"Mcp-Name": "ask"}), 400, -32020),
            (request("tools/list"), {"MCP-Protocol-Version": STATELESS}, 400, -32602),
            (future, mirrored(future, **{"MCP-Protocol-Version": "2030-01-01"}), 400, -32022),
            (request("nothing", _meta=META), mirrored(request("nothing")), 404, -32601)):
        answer = post(server, message, headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
    assert post(server, future, mirrored(future, **{"MCP-Protocol-Version": "2030-01-01"})).json()["error"]["data"] == {
        "supported": [STATELESS], "requested": "2030-01-01"}


@pytest.mark.parametrize("streamed", [False, True])
def test_closing_a_request_cancels_it(home, streamed):
    """Over HTTP that is how a call is cancelled, whether its answer has begun (a stream of progress) or not."""
    waiting = threading.Event()

    class Waiting(Ollama):
        def talk(self, body):
            waiting.set()
            return super().talk(body)

    message = call("ask", question=QUESTION, **({"meta": {"progressToken": 1}} if streamed else {}))
    with Waiting([model("gemma3:4b")], chat=Stream([line("Two")], hold=True)) as ollama, \
            Server(home, env={"OLLAMA_HOST": ollama.url}) as server:
        body = json.dumps(message).encode()
        with server.connect() as sock:
            sock.sendall(b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                         b"Accept: application/json, text/event-stream\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            assert waiting.wait(60)
            assert not ollama.gone.is_set()
        assert ollama.gone.wait(60)
        # Nothing of it is left to hold up the end.
        assert server.stop() == 0


def test_hints_speak_to_clients(server):
    """The library's speak to who types commands."""
    refused = post(server, call("search", query="x", profile="article")).json()["result"]
    told = [item["text"] for item in refused["content"]]
    missing = post(server, call("get_document", id="d999")).json()["result"]
    told += [item["text"] for item in missing["content"]]
    assert refused["isError"] and missing["isError"]
    for path in ("documents/d999", "chunks/t999", "search?query=x&profile=article", "jobs/j99"):
        error = server.get(f"/api/v1/{path}").json()["error"]
        told += [error["message"], error["hint"] or ""]
    for text in told:
        assert "`" not in text and "--" not in text, text


def test_what_http_itself_refuses(server):
    answer = server.client.get("/mcp", headers={"Accept": "text/event-stream"})
    assert answer.status_code == 405 and answer.headers["allow"] == "POST"
    assert answer.json()["jsonrpc"] == "2.0" and answer.json()["error"]["message"]
    assert server.client.delete("/mcp").status_code == 405
    assert server.client.post("/mcp", content=b"{", headers={"Content-Type": "application/json"}).status_code == 400
    assert server.client.post("/mcp", content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
    assert post(server, [request("ping")]).status_code == 400
    assert post(server, request("ping"), {"Origin": "http://evil.example"}).status_code == 403


def test_token_is_asked_for(home):
    with Server(home, "--require-token") as running:
        answer = post(running, request("ping"))
        assert answer.status_code == 401 and answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["jsonrpc"] == "2.0"
        assert post(running, request("ping"), {"Authorization": f"Bearer {running.token}"}).json()["result"] == {}


def test_help_names_the_tools(home):
    text = home.ok("mcp", "--help").out
    assert all(name in text for name in TOOLS)
