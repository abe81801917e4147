"""Answers with a real llama-server and tiny made-up models: text, pictures, cancelling, overflow.

Server and models are made once, in a folder beside the build; where the packages cannot be had the tests skip and say so.
"""
import fcntl
import os
import shutil
import signal
import subprocess
import sys

import pytest

from asking import QUESTION, ask, write_documents
from conftest import ROOT, TOOLS

FOLDER = ROOT / "build-llama-server"
ANSWER = "The documents say that two invoices were paid [1]. A café bill of 30 € is open [2]."


def make(target, *commands):
    """Runs the commands that make the folder, unless it is there whole; skips where they fail."""
    if (target / "whole").exists():
        return
    for command in commands:
        try:
            subprocess.run(list(map(str, command)), capture_output=True, timeout=300, check=True)
        except (subprocess.SubprocessError, OSError) as error:
            shutil.rmtree(target, ignore_errors=True)
            last = (getattr(error, "stderr", None) or b"").decode("utf-8", "replace").strip().splitlines()[-1:]
            pytest.skip(f"llama-server for tests cannot be made: {error} {' '.join(last)}")
    (target / "whole").touch()


def make_all(scripts):
    venv, models, server = FOLDER / "venv", FOLDER / "models", FOLDER / "server"
    make(models, [sys.executable, "-m", "venv", venv], [venv / "bin" / "pip", "install", "--quiet", "gguf", "numpy"],
         [venv / "bin" / "python", scripts / "make_tiny_models.py", models])
    make(server, [scripts / "get_llama_server.sh", server])


@pytest.fixture(scope="module")
def tools():
    scripts = TOOLS / "llama-server"
    if not scripts.is_dir():
        pytest.skip("the scripts that fetch llama-server (../shared/tools/llama-server) are not there")
    if not shutil.which("dpkg-deb"):
        pytest.skip("llama-server for tests comes from Debian's packages, and this is not Debian")
    FOLDER.mkdir(exist_ok=True)
    with open(FOLDER / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)    # tests may run in several processes
        make_all(scripts)
    return scripts


class Servers:
    """Starts servers; each call gives the environment to ask it with."""

    def __init__(self, script):
        self.script = script
        self.pids = []

    def __call__(self, kind, *options):
        env = {**os.environ, "LLAMA_BIN": str(FOLDER / "server" / "bin"), "MODELS": str(FOLDER / "models")}
        done = subprocess.run([self.script, kind, *options], env=env, capture_output=True, timeout=60)
        if done.returncode != 0:
            pytest.skip("llama-server does not run on this machine")
        port, pid = done.stdout.split()
        self.pids.append(int(pid))
        return {"OPENAI_BASE_URL": f"http://127.0.0.1:{int(port)}"}

    def end(self):
        while self.pids:
            os.kill(self.pids.pop(), signal.SIGKILL)


@pytest.fixture
def llama(tools):
    servers = Servers(tools / "run_llama_server.sh")
    yield servers
    servers.end()


@pytest.fixture
def jackdaw(jackdaw, tmp_path):
    jackdaw.ok("ingest", write_documents(tmp_path / "documents"))
    return jackdaw


def test_text_and_pictures(jackdaw, llama):
    env = llama("vision")
    answer = ask(jackdaw, env=env)
    assert answer.status == 0, answer.err
    assert answer["answer"] == ANSWER and answer["complete"] is True
    sources = answer["evidence"]["text"] + answer["evidence"]["images"]
    assert [n for n, _ in answer.cited()] == [e["id"] for e in sources][:2]
    assert "takes no pictures" not in answer.notes()
    assert ask(jackdaw, env=env)["answer"] == ANSWER      # the prompt's start is cached now


def test_question_with_a_picture(jackdaw, llama, tmp_path):
    answer = ask(jackdaw, "--image", tmp_path / "documents" / "bill.png", env=llama("vision"))
    assert answer["answer"] == ANSWER and answer["complete"] is True


def test_text_alone(jackdaw, llama):
    answer = ask(jackdaw, env=llama("text"))
    assert answer["answer"] == ANSWER
    assert "takes no pictures" in answer.notes()


def test_overflow(jackdaw, llama, tmp_path):
    jackdaw.ok("ingest", write_documents(tmp_path / "more", long=8))
    answer = ask(jackdaw, "--backend", "openai", env=llama("text", "-c", "2048"))
    assert answer.status == 0, answer.err
    assert answer["answer"] == ANSWER and answer["left_out"]


def test_endless_answer_is_cut(jackdaw, llama):
    answer = ask(jackdaw, "--context", "1024", env=llama("random"))
    assert answer["complete"] is False and "cut off" in answer.notes()


def start_asking(jackdaw, env, *options):
    """Asks and waits for the first words."""
    process = subprocess.Popen([jackdaw.program, "ask", *options, QUESTION], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env={**jackdaw.env, **env})
    assert process.stdout.read(20)
    return process


def test_interrupt(jackdaw, llama):
    process = start_asking(jackdaw, llama("random"))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"stopped" in err


def test_server_dies_in_mid_answer(jackdaw, llama):
    process = start_asking(jackdaw, llama("random"))
    llama.end()
    _, err = process.communicate(timeout=60)
    assert b"not complete" in err
