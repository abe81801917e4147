"""A small library of documents that tests of the commands ask about."""
import io
import struct
import zlib

CRANES = """<html><head><title>Cranes</title></head><body>
<h1>Cranes</h1>
<h2>Dancing</h2>
<p>Cranes dance in spring: they bow, leap and throw sticks into the air, and whole flocks join in.</p>
<figure><img src="crane.png" alt="a crane"><figcaption>A dancing crane on a meadow</figcaption></figure>
<h2>Migration</h2>
<p>In autumn the cranes fly south in long wedges and rest on shallow lakes, where foxes cannot reach them.</p>
</body></html>
"""

OWLS = """# Owls

## Hearing

An owl hears a mouse under thick snow, because its ears sit at different heights in the skull.

## Flight

Soft fringes on the feathers make the flight of an owl silent.
"""

# What stands in documents must never reach the terminal as it is.
HOSTILE = """# Tape \x1b]0;owned\x07 recorders

A tape recorder \x1b[31mstores\x1b[0m sound \x9b2J on magnetic tape \u202edesrever\u202c.
"""


def png(width, height, colour):
    """A plain picture of one colour."""
    row = b"\0" + bytes(colour) * width

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    out = io.BytesIO()
    out.write(b"\x89PNG\r\n\x1a\n")
    out.write(chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)))
    out.write(chunk(b"IDAT", zlib.compress(row * height)))
    out.write(chunk(b"IEND", b""))
    return out.getvalue()


def write_library(folder):
    folder.mkdir()
    (folder / "cranes.html").write_text(CRANES)
    (folder / "owls.md").write_text(OWLS)
    (folder / "tape.md").write_text(HOSTILE)
    (folder / "crane.png").write_bytes(png(40, 20, (200, 30, 30)))
    return folder
