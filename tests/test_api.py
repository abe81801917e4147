"""The library as others use it: the program in jackdaw.h's first comment is compiled and run."""
import json
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from conftest import BUILD, ROOT
from library import write_library
from models import nothing_installed

sys.path.insert(0, str(ROOT / "tests" / "parity"))

import make_checkpoints  # noqa: E402  (needs the path above)

HEADER = ROOT / "include" / "jackdaw.h"


# Installs a model with progress, lists, and removes it.
MODELS = r"""
#include <jackdaw.h>
#include <stdio.h>

static void on_progress(const jd_progress *progress, void *user)
{
    *(guint64 *)user = progress->done;
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(jd_installed_model) model = NULL;
    guint64 bytes = 0;
    jd_cancel cancel = argc > 2;
    const jd_models_options options = {
        .name = "me/model", .progress = on_progress, .user = &bytes, .cancel = &cancel};
    if (!jd_models_add(argv[1], &options, &model, &error)) {
        printf("%s\n", jd_error_code_name(error->code));
        return 1;
    }
    g_autoptr(GPtrArray) models = jd_models_list();
    printf("%s %d %u %d\n", model->name, model->dimension, models->len, bytes > 10000);
    return jd_models_remove("model", NULL, &error) ? 0 : 1;
}
"""


def program_of_header():
    comment = HEADER.read_text().split("*/")[0]
    source = "\n".join(re.findall(r"^ \*     (.*)$|^ \*$", comment, re.M))
    assert "int main(" in source and source.rstrip().endswith("}")
    return source


def compile_program(source, folder):
    path = folder / "program.c"
    path.write_text(source)
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "glib-2.0"], capture_output=True, text=True,
                           check=True).stdout.split()
    sanitize = ["-fsanitize=address,undefined"] if "sanitize" in BUILD.name else []
    program = folder / "program"
    subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", *sanitize, f"-I{ROOT / 'include'}", path, "-o", program,
                    f"-L{BUILD}", "-ljackdaw", f"-Wl,-rpath,{BUILD}", *flags], check=True)
    return program


def test_the_program_of_the_header(jackdaw):
    program = compile_program(program_of_header(), jackdaw.folder)
    docs = write_library(jackdaw.folder / "docs")
    kb = jackdaw.folder / "api.db"
    done = subprocess.run([program, kb, docs, "How do cranes dance in spring?"], env=jackdaw.env, capture_output=True,
                          text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "bow, leap and throw sticks" in done.stdout
    failed = subprocess.run([program, jackdaw.folder, docs, "x"], env=jackdaw.env, capture_output=True, text=True,
                            check=False, timeout=120)
    assert failed.returncode == 1 and failed.stdout == ""
    assert len(failed.stderr.splitlines()) == 1


def test_models_come_and_go(jackdaw, tmp_path_factory):
    program = compile_program(MODELS, jackdaw.folder)
    folder = make_checkpoints.make("bert-mean", tmp_path_factory.mktemp("models"))
    done = subprocess.run([program, folder], env=jackdaw.env, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (0, "me/model 72 1 1\n"), done.stderr
    cancelled = subprocess.run([program, folder, "cancel"], env=jackdaw.env, capture_output=True, text=True, check=False, timeout=120)
    assert (cancelled.returncode, cancelled.stdout) == (1, "cancelled\n")
    assert nothing_installed(jackdaw)


def test_only_the_public_names_are_exported():
    names = subprocess.run(["nm", "-D", "--defined-only", BUILD / "libjackdaw.so"], capture_output=True, text=True,
                           check=True).stdout
    exported = set(re.findall(r" T (\w+)$", names, re.M))
    declared = set(re.findall(r"JD_API [^;(]*?\b(jd_\w+)\(", "".join(path.read_text() for path in HEADER.parent.glob("*.h"))))
    assert declared and exported == declared


# ---- docs/library.md ----

def block(language):
    found = re.findall(rf"^```{language}\n(.*?)^```", (ROOT / "docs" / "library.md").read_text(encoding="utf-8"), re.M | re.S)
    assert len(found) == 1
    return found[0]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


def vectors(jackdaw, model, *rows):
    lines = "\n".join(json.dumps(row) for row in rows).encode()
    return [np.array(json.loads(line)["embedding"])
            for line in jackdaw.ok("encode", "--model", model, stdin=lines).out.splitlines()]


def test_the_c_program_of_the_documents(jackdaw, models, tmp_path):
    clip = make_checkpoints.make("clip", models)
    Image.new("RGB", (50, 40), (200, 10, 10)).save(tmp_path / "red.png")
    program = compile_program(block("c"), tmp_path)
    done = subprocess.run([program, clip, "a cat", tmp_path / "red.png"], env=jackdaw.env, capture_output=True, text=True,
                          check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    text, picture = vectors(jackdaw, clip, {"text": "a cat"}, {"image": str(tmp_path / "red.png")})
    assert abs(float(done.stdout) - text @ picture) < 2e-6
    for arguments, words in (([tmp_path / "none", "x", "y"], "none"), ([clip, "x", tmp_path / "no.png"], "no.png"),
                             ([make_checkpoints.make("bert-mean", models), "x", tmp_path / "red.png"], "no pictures")):
        failed = subprocess.run([program, *arguments], env=jackdaw.env, capture_output=True, text=True, check=False, timeout=120)
        assert failed.returncode == 1 and words in failed.stderr and len(failed.stderr.splitlines()) == 1


@pytest.mark.skipif("sanitize" in BUILD.name, reason="Python itself is built without the sanitizers")
def test_the_python_program_of_the_documents(jackdaw, models, tmp_path):
    bert = make_checkpoints.make("bert-mean", models)
    (tmp_path / "program.py").write_text(block("python"))
    texts = ["a cat sat", "the dog ran", "a cat sat"]
    env = {**jackdaw.env, "LD_LIBRARY_PATH": str(BUILD)}
    done = subprocess.run([sys.executable, tmp_path / "program.py", bert, *texts], env=env, capture_output=True, text=True,
                          check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    rows = np.array(vectors(jackdaw, bert, *({"text": text} for text in texts)))
    assert np.allclose(np.loadtxt(done.stdout.splitlines()), rows @ rows.T, atol=2e-6)
    failed = subprocess.run([sys.executable, tmp_path / "program.py", tmp_path, "x"], env=env, capture_output=True, text=True,
                            check=False, timeout=120)
    assert failed.returncode == 1 and "config.json" in failed.stderr
