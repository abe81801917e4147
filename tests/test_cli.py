"""The command itself: usage, exit statuses, settings, colour, pipes, and what is made from its table."""
import json
import os
import pty
import re
import shutil
import subprocess

import pytest
from conftest import BUILD

COMMANDS = re.findall(r"^  ([a-z][a-z-]*)  ",
                      subprocess.run([BUILD / "jackdaw", "--help"], capture_output=True, text=True).stdout
                      .split("Commands\n")[1].split("\n\n")[0], re.M)


@pytest.mark.parametrize("args, says", [
    (["serch"], r"unknown command 'serch'"),
    (["docter"], r"did you mean 'doctor'\?"),
    (["doctor", "--jsn"], r"unknown option --jsn of 'doctor'\n +did you mean --json\?"),
    (["--treads", "2", "doctor"], r"did you mean --threads\?"),
    (["doctor", "--threads"], r"--threads needs a value: --threads N"),
    (["doctor", "--threads", "many"], r"--threads: expected a whole number from 0 to 1024, found 'many'"),
    (["doctor", "--threads=-1"], r"found '-1'"),
    (["doctor", "--threads", "99999999999999999999"], r"found '99999999999999999999'"),
    (["doctor", "--kb", ""], r"--kb: expected a value, found an empty one"),
    (["doctor", "--quiet=maybe"], r"--quiet: expected true or false, found 'maybe'"),
    (["doctor", "-x"], r"unknown option -x of doctor"),
    (["doctor", "too", "much"], r"'doctor' does not take 'too'"),
    (["help", "nothing"], r"unknown command 'nothing'"),
    (["doctor", "--no-threads"], r"unknown option --no-threads"),
    (["doctor", "--", "--json"], r"'doctor' does not take '--json'"),
    (["\x1b[31mred"], r"unknown command '␛\[31mred'"),
])
def test_usage_errors(jackdaw, args, says):
    result = jackdaw.run(*args)
    assert result.status == 2
    assert result.out == ""
    assert re.search(says, result.err), result.err
    assert len(result.err.splitlines()) <= 2


def test_usage_errors_as_json(jackdaw):
    for args in (["--json", "serch"], ["serch", "--json"], ["doctor", "--threads", "x", "--json"]):
        result = jackdaw.run(*args)
        assert result.status == 2 and result.out == ""
        error = json.loads(result.err)["error"]
        assert error["code"] == "usage"
        assert set(error) == {"code", "message", "hint"}


def test_no_command_shows_help_on_standard_error(jackdaw):
    result = jackdaw.run()
    assert result.status == 2 and result.out == ""
    assert "Commands" in result.err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command(jackdaw, command):
    first = jackdaw.ok(command, "--help")
    assert first.out.startswith(f"Usage: jackdaw {command}")
    assert first.err == ""
    for args in (["help", command], ["--help", command], [command, "-h"], ["-q", command, "-qh"]):
        assert jackdaw.ok(*args).out == first.out


def test_help_wraps_to_the_terminal(jackdaw):
    for width in (50, 80, 200):
        for args in (["--help"], *([c, "--help"] for c in COMMANDS)):
            out = jackdaw.ok(*args, env={"COLUMNS": str(width)}).out
            text = out.split("\nExamples\n")[0]  # commands to type are never broken
            long = [line for line in text.splitlines() if len(line) > min(width, 100) and " " in line.strip()]
            assert not [line for line in long if not line.startswith("Usage")], (width, args)


def test_version(jackdaw):
    assert re.fullmatch(r"jackdaw \d+\.\d+\.\d+\n", jackdaw.ok("--version").out)
    assert jackdaw.ok("version").out == jackdaw.ok("-V").out == jackdaw.ok("--version").out
    assert jackdaw.ok("version", "--json").json().keys() == {"version"}


def test_options_in_every_form(jackdaw):
    for args in (["--threads=3", "doctor"], ["doctor", "--threads", "3"], ["-q", "doctor", "--no-quiet", "--quiet"]):
        assert jackdaw.run(*args, "--json").json()["checks"]


def on_terminal(jackdaw, *args, env=None):
    """What a run writes to a terminal, and its status."""
    main, side = pty.openpty()
    process = subprocess.Popen([str(jackdaw.program), *args], stdin=side, stdout=side, stderr=side,
                               env={**jackdaw.env, "TERM": "xterm-256color", **(env or {})}, cwd=jackdaw.folder)
    os.close(side)
    out = b""
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:
            break
        if not piece:
            break
        out += piece
    os.close(main)
    return process.wait(), out.decode()


def test_colour_only_on_a_terminal_and_never_with_no_color(jackdaw):
    assert "\x1b[" in on_terminal(jackdaw, "doctor")[1]
    assert "\x1b[" not in on_terminal(jackdaw, "doctor", env={"NO_COLOR": "1"})[1]
    assert "\x1b[" not in on_terminal(jackdaw, "doctor", env={"TERM": "dumb"})[1]
    assert "\x1b[" in on_terminal(jackdaw, "doctor", env={"NO_COLOR": ""})[1]
    assert "\x1b[" not in jackdaw.run("doctor").out


def test_a_reader_that_leaves_is_no_error(jackdaw):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([str(jackdaw.program), "--help"], stdout=write, stderr=subprocess.PIPE, env=jackdaw.env)
    os.close(write)
    assert done.returncode == 0 and done.stderr == b""


def test_a_full_disk_is_an_error(jackdaw):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([str(jackdaw.program), "--help"], stdout=full, stderr=subprocess.PIPE, env=jackdaw.env)
    assert done.returncode == 1
    assert b"cannot write to standard output: No space left on device" in done.stderr


def test_doctor_reports(jackdaw):
    result = jackdaw.run("doctor", "--json")
    report = result.json()
    assert report["healthy"] is (result.status == 0)
    names = {check["name"] for check in report["checks"]}
    assert {"libraries", "processor"} <= names
    for check in report["checks"]:
        assert set(check) == {"group", "name", "state", "found", "advice"}
        assert check["state"] in ("good", "missing", "bad")
        assert check["found"]
    text = jackdaw.run("doctor").out
    for check in report["checks"]:
        assert check["name"] in text


@pytest.mark.skipif(not shutil.which("man"), reason="man is not installed")
def test_manual_page_renders_without_warnings(jackdaw, tmp_path):
    page = tmp_path / "jackdaw.1"
    page.write_text(jackdaw.ok("generate", "man").out)
    done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", page], capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80"})
    assert done.returncode == 0 and done.stderr == ""
    text = re.sub(".\b", "", done.stdout)
    for command in COMMANDS:
        assert f"jackdaw {command}" in text
    assert "--kb FILE" in text and "EXIT STATUS" in text


def complete_in_bash(jackdaw, *words):
    """What bash would offer for the last word."""
    script = jackdaw.folder / "jackdaw.bash"
    script.write_text(jackdaw.ok("generate", "bash").out)
    quoted = " ".join(f"'{w}'" for w in words)
    line = (f"source {script}; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _jackdaw; "
            'printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "--norc", "-c", line], capture_output=True, text=True, cwd=jackdaw.folder, env=jackdaw.env)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout.split()


def test_completion_in_bash(jackdaw):
    assert set(complete_in_bash(jackdaw, "jackdaw", "")) == set(COMMANDS)
    assert complete_in_bash(jackdaw, "jackdaw", "doc") == ["doctor"]
    assert complete_in_bash(jackdaw, "jackdaw", "doctor", "--thr") == ["--threads"]
    assert complete_in_bash(jackdaw, "jackdaw", "--off") == ["--offline"]
    assert "doctor" in complete_in_bash(jackdaw, "jackdaw", "help", "")
    assert complete_in_bash(jackdaw, "jackdaw", "search", "--profile", "") == ["default", "article"]
    assert complete_in_bash(jackdaw, "jackdaw", "search", "--profile", "=", "a") == ["article"]
    assert complete_in_bash(jackdaw, "jackdaw", "search", "-k", "") == []
    assert complete_in_bash(jackdaw, "jackdaw", "model", "rm", "") == []
    (jackdaw.folder / "my base.db").touch()
    assert " ".join(complete_in_bash(jackdaw, "jackdaw", "--kb", "my")) == "my base.db"


def test_completion_of_installed_models(jackdaw):
    models = jackdaw.folder / "home" / "data" / "jackdaw" / "models"
    for name in ("me/one", "two"):
        (models / name).mkdir(parents=True)
        (models / name / "config.json").write_text("{}")
    program = str(jackdaw.program)
    assert complete_in_bash(jackdaw, program, "model", "rm", "") == ["me/one", "two"]
    assert complete_in_bash(jackdaw, program, "model", "rm", "one", "t") == ["two"]
    (jackdaw.folder / "twofold").mkdir()
    assert complete_in_bash(jackdaw, program, "model", "bench", "two") == ["two", "twofold"]


@pytest.mark.parametrize("shell, check", [("zsh", ["zsh", "-n"]), ("fish", ["fish", "--no-execute"])])
def test_completions_of_other_shells_parse(jackdaw, shell, check):
    text = jackdaw.ok("generate", shell).out
    for command in COMMANDS:
        assert command in text
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    script = jackdaw.folder / f"completion.{shell}"
    script.write_text(text)
    done = subprocess.run([*check, script], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", done.stderr
