"""ask and chat on a terminal with a model server: the offer to fetch a model, and stopping an answer."""
import signal
import subprocess
import threading

import pytest
from library import write_library
from servers import ollama
from servers.loopback import Reply, Stream
from servers.ollama import Ollama, model
from test_chat import Terminal

QUESTION = "why is an owl silent"
FETCHED = ['{"status":"pulling manifest"}\n',
           '{"status":"pulling 0123456789ab","digest":"sha256:01","total":4000000000,"completed":1000000000}\n',
           '{"status":"pulling 0123456789ab","digest":"sha256:01","total":4000000000,"completed":4000000000}\n',
           '{"status":"success"}\n']


class Fetching(Ollama):
    """Has the model once it was fetched."""

    def pull(self, body):
        self.models.append(model(body["model"]))
        return Stream(FETCHED)


@pytest.fixture
def filled(jackdaw):
    jackdaw.ok("ingest", write_library(jackdaw.folder / "library"))
    return jackdaw


def with_server(jackdaw, server):
    jackdaw.env["OLLAMA_HOST"] = server.host
    return jackdaw


@pytest.mark.parametrize("answer, status", [("y", 0), ("n", 1), ("\x04", 1), ("\x03", 130)])
def test_a_missing_model_is_offered(filled, answer, status):
    with Fetching([], ollama.say("It has soft fringes [1].")) as server:
        terminal = Terminal(with_server(filled, server), "ask", "--model", "gemma3", *QUESTION.split())
        terminal.wait_for("gemma3")
        terminal.wait_for("[y/N] ")
        terminal.type(answer if answer < " " else answer + "\n")
        if status == 0:
            terminal.wait_for("4.0\xa0GB/4.0\xa0GB")
            terminal.wait_for("soft fringes")
        assert terminal.end() == status
        assert bool(server.asked("/api/pull")) == (status == 0)


def test_nothing_is_offered_without_a_terminal(filled):
    with Fetching([]) as server:
        result = with_server(filled, server).run("ask", "--model", "gemma3", QUESTION, stdin=b"y\n")
        assert result.status == 1 and "gemma3" in result.err and "--pull" in result.err
        assert not server.asked("/api/pull")


def test_pull_does_not_ask(filled):
    with Fetching([], ollama.say("It has soft fringes [1].")) as server:
        result = with_server(filled, server).ok("ask", "--pull", "--model", "gemma3", QUESTION, "--json")
        assert result.json()["model"].startswith("gemma3") and server.asked("/api/pull")
        offline = filled.run("ask", "--pull", "--offline", "--model", "other", QUESTION)
        assert offline.status == 2 and "--offline" in offline.err
    nameless = filled.run("ask", "--pull", QUESTION)
    assert nameless.status == 2 and "--pull needs --model" in nameless.err


def test_ctrl_c_stops_one_answer_of_a_chat(filled):
    replies = [Stream([ollama.line("Because its feathers")], hold=True), ollama.say("In spring they dance [1].")]
    with Ollama([model("eyes:4b")], replies) as server:
        terminal = Terminal(with_server(filled, server), "chat")
        terminal.wait_for_prompt()
        terminal.type(QUESTION + "\n")
        terminal.wait_for("Because its")
        terminal.type("\x03")
        terminal.wait_for("not complete")
        terminal.wait_for_prompt()
        terminal.type("why do cranes dance\n")
        terminal.wait_for("In spring they dance")
        terminal.wait_for_prompt()
        terminal.type("\x04")
        assert terminal.end() == 0
        assert any("Because its" in str(m) for m in server.asked("/api/chat")[-1]["messages"])


class Silent(Ollama):
    """Says nothing when it is asked something."""

    def __init__(self):
        super().__init__([model("eyes:4b")])
        self.begun, self.end = threading.Event(), threading.Event()

    def talk(self, body):
        self.begun.set()
        self.end.wait(60)
        return Reply({"error": "too late"}, 500)


def test_a_second_interrupt_ends_at_once(filled):
    with Silent() as server:
        process = subprocess.Popen([str(filled.program), "ask", QUESTION], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env={**filled.env, "OLLAMA_HOST": server.host})
        assert server.begun.wait(60)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        server.end.set()


def test_sequences_of_a_model_do_not_reach_the_terminal(filled):
    with Ollama([model("eyes:4b")], ollama.say("It is \x1b]0;owned\x07 si\x9b2Jlent [1].")) as server:
        out = with_server(filled, server).ok("ask", QUESTION).out
    assert "lent [1]." in out and not set(out) & set("\x1b\x07\x9b")


def test_doctor_tells_of_the_server(filled):
    with Ollama([model("eyes:4b"), model("words:1b", vision=False)]) as server:
        checks = with_server(filled, server).run("doctor", "--json").json()["checks"]
        found = next(c for c in checks if c["name"] == "Ollama")
        assert found["state"] == "good" and "0.33.0" in found["found"]
        assert "takes pictures with eyes:4b; text only: words:1b" in found["found"]
    with Ollama([model("words:1b", vision=False)]) as server:
        checks = with_server(filled, server).run("doctor", "--json").json()["checks"]
        found = next(c for c in checks if c["name"] == "Ollama")
        assert found["state"] == "missing" and "jackdaw ask --pull" in found["advice"]
