"""The source's own rules hold."""
import subprocess
import sys

from conftest import ROOT


def test_stage_order_and_sizes():
    done = subprocess.run([sys.executable, ROOT / "tools" / "check_source.py"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
