"""The source's own rules hold."""
import re
import subprocess
import sys

from conftest import ROOT

COMMANDS = [file.stem.removeprefix("cmd_") for file in (ROOT / "src/cli").glob("cmd_*.c")]
COMMAND = rf"\bjackdaw ({'|'.join(COMMANDS)}|backup)\b"


def test_stage_order_and_sizes():
    done = subprocess.run([sys.executable, ROOT / "tools" / "check_source.py"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def library_sentences():
    """(file, sentence) of what the library says: its literals, joined where they stand side by side."""
    for file in (ROOT / "src").rglob("*.c"):
        path = str(file.relative_to(ROOT / "src"))
        if path.startswith(("cli/", "server/")) or file.name.startswith("test_"):
            continue
        text = re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.DOTALL)
        for literals in re.findall(r'(?:"(?:[^"\\\n]|\\.)*"\s*)+', text):
            yield path, "".join(re.findall(r'"((?:[^"\\\n]|\\.)*)"', literals))


def test_commands_are_named_in_one_place():
    """Hints of the library that name a command have words for clients of a server beside them: base/remedy.h."""
    named = [(path, s) for path, s in library_sentences() if path != "base/remedy.c" and re.search(COMMAND, s)]
    assert named == [("hub/record.c", "it has no record: `jackdaw model` did not install it")]


def test_the_page_knows_what_the_library_remarks():
    """The page has some remarks in its own language, by how they begin: the library still says each of them so."""
    said = [re.sub(r"%[a-z]", "x", sentence) for _, sentence in library_sentences()]
    patterns = re.findall(r'\["[a-z-]+", /(.+)/\],', (ROOT / "ui" / "problems.js").read_text())
    assert len(patterns) > 10
    assert [p for p in patterns if not any(re.search(p.replace("(?<", "(?P<"), s) for s in said)] == []
