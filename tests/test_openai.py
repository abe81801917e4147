"""The interface of OpenAI's servers below /v1, through OpenAI's own client, unchanged."""
import base64
import json
import struct

import openai
import pytest

import models
from asking import QUESTION, png, write_documents
from conftest import Jackdaw
from servers.ollama import Ollama, Stream, line, model, say
from serving import Server

PICTURE = png(24, 16, (10, 200, 10))
URI = "data:image/png;base64," + base64.b64encode(PICTURE).decode()


@pytest.fixture(scope="module")
def jackdaw_home(tmp_path_factory):
    jackdaw = Jackdaw(tmp_path_factory.mktemp("openai"))
    write_documents(jackdaw.folder / "documents")
    jackdaw.ok("ingest", "--json", "documents")
    return jackdaw


@pytest.fixture(scope="module")
def server(jackdaw_home):
    with Server(jackdaw_home, "--require-token", "--backend", "extract") as running:
        yield running
        assert running.stop() == 0, running.log()


def client_of(server, **more):
    settings = {"api_key": server.token or "none", "max_retries": 0, **more}
    return openai.OpenAI(base_url=f"{server.url}v1", **settings)


@pytest.fixture(scope="module")
def client(server):
    with client_of(server) as made:
        yield made


def chat(body):
    """What the model says: a question reworded, or an answer."""
    return say(QUESTION if "You prepare searches" in body["messages"][0]["content"] else "Two invoices were paid [1].")


@pytest.fixture
def ollama():
    with Ollama([model("gemma3:4b"), model("plain:1b", vision=False)], chat=chat) as running:
        yield running


@pytest.fixture
def with_model(jackdaw_home, ollama):
    with Server(jackdaw_home, env={"OLLAMA_HOST": ollama.url}) as running:
        with client_of(running) as made:
            yield made


def user(*content):
    return {"role": "user", "content": list(content) if len(content) > 1 else content[0]}


def text_part(text):
    return {"type": "text", "text": text}


def picture_part(uri=URI):
    return {"type": "image_url", "image_url": {"url": uri}}


# ---- models

def test_models(client):
    ids = [m.id for m in client.models.list()]
    assert ids[:2] == ["jackdaw", "jackdaw:extract"]
    assert client.models.retrieve("jackdaw").object == "model"
    with pytest.raises(openai.NotFoundError) as caught:
        client.models.retrieve("gpt-none")
    assert caught.value.code == "model_not_found"


def test_models_of_servers(with_model):
    ids = [m.id for m in with_model.models.list()]
    assert "jackdaw:ollama:gemma3:4b" in ids
    assert with_model.models.retrieve("jackdaw:ollama:gemma3:4b").id == "jackdaw:ollama:gemma3:4b"


# ---- chat completions

def test_completion_has_its_sources(client, jackdaw_home):
    done = client.chat.completions.create(model="jackdaw", messages=[user(QUESTION)], temperature=0.2, seed=7)
    choice = done.choices[0]
    assert done.object == "chat.completion" and choice.finish_reason == "stop"
    assert "Two invoices were paid in May" in choice.message.content
    told = done.jackdaw
    assert told["answer"] == choice.message.content and told["answered"] is True
    assert told["citations"] and told["evidence"]["text"][0]["document"]["title"] == "Accounts"
    printed = jackdaw_home.ok("ask", "--json", "--backend", "extract", QUESTION).json()
    assert printed["answer"] == choice.message.content


def test_what_the_documents_do_not_hold(client):
    done = client.chat.completions.create(model="jackdaw", messages=[user("How tall is Mount Erebus?")])
    assert done.jackdaw["answered"] is False and done.choices[0].message.content


def test_stream_is_the_completion(client):
    ask = {"model": "jackdaw:extract", "messages": [user(QUESTION)]}
    chunks = list(client.chat.completions.create(stream=True, stream_options={"include_usage": True}, **ask))
    assert chunks[0].choices[0].delta.role == "assistant"
    assert len({c.id for c in chunks}) == 1
    reasons = [c.choices[0].finish_reason for c in chunks]
    assert reasons == [None] * (len(chunks) - 1) + ["stop"]
    said = "".join(c.choices[0].delta.content or "" for c in chunks)
    assert said == client.chat.completions.create(**ask).choices[0].message.content
    assert chunks[-1].jackdaw["citations"]


def test_search_settings_in_the_extra_field(client):
    ask = {"model": "jackdaw", "messages": [user(QUESTION)]}
    done = client.chat.completions.create(extra_body={"jackdaw": {"title": "nothing has this title"}}, **ask)
    assert done.jackdaw["answered"] is False
    with pytest.raises(openai.BadRequestError, match="colour"):
        client.chat.completions.create(extra_body={"jackdaw": {"colour": 1}}, **ask)


def test_history_and_system_messages(with_model, ollama):
    done = with_model.chat.completions.create(model="jackdaw", messages=[
        {"role": "system", "content": "Speak like a pirate."}, user("Which bills are open?"),
        {"role": "assistant", "content": "A cafe bill of 30 euros."}, user(text_part("And which invoices were"),
                                                                            text_part("paid in May?"))])
    sent = ollama.requests[-1].body["messages"]
    assert any(m["role"] == "assistant" and "cafe bill" in m["content"] for m in sent)
    assert not any("pirate" in m["content"] for m in sent)
    assert any("pirate" not in note and "system messages" in note for note in done.jackdaw["notes"])
    assert done.choices[0].message.content.startswith("Two invoices were paid")


def test_picture_of_the_question(with_model, ollama):
    with_model.chat.completions.create(model="jackdaw:ollama:gemma3:4b",
                                       messages=[user(text_part(QUESTION), picture_part())])
    pictures = [p for m in ollama.requests[-1].body["messages"] for p in m.get("images", [])]
    sizes = [struct.unpack(">II", base64.b64decode(p)[16:24]) for p in pictures]
    assert (24, 16) in sizes


@pytest.mark.parametrize("content, word", [
    ([text_part("Which?"), picture_part("https://example.org/a.png")], "data: URI"),
    ([text_part("Which?"), picture_part("data:image/png;base64,!!")], "base64"),
    ([text_part("Which?"), picture_part(), picture_part()], "at most one"),
    ([picture_part()], "words"), ("", "words"), ([{"type": "input_audio", "input_audio": {}}], "input_audio"),
])
def test_content_that_is_refused(client, content, word):
    with pytest.raises(openai.BadRequestError, match=word):
        client.chat.completions.create(model="jackdaw", messages=[user(content)])


@pytest.mark.parametrize("more, word", [
    ({"n": 2}, "n is to be 1"), ({"tool_choice": "required", "tools": []}, "tool_choice"),
    ({"response_format": {"type": "json_object"}}, "response_format"), ({"messages": []}, "no message"),
    ({"messages": [{"role": "assistant", "content": "x"}]}, "last message"),
])
def test_what_would_change_the_answer_is_refused(client, more, word):
    with pytest.raises(openai.BadRequestError, match=word):
        client.chat.completions.create(**{"model": "jackdaw", "messages": [user(QUESTION)], **more})


# ---- errors

@pytest.mark.parametrize("name", ["gpt-4o", "jackdaw:", "jackdaw:ollama:", "jackdaw:extract:x", ""])
@pytest.mark.parametrize("stream", [False, True])
def test_unknown_model(client, name, stream):
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model=name, messages=[user("x")], stream=stream)
    assert caught.value.code == "model_not_found" and caught.value.param == "model"
    with pytest.raises(openai.NotFoundError):
        client.responses.create(model=name, input="x", stream=stream)
    with pytest.raises(openai.NotFoundError):
        client.embeddings.create(model=name, input="x")


@pytest.mark.parametrize("stream", [False, True])
def test_model_that_its_server_lacks(with_model, stream):
    with pytest.raises(openai.NotFoundError) as caught:
        with_model.chat.completions.create(model="jackdaw:ollama:absent", messages=[user(QUESTION)], stream=stream)
    assert caught.value.code == "model_not_found"


def test_token_is_the_api_key(server):
    with client_of(server, api_key="wrong") as stranger:
        with pytest.raises(openai.AuthenticationError) as caught:
            stranger.models.list()
    assert caught.value.code == "invalid_api_key"


def test_every_error_has_the_form(server):
    headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"}
    for method, path, body, status in (("GET", "/v1/nothing", None, 404), ("GET", "/v1/embeddings", None, 405),
                                       ("POST", "/v1/chat/completions", b"{", 400),
                                       ("POST", "/v1/chat/completions", b"[]", 400),
                                       ("POST", "/v1/responses", b"{}", 400)):
        answer = server.client.request(method, path, content=body, headers=headers)
        assert answer.status_code == status
        error = answer.json()["error"]
        assert {"message", "type", "param", "code"} <= set(error) and error["message"]


def test_failure_before_the_first_word_is_a_status(jackdaw_home):
    with Server(jackdaw_home, "--backend", "ollama") as running, client_of(running) as client:
        with pytest.raises(openai.InternalServerError) as caught:
            client.chat.completions.create(model="jackdaw", messages=[user(QUESTION)], stream=True)
        assert caught.value.status_code == 503


def test_failure_in_mid_answer(jackdaw_home):
    broken = Stream([line("Two invoices"), '{"error":"unexpected EOF"}\n'])
    with Ollama([model("gemma3:4b")], chat=broken) as ollama, \
            Server(jackdaw_home, env={"OLLAMA_HOST": ollama.url}) as running, client_of(running) as client:
        ask = {"model": "jackdaw", "messages": [user(QUESTION)], "stream": True}
        last = list(client.chat.completions.create(**ask))[-1]
        assert last.choices[0].finish_reason == "length" and last.jackdaw["complete"] is False
        events = list(client.responses.create(model="jackdaw", input=QUESTION, stream=True))
        assert events[-1].type == "response.incomplete"
        assert events[-1].response.status == "incomplete"


# ---- responses

def test_response(client):
    done = client.responses.create(model="jackdaw", input=QUESTION, instructions="Be brief.")
    assert done.status == "completed" and done.error is None
    assert "Two invoices were paid in May" in done.output_text
    assert done.output[0].content[0].annotations[0].filename == "Accounts"
    assert done.jackdaw["citations"] and any("system messages" in n for n in done.jackdaw["notes"])


def test_response_stream(client):
    events = list(client.responses.create(model="jackdaw", input=QUESTION, stream=True))
    kinds = [e.type for e in events]
    deltas = kinds.count("response.output_text.delta")
    assert deltas > 0
    assert kinds == ["response.created", "response.in_progress", "response.output_item.added",
                     "response.content_part.added", *["response.output_text.delta"] * deltas,
                     "response.output_text.done", "response.content_part.done", "response.output_item.done",
                     "response.completed"]
    assert [e.sequence_number for e in events] == list(range(len(events)))
    said = "".join(e.delta for e in events if e.type == "response.output_text.delta")
    assert said == events[-1].response.output_text == client.responses.create(model="jackdaw", input=QUESTION).output_text
    with client.responses.stream(model="jackdaw", input=QUESTION) as stream:
        assert stream.get_final_response().output_text == said


def test_response_with_history_and_picture(with_model, ollama):
    done = with_model.responses.create(model="jackdaw", input=[
        user("Which bills are open?"),
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "A cafe bill."}]},
        user({"type": "input_text", "text": QUESTION}, {"type": "input_image", "image_url": URI})])
    assert done.output_text.startswith("Two invoices")
    sent = ollama.requests[-1].body["messages"]
    assert any("A cafe bill." in m["content"] for m in sent if m["role"] == "assistant")
    assert any(m.get("images") for m in sent)


@pytest.mark.parametrize("more", [{"previous_response_id": "resp_1"}, {"background": True},
                                  {"text": {"format": {"type": "json_object"}}}, {"input": []}])
def test_response_refuses(client, more):
    with pytest.raises(openai.BadRequestError):
        client.responses.create(**{"model": "jackdaw", "input": QUESTION, **more})


# ---- embeddings

@pytest.fixture(scope="module")
def embedding(tmp_path_factory):
    """A server with small encoders of random weights: one of texts, one of both."""
    jackdaw = Jackdaw(tmp_path_factory.mktemp("embeddings"))
    write_documents(jackdaw.folder / "documents")
    for name, kind in (("tiny/bert", "bert-mean"), ("tiny/clip", "clip")):
        folder = models.make(kind, jackdaw.folder)
        jackdaw.ok("model", "add", str(folder), "--name", name)
    jackdaw.ok("ingest", "documents")
    with Server(jackdaw) as running, client_of(running) as client:
        client.home = jackdaw
        yield client


def test_encoders_are_models(embedding):
    ids = [m.id for m in embedding.models.list()]
    assert {"tiny/bert", "tiny/clip"} <= set(ids)
    assert embedding.models.retrieve("tiny/clip").id == "tiny/clip"


def encode(home, name, **what):
    return home.ok("encode", "--model", name, stdin=json.dumps({"id": "a", **what}).encode()).json()["embedding"]


@pytest.mark.parametrize("name", ["tiny/bert", "bert", "tiny/clip"])
def test_embeddings_are_those_of_encode(embedding, name):
    texts = ["a crane", "an owl on a branch", "a crane"]
    done = embedding.embeddings.create(model=name, input=texts)
    assert [d.index for d in done.data] == [0, 1, 2]
    assert done.data[0].embedding == pytest.approx(done.data[2].embedding, abs=1e-6)
    assert done.data[1].embedding == pytest.approx(encode(embedding.home, name, text=texts[1]), abs=1e-5)
    assert done.usage.prompt_tokens == done.usage.total_tokens >= 6
    floats = embedding.embeddings.create(model=name, input="a crane", encoding_format="float")
    assert floats.data[0].embedding == pytest.approx(done.data[0].embedding, abs=1e-6)


def test_picture_embedding(embedding):
    part = picture_part()
    done = embedding.embeddings.create(model="clip", input=[part, "a crane", part])
    path = embedding.home.folder / "green.png"
    path.write_bytes(PICTURE)
    assert done.data[0].embedding == pytest.approx(encode(embedding.home, "tiny/clip", image=str(path)), abs=1e-5)
    assert done.data[0].embedding == pytest.approx(done.data[2].embedding, abs=1e-6)
    assert done.data[1].embedding != pytest.approx(done.data[0].embedding, abs=1e-3)
    with pytest.raises(openai.UnprocessableEntityError, match="no pictures"):
        embedding.embeddings.create(model="bert", input=[part])


def test_dimensions_as_they_are(embedding):
    size = len(embedding.embeddings.create(model="bert", input="x").data[0].embedding)
    assert embedding.embeddings.create(model="bert", input="x", dimensions=size).data
    with pytest.raises(openai.BadRequestError, match="dimensions"):
        embedding.embeddings.create(model="bert", input="x", dimensions=size - 1)


@pytest.mark.parametrize("given", ["", [], [""], [1, 2], [[1, 2]], [None]])
def test_inputs_that_are_refused(embedding, given):
    with pytest.raises(openai.BadRequestError, match="input"):
        embedding.embeddings.create(model="bert", input=given)
