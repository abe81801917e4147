"""Whether numbers of another kind keep the ranking of a search: the gate that int16 and int8 are held to, on a real encoder.

What is searched are the sentences of samples/handbook and docs/, the questions are made from them: a few of their words, and
their headings. As a program: ranking.py JACKDAW MODEL [DTYPE...] prints the numbers in docs/encoders.md.
"""
import html
import json
import random
import re
import subprocess
import sys

import numpy as np

TOP = 10
NEAR = 0.001  # two passages whose scores lie closer than this are equally good answers
TEMPLATES = ["What is said about {}?", "{}?", "Why {}", "How does {} work?", "explain: {}"]


def passages(root):
    """Sentences in the order of the files, each once."""
    found = []
    for path in [*sorted((root / "samples" / "handbook").iterdir()), *sorted((root / "docs").glob("*.md"))]:
        if path.suffix not in (".md", ".html"):
            continue
        text = re.sub(r"(?s)```.*?```|<(script|style).*?</\1>", " ", path.read_text("utf-8"))
        text = html.unescape(re.sub(r"<[^>]+>", " ", text))
        for paragraph in re.split(r"\n\s*\n", text):
            found += re.split(r"(?<=[.!?])\s+(?=[A-Z])", " ".join(paragraph.strip("#-| ").split()))
    return list(dict.fromkeys(sentence for sentence in found if len(sentence.split()) >= 6))


def questions(sentences):
    chosen = random.Random(4)
    made = []
    for number, sentence in enumerate(sentences):
        words = re.findall(r"[\w'-]+", sentence)
        start = chosen.randrange(max(1, len(words) - 6))
        made.append(TEMPLATES[number % len(TEMPLATES)].format(" ".join(words[start:start + chosen.randint(3, 6)])))
    return made


def encode(run, model, texts, dtype):
    """`run` takes arguments and standard input and returns standard output."""
    lines = "".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(texts))
    rows = run("encode", "--model", str(model), "--dtype", dtype, stdin=lines.encode()).splitlines()
    return np.array([json.loads(row)["embedding"] for row in rows])


def best(scores):
    return np.argsort(-scores, axis=1, kind="stable")[:, :TOP]


def compare(exact, rough):
    """Each a pair of arrays: vectors of what is searched, vectors of questions."""
    cosines = np.concatenate([(a * b).sum(axis=1) for a, b in zip(exact, rough)])
    right, wrong = exact[1] @ exact[0].T, rough[1] @ rough[0].T
    a, b = best(right), best(wrong)
    rows = np.arange(len(a))
    lost = right[rows, a[:, 0]] - right[rows, b[:, 0]]  # how much worse the first hit is, by the exact scores
    return {"cosine_min": cosines.min(), "cosine_mean": cosines.mean(), "top1": (a[:, 0] == b[:, 0]).mean(),
            "top1_or_near": (lost < NEAR).mean(), "overlap": np.mean([len(set(x) & set(y)) / TOP for x, y in zip(a, b)]),
            "score_error": np.abs(right - wrong).max(), "lost": lost.max()}


def main():
    import pathlib
    program, model, dtypes = sys.argv[1], sys.argv[2], sys.argv[3:] or ["int16", "int8"]

    def run(*arguments, stdin):
        return subprocess.run([program, *arguments], input=stdin, stdout=subprocess.PIPE, check=True).stdout

    texts = passages(pathlib.Path(__file__).resolve().parent.parent)
    both = texts, questions(texts)
    print(f"{len(texts)} sentences, as many questions")
    exact = [encode(run, model, some, "f32") for some in both]
    for dtype in dtypes:
        found = compare(exact, [encode(run, model, some, dtype) for some in both])
        print(f"{dtype:6}" + "".join(f"  {name} {value:.6f}" for name, value in found.items()))


if __name__ == "__main__":
    main()
