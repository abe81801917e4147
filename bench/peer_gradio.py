#!/usr/bin/env python3
"""The peer of the server: Gradio with the article's search over the same vectors. peer_gradio.py DIR PORT

What the article's program does for a question, after its encoding: dot products with all unit vectors, softmax, threshold,
the best 15, with their texts. DIR comes from serving_base.py.
"""
import json
import sys
from pathlib import Path

import gradio
import numpy

import peer_article


def main(folder, port):
    folder = Path(folder)
    vectors = numpy.load(folder / "vectors.npy")
    texts = json.loads((folder / "text_content.json").read_text())

    def search(numbers):
        found = peer_article.numpy_search(vectors, numpy.array(numbers, dtype=numpy.float32))
        return [{"score": score, **texts[row]} for row, score in found]

    with gradio.Blocks() as page:
        gradio.Button().click(search, gradio.JSON(), gradio.JSON(), api_name="search", queue=False)
    page.launch(server_name="127.0.0.1", server_port=int(port), quiet=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
