"""What every command test needs: the binary under test, a place of its own, and the reference data."""
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("JACKDAW_BUILD", ROOT / "build"))
REFERENCE = ROOT.parent / "shared" / "reference"
TOOLS = ROOT.parent / "shared" / "tools"


def pytest_configure(config):
    config.addinivalue_line("markers", "conformance: official clients and suites from npm and PyPI; only with -m conformance")


def pytest_collection_modifyitems(config, items):
    """What installs half of npm first runs where it is asked for: `make conformance`."""
    if config.getoption("-m") == "conformance":
        return
    apart = [item for item in items if item.get_closest_marker("conformance")]
    config.hook.pytest_deselected(items=apart)
    items[:] = [item for item in items if item not in apart]


class Result:
    """How one run of the command ended."""

    def __init__(self, done):
        self.status = done.returncode
        self.out = done.stdout.decode("utf-8", "replace")
        self.err = done.stderr.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.out)


class Jackdaw:
    """Runs build/jackdaw with homes of its own, so that no test sees another's or the user's files."""

    def __init__(self, folder):
        self.folder = folder
        self.program = BUILD / "jackdaw"
        self.kb = folder / "kb.db"
        home = folder / "home"
        home.mkdir(exist_ok=True)
        keep = ("PATH", "LC_ALL", "LANG", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TMPDIR")
        self.env = {k: os.environ[k] for k in keep if k in os.environ}
        self.env.update(HOME=str(home), XDG_DATA_HOME=str(home / "data"), XDG_CONFIG_HOME=str(home / "config"),
                        XDG_CACHE_HOME=str(home / "cache"), JACKDAW_READER=str(BUILD / "jackdaw-reader"),
                        JACKDAW_KB=str(self.kb),
                        # Nothing listens there: no test finds a real model server by accident.
                        OLLAMA_HOST="127.0.0.1:9")

    def run(self, *args, stdin=b"", env=None, timeout=120):
        done = subprocess.run([str(self.program), *map(str, args)], input=stdin, capture_output=True,
                              env={**self.env, **(env or {})}, cwd=self.folder, timeout=timeout)
        return Result(done)

    def ok(self, *args, **kwargs):
        result = self.run(*args, **kwargs)
        assert result.status == 0, f"{args}: status {result.status}\n{result.err}"
        return result


@pytest.fixture
def jackdaw(tmp_path):
    return Jackdaw(tmp_path)


@pytest.fixture(scope="session")
def reference():
    if not REFERENCE.is_dir():
        pytest.skip("the reference data beside the repository (../shared/reference) is not there")
    return REFERENCE
