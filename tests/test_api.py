"""The library as others use it: the program in jackdaw.h's first comment is compiled and run."""
import re
import subprocess

from conftest import BUILD, ROOT
from library import write_library

HEADER = ROOT / "include" / "jackdaw.h"


def build_program(folder):
    comment = HEADER.read_text().split("*/")[0]
    lines = re.findall(r"^ \*     (.*)$|^ \*$", comment, re.M)
    source = "\n".join(lines)
    assert "int main(" in source and source.rstrip().endswith("}")
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
    program = build_program(jackdaw.folder)
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


def test_only_the_public_names_are_exported():
    names = subprocess.run(["nm", "-D", "--defined-only", BUILD / "libjackdaw.so"], capture_output=True, text=True,
                           check=True).stdout
    exported = set(re.findall(r" T (\w+)$", names, re.M))
    declared = set(re.findall(r"JD_API [^;(]*?\b(jd_\w+)\(", HEADER.read_text()))
    assert declared and exported == declared
