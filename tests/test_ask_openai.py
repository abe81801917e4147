"""Answers with OpenAI-compatible servers, on a loopback server that behaves as real ones were recorded."""
import base64

import pytest

from asking import QUESTION, ask, write_documents
from servers import openai
from servers.loopback import Reply, Stream
from servers.openai import OpenAI


@pytest.fixture
def jackdaw(jackdaw, tmp_path):
    jackdaw.ok("ingest", write_documents(tmp_path / "documents"))
    return jackdaw


def asked(jackdaw, server, *args, path="/v1", **env):
    return ask(jackdaw, *args, env={"OPENAI_BASE_URL": server.url + path, **env})


def chats(server):
    return server.asked("/v1/chat/completions")


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/"])
def test_pictures_and_text(jackdaw, path):
    with OpenAI() as server:
        answer = asked(jackdaw, server, path=path)
    assert answer.status == 0, answer.err
    assert (answer["backend"], answer["model"], answer["complete"]) == ("openai", "model-a", True)
    assert answer.cited() == [(answer["evidence"]["text"][0]["id"], "Two invoices were paid [1].")]
    body, = chats(server)
    assert body["stream"] is True and body["stream_options"] == {"include_usage": True}
    assert body["max_tokens"] == 1024 and body["temperature"] == 0
    system, user = body["messages"]
    assert system["role"] == "system" and isinstance(system["content"], str)
    kinds = [part["type"] for part in user["content"]]
    assert kinds == ["text", "image_url", "text", "image_url", "text"]
    for part in user["content"]:
        if part["type"] == "image_url":
            head, data = part["image_url"]["url"].split(",")
            assert head in ("data:image/png;base64", "data:image/jpeg;base64")
            assert base64.b64decode(data, validate=True)
    assert user["content"][-1]["text"].endswith(QUESTION)


def test_text_only_llama_server(jackdaw):
    with OpenAI(vision=False, context=2048) as server:
        answer = asked(jackdaw, server)
    assert isinstance(chats(server)[0]["messages"][1]["content"], str)
    assert chats(server)[0]["max_tokens"] == 512
    assert "takes no pictures" in answer.notes()


def test_server_refuses_pictures(jackdaw):
    def chat(body):
        if isinstance(body["messages"][-1]["content"], list):
            return openai.error(400, "image input is not supported by this model", type="invalid_request_error")
        return openai.say("Two invoices were paid [1].")
    with OpenAI(chat, llama=False) as server:
        answer = asked(jackdaw, server)
    assert answer["answered"] and "refused the pictures" in answer.notes()
    assert len(chats(server)) == 2


def test_newer_hosted_models(jackdaw):
    def chat(body):
        if "max_tokens" in body:
            return openai.error(400, "Unsupported parameter: use 'max_completion_tokens' instead.", param="max_tokens")
        if "temperature" in body:
            return openai.error(400, "Unsupported value: only the default is supported.", param="temperature")
        return openai.say("Two invoices were paid [1].")
    with OpenAI(chat, llama=False) as server:
        assert asked(jackdaw, server)["complete"]
    assert len(chats(server)) == 3 and chats(server)[2]["max_completion_tokens"] == 1024


def test_key(jackdaw):
    with OpenAI(key="sesame-123") as server:
        assert asked(jackdaw, server, OPENAI_API_KEY="sesame-123")["complete"]
        for env in ({}, {"OPENAI_API_KEY": "wrong-456"}):
            answer = asked(jackdaw, server, "--backend", "openai", **env)
            assert answer.status == 1 and "OPENAI_API_KEY" in answer.error["hint"]
            assert "wrong-456" not in answer.err
        shown = jackdaw.ok("ask", "--json", "--show-prompt", "--backend", "openai", QUESTION,
                           env={"OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": "sesame-123"})
        assert "sesame" not in shown.out + shown.err


def test_model_is_loading(jackdaw):
    loading = openai.error(503, "Loading model", type="unavailable_error")
    with OpenAI([loading, loading, openai.say("Two invoices were paid [1].")]) as server:
        answer = asked(jackdaw, server)
    assert answer["complete"] and "waiting" in answer.notes()


def test_overflow(jackdaw, tmp_path):
    jackdaw.ok("ingest", write_documents(tmp_path / "more", long=8))

    def chat(body):
        content = body["messages"][0]["content"]
        tokens = len(content.split())
        if tokens > 600:
            return openai.error(400, f"request ({tokens} tokens) exceeds the available context size (600 tokens)",
                                type="exceed_context_size_error", n_prompt_tokens=tokens, n_ctx=600)
        return openai.say("Two invoices were paid [1].")
    with OpenAI(chat, vision=False, llama=False) as server:
        answer = asked(jackdaw, server)
    assert answer["complete"] and answer["left_out"]


@pytest.mark.parametrize("reply", [
    openai.say("Two invoices were", finished=False), openai.say("Two invoices were", finished=False, cut=True),
    Stream([openai.event({"content": "Two invoices were"}), 'data: {"error":{"message":"out of memory"}}\n\n'],
           "text/event-stream"),
    Stream([openai.event({"content": "Two invoices were"}), "data: <html>\n\n"], "text/event-stream"),
], ids=["no DONE", "cut", "error event", "garbage"])
def test_death_in_mid_stream(jackdaw, reply):
    with OpenAI(reply) as server:
        answer = asked(jackdaw, server)
    assert answer["answer"] == "Two invoices were" and answer["complete"] is False
    assert "not complete" in answer.notes()


@pytest.mark.parametrize("reply", [
    Reply({"object": "error", "message": "the engine is dead", "type": "x", "param": None, "code": 500}, 500),
    Reply({"error": {"message": "the engine is dead", "code": "bad"}}, 500), Reply("<h1>the engine is dead</h1>", 502),
    Stream(['data: {"error":"the engine is dead"}\n\n'], "text/event-stream"),
], ids=["flat", "nested", "html", "event"])
def test_shapes_of_errors(jackdaw, reply):
    with OpenAI(reply) as server:
        answer = asked(jackdaw, server, "--backend", "openai")
    assert answer.status == 1 and "the engine is dead" in answer.error["message"]


def test_comments_and_thinking(jackdaw):
    pieces = [": PROCESSING\n\n", openai.event({"reasoning_content": "Let me see."}),
              openai.event({"content": "<think>hm"}), openai.event({"content": "</think>\n\nTwo invoices"}),
              openai.event({"content": " were paid [1].\x1b[31m"}), "data: [DONE]\n\n"]
    with OpenAI(Stream(pieces, "text/event-stream")) as server:
        assert asked(jackdaw, server)["answer"] == "Two invoices were paid [1].[31m"


def test_named_server_of_either_kind(jackdaw):
    from servers.ollama import Ollama, model
    with OpenAI() as server:
        assert ask(jackdaw, "--server", server.url)["backend"] == "openai"
    with Ollama([model("eyes:4b")]) as server:
        assert ask(jackdaw, "--server", server.url)["backend"] == "ollama"


def test_not_a_model_server(jackdaw):
    with OpenAI() as server:
        server.answer = lambda request: Reply("<h1>Welcome</h1>", 200, "text/html")
        answer = asked(jackdaw, server, "--backend", "openai")
    assert answer.status == 1 and "language-model server" in answer.error["message"]


def test_no_server_is_named(jackdaw):
    answer = ask(jackdaw, "--backend", "openai")
    assert answer.status == 1 and "OPENAI_BASE_URL" in answer.error["hint"]


def test_recorded_llama_server(jackdaw, reference):
    from servers import recorded
    folder = reference / "transcripts" / "llama-server-0.7.0"
    for name, complete in {"chat_stream": True}.items():
        with OpenAI(recorded.reply(folder / f"{name}.json")) as server:
            assert asked(jackdaw, server, "--backend", "openai")["complete"] is complete
    for version in ("0.24.0", "0.33.0"):
        dead = reference / "transcripts" / f"ollama-{version}" / "v1_stream_runner_killed.json"
        with OpenAI(recorded.reply(dead)) as server:
            assert asked(jackdaw, server, "--backend", "openai")["complete"] is False
    for name, code in {"overflow_stream": "limit", "image_bad_stream": None}.items():
        with OpenAI(recorded.reply(folder / f"{name}.json")) as server:
            answer = asked(jackdaw, server, "--backend", "openai")
        assert answer.status == 1 and (code is None or answer.error["code"] == code)
