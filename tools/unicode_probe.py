#!/usr/bin/env python3
"""Writes src/embed/tokenizer_unicode.tsv: what the Hugging Face `tokenizers` library takes every code point for.

The library mixes several versions of Unicode (9.0 for normal forms, 8.0 for BERT's categories, 16.0 in patterns, 17.0 for
white space, numbers, lower case and clusters), so no Unicode library gives its answers; it is asked itself, code point by
code point. What it cannot be asked (the clusters, which characters compose) comes from modules of the same version of
Unicode. Run it again only for a new version of the library:

    pip install tokenizers==0.23.3 regex==2025.11.3 unicodedata2==17.0.1
    tools/unicode_probe.py > src/embed/tokenizer_unicode.tsv
"""
import itertools
import sys

import regex
import tokenizers
import unicodedata2
from tokenizers import Regex, normalizers, pre_tokenizers

CLUSTERS = {"CR": "cr", "LF": "lf", "Control": "control", "Extend": "extend", "ZWJ": "zwj", "Prepend": "prepend",
            "Regional_Indicator": "flag", "SpacingMark": "spacing", "L": "l", "V": "v", "T": "t", "LV": "lv", "LVT": "lvt"}
CLUSTER_OF = {regex.compile(r"\p{GCB=%s}" % key): name for key, name in CLUSTERS.items()}
LINKER = regex.compile(r"\p{InCB=Linker}")
JOINED = regex.compile(r"\p{InCB=Extend}")
CONSONANT = regex.compile(r"\p{InCB=Consonant}")
PICTURE = regex.compile(r"\p{Extended_Pictographic}")

NFD, NFKD, NFC = normalizers.NFD(), normalizers.NFKD(), normalizers.NFC()
LOWER, MARKS = normalizers.Lowercase(), normalizers.StripAccents()
BERT_CLEAN = normalizers.BertNormalizer(True, False, False, False)
BERT_MARKS = normalizers.BertNormalizer(False, False, True, False)
LETTER = pre_tokenizers.Split(Regex(r"\p{L}"), "removed")
NUMBER = pre_tokenizers.Split(Regex(r"\p{N}"), "removed")
SPACE = pre_tokenizers.WhitespaceSplit()
PUNCTUATION = pre_tokenizers.Punctuation("removed")
WORD = pre_tokenizers.Whitespace()
DIGIT = pre_tokenizers.Digits(True)


def cluster(char):
    for pattern, name in CLUSTER_OF.items():
        if pattern.match(char):
            if name == "extend" and LINKER.match(char):
                return "linker"
            return "loose" if name == "extend" and not JOINED.match(char) else name
    if PICTURE.match(char):
        return "picture"
    return "consonant" if CONSONANT.match(char) else "-"


def reorders(char):
    """Whether the library gives the character a combining class: then it trades places with a mark of another class."""
    return NFD.normalize_str(char) == char and any(
        NFD.normalize_str(text) != text for text in (f"a{char}\u0334", f"a\u0301{char}"))


def second_parts():
    """Characters that may join the one before them in NFC."""
    parts = {chr(c) for c in itertools.chain(range(0x1161, 0x1176), range(0x11A8, 0x11C3))}
    for code in range(0x110000):
        if 0xD800 <= code < 0xE000:
            continue
        char = chr(code)
        decomposition = unicodedata2.decomposition(char).split()
        if len(decomposition) == 2 and decomposition[0][0] != "<" and NFC.normalize_str(char) == char != NFD.normalize_str(char):
            parts.add(chr(int(decomposition[1], 16)))
    return parts


def unknown():
    """Characters newer than the library's tables of normal forms: they stay as they are, and apart."""
    found = set()
    for code in range(0x110000):
        if 0xD800 <= code < 0xE000:
            continue
        char = chr(code)
        decomposition = unicodedata2.decomposition(char)
        if unicodedata2.combining(char) and NFD.normalize_str(char) == char and not reorders(char):
            found.add(char)
        if decomposition and NFKD.normalize_str(char) == char:
            found.add(char)
            if decomposition[0] != "<":
                found |= {chr(int(part, 16)) for part in decomposition.split() if int(part, 16) > 0xFFFF}
    return found


def properties(char, seconds, unknowns):
    yield "letter", not LETTER.pre_tokenize_str(char)
    yield "number", not NUMBER.pre_tokenize_str(char)
    yield "space", not SPACE.pre_tokenize_str(char)
    yield "word", [text for text, _ in WORD.pre_tokenize_str("a" + char)] == ["a" + char]
    yield "numeric", len(DIGIT.pre_tokenize_str("a" + char)) == 2
    yield "punctuation", not PUNCTUATION.pre_tokenize_str(char)
    yield "control", BERT_CLEAN.normalize_str("a" + char) == "a"
    yield "accent", BERT_MARKS.normalize_str("a" + char) == "a"
    yield "mark", MARKS.normalize_str("a" + char) == "a"
    yield "nfd", NFD.normalize_str(char) != char
    yield "nfkd", NFKD.normalize_str(char) != char
    yield "nfc", NFC.normalize_str(char) != char or char in seconds
    yield "class", reorders(char)
    yield "unknown", char in unknowns


def lower_case():
    """(first, last, step, difference): runs of characters whose lower case is that far away."""
    runs = []
    for code in range(0x110000):
        if 0xD800 <= code < 0xE000:
            continue
        lower = LOWER.normalize_str(chr(code))
        if len(lower) != 1:
            assert (code, lower) == (0x130, "i\u0307"), "another character became two"
        elif ord(lower) != code:
            difference = ord(lower) - code
            last = runs[-1] if runs else None
            if last and last[3] == difference and (code - last[1] == last[2] or last[0] == last[1] and code - last[1] <= 2):
                last[2] = code - last[1]
                last[1] = code
            else:
                runs.append([code, code, 1, difference])
    return runs


def main():
    seconds, unknowns = second_parts(), unknown()

    def describe(code):
        if 0xD800 <= code < 0xE000:
            return "-\t-"
        char = chr(code)
        return (",".join(name for name, holds in properties(char, seconds, unknowns) if holds) or "-") + "\t" + cluster(char)

    print(f"# Made by tools/unicode_probe.py from tokenizers {tokenizers.__version__}. The rest is \"- -\".")
    print("# first\tlast\tproperties\tcluster class")
    for text, codes in itertools.groupby(range(0x110000), describe):
        codes = list(codes)
        if text != "-\t-":
            print(f"{codes[0]:X}\t{codes[-1]:X}\t{text}")
    print("# lower\tfirst\tlast\tstep\tdifference")
    for first, last, step, difference in lower_case():
        print(f"lower\t{first:X}\t{last:X}\t{step}\t{difference}")


if __name__ == "__main__":
    sys.exit(main())
