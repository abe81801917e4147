"""Pictures become an encoder's input as transformers' CLIPImageProcessor and SiglipImageProcessor make it on Pillow, to the bit."""
import subprocess

import pytest
from PIL import Image

from conftest import BUILD
from test_pictures import CORPUS, GOOD, noise

BICUBIC, BILINEAR = 0, 1
FILTERS = {BICUBIC: Image.Resampling.BICUBIC, BILINEAR: Image.Resampling.BILINEAR}


def ours(path, size, edge, square, filter):
    done = subprocess.run([BUILD / "jackdaw-test-pixels", path, "prepare", str(size), str(edge), str(int(square)), str(filter)],
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert len(done.stdout) == size * size * 4
    assert set(done.stdout[3::4]) == {255}
    return Image.frombytes("RGBA", (size, size), done.stdout).convert("RGB")


def to_rgb(picture):
    """transformers.image_transforms.convert_to_rgb."""
    if "A" not in picture.getbands() and picture.info.get("transparency") is None:
        return picture.convert("RGB")
    white = Image.new("RGBA", picture.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")


def resize(picture, size, filter):
    """Rows first whatever the version: Pillow 13 goes by columns first where that is much less work."""
    return picture.resize((size[0], picture.height), filter).resize(size, filter)


def theirs(path, size, edge, square, filter):
    picture = to_rgb(Image.open(path))
    if square:
        return resize(picture, (size, size), FILTERS[filter])
    width, height = picture.size
    short, long = sorted((width, height))
    other = int(edge * long / short)
    picture = resize(picture, (edge, other) if width <= height else (other, edge), FILTERS[filter])
    left, top = (picture.width - size) // 2, (picture.height - size) // 2
    return picture.crop((left, top, left + size, top + size))


@pytest.mark.parametrize("square", [False, True], ids=["crop", "square"])
@pytest.mark.parametrize("path", [p for p in GOOD if p.name != "offset.gif"], ids=lambda path: path.name)
def test_every_kind_of_picture(path, square):
    """RGB, grey, palettes, transparency, 16 bits, CMYK, turned by EXIF, interlaced, animated."""
    assert ours(path, 29, 29, square, BICUBIC).tobytes() == theirs(path, 29, 29, square, BICUBIC).tobytes()


SIZES = [(640, 480), (480, 640), (1, 1), (1, 700), (700, 1), (224, 224), (225, 224), (3, 2), (997, 31), (500, 333), (2000, 1999)]


@pytest.mark.parametrize("filter", [BICUBIC, BILINEAR], ids=["bicubic", "bilinear"])
@pytest.mark.parametrize("size,edge,square", [(224, 224, False), (224, 256, False), (256, 256, True), (15, 16, False)], ids=str)
@pytest.mark.parametrize("before", SIZES, ids=str)
def test_every_shape(tmp_path, before, size, edge, square, filter):
    picture = noise("RGB", *before, seed=sum(before))
    path = tmp_path / "noise.png"
    picture.save(path)
    assert ours(path, size, edge, square, filter).tobytes() == theirs(path, size, edge, square, filter).tobytes()


def test_grey_of_16_bits_is_clipped():
    """As Pillow's convert("RGB") does it: all that the reference's models ever saw of such pictures."""
    got = ours(CORPUS / "png" / "grey16.png", 17, 17, False, BICUBIC)
    assert got.tobytes() == theirs(CORPUS / "png" / "grey16.png", 17, 17, False, BICUBIC).tobytes()
    assert max(got.tobytes()) == 255
