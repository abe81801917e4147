#!/usr/bin/env python3
"""Draws every figure of the handbook: python3 samples/make_figures.py

Needs Pillow alone. The result depends on nothing but this file, figurekit.py and
the font, so that a figure can be corrected and drawn again. Charts that show
measurements carry the numbers of the text they stand in.
"""

import math
import random
import sys
from pathlib import Path

from figurekit import (AMBER, AMBER_TINT, BLUE, BLUE_TINT, CARD, CORAL, CORAL_TINT, INK, MUTED, RULE, TEAL,
                       TEAL_TINT, VIOLET, VIOLET_TINT, Axes, Figure)
from more_figures import MORE

TARGET = Path(__file__).resolve().parent / "handbook"


def embedding_space():
    figure = Figure(960, 560, "One space for words and pictures",
                    "Circles are texts, framed signs are pictures; what means the same lies close together")
    figure.box(40, 100, 920, 530)
    groups = [(250, 250, TEAL, TEAL_TINT, "dogs", ["a puppy on the grass", "man's best friend"]),
              (700, 210, BLUE, BLUE_TINT, "vehicles", ["a red bus", "traffic at night"]),
              (300, 440, AMBER, AMBER_TINT, "food", ["a bowl of soup", "fresh bread"]),
              (690, 430, VIOLET, VIOLET_TINT, "charts", ["sales by quarter", "a falling curve"])]
    for x, y, colour, tint, name, texts in groups:
        figure.draw.ellipse([v * 3 for v in (x - 165, y - 88, x + 165, y + 88)], tint)
        figure.text(x, y - 66, name, 16, colour, "bold")
        for (dx, dy), words in zip(((-52, -24), (38, 56)), texts):
            figure.circle(x + dx - 68, y + dy, 7, colour)
            figure.text(x + dx - 54, y + dy, words, 14, anchor="lm")
        figure.picture_glyph(x - 78, y + 24, 38, colour)
        figure.picture_glyph(x + 88, y + 6, 38, colour)
    figure.circle(482, 322, 9, CORAL)
    figure.text(482, 346, "question: “young dog”", 14, CORAL, "bold")
    figure.arrow((468, 316), (362, 270), CORAL, 2.5)
    return figure


def cosine_angle():
    figure = Figure(960, 450, "Cosine similarity is an angle",
                    "Lengths do not matter: unit vectors end on the circle, and their dot product is the cosine")
    origin, radius = (300, 400), 250
    ring = [(origin[0] + radius * math.cos(a / 100), origin[1] - radius * math.sin(a / 100)) for a in range(0, 315)]
    figure.line(ring, RULE, 2)
    figure.line([(30, 400), (570, 400)], RULE, 1.5)
    directions = [(72, BLUE, "“a puppy”"), (48, TEAL, "photo of a dog"), (8, AMBER, "balance sheet")]
    for degrees, colour, words in directions:
        angle = math.radians(degrees)
        end = (origin[0] + radius * math.cos(angle), origin[1] - radius * math.sin(angle))
        figure.arrow(origin, end, colour, 3.5, 14)
        figure.text(end[0] + 14, end[1] - 8, words, 16, colour, "bold", anchor="lm")
    for first, second, reach, colour in ((48, 72, 110, TEAL), (8, 72, 78, AMBER)):
        arc = [(origin[0] + reach * math.cos(math.radians(a)), origin[1] - reach * math.sin(math.radians(a)))
               for a in range(first, second + 1)]
        figure.line(arc, colour, 2.5)
    for y, colour, angle, value in ((190, TEAL, 24, "0.91"), (262, AMBER, 64, "0.44")):
        figure.box(705, y - 28, 920, y + 28)
        figure.text(812, y, f"cos {angle}° = {value}", 19, colour, "bold")
    figure.text(812, 318, "1 same direction\n0 nothing in common\n-1 opposite", 15, MUTED, anchor="ma")
    return figure


def two_towers():
    figure = Figure(960, 480, "CLIP: two encoders, one space",
                    "Each side has a tower and a projection of its own; only the last 512 numbers are shared")
    for y, glyph, tower, detail, colour, tint in (
            (185, "picture", "Vision transformer", "16 × 16 pixel patches, 12 layers", TEAL, TEAL_TINT),
            (355, "page", "Text transformer", "at most 77 tokens, 12 layers", BLUE, BLUE_TINT)):
        if glyph == "picture":
            figure.picture_glyph(95, y, 78, colour)
        else:
            figure.page_glyph(95, y, 84, colour)
        figure.arrow((145, y), (195, y))
        figure.box(200, y - 52, 470, y + 52, tint, colour)
        figure.text(335, y - 14, tower, 19, INK, "bold")
        figure.text(335, y + 18, detail, 14, MUTED)
        figure.arrow((475, y), (515, y))
        figure.label(520, y - 36, 640, y + 36, "projection\nto 512", CARD, colour, 15)
    figure.arrow((645, 190), (738, 245))
    figure.arrow((645, 350), (738, 295))
    figure.circle(815, 270, 76, VIOLET_TINT, VIOLET, 2)
    figure.text(815, 258, "shared space", 16, VIOLET, "bold")
    figure.text(815, 284, "dot product", 14, MUTED)
    figure.text(480, 446, "A picture and a sentence end as two vectors of one kind, and can be compared", 14, MUTED)
    return figure


def contrastive_matrix():
    figure = Figure(900, 560, "Contrastive training on one batch",
                    "The diagonal pairs belong together and are pulled up; every other cell is pushed down")
    captions = ["a dog", "a bus", "a soup", "a chart", "a tree"]
    noise = random.Random(11)
    left, top, cell = 240, 190, 68
    for column, words in enumerate(captions):
        figure.text(left + column * cell + cell / 2, top - 22, words, 15, BLUE, "bold")
    for row in range(5):
        figure.picture_glyph(left - 44, top + row * cell + cell / 2, 46, TEAL)
        for column in range(5):
            x, y = left + column * cell, top + row * cell
            same = row == column
            value = 0.29 + noise.random() * 0.05 if same else 0.10 + noise.random() * 0.09
            figure.box(x + 3, y + 3, x + cell - 3, y + cell - 3, "#bfe6de" if same else CARD, TEAL if same else RULE,
                       2.5 if same else 1.2, 8)
            figure.text(x + cell / 2, y + cell / 2, f"{value:.2f}", 15, INK if same else MUTED,
                        "bold" if same else "plain")
    figure.text(left + 170, top - 56, "texts", 14, MUTED)
    figure.text(left - 110, top + 170, "pictures", 14, MUTED, anchor="mm")
    figure.box(620, 215, 860, 300, TEAL_TINT, TEAL)
    figure.text(740, 244, "matching pair", 16, TEAL, "bold")
    figure.text(740, 272, "cosine goes up", 15)
    figure.box(620, 325, 860, 410, CORAL_TINT, CORAL)
    figure.text(740, 354, "N² - N other pairs", 16, CORAL, "bold")
    figure.text(740, 382, "cosine goes down", 15)
    figure.text(740, 470, "loss: cross-entropy over\nrows and over columns", 14, MUTED)
    return figure


def modality_gap():
    figure = Figure(900, 430, "The gap between modalities",
                    "Median raw cosine between items of one collection, CLIP, by the kind of pair")
    for row, (words, value, colour) in enumerate((("text with text", 0.78, BLUE), ("picture with picture", 0.45, TEAL),
                                                  ("picture with text", 0.23, CORAL))):
        y = 150 + row * 78
        figure.text(240, y, words, 17, anchor="rm")
        figure.box(258, y - 22, 258 + 560 * value, y + 22, colour, None, radius=8)
        figure.text(258 + 560 * value + 14, y, f"{value:.2f}", 18, colour, "bold", anchor="lm")
    figure.text(40, 390,
                "Raw, an unrelated text often beats the right picture: rank each kind apart, or centre each side first.", 15,
                INK, anchor="lm")
    return figure


def picture_evidence():
    figure = Figure(960, 500, "Four ways to find a picture", "Each sees something that the others miss")
    figure.picture_glyph(150, 290, 150, VIOLET, VIOLET_TINT)
    figure.text(150, 395, "chart.png", 15, MUTED, "mono")
    rows = [("pixels", "CLIP vector of the picture itself", "“a bar chart with five bars”", TEAL, TEAL_TINT),
            ("caption and alt text", "written by the author", "“Ingest speed by file size”", BLUE, BLUE_TINT),
            ("words inside it", "text recognition (OCR)", "“files/s”, “8 KB”", AMBER, AMBER_TINT),
            ("where it stands", "section and the text around", "“Measuring ingest”", CORAL, CORAL_TINT)]
    for row, (name, what, example, colour, tint) in enumerate(rows):
        y = 145 + row * 93
        figure.line([(230, 290), (330, y)], RULE, 2)
        figure.box(335, y - 37, 920, y + 37, tint, colour)
        figure.text(358, y - 12, name, 17, INK, "bold", anchor="lm")
        figure.text(358, y + 14, what, 14, MUTED, anchor="lm")
        figure.text(900, y, example, 14, colour, anchor="rm")
    return figure


def chunk_packing():
    figure = Figure(960, 500, "Packing sentences into passages",
                    "Passages end at sentence ends, overlap by one sentence, and never cross a heading")
    widths = {"Loading data": [120, 90, 150, 110, 130, 100], "Cleaning data": [140, 120, 160]}
    y, number = 130, 1
    for section, sentences in widths.items():
        figure.text(40, y, section, 18, INK, "bold", anchor="lm")
        x, edges = 60, []
        for index, width in enumerate(sentences):
            figure.box(x, y + 22, x + width - 5, y + 58, CARD, RULE, 1.5, 7)
            figure.text(x + width / 2 - 3, y + 40, f"sentence {index + 1}", 12, MUTED)
            edges.append((x, x + width - 5))
            x += width
        spans = [(0, 2), (2, 4), (4, 5)] if len(sentences) == 6 else [(0, 2)]
        for level, (first, last) in enumerate(spans):
            colour, tint = ((BLUE, BLUE_TINT), (TEAL, TEAL_TINT), (VIOLET, VIOLET_TINT))[level]
            top = y + 68 + (level % 2) * 36
            figure.box(edges[first][0], top, edges[last][1], top + 30, tint, colour, 1.5, 7)
            figure.text((edges[first][0] + edges[last][1]) / 2, top + 15, f"passage {number}", 13, colour, "bold")
            number += 1
        y += 185
        if section == "Loading data":
            figure.line([(40, y - 28), (920, y - 28)], CORAL, 2, (9, 6))
            figure.text(920, y - 44, "a heading: nothing crosses this line", 13, CORAL, anchor="rm")
    figure.box(40, 448, 920, 486, AMBER_TINT, AMBER)
    figure.text(480, 467, "text to embed = title  +  section path  +  passage", 16, INK, "bold")
    return figure


def bm25_saturation():
    figure = Figure(900, 520, "BM25: the tenth mention says little",
                    "Weight of a term by its count in a passage of average length, for three values of k1")
    axes = Axes(figure, (100, 150, 850, 430), (0, 10), (0, 3))
    axes.frame([(n, str(n)) for n in range(0, 11, 2)], [(n, str(n)) for n in range(4)], "times the term occurs",
               "tf (k1 + 1) / (tf + k1)")
    for k1, colour in ((0.5, AMBER), (1.2, BLUE), (2.0, TEAL)):
        axes.curve(lambda tf, k1=k1: tf * (k1 + 1) / (tf + k1), colour)
        x, y = axes.at(10, 10 * (k1 + 1) / (10 + k1))
        figure.text(x - 6, y - 18, f"k1 = {k1}", 15, colour, "bold", anchor="rm")
    return figure


FIGURES = {
    "figures/embedding-space.png": embedding_space,
    "figures/cosine angle.png": cosine_angle,
    "figures/clip-two-towers.png": two_towers,
    "figures/contrastive-matrix.png": contrastive_matrix,
    "figures/modality-gap.png": modality_gap,
    "figures/picture evidence.png": picture_evidence,
    "figures/chunk-packing.png": chunk_packing,
    "figures/bm25-saturation.png": bm25_saturation,
    **MORE,
}


def main():
    """Draw all figures, or those whose names contain one of the arguments."""
    for name, draw in FIGURES.items():
        if len(sys.argv) > 1 and not any(word in name for word in sys.argv[1:]):
            continue
        path = TARGET / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draw().save(path)
        print(f"{path.stat().st_size / 1024:6.1f} KB  {name}")


if __name__ == "__main__":
    main()
