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


def test_commands_are_named_in_one_place():
    """Hints of the library that name a command have words for clients of a server beside them: base/remedy.h."""
    named = []
    for file in (ROOT / "src").rglob("*.c"):
        path = str(file.relative_to(ROOT / "src"))
        if path.startswith(("cli/", "server/", "base/remedy.c")) or file.name.startswith("test_"):
            continue
        text = re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.DOTALL)
        strings = ("".join(re.findall(r'"((?:[^"\\\n]|\\.)*)"', s)) for s in re.findall(r'(?:"(?:[^"\\\n]|\\.)*"\s*)+', text))
        named += [(path, s) for s in strings if re.search(COMMAND, s)]
    assert named == [("hub/record.c", "it has no record: `jackdaw model` did not install it")]
