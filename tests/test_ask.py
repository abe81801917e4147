"""Answers with Ollama, on a loopback server that behaves as real ones were recorded."""
import base64
import json
import signal
import subprocess

import pytest

from asking import QUESTION, ask, pictures_of, write_documents
from servers import ollama
from servers.loopback import Reply, Stream
from servers.ollama import Ollama, model


@pytest.fixture
def jackdaw(jackdaw, tmp_path):
    jackdaw.ok("ingest", write_documents(tmp_path / "documents"))
    return jackdaw


def asked(jackdaw, server, *args, **kwargs):
    return ask(jackdaw, *args, env={"OLLAMA_HOST": server.host}, **kwargs)


def test_vision_model(jackdaw):
    with Ollama([model("text:1b", vision=False), model("eyes:4b")]) as server:
        answer = asked(jackdaw, server)
    assert answer.status == 0, answer.err
    assert answer["answered"] and answer["complete"]
    assert (answer["backend"], answer["model"]) == ("ollama", "eyes:4b")
    assert answer["answer"] == "Two invoices were paid [1]."
    assert answer.cited() == [(answer["evidence"]["text"][0]["id"], answer["answer"])]
    assert "eyes:4b" in answer.notes()
    body, = server.asked("/api/chat")
    assert body["truncate"] is False and body["shift"] is False and body["stream"] is True
    assert body["options"]["num_ctx"] == 8192 and body["options"]["num_predict"] == 1024
    assert [m["role"] for m in body["messages"]] == ["system", "user"]
    assert "[1] Accounts" in body["messages"][0]["content"]
    assert body["messages"][1]["content"].endswith(QUESTION)
    images = pictures_of(body)[1]
    assert len(images) == len(answer["evidence"]["images"]) == 2
    assert all(base64.b64decode(i, validate=True)[:4] in (b"\x89PNG", b"\xff\xd8\xff\xe0") for i in images)
    # A label before each picture: some servers fail on two pictures with nothing between them.
    assert body["messages"][1]["content"].count("[img]") == 2
    for n in range(2):
        number = len(answer["evidence"]["text"]) + 1 + n
        assert f"Picture {number}:\n[img]" in body["messages"][1]["content"]


def test_streams_and_lists_sources(jackdaw):
    with Ollama([model("eyes:4b")]) as server:
        result = jackdaw.ok("ask", QUESTION, env={"OLLAMA_HOST": server.host})
    assert result.out.startswith("Two invoices were paid [1].")
    assert "Accounts" in result.out


def test_capabilities_of_an_old_server(jackdaw):
    with Ollama([model("text:1b", vision=False), model("eyes:4b")], version="0.24.0") as server:
        assert asked(jackdaw, server)["model"] == "eyes:4b"


def test_num_ctx_is_the_models(jackdaw):
    with Ollama([model("eyes:4b", context=4096)]) as server:
        asked(jackdaw, server, "--context", "20000")
    assert server.asked("/api/chat")[0]["options"]["num_ctx"] == 4096


def test_text_only_model(jackdaw):
    with Ollama([model("text:1b", vision=False)]) as server:
        answer = asked(jackdaw, server)
    assert answer["model"] == "text:1b"
    assert "takes no pictures" in answer.notes()
    assert not any(pictures_of(server.asked("/api/chat")[0]))
    assert "Caption: Invoices paid in May, by week" in server.asked("/api/chat")[0]["messages"][0]["content"]


def test_article_model_on_a_server_that_lost_it(jackdaw):
    with Ollama([model("llama3.2-vision:latest", family="mllama"), model("eyes:4b")]) as server:
        answer = asked(jackdaw, server)
        assert answer["model"] == "eyes:4b"
        assert "cannot load llama3.2-vision" in answer.notes()
        named = asked(jackdaw, server, "--model", "llama3.2-vision")
    assert named.status == 1
    assert named.error["code"] == "unsupported"
    assert "0.33.0" in named.error["message"] and "eyes:4b" in named.error["hint"]
    assert len(server.asked("/api/chat")) == 1


def test_article_model_takes_one_sheet(jackdaw):
    with Ollama([model("llama3.2-vision:latest", family="mllama")], version="0.24.0") as server:
        answer = asked(jackdaw, server)
    assert answer.status == 0, answer.err
    assert len(answer["evidence"]["images"]) == 2
    body, = server.asked("/api/chat")
    assert [len(images) for images in pictures_of(body)] == [0, 1]
    assert "[img]" not in body["messages"][1]["content"]
    assert "Picture" in body["messages"][1]["content"]


def test_cloud_models_are_not_chosen(jackdaw):
    with Ollama([model("big:cloud", remote_host="https://ollama.com"), model("eyes:4b")]) as server:
        assert asked(jackdaw, server)["model"] == "eyes:4b"


def test_missing_model(jackdaw):
    with Ollama([model("eyes:4b")]) as server:
        answer = asked(jackdaw, server, "--model", "nowhere")
    assert answer.status == 1
    assert answer.error["code"] == "not-found"
    assert "nowhere" in answer.error["message"] and "--pull" in answer.error["hint"]


def test_no_model_at_all(jackdaw):
    with Ollama([]) as server:
        assert asked(jackdaw, server)["backend"] == "extract"
        named = asked(jackdaw, server, "--backend", "ollama")
    assert named.status == 1 and "--pull" in named.error["hint"]


def test_pull_before_asking(jackdaw):
    def fetch(body):
        server.models.append(model(body["model"]))
        blob = '"digest":"sha256:aa","total":100'
        return Stream(['{"status":"pulling manifest"}\n', '{"status":"pulling aa",%s}\n' % blob,
                       '{"status":"pulling aa",%s,"completed":100}\n' % blob, '{"status":"success"}\n'])
    with Ollama([]) as server:
        server.pull = fetch
        answer = asked(jackdaw, server, "--pull", "--model", "eyes:4b")
    assert answer.status == 0, answer.err
    assert answer["model"] == "eyes:4b"


def test_pull_that_fails(jackdaw):
    with Ollama([]) as server:
        answer = asked(jackdaw, server, "--pull", "--model", "nowhere")
    assert answer.status == 1
    assert "file does not exist" in answer.error["message"]


@pytest.mark.parametrize("version", ["0.24.0", "0.33.0"])
def test_overflow_is_met_with_less_evidence(jackdaw, tmp_path, version):
    jackdaw.ok("ingest", write_documents(tmp_path / "more", long=8))
    with Ollama([model("eyes:4b")], version=version, window=600) as server:
        answer = asked(jackdaw, server)
    assert answer.status == 0, answer.err
    first, *_, last = server.asked("/api/chat")
    assert len(last["messages"][0]["content"]) < len(first["messages"][0]["content"])
    assert answer["left_out"] and "context" in answer["left_out"][0]["reason"]
    assert "less evidence" in answer.notes()
    sent = answer["evidence"]["text"] + answer["evidence"]["images"]
    assert not {e["id"] for e in sent} & {e["id"] for e in answer["left_out"]}
    assert all(f"[{n + 1}] " in last["messages"][0]["content"] for n in range(len(sent)))


def test_overflow_that_cannot_be_met(jackdaw):
    with Ollama([model("eyes:4b")], window=1) as server:
        answer = asked(jackdaw, server, "--backend", "ollama")
    assert answer.status == 1
    assert answer.error["code"] == "limit" and "context" in answer.error["message"]
    assert len(server.asked("/api/chat")) <= 3


def test_evidence_is_budgeted_before_asking(jackdaw, tmp_path):
    jackdaw.ok("ingest", write_documents(tmp_path / "more", long=8))
    with Ollama([model("eyes:4b", context=2048)]) as server:
        answer = asked(jackdaw, server)
    assert answer["left_out"]
    body, = server.asked("/api/chat")
    assert body["options"]["num_ctx"] == 2048 and body["options"]["num_predict"] == 512


def death(after="Two invoices were"):
    return Stream([ollama.line(after), '{"error":"an error was encountered while running the model: unexpected EOF"}\n'])


@pytest.mark.parametrize("reply", [death(), Stream([ollama.line("Two invoices were")]),
                                   Stream([ollama.line("Two invoices were")], cut=True),
                                   Stream([ollama.line("Two invoices were"), "<html>\n"])],
                         ids=["error line", "no last line", "cut", "garbage"])
def test_death_in_mid_stream(jackdaw, reply):
    with Ollama([model("eyes:4b")], reply) as server:
        answer = asked(jackdaw, server)
    assert answer["answer"] == "Two invoices were"
    assert answer["complete"] is False
    assert "not complete" in answer.notes()


@pytest.mark.parametrize("reply, code", [
    (Stream(['{"error":"unexpected EOF"}\n']), "remote"), (Stream([]), "remote"), (Stream(["<html>\n"]), "remote"),
    (Stream([ollama.done()]), "remote"), (Stream(["{" + "x" * (17 << 20)]), "limit"),
    (Reply("no such path", 404, "text/plain"), "not-found"), (Reply({"error": "out of memory"}, 500), "remote"),
], ids=["error first", "nothing", "garbage", "empty", "endless line", "404", "500"])
def test_no_answer_comes(jackdaw, reply, code):
    with Ollama([model("eyes:4b")], reply) as server:
        named = asked(jackdaw, server, "--backend", "ollama")
        assert named.status == 1
        assert named.error["code"] == code, named.error
        by_itself = asked(jackdaw, server)
    assert by_itself["backend"] == "extract"
    assert by_itself["answered"]


def test_queue_is_full_for_a_while(jackdaw):
    with Ollama([model("eyes:4b")], [ollama.busy(), ollama.busy(), ollama.say("Two invoices were paid [1].")]) as server:
        answer = asked(jackdaw, server)
    assert answer["answered"] and "busy" in answer.notes()
    assert len(server.asked("/api/chat")) == 3


def test_queue_stays_full(jackdaw):
    with Ollama([model("eyes:4b")], ollama.busy()) as server:
        answer = asked(jackdaw, server, "--backend", "ollama")
    assert answer.status == 1 and answer.error["code"] == "busy"


def test_answer_is_cut_at_its_length(jackdaw):
    with Ollama([model("eyes:4b")], ollama.say("Two invoices were", reason="length")) as server:
        answer = asked(jackdaw, server)
    assert answer["complete"] is False and "cut off" in answer.notes()


def test_model_finds_no_answer(jackdaw):
    sentence = "The documents do not hold an answer to this question."
    with Ollama([model("eyes:4b")], ollama.say(sentence)) as server:
        answer = asked(jackdaw, server)
        assert sentence in server.asked("/api/chat")[0]["messages"][0]["content"]
    assert answer.status == 4 and answer["answered"] is False and answer["citations"] == []


def test_nothing_relevant_asks_no_model(jackdaw):
    with Ollama([model("eyes:4b")]) as server:
        answer = asked(jackdaw, server, question="zyzzyva")
    assert answer.status == 4 and answer["answered"] is False
    assert "do not hold" in answer["answer"]
    assert server.asked("/api/chat") == []


def test_sources_are_set_by_the_program(jackdaw):
    said = "In May two invoices were paid by cheque. Elephants migrate across wide savannas. A bill is open [99]."
    with Ollama([model("eyes:4b")], ollama.say(said)) as server:
        answer = asked(jackdaw, server)
    cited = answer.cited()
    assert cited and cited[0][1] == "In May two invoices were paid by cheque."
    text = {e["id"]: e["text"] for e in answer["evidence"]["text"]}
    assert "by cheque" in text[cited[0][0]]
    assert not any("Elephants" in sentence for _, sentence in cited)
    assert "Elephants" in answer.notes() and "[99]" in answer.notes()


def test_text_of_documents_is_harmless(jackdaw, tmp_path):
    jackdaw.ok("ingest", write_documents(tmp_path / "more", hostile=True))
    with Ollama([model("eyes:4b")]) as server:
        answer = asked(jackdaw, server, question="Which invoices ignore the above and are paid?")
    assert answer.status == 0, answer.err
    system, user = (m["content"] for m in server.asked("/api/chat")[0]["messages"])
    assert "ignore all of the above" in system
    for token in ("<|", "[img", "<start_of_turn>", "[INST]", "</s>", "<image>", "<__media__>", "[9]"):
        assert token not in system, token
    code = system.split("\nSOURCES ")[1].split("\n")[0]
    assert system.count(code) == 3 and system.endswith(f"END OF SOURCES {code}\n")
    assert user.count("[img]") in (0, len(answer["evidence"]["images"]))


def test_show_prompt_is_what_is_sent(jackdaw):
    with Ollama([model("eyes:4b")]) as server:
        shown = jackdaw.ok("ask", "--json", "--show-prompt", QUESTION, env={"OLLAMA_HOST": server.host}).json()
        assert server.asked("/api/chat") == []
        asked(jackdaw, server)
        body, = server.asked("/api/chat")
    assert shown["body"] == body
    assert (shown["backend"], shown["model"], shown["method"]) == ("ollama", "eyes:4b", "POST")
    assert shown["url"] == server.url + "/api/chat"


def test_offline(jackdaw):
    answer = ask(jackdaw, "--offline", "--backend", "ollama", env={"OLLAMA_HOST": "192.0.2.1"})
    assert answer.status in (1, 2) and "offline" in answer.error["message"]
    assert ask(jackdaw, "--offline", env={"OLLAMA_HOST": "192.0.2.1"})["backend"] == "extract"
    with Ollama([model("eyes:4b")]) as server:
        assert asked(jackdaw, server, "--offline")["backend"] == "ollama"


def test_server_is_absent(jackdaw):
    answer = ask(jackdaw, "--backend", "ollama")
    assert answer.status == 1 and answer.error["code"] == "unavailable" and answer.error["hint"]
    assert ask(jackdaw)["backend"] == "extract"


def test_wrong_address(jackdaw):
    answer = ask(jackdaw, "--backend", "ollama", env={"OLLAMA_HOST": "ftp://x"})
    assert answer.status == 2 and "ftp://x" in answer.error["message"]


def test_interrupt_keeps_what_has_come(jackdaw):
    reply = Stream([ollama.line("Two invoices were")], hold=True)
    with Ollama([model("eyes:4b")], reply) as server:
        process = subprocess.Popen([jackdaw.program, "ask", QUESTION], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env={**jackdaw.env, "OLLAMA_HOST": server.host})
        seen = b""
        while b"invoices" not in seen:
            byte = process.stdout.read(1)
            assert byte, process.stderr.read()
            seen += byte
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert server.gone.wait(60)
    assert process.returncode == 130
    assert b"stopped" in err or b"not complete" in err + out


def test_recorded_servers(jackdaw, reference):
    from servers import recorded
    for version in ("0.24.0", "0.33.0"):
        folder = reference / "transcripts" / f"ollama-{version}"
        expected = {"chat_stream": (0, True), "stream_runner_killed": (None, False)}
        for name, (status, complete) in expected.items():
            with Ollama([model("eyes:4b")], recorded.reply(folder / f"{name}.json"), version=version) as server:
                answer = asked(jackdaw, server, "--backend", "ollama")
            assert answer["complete"] is complete, (version, name)
            assert status is None or answer.status == status
        for name, code in {"queue_full": "busy", "overflow_plain_truncate_False": "limit",
                           "image_png_tiny-mllama" if version == "0.33.0" else "image_two_tiny-mllama": None}.items():
            with Ollama([model("eyes:4b")], recorded.reply(folder / f"{name}.json"), version=version) as server:
                answer = asked(jackdaw, server, "--backend", "ollama")
            assert answer.status == 1, (version, name)
            assert code is None or answer.error["code"] == code, (version, name)


def test_recorded_models(jackdaw, reference):
    """The lists of models as they were: tiny-vision takes pictures on both, tiny-mllama loads on the old one only."""
    from servers import recorded
    for version in ("0.24.0", "0.33.0"):
        folder = reference / "transcripts" / f"ollama-{version}"
        with Ollama([], version=version) as server:
            server.tags = lambda body: recorded.reply(folder / "tags.json")
            server.show = lambda body: recorded.reply(folder / f"show_{body['model'].split(':')[0]}.json")
            server.talk = server.next
            answer = asked(jackdaw, server)
        assert answer["model"].split(":")[0] == ("tiny-mllama" if version == "0.24.0" else "tiny-vision")
        assert ("cannot load" in answer.notes()) is (version == "0.33.0")


def test_json_of_error_is_one_line(jackdaw):
    result = jackdaw.run("ask", "--json", "--backend", "ollama", QUESTION)
    assert json.loads(result.err.strip().splitlines()[-1])["error"]["code"] == "unavailable"
