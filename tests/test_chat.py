"""jackdaw chat, by pipe and on a real terminal; and how ask and chat are stopped."""
import json
import os
import pty
import select
import stat
import subprocess
import termios
import time

import pytest
from library import write_library


@pytest.fixture
def filled(jackdaw):
    jackdaw.library = write_library(jackdaw.folder / "library")
    jackdaw.ok("ingest", jackdaw.library)
    jackdaw.env["JACKDAW_BACKEND"] = "extract"
    jackdaw.env["XDG_STATE_HOME"] = str(jackdaw.folder / "state")
    return jackdaw


def test_questions_by_pipe(filled):
    result = filled.ok("chat", stdin=b"why is an owl silent\n\nwhy do cranes dance")
    assert "silent" in result.out and "[1] t" in result.out
    assert "spring" in result.out
    assert ">" not in result.out.splitlines()[0]


def test_json_by_pipe(filled):
    out = filled.ok("chat", "--json", stdin=b"why is an owl silent\nwhat of quantum chromodynamics\n").out
    first, second = map(json.loads, out.splitlines())
    assert first["answered"] and first["question"] == "why is an owl silent"
    assert not second["answered"]


def test_commands_of_chat(filled):
    result = filled.ok("chat", stdin=b"/sources\nwhy is an owl silent\n/sources\n/clear\n/sources\n/nonsense\n"
                                     b"/image\n/image absent.png\n/help\n/quit\nwhy do cranes dance\n")
    assert result.err.count("there is no answer yet") == 2
    assert "unknown: /nonsense" in result.err
    assert "/image needs a file" in result.err
    assert "absent.png: No such file" in result.err
    assert "/sources     the sources" in result.err
    assert result.out.count("[1] t") == 2
    for typed in (b"library/crane.png", b"'library/crane.png'", b"library/c\\rane.png"):
        assert "goes with your next question" in filled.ok("chat", stdin=b"/image " + typed).err
    assert "spring" not in result.out


def test_an_error_does_not_end_the_chat(filled):
    result = filled.ok("chat", stdin=b"owl " * 30000 + b"\nwhy is an owl silent\n")
    assert "jackdaw:" in result.err and "silent" in result.out


class Terminal:
    """The command on a pseudo-terminal."""

    def __init__(self, jackdaw, *args):
        self.main, side = pty.openpty()
        env = {**jackdaw.env, "TERM": "xterm", "LC_ALL": "C.UTF-8"}
        self.process = subprocess.Popen([str(jackdaw.program), *args], stdin=side, stdout=side, stderr=side, env=env,
                                        cwd=jackdaw.folder, start_new_session=True,
                                        preexec_fn=lambda: __import__("fcntl").ioctl(0, 0x540E, 0))  # TIOCSCTTY
        os.close(side)
        self.seen = ""

    def wait_for(self, text):
        """Reads until `text` is on the screen; what was read before it is forgotten."""
        while text not in self.seen:
            ready, _, _ = select.select([self.main], [], [], 60)
            assert ready, f"waited for {text!r}, saw {self.seen!r}"
            try:
                piece = os.read(self.main, 65536)
            except OSError:
                piece = b""
            assert piece, f"ended before {text!r}, after {self.seen!r}"
            self.seen += piece.decode("utf-8", "replace")
        before, self.seen = self.seen.split(text, 1)
        return before

    def wait_for_prompt(self):
        """Until a line can be edited: the prompt is shown a moment before the terminal passes on every key."""
        self.wait_for("> ")
        while termios.tcgetattr(self.main)[3] & termios.ICANON:
            time.sleep(0.002)

    def type(self, text):
        os.write(self.main, text.encode())

    def end(self):
        """The exit status; a program that says and does nothing for a minute is killed."""
        while select.select([self.main], [], [], 60)[0]:
            try:
                if not os.read(self.main, 65536):
                    break
            except OSError:
                break
        else:
            self.process.kill()
        return self.process.wait(timeout=60)


def test_chat_on_a_terminal(filled):
    terminal = Terminal(filled, "chat")
    terminal.wait_for_prompt()
    terminal.type("why is an owl silnt\x1b[D\x1b[De\r")
    terminal.wait_for("[1] ")
    terminal.wait_for_prompt()
    terminal.type("some half of a line\x03")
    terminal.wait_for_prompt()
    terminal.type("\x1b[A")
    terminal.wait_for("why is an owl")
    terminal.type("\x15/quit\r")
    assert terminal.end() == 0
    history = filled.folder / "state" / "jackdaw" / "chat_history"
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    assert "owl" in history.read_text()


def test_end_of_file_ends_the_chat(filled):
    terminal = Terminal(filled, "chat")
    terminal.wait_for_prompt()
    terminal.type("\x04")
    assert terminal.end() == 0


def test_characters_of_many_bytes_can_be_typed(filled):
    terminal = Terminal(filled, "chat", "--json")
    terminal.wait_for_prompt()
    terminal.type("Grösse\x7f\x7f\x7fße der Eule 🦉\r")
    terminal.wait_for('"question": "')
    assert terminal.wait_for('"') == "Größe der Eule 🦉"
    terminal.wait_for_prompt()
    terminal.type("\x04")
    assert terminal.end() == 0
