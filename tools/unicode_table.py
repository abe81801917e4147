#!/usr/bin/env python3
"""Makes the C tables of src/embed/tokenizer_unicode.h from tokenizer_unicode.tsv: tools/unicode_table.py FILE.tsv > FILE.c

Two levels: the first gives the page of 256 code points, the page the class of the character; equal pages are kept once.
"""
import sys

PROPERTIES = ["letter", "number", "space", "word", "numeric", "punctuation", "control", "accent", "mark", "nfd", "nfkd", "nfc",
              "class", "unknown"]
CLUSTERS = ["-", "cr", "lf", "control", "extend", "linker", "loose", "zwj", "flag", "prepend", "spacing", "l", "v", "t", "lv",
            "lvt", "picture", "consonant"]
PAGE = 256
LOWER_END = 0x1EA00  # no character from here on has another lower case


def read(path):
    """The flags of every code point and the distance to its lower case."""
    flags, lower = [0] * 0x110000, [0] * LOWER_END
    with open(path, encoding="ascii") as file:
        for line in file:
            fields = line.rstrip("\n").split("\t")
            if line.startswith("#"):
                continue
            if fields[0] == "lower":
                first, last, step = int(fields[1], 16), int(fields[2], 16), int(fields[3])
                for code in range(first, last + 1, step):
                    lower[code] = int(fields[4])
                continue
            names = [] if fields[2] == "-" else fields[2].split(",")
            value = sum(1 << PROPERTIES.index(name) for name in names) | CLUSTERS.index(fields[3]) << len(PROPERTIES)
            for code in range(int(fields[0], 16), int(fields[1], 16) + 1):
                flags[code] = value
    return flags, lower


def pages_of(values):
    """(index of the page for each 256 values, the different pages one after another)"""
    numbers, index, pages = {}, [], []
    for start in range(0, len(values), PAGE):
        page = tuple(values[start:start + PAGE])
        if page not in numbers:
            numbers[page] = len(numbers)
            pages.extend(page)
        index.append(numbers[page])
    return index, pages


def array(kind, name, values):
    print(f"const {kind} {name}[] = {{")
    for start in range(0, len(values), 24):
        print("    " + ", ".join(map(str, values[start:start + 24])) + ",")
    print("};")


def main():
    flags, lower = read(sys.argv[1])
    kinds = sorted(set(flags))
    assert len(kinds) <= 256, f"{len(kinds)} classes of characters do not fit into a byte"
    number = {kind: place for place, kind in enumerate(kinds)}
    index, pages = pages_of([number[value] for value in flags])
    lower_index, lower_pages = pages_of(lower)
    assert max(index + lower_index) < 256
    print("/* Made by tools/unicode_table.py. */")
    print('#include "embed/tokenizer_unicode.h"\n')
    array("guint8", "jd_unicode_index", index)
    array("guint8", "jd_unicode_pages", pages)
    array("guint32", "jd_unicode_classes", kinds)
    array("guint8", "jd_unicode_lower_index", lower_index)
    array("gint32", "jd_unicode_lower_pages", lower_pages)


if __name__ == "__main__":
    main()
