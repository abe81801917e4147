#!/usr/bin/env python3
"""Writes N HTML files of about 8 KB with figures, to measure ingestion: make_corpus.py N DIR [--pictures P]

The files look like blog exports: a title, sections of three levels, paragraphs, lists, tables, code, and two or three
figures each, taken from a shared pool of small PNG and JPEG pictures in DIR/images. File number i is the same for
every N, so that corpora of different sizes differ in size alone. Words follow Zipf's law over 20,000 invented ones,
because an index over a few hundred words would be unrealistically small.
"""

import argparse
import html
import math
import random
from pathlib import Path

from PIL import Image, ImageDraw

SEED = 20260
VOCABULARY = 20000
COMMON = ("the of and to in a is that for it as with on by this be are from or an at which not but have was can "
          "when more its than into also used they each other may these only over such where how most between").split()


def make_vocabulary():
    """Common English words in front (where Zipf's law makes them frequent), then invented ones."""
    rng = random.Random(SEED)
    onsets = "b br c ch d dr f fl g gr h j k l m n p pl qu r s st t tr v w z".split()
    vowels = "a a e e e i i o o u ai ea ou".split()
    codas = ["", "", "", "", "n", "r", "l", "s", "t", "nd"]
    words = dict.fromkeys(COMMON)
    while len(words) < VOCABULARY:
        syllables = rng.choices((1, 2, 3), (2, 8, 2))[0]
        words["".join(rng.choice(onsets) + rng.choice(vowels) + rng.choice(codas) for _ in range(syllables))] = None
    return list(words)


class Writer:
    """Makes the text of one file from its own random numbers."""

    words = make_vocabulary()
    weights = [0.0]
    for _rank in range(VOCABULARY):
        weights.append(weights[-1] + 1 / (_rank + 5))
    weights = weights[1:]

    def __init__(self, number, pictures):
        self.rng = random.Random(SEED * 1_000_003 + number)
        self.number, self.pictures = number, pictures

    def pick(self, count):
        return self.rng.choices(self.words, cum_weights=self.weights, k=count)

    def sentence(self):
        words = self.pick(self.rng.randint(7, 22))
        if len(words) > 12:
            words[len(words) // 2] += ","
        return " ".join(words).capitalize() + "."

    def heading(self):
        return " ".join(self.pick(self.rng.randint(2, 5))).capitalize()

    def paragraph(self):
        text = " ".join(self.sentence() for _ in range(self.rng.randint(2, 5)))
        words = text.split(" ")
        at = self.rng.randrange(len(words))
        words[at] = f"<em>{words[at]}</em>"
        return "<p>" + " ".join(words) + "</p>"

    def listing(self):
        tag = self.rng.choice(("ul", "ol"))
        items = "".join(f"<li>{self.sentence()}</li>\n" for _ in range(self.rng.randint(3, 6)))
        return f"<{tag}>\n{items}</{tag}>"

    def table(self):
        columns = self.rng.randint(2, 4)
        head = "".join(f"<th>{word}</th>" for word in self.pick(columns))
        rows = "".join("<tr>" + "".join(f"<td>{self.rng.choice(self.words)} {self.rng.randint(1, 999)}</td>"
                                        for _ in range(columns)) + "</tr>\n" for _ in range(self.rng.randint(3, 6)))
        return f"<table>\n<tr>{head}</tr>\n{rows}</table>"

    def code(self):
        lines = (f"{a}_{b} = {c}({self.rng.randint(0, 99)}) &lt; {d}" for a, b, c, d in (self.pick(4) for _ in range(4)))
        return "<pre><code>" + "\n".join(lines) + "</code></pre>"

    def figure(self):
        name = self.rng.choice(self.pictures)
        return (f'<figure><img src="images/{name}" alt="{" ".join(self.pick(6))}" width="320" height="200">'
                f"<figcaption>{self.sentence()}</figcaption></figure>")

    def page(self):
        """The whole file; the sections go on until it has its size."""
        title = self.heading() + f" {self.number}"
        parts, size, section = [f"<h1>{title}</h1>", self.paragraph()], 0, 0
        figures = self.rng.randint(2, 3)
        while size < 7200:
            section += 1
            level = 2 if section % 3 == 1 else 3
            block = [f"<h{level}>{self.heading()}</h{level}>", self.paragraph(), self.paragraph()]
            if section % 2 == 0:
                block.append(self.rng.choice((self.listing, self.table, self.code))())
            if figures:
                figures -= 1
                block.append(self.figure())
            parts += block
            size += sum(map(len, block))
        body = "\n".join(parts)
        return (f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{html.escape(title)}</title>\n'
                f"<style>body {{ margin: 2em }}</style></head>\n<body>\n<article>\n{body}\n</article>\n</body>\n</html>\n")


def make_picture(number, path):
    """A small chart (PNG) or something like a photograph (JPEG): the two kinds that documents hold."""
    rng = random.Random(SEED * 7 + number)
    if path.suffix == ".png":
        picture = Image.new("RGB", (320, 200), "white")
        draw = ImageDraw.Draw(picture)
        for bar in range(8):
            top = rng.randint(20, 170)
            colour = tuple(rng.randint(30, 220) for _ in range(3))
            draw.rectangle([20 + bar * 36, top, 46 + bar * 36, 180], fill=colour)
        draw.line([(10, 180), (310, 180)], fill="black", width=2)
        picture.save(path)
        return
    waves = [(rng.uniform(0.01, 0.06), rng.uniform(0.01, 0.06), rng.uniform(0, 6)) for _ in range(3)]
    channels = [Image.frombytes("L", (80, 50), bytes(int(127 + 120 * math.sin(4 * x * a + 4 * y * b + c))
                                                     for y in range(50) for x in range(80))) for a, b, c in waves]
    Image.merge("RGB", channels).resize((320, 200), Image.Resampling.BICUBIC).save(path, quality=80)


def make_corpus(count, folder, pictures=500):
    """Writes whatever is missing; an interrupted or smaller corpus is completed."""
    folder = Path(folder)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    names = [f"picture{n:04}.{'jpg' if n % 4 == 3 else 'png'}" for n in range(pictures)]
    for number, name in enumerate(names):
        if not (folder / "images" / name).exists():
            make_picture(number, folder / "images" / name)
    for number in range(count):
        path = folder / f"page{number:06}.html"
        if not path.exists():
            path.write_text(Writer(number, names).page(), encoding="utf-8")
    for path in sorted(folder.glob("page*.html"))[count:]:
        path.unlink()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("count", type=int)
    parser.add_argument("folder")
    parser.add_argument("--pictures", type=int, default=500)
    options = parser.parse_args()
    make_corpus(options.count, options.folder, options.pictures)


if __name__ == "__main__":
    main()
