"""Decoding and resizing give what Pillow gives, to the bit: encoders are measured on Pillow's pixels."""
import random
import subprocess

import pytest
from PIL import Image

from conftest import BUILD, ROOT

CORPUS = ROOT / "fuzz" / "corpus"
GOOD = sorted(path for folder in ("png", "jpeg", "webp", "gif") for path in (CORPUS / folder).iterdir()
              if path.suffix in (".png", ".jpg", ".webp", ".gif") and "claims" not in path.name)


def ours(path, *numbers):
    done = subprocess.run([BUILD / "jackdaw-test-pixels", path, *map(str, numbers)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def as_rgba(path):
    picture = Image.open(path)
    if picture.mode.startswith("I;16"):  # Pillow clips these to white; the upper byte is the picture
        picture = picture.point(lambda value: value / 256).convert("L")
    return picture.convert("RGBA")


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_decoding(path):
    expected = as_rgba(path).tobytes()
    got = ours(path)
    assert len(got) == len(expected)
    # Colours under full transparency are free; what a GIF's frame leaves open is transparent here, the background there.
    shown = [i for i in range(0, len(got), 4) if got[i + 3] or (expected[i + 3] and path.suffix != ".gif")]
    assert len(shown) > len(got) // 8
    assert all(got[i:i + 4] == expected[i:i + 4] for i in shown)


def noise(mode, width, height, seed):
    return Image.frombytes(mode, (width, height), random.Random(seed).randbytes(width * height * len(mode)))


def resize(picture, width, height):
    """Rows first whatever the version: Pillow 13 chooses the order by the amount of work."""
    middle = {"RGBA": "RGBa"}.get(picture.mode, picture.mode)
    narrow = picture.convert(middle).resize((width, picture.height), Image.Resampling.BICUBIC)
    return narrow.resize((width, height), Image.Resampling.BICUBIC).convert(picture.mode).convert("RGBA")


SIZES = [((64, 48), (7, 5)), ((7, 5), (64, 48)), ((301, 203), (224, 224)), ((640, 480), (299, 224)), ((50, 50), (50, 20)),
         ((50, 50), (20, 50)), ((33, 17), (33, 17)), ((1, 1), (9, 9)), ((2000, 3), (5, 3)), ((3, 2000), (2, 11)), ((129, 65), (128, 64))]


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("before,after", SIZES, ids=str)
def test_resizing(tmp_path, mode, before, after):
    picture = noise(mode, *before, seed=sum(before) + sum(after))
    path = tmp_path / "noise.png"
    picture.save(path)
    expected = picture.convert("RGBA") if before == after else resize(picture, *after)
    assert ours(path, *after) == expected.tobytes()


@pytest.mark.parametrize("box", [(38, 0, 224, 224), (0, 0, 1, 1), (298, 223, 1, 1), (10, 20, 100, 50)], ids=str)
def test_only_a_part_is_resized(tmp_path, box):
    picture = noise("RGB", 640, 480, seed=7)
    path = tmp_path / "noise.png"
    picture.save(path)
    x, y, width, height = box
    expected = resize(picture, 299, 224).crop((x, y, x + width, y + height))
    assert ours(path, 299, 224, *box) == expected.tobytes()
