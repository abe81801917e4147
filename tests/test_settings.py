"""The settings file, the environment, and which of them wins."""
import re

import pytest


def write_settings(jackdaw, text):
    path = jackdaw.folder / "home" / "config" / "jackdaw" / "config.ini"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize("text, says", [
    ("[jackdaw]\nthreads = many\n", r"config\.ini: threads in \[jackdaw\]: expected a whole number"),
    ("[jackdaw]\ntreads = 2\n", r"config\.ini: unknown key 'treads' in \[jackdaw\]\n +did you mean 'threads'\?"),
    ("[jackdow]\nkb = x\n", r"config\.ini: unknown section \[jackdow\]"),
    ("[doctor]\nprune = true\n", r"unknown key 'prune' in \[doctor\]"),
    ("[jackdaw]\nhelp = true\n", r"unknown key 'help'"),
    ("[jackdaw]\nquiet = perhaps\n", r"quiet in \[jackdaw\]: expected true or false"),
    ("kb = no section\n", r"config\.ini: "),
    ("[jackdaw]\nnonsense\n", r"config\.ini: .*nonsense"),
])
def test_bad_settings_are_named(jackdaw, text, says):
    write_settings(jackdaw, text)
    result = jackdaw.run("doctor")
    assert result.status == 2
    assert re.search(says, result.err), result.err
    jackdaw.ok("help")
    jackdaw.ok("--version")


def base_of(jackdaw, *args, env=None):
    """The knowledge base that a run would use, as doctor tells it."""
    checks = jackdaw.run(*args, "doctor", "--json", env=env).json()["checks"]
    return next(c["found"] for c in checks if c["group"] == "Knowledge base" and c["name"] == "file")


def test_command_line_wins_over_environment_over_settings(jackdaw):
    del jackdaw.env["JACKDAW_KB"]
    assert "/home/data/jackdaw/default.db" in base_of(jackdaw)
    write_settings(jackdaw, "[jackdaw]\nkb = /nowhere/settings.db\n")
    assert "/nowhere/settings.db" in base_of(jackdaw)
    assert "/nowhere/variable.db" in base_of(jackdaw, env={"JACKDAW_KB": "/nowhere/variable.db"})
    assert "/nowhere/line.db" in base_of(jackdaw, "--kb", "/nowhere/line.db",
                                         env={"JACKDAW_KB": "/nowhere/variable.db"})


def test_a_bad_variable_is_named(jackdaw):
    result = jackdaw.run("doctor", env={"JACKDAW_THREADS": "lots"})
    assert result.status == 2
    assert "JACKDAW_THREADS: expected a whole number" in result.err
