"""The article's prompt on the article's own results, byte for byte, and what goes with it to the model."""
import base64
import json

import numpy as np
import pytest

from servers.ollama import Ollama, model
from test_article_search import base, data, import_article  # noqa: F401: fixtures

TEMPLATE = """Given the query "{query}" and the following relevant snippets:

{text_context}
{image_context}

Please provide a concise and accurate answer to the query, incorporating relevant information from the provided snippets where possible.

"""


def article_prompt(query, texts, images):
    """As the article's notebook builds it."""
    text_context = "".join(f"**Article title:** {t['article_title']}\n**Section:**  {t['section']}\n"
                           f"**Snippet:** {t['text']}\n\n" for t in texts)
    image_context = "".join(f"**Article title:** {i['article_title']}\n**Section:**  {i['section']}\n"
                            f"**Image Path:**  {i['image_path']}\n**Image Caption:** {i['caption']}\n\n" for i in images)
    return TEMPLATE.format(query=query, text_context=text_context, image_context=image_context)


def query_for(vectors, logits):
    """A query whose dot products are given: there are fewer vectors than dimensions, so one exists."""
    return np.linalg.lstsq(vectors.astype(np.float64), logits, rcond=None)[0].astype("<f4")


def logits_for(count, order, best, temperature):
    """Dot products that give `order` falling probabilities from `best` down to over 0.02, the others far less."""
    shares = np.full(count, (1 - sum(best)) / (count - len(order)))
    shares[order] = best
    return np.log(shares) * temperature


@pytest.fixture(scope="module")
def printed(base, data, reference):  # noqa: F811
    """A query vector that finds what the article printed, in that order."""
    results = json.loads((reference / "blog" / "data" / "article_results.json").read_text("utf-8"))
    texts = logits_for(len(data["text"]), results["text"], np.linspace(0.09, 0.03, len(results["text"])), 0.25)
    images = logits_for(len(data["images"]), results["image"], np.array([0.9]), 0.5)
    query = query_for(np.vstack([data["text"], data["images"]]), np.concatenate([texts, images]))
    np.save(base.folder / "printed.npy", query)
    return {"query": results["query"], "file": base.folder / "printed.npy",
            "texts": [data["text_items"][i] for i in results["text"]],
            "images": [data["image_items"][i] for i in results["image"]]}


def shown(base, printed, *options, env=None):  # noqa: F811
    return base.ok("ask", "--json", "--show-prompt", "--profile", "article", "--backend", "ollama",
                   "--query-embedding", printed["file"], *options, printed["query"], env=env).json()


def test_prompt(base, printed):  # noqa: F811
    body = shown(base, printed)["body"]
    assert body["model"] == "llama3.2-vision"
    message, = body["messages"]
    assert message["role"] == "user"
    assert message["content"] == article_prompt(printed["query"], printed["texts"], printed["images"])
    image, = message["images"]
    assert base64.b64decode(image)[:4] == b"\x89PNG"


def test_prompt_of_no_pictures(base, printed):  # noqa: F811
    message, = shown(base, printed, "--text")["body"]["messages"]
    assert message["content"] == article_prompt(printed["query"], printed["texts"], [])
    assert "images" not in message


def test_answer(base, printed):  # noqa: F811
    """To the article's model on a server that still loads it."""
    with Ollama([model("llama3.2-vision:latest", family="mllama", context=131072)], version="0.24.0") as server:
        answer = base.ok("ask", "--json", "--profile", "article", "--query-embedding", printed["file"], printed["query"],
                         env={"OLLAMA_HOST": server.host}).json()
    body, = server.asked("/api/chat")
    assert body["messages"][0]["content"] == article_prompt(printed["query"], printed["texts"], printed["images"])
    assert [e["text"] for e in answer["evidence"]["text"]] == [t["text"] for t in printed["texts"]]
    assert answer["left_out"] == []
