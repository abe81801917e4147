"""What bench/server loads: a base of many passages with vectors, made without encoding anything, and requests for it."""

import json
import random
import subprocess
import sys
import urllib.parse
from pathlib import Path

import make_article
import make_corpus
import numpy

WORDS, VECTORS = "words", "vectors"
QUESTIONS = 2000        # different ones of each kind
PASSAGE_WORDS = (30, 70)


def make_files(folder, count):
    """The article's form: a list of passages and a tensor of their vectors."""
    folder.mkdir(parents=True, exist_ok=True)
    writer, rng = make_corpus.Writer(1, []), numpy.random.default_rng(5)
    sizes = random.Random(2)
    (folder / "text_content.json").write_text(json.dumps(
        [{"article_title": f"Article {n // 50}", "section": writer.heading(),
          "text": " ".join(writer.pick(sizes.randint(*PASSAGE_WORDS))).capitalize() + "."} for n in range(count)]))
    vectors = make_article.unit_vectors(rng, count)
    make_article.save_tensor(folder / "text_embeddings.pt", vectors)
    numpy.save(folder / "vectors.npy", vectors)
    return vectors


def make_mixed(folder, questions):
    """What people and programs ask besides searches; nothing that writes."""
    with open(folder / "mixed.txt", "w") as out:
        def get(path):
            out.write(f"GET {path}\n")

        def post(path, body):
            out.write(f"POST {path} {json.dumps(body)}\n")

        for n, question in enumerate(questions):
            post("/api/v1/ask", {"question": question, "stream": n % 2 == 0})
            post("/v1/chat/completions", {"model": "jackdaw", "messages": [{"role": "user", "content": question}], "stream": n % 2 == 1})
            post("/mcp", {"jsonrpc": "2.0", "id": n, "method": "tools/call",
                          "params": {"name": "search", "arguments": {"query": question, "k": 5}}})
            get(f"/api/v1/chunks/t{n + 1}")
            get(f"/api/v1/documents?limit=20&offset={20 * (n % 50)}")
            for path in ("/", "/page.js", "/page.css", "/metrics", "/api/v1/health", "/api/v1/models", "/api/v1/collections", "/api/v1/openapi.json"):
                get(path)


def make_requests(folder, vectors):
    """Questions of three words, the commonest hundred aside, and vectors near some passage's."""
    rng, noise = random.Random(3), numpy.random.default_rng(6)
    words = make_corpus.Writer.words[100:20_000]
    weights = [weight - make_corpus.Writer.weights[99] for weight in make_corpus.Writer.weights[100:20_000]]
    questions = [" ".join(rng.choices(words, cum_weights=weights, k=3)) for _ in range(QUESTIONS)]
    make_mixed(folder, questions[:200])
    with open(folder / "words.txt", "w") as out:
        for question in questions:
            out.write(f"GET /api/v1/search?images=false&k=10&query={urllib.parse.quote_plus(question)}\n")
    near = vectors[noise.integers(0, len(vectors), QUESTIONS)] + 0.02 * noise.standard_normal((QUESTIONS, vectors.shape[1]))
    with open(folder / "vectors.txt", "w") as out, open(folder / "nearest.txt", "w") as nearest, open(folder / "peer.txt", "w") as peer:
        for vector in near:
            numbers = [round(float(x) * make_article.QUERY_LENGTH, 5) for x in vector]
            body = {"embedding": numbers, "profile": "article", "images": False, "k": 15}
            out.write(f"POST /api/v1/search {json.dumps(body)}\n")
            nearest.write(f"POST /api/v1/search {json.dumps({'embedding': numbers, 'images': False, 'k': 10})}\n")
            peer.write(f"POST /gradio_api/run/search {json.dumps({'data': [numbers]})}\n")


def main(jackdaw, folder, count):
    """Makes what is not there yet."""
    folder = Path(folder)
    if (folder / "nearest.txt").exists():
        return
    vectors = make_files(folder, int(count))
    for suffix in ("", "-wal", "-shm"):
        (folder / f"kb.db{suffix}").unlink(missing_ok=True)
    subprocess.run([jackdaw, "--quiet", "--kb", folder / "kb.db", "import-article", "--text", folder / "text_content.json",
                    "--text-embeddings", folder / "text_embeddings.pt"], check=True)
    make_requests(folder, vectors)


if __name__ == "__main__":
    main(*sys.argv[1:])
