"""Small models of random weights for tests of `jackdaw model`, and a place to install them."""
import sys

from conftest import ROOT

sys.path.insert(0, str(ROOT / "tests" / "parity"))

import make_checkpoints  # noqa: E402  (needs the path above)

make = make_checkpoints.make


def installed(jackdaw):
    """The folder of models."""
    return jackdaw.folder / "home" / "data" / "jackdaw" / "models"


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()) if folder.exists() else []


def nothing_installed(jackdaw):
    """No model is visible, not even half of one."""
    folder = installed(jackdaw)
    visible = [entry.name for entry in folder.iterdir() if not entry.name.startswith(".")] if folder.exists() else []
    return visible == [] and jackdaw.ok("model", "list", "--json").json() == []
