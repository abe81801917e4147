"""A small drawing kit for the handbook's figures: flat shapes, text, axes.

Everything is drawn at three times its size and reduced once at the end, because
Pillow's own lines and ellipses are not antialiased. Coordinates, widths and text
sizes are those of the finished picture.
"""

import math
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SCALE = 3

PAPER = "#fbfaf7"
CARD = "#ffffff"
INK = "#1f2933"
MUTED = "#66727f"
RULE = "#d9dde2"
BLUE, BLUE_TINT = "#2f6fde", "#e3edfc"
TEAL, TEAL_TINT = "#14907f", "#dcf3ef"
AMBER, AMBER_TINT = "#d98a1c", "#fcefd9"
CORAL, CORAL_TINT = "#d9513f", "#fce4e0"
VIOLET, VIOLET_TINT = "#7154c0", "#ebe5f9"

FONT_FOLDER = Path("/usr/share/fonts/truetype/dejavu")
FONT_FILES = {"plain": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf", "mono": "DejaVuSansMono.ttf"}


def load_font(face, size):
    """The DejaVu face, or Pillow's built-in font where Debian's fonts-dejavu-core is missing."""
    path = FONT_FOLDER / FONT_FILES[face]
    if path.exists():
        return ImageFont.truetype(str(path), size)
    return ImageFont.load_default(size)


class Figure:
    """One picture. Shapes are painted in the order of the calls."""

    def __init__(self, width, height, title=None, subtitle=None):
        self.width, self.height = width, height
        self.image = Image.new("RGB", (width * SCALE, height * SCALE), PAPER)
        self.draw = ImageDraw.Draw(self.image)
        if title:
            self.text(40, 30, title, 25, face="bold", anchor="la")
        if subtitle:
            self.text(40, 66, subtitle, 15, MUTED, anchor="la")

    def text(self, x, y, words, size=15, colour=INK, face="plain", anchor="mm"):
        """Text at a point; the anchor is Pillow's (first letter across, second one up and down)."""
        font = load_font(face, size * SCALE)
        if "\n" in words:
            self.draw.multiline_text((x * SCALE, y * SCALE), words, colour, font, anchor=anchor,
                                     spacing=size * SCALE * 0.32, align={"l": "left", "m": "center", "r": "right"}[anchor[0]])
        else:
            self.draw.text((x * SCALE, y * SCALE), words, colour, font, anchor=anchor)

    def box(self, x0, y0, x1, y1, fill=CARD, outline=RULE, width=1.5, radius=10):
        self.draw.rounded_rectangle([v * SCALE for v in (x0, y0, x1, y1)], radius * SCALE, fill, outline,
                                    round(width * SCALE) if outline else 0)

    def label(self, x0, y0, x1, y1, words, fill, outline, size=15, face="plain", colour=INK):
        """A box with text in its middle: the usual node of a diagram."""
        self.box(x0, y0, x1, y1, fill, outline)
        self.text((x0 + x1) / 2, (y0 + y1) / 2, words, size, colour, face)

    def circle(self, x, y, radius, fill, outline=None, width=1.5):
        self.draw.ellipse([(x - radius) * SCALE, (y - radius) * SCALE, (x + radius) * SCALE, (y + radius) * SCALE],
                          fill, outline, round(width * SCALE) if outline else 0)

    def polygon(self, points, fill, outline=None):
        self.draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill, outline)

    def line(self, points, colour=INK, width=2, dash=None):
        """A polyline; with dash (on, off) each straight piece is cut into dashes."""
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        if dash is None:
            self.draw.line(scaled, colour, round(width * SCALE), joint="curve")
            return
        on, off = dash[0] * SCALE, dash[1] * SCALE
        for (x0, y0), (x1, y1) in zip(scaled, scaled[1:]):
            length = math.hypot(x1 - x0, y1 - y0)
            at = 0.0
            while at < length:
                end = min(at + on, length)
                self.draw.line([(x0 + (x1 - x0) * t / length, y0 + (y1 - y0) * t / length) for t in (at, end)],
                               colour, round(width * SCALE))
                at = end + off

    def arrow(self, start, end, colour=MUTED, width=2, head=10):
        """A straight arrow whose head ends exactly at its end point."""
        angle = math.atan2(end[1] - start[1], end[0] - start[0])
        neck = (end[0] - head * 0.8 * math.cos(angle), end[1] - head * 0.8 * math.sin(angle))
        self.line([start, neck], colour, width)
        self.polygon([end] + [(end[0] - head * math.cos(angle + side), end[1] - head * math.sin(angle + side))
                              for side in (0.45, -0.45)], colour)

    def picture_glyph(self, x, y, size, colour, tint=CARD):
        """The usual sign for a picture (hills and a sun), centred at a point."""
        half, s = size / 2, size
        self.box(x - half, y - half, x + half, y + half, tint, colour, max(1.2, s / 24), s / 7)
        self.circle(x - half + s * 0.3, y - half + s * 0.31, s * 0.09, colour)
        base = y + half - s * 0.17
        self.polygon([(x - half + s * 0.14, base), (x - half + s * 0.42, y), (x - half + s * 0.6, base)], colour)
        self.polygon([(x - half + s * 0.4, base), (x - half + s * 0.64, y - s * 0.14), (x - half + s * 0.87, base)], colour)

    def page_glyph(self, x, y, size, colour, tint=CARD):
        """The usual sign for a page of text, centred at a point."""
        half, wide = size / 2, size * 0.38
        self.box(x - wide, y - half, x + wide, y + half, tint, colour, max(1.2, size / 24), size / 12)
        for row, share in enumerate((1.0, 0.8, 1.0, 0.55)):
            top = y - half + size * (0.22 + 0.18 * row)
            self.line([(x - wide + size * 0.12, top), (x - wide + size * (0.12 + 0.52 * share), top)], colour,
                      max(1.2, size / 22))

    def save(self, path):
        """Reduce to the finished size and write; JPEG or PNG by the name's ending."""
        small = self.image.resize((self.width, self.height), Image.Resampling.LANCZOS)
        if str(path).endswith(".jpg"):
            small.save(path, quality=86, optimize=True)
        else:
            # Flat colours: a palette of 256 looks the same and takes half the bytes.
            small.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(path, optimize=True)


class Axes:
    """The data area of a chart: maps values to points and draws the frame."""

    def __init__(self, figure, area, xlim, ylim, xlog=False):
        self.figure, self.area, self.xlog = figure, area, xlog
        self.xlim = tuple(map(math.log10, xlim)) if xlog else xlim
        self.ylim = ylim

    def at(self, x, y):
        left, top, right, bottom = self.area
        if self.xlog:
            x = math.log10(x)
        return (left + (right - left) * (x - self.xlim[0]) / (self.xlim[1] - self.xlim[0]),
                bottom - (bottom - top) * (y - self.ylim[0]) / (self.ylim[1] - self.ylim[0]))

    def frame(self, xticks, yticks, xlabel, ylabel):
        """Light horizontal rules, ticks given as (value, words), axis names beside the axes."""
        left, top, right, bottom = self.area
        for value, words in yticks:
            y = self.at(0 if not self.xlog else 1, value)[1]
            self.figure.line([(left, y), (right, y)], RULE, 1)
            self.figure.text(left - 10, y, words, 13, MUTED, anchor="rm")
        self.figure.line([(left, bottom), (right, bottom)], MUTED, 1.5)
        for value, words in xticks:
            x = self.at(value, 0)[0]
            self.figure.line([(x, bottom), (x, bottom + 5)], MUTED, 1.5)
            self.figure.text(x, bottom + 18, words, 13, MUTED)
        self.figure.text((left + right) / 2, bottom + 42, xlabel, 14, MUTED)
        self.figure.text(left - 40, top - 22, ylabel, 14, MUTED, anchor="lm")

    def curve(self, function, colour, width=3.5, steps=240):
        low, high = self.xlim
        values = [low + (high - low) * step / steps for step in range(steps + 1)]
        self.figure.line([self.at(10 ** v if self.xlog else v, function(10 ** v if self.xlog else v)) for v in values],
                         colour, width)
