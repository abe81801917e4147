#!/usr/bin/env python3
"""Compares the token ids of every kind of tokenizer with the reference library's: check_tokenizers.py BUILD [COUNT [SEED [NAME...]]]

COUNT generated texts (200,000), every code point there is beside letters and beside its neighbours, and pairs of texts that
are cut to a length. Prints a line a tokenizer; exits with 1 where any id differs.
"""
import pathlib
import sys
import tempfile
import time

import compare
import minilm
import oracles
import texts

REFERENCE = pathlib.Path(__file__).resolve().parents[3] / "shared" / "reference"


def every_code_point():
    codes = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    groups = ["".join(codes[i:i + 16]) for i in range(0, len(codes), 16)]
    return ["a" + "a".join(g) + "a" for g in groups] + groups


def main():
    program = pathlib.Path(sys.argv[1]) / "jackdaw-test-tokenize"
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 200_000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    reference = REFERENCE if (REFERENCE / "clip-vocab").is_dir() else None
    real = minilm.folder() and minilm.folder() / "tokenizer.json"
    tokenizers = oracles.build(reference, real)
    for name, there in (("clip", reference), ("minilm", real)):
        if not there:
            print(f"{name}: not compared, its real vocabulary is not there")
    some = texts.texts(seed, count)
    points = every_code_point()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        compare.save(tokenizers, pathlib.Path(folder))
        for name in sys.argv[4:] or tokenizers:
            tokenizer = tokenizers[name]
            start = time.monotonic()
            place = pathlib.Path(folder) / name
            single, every = compare.suited(name, some), compare.suited(name, points)
            different = compare.differences(program, place, tokenizer, single)
            different += compare.differences(program, place, tokenizer, every)
            pairs = single[:20_000]
            different += compare.pair_differences(program, place, tokenizer, pairs, 23)
            print(f"{name}: {len(single)} texts, {len(every)} of code points, {len(pairs) - 1} pairs: "
                  f"{len(different)} differences ({time.monotonic() - start:.0f} s)", flush=True)
            for text, theirs, mine in different[:3]:
                print(f"  {text!a}\n    theirs {theirs[:60]}\n    ours   {mine[:60]}")
            failed += len(different)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
