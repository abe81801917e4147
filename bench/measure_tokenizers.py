#!/usr/bin/env python3
"""Measures the tokenizers against the reference library in the same run: measure_tokenizers.py BUILD [--json]

One thread each (RAYON_NUM_THREADS=1), CPU seconds, the best of three rounds that take turns. Texts: this project's own documents
(English) cut into passages, and generated texts of 20 languages. The peer is given its best way: encode text by text, or
encode_batch, or encode_batch_fast. Loading is measured in fresh processes: from the JSON, and from Jackdaw's cache.
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

os.environ["RAYON_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "parity"))

import oracles  # noqa: E402
import texts  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402

REFERENCE = ROOT.parent / "shared" / "reference"
NAMES = ["clip", "bert-uncased", "mpnet", "roberta", "modernbert", "llama-like", "xlm-roberta", "xlm-roberta-250k", "siglip",
         "siglip2"]
PASSAGE_WORDS = 120
ROUNDS = 3


def english():
    """Passages of the documents in this repository."""
    files = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "samples").rglob("*.md"))]
    words = " ".join(p.read_text(encoding="utf-8", errors="replace") for p in files).split()
    passages = [" ".join(words[i:i + PASSAGE_WORDS]) for i in range(0, len(words), PASSAGE_WORDS)]
    return (passages * (2000 // len(passages) + 1))[:2000]


def mixed():
    rng = random.Random(3)
    return [" ".join(texts.sentence(rng, rng.choice(list(texts.LANGUAGES))) for _ in range(4)) for _ in range(2000)]


def enlarged(tokenizer, size):
    """The same Unigram with as many pieces as XLM-R's."""
    data = json.loads(tokenizer.to_str())
    vocabulary = data["model"]["vocab"]
    rng, have = random.Random(1), {piece for piece, _ in vocabulary}
    while len(vocabulary) < size:
        letters = texts.word(rng, *rng.choice(list(texts.LANGUAGES.values())))[:rng.randint(2, 9)]
        piece = ("▁" if rng.random() < .5 else "") + letters
        if piece not in have:
            have.add(piece)
            vocabulary.append([piece, -rng.uniform(8, 16)])
    return Tokenizer.from_str(json.dumps(data))


def cpu(function, *arguments):
    start = time.process_time()
    function(*arguments)
    return time.process_time() - start


def peer(path, some):
    tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
    one_by_one = cpu(lambda: [tokenizer.encode(t) for t in some])
    return min(one_by_one, cpu(tokenizer.encode_batch, some), cpu(tokenizer.encode_batch_fast, some))


def ours(program, path, some, cache=None):
    done = subprocess.run([program, "--bench", path] + ([cache] if cache else []), input="\n".join(some).encode() + b"\n",
                          capture_output=True, check=True)
    return json.loads(done.stdout)


def peer_load(path):
    code = ("import sys, time, tokenizers; start = time.process_time(); tokenizers.Tokenizer.from_file(sys.argv[1]); "
            "print(time.process_time() - start)")
    return float(subprocess.run([sys.executable, "-c", code, path / "tokenizer.json"], capture_output=True, check=True).stdout)


def measure(program, path, cache, corpora):
    row = {"peer_load": min(peer_load(path) for _ in range(ROUNDS)),
           "load": min(ours(program, path, ["a"])["load"] for _ in range(ROUNDS))}
    ours(program, path, ["a"], cache)
    row["cached_load"] = min(ours(program, path, ["a"], cache)["load"] for _ in range(ROUNDS))
    for name, some in corpora.items():
        theirs, mine = [], []
        for _ in range(ROUNDS):
            theirs.append(peer(path, some))
            mine.append(ours(program, path, some))
        row[name] = {"peer": min(theirs), "jackdaw": min(m["encode"] for m in mine), "tokens": mine[0]["tokens"]}
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build", help="the folder with jackdaw-test-tokenize, built with optimisation")
    parser.add_argument("--json", action="store_true", help="print the numbers as one JSON object at the end")
    options = parser.parse_args()
    program = str(pathlib.Path(options.build) / "jackdaw-test-tokenize")
    tokenizers = oracles.build(REFERENCE if (REFERENCE / "clip-vocab").is_dir() else None)
    tokenizers["xlm-roberta-250k"] = enlarged(tokenizers["xlm-roberta"], 250_002)
    corpora = {"english": english(), "mixed": mixed()}
    rows = {}
    print(f"{'':17}{'load, ms':>27}{'english, ns a token':>24}{'mixed, ns a token':>25}")
    print(f"{'':17}{'peer':>9}{'JSON':>9}{'cache':>9}{'peer':>9}{'jackdaw':>9}{'':>6}{'peer':>10}{'jackdaw':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for name in [n for n in NAMES if n in tokenizers]:
            path = pathlib.Path(folder) / name
            path.mkdir()
            tokenizers[name].save(str(path / "tokenizer.json"))
            row = rows[name] = measure(program, path, folder + "/cache", corpora)
            line = f"{name:17}{row['peer_load'] * 1e3:9.1f}{row['load'] * 1e3:9.1f}{row['cached_load'] * 1e3:9.2f}"
            for corpus in corpora:
                cell = row[corpus]
                line += (f"{cell['peer'] / cell['tokens'] * 1e9:9.0f}{cell['jackdaw'] / cell['tokens'] * 1e9:9.0f}"
                         f"{cell['peer'] / cell['jackdaw']:5.1f}x ")
            print(line, flush=True)
    if options.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
