#!/usr/bin/env python3
"""Makes the small pictures of every kind that the decoders' tests and fuzz targets start from: fuzz/corpus/{png,...}.

Run by hand when a kind is added (needs Pillow); what it makes is kept in the repository.
"""
import io
import pathlib
import struct
import zlib

from PIL import Image, ImageDraw

CORPUS = pathlib.Path(__file__).resolve().parent.parent / "fuzz" / "corpus"
WIDTH, HEIGHT = 23, 17  # no multiple of a block, sides that differ


def scene(width=WIDTH, height=HEIGHT):
    """A picture that looks different after every turn."""
    picture = Image.new("RGB", (width, height))
    for y in range(height):
        for x in range(width):
            picture.putpixel((x, y), (x * 255 // (width - 1), y * 255 // (height - 1), (x * y) % 256))
    ImageDraw.Draw(picture).rectangle((2, 2, 8, 5), fill=(255, 240, 0))
    return picture


def translucent():
    picture = scene().convert("RGBA")
    alpha = Image.new("L", picture.size)
    alpha.putdata([(x * 11 + y * 3) % 256 for y in range(HEIGHT) for x in range(WIDTH)])
    picture.putalpha(alpha)
    return picture


def save(folder, name, picture, **options):
    path = CORPUS / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, **options)


def write(folder, name, data):
    path = CORPUS / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def exif(orientation):
    return b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + struct.pack(">H", orientation) + b"\0\0\0\0\0\0"


def png(width, height, depth, colour, rows, interlace=0, extra=b""):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows, 9)) +
            chunk(b"IEND", b""))


def adam7(picture):
    """The rows of an interlaced RGB picture."""
    out = b""
    for x0, y0, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)):
        for y in range(y0, picture.height, dy):
            row = b"".join(bytes(picture.getpixel((x, y))) for x in range(x0, picture.width, dx))
            if row:
                out += b"\0" + row
    return out


def sixteen(picture):
    """The rows of a picture with 16 bits a channel, the lower 8 of them noise."""
    channels = len(picture.getbands())
    out = b""
    for y in range(picture.height):
        out += b"\0"
        for x in range(picture.width):
            pixel = picture.getpixel((x, y))
            for value in pixel if channels > 1 else (pixel,):
                out += bytes((value, (x * 7 + y) % 256))
    return out


def make_png():
    rgb = scene()
    save("png", "grey1.png", rgb.convert("1"))
    save("png", "grey8.png", rgb.convert("L"))
    save("png", "grey-alpha.png", translucent().convert("LA"))
    save("png", "rgb8.png", rgb)
    save("png", "rgba8.png", translucent())
    save("png", "palette.png", rgb.quantize(16), bits=4)
    save("png", "palette-transparent.png", rgb.quantize(8), transparency=3)
    save("png", "rgb-transparent.png", rgb, transparency=(255, 240, 0))
    write("png", "grey16.png", png(WIDTH, HEIGHT, 16, 0, sixteen(rgb.convert("L"))))
    write("png", "rgb16.png", png(WIDTH, HEIGHT, 16, 2, sixteen(rgb)))
    write("png", "rgba16.png", png(WIDTH, HEIGHT, 16, 6, sixteen(translucent())))
    write("png", "interlaced.png", png(WIDTH, HEIGHT, 8, 2, adam7(rgb), interlace=1))
    frames = [rgb.rotate(180), rgb]
    save("png", "animated.png", rgb, save_all=True, append_images=frames, duration=50)
    for orientation in range(1, 9):
        back = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]  # Image.Transpose, undoing EXIF's turn
        turned = rgb if back is None else rgb.transpose(back)
        rows = b"".join(b"\0" + turned.crop((0, y, turned.width, y + 1)).tobytes() for y in range(turned.height))
        write("png", f"turned{orientation}.png", png(turned.width, turned.height, 8, 2, rows, extra=chunk(b"eXIf", exif(orientation))))
    write("png", "claims-60000.png", png(60000, 60000, 8, 6, b"\0" * 100))


def cut_jpeg_size(data, width, height):
    at = data.index(b"\xff\xc0")
    return data[:at + 5] + struct.pack(">HH", height, width) + data[at + 9:]


def make_jpeg():
    rgb = scene()
    save("jpeg", "baseline.jpg", rgb, quality=80)
    save("jpeg", "full-colour.jpg", rgb, quality=80, subsampling=0)
    save("jpeg", "progressive.jpg", rgb, quality=80, progressive=True)
    save("jpeg", "grey.jpg", rgb.convert("L"), quality=80)
    save("jpeg", "cmyk.jpg", rgb.convert("CMYK"), quality=80)
    save("jpeg", "turned6.jpg", rgb.transpose(Image.Transpose.ROTATE_90), quality=95, subsampling=0, exif=b"Exif\0\0" + exif(6))
    data = io.BytesIO()
    rgb.save(data, "JPEG")
    write("jpeg", "claims-60000.jpg", cut_jpeg_size(data.getvalue(), 60000, 60000))


def make_webp():
    rgb = scene()
    save("webp", "lossy.webp", rgb, quality=80)
    save("webp", "lossless.webp", rgb, lossless=True)
    save("webp", "lossy-alpha.webp", translucent(), quality=80)
    save("webp", "lossless-alpha.webp", translucent(), lossless=True, exact=True)
    save("webp", "animated.webp", rgb, save_all=True, append_images=[rgb.rotate(180)], duration=50, lossless=True)
    # An animation whose canvas is huge, its only frame small.
    still = (CORPUS / "webp" / "lossless.webp").read_bytes()[12:]
    frame = (0).to_bytes(6, "little") + (WIDTH - 1).to_bytes(3, "little") + (HEIGHT - 1).to_bytes(3, "little") + b"\0" * 4 + still
    chunks = (b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + (59999).to_bytes(3, "little") * 2 +
              b"ANIM" + struct.pack("<I", 6) + b"\0" * 6 + b"ANMF" + struct.pack("<I", len(frame)) + frame)
    write("webp", "claims-60000.webp", b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks)


def make_gif():
    rgb = scene()
    few = rgb.quantize(16)
    save("gif", "still.gif", few, interlace=0)
    save("gif", "interlaced.gif", few, interlace=1)
    save("gif", "transparent.gif", few, transparency=2)
    save("gif", "animated.gif", few, save_all=True, append_images=[rgb.rotate(180).quantize(16)], duration=50)
    still = (CORPUS / "gif" / "still.gif").read_bytes()
    write("gif", "claims-60000.gif", still[:6] + struct.pack("<HH", 60000, 60000) + still[10:])
    # The first frame covers a part of the canvas only.
    descriptor = still.index(b",\0\0\0\0" + struct.pack("<HH", WIDTH, HEIGHT))
    write("gif", "offset.gif", still[:6] + struct.pack("<HH", WIDTH + 5, HEIGHT + 4) + still[10:descriptor + 1] +
          struct.pack("<HH", 3, 2) + still[descriptor + 5:])


if __name__ == "__main__":
    make_png()
    make_jpeg()
    make_webp()
    make_gif()
