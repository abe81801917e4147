"""Every command in the documents runs, and prints what the documents say it prints.

A fenced block marked `console` is a session: lines that begin with "$ " are run by the shell in a folder that holds the
samples, one session a document. The lines under a command must be in its output (durations and sizes of files may differ, and a
line "..." stands for any number of lines). "[exit status N]" says how it ends where that is not 0.
"""
import os
import re
import shutil
import subprocess

import pytest
import models
from conftest import BUILD, ROOT
from servers.hub import Hub, read_folder

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def sessions(text):
    """The commands of a document, each with the lines that are to be in its output."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", text, re.M | re.S):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif line.startswith("> ") and found and not found[-1][1] and found[-1][0].endswith("\\"):
                found[-1] = (found[-1][0] + "\n" + line[2:], found[-1][1])
            elif found:
                found[-1][1].append(line)
    return found


def normal(line):
    """A line without what differs from run to run."""
    line = re.sub(r"\d+(\.\d+)? (ms|s|kB|MB|GB|B)\b", "N", line)
    line = re.sub(r"\b([dti])\d+\b", r"\1N", line)  # a file that took very long is numbered late
    return re.sub(r"\s+", " ", line).strip()


def check(command, expected, done, folder):
    output = [normal(line.replace(str(folder), "~")) for line in (done.stdout + done.stderr).splitlines()]
    status = 0
    for line in expected:
        match = re.fullmatch(r"\[exit status (\d+)\]", line)
        if match:
            status = int(match.group(1))
        elif line.strip() not in ("", "..."):
            assert normal(line) in output, f"$ {command}\nexpected: {line}\ngot:\n{done.stdout}{done.stderr}"
    assert done.returncode == status, f"$ {command}\nstatus {done.returncode}\n{done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """What the models in the documents stand for: a small one of random weights."""
    return models.make("bert-mean", tmp_path_factory.mktemp("models"))


@pytest.fixture
def hub(model):
    files = read_folder(model)
    with Hub({name: files for name in ("Snowflake/snowflake-arctic-embed-xs", "me/any-model")}) as server:
        yield server


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.name)
def test_sessions(document, jackdaw, tmp_path, hub, model):
    commands = sessions(document.read_text(encoding="utf-8"))
    if not commands:
        pytest.skip("no sessions in it")
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    shutil.copytree(model, tmp_path / "models" / "my-encoder")
    del jackdaw.env["JACKDAW_KB"]
    env = {**jackdaw.env, "HF_ENDPOINT": hub.url, "PATH": f"{BUILD}:{os.environ['PATH']}", "COLUMNS": "80", "HOME": str(tmp_path)}
    for command, expected in commands:
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=env, cwd=tmp_path,
                              stdin=subprocess.DEVNULL, timeout=120, check=False)
        check(command, expected, done, tmp_path)
