#!/usr/bin/env python3
"""Checks what the compiler does not: the order of the stages, and that files, functions and parameter lists stay small.

Relies on clang-format's layout: a function's body starts with "{" and ends with "}" at column 0.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 60
MAX_PARAMETERS = 5
# Callbacks whose parameters a library dictates (FTS5's tokenizer, libmicrohttpd's requests and parts of bodies).
FOREIGN = re.compile(r"\b(tokenize|add_token|on_request|on_part|MHD_start_daemon)\(")

# The way of the data. A stage may include base/ and stages to its left, never one to its right.
STAGES = ["base", "read", "chunk", "nn", "embed", "store", "retrieve", "answer", "hub", "pipeline", "server", "cli"]
# What a stage may not include although it stands to the left: numerics know no documents.
FORBIDDEN = {"nn": {"read", "chunk"}, "chunk": set(), "store": {"read", "chunk"}, "retrieve": {"read", "chunk"},
             "answer": {"read", "chunk", "nn", "embed", "store"},
             "hub": {"read", "chunk", "nn", "embed", "store", "retrieve", "answer"}}


def stage_of(path):
    parts = path.relative_to(ROOT / "src").parts
    return "pipeline" if len(parts) == 1 else parts[0]


def check_includes(path, lines):
    own = stage_of(path)
    if own not in STAGES:
        yield f"{path}:1: folder src/{own} is no known stage (add it to tools/check_source.py)"
        return
    test = path.name.startswith("test_")
    for number, line in enumerate(lines, 1):
        match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not match:
            continue
        target = match.group(1)
        parts = target.split("/")
        other = parts[0] if len(parts) > 1 else "pipeline"
        if other not in STAGES:
            yield f'{path}:{number}: include "{target}": write it from src/, as "stage/file.h"'
        elif STAGES.index(other) > STAGES.index(own):
            yield f"{path}:{number}: stage {own} may not include the later stage {other}"
        elif other in FORBIDDEN.get(own, set()) and not test:
            yield f"{path}:{number}: stage {own} may not know {other}"


def parameters(signature):
    """Number of parameters of the function whose head is `signature`."""
    inner = signature[signature.index("(") + 1:signature.rindex(")")]
    if inner.strip() in ("", "void"):
        return 0
    depth = 0
    count = 1
    for char in inner:
        depth += (char == "(") - (char == ")")
        count += char == "," and depth == 0
    return count


def check_functions(path, lines):
    head = []
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            if number - start - 1 > MAX_FUNCTION_LINES:
                yield f"{path}:{start}: function of {number - start - 1} lines; at most {MAX_FUNCTION_LINES}"
            signature = " ".join(head)
            if "(" in signature and ")" in signature and parameters(signature) > MAX_PARAMETERS \
                    and not FOREIGN.search(signature):
                yield f"{path}:{start}: {parameters(signature)} parameters; at most {MAX_PARAMETERS}, else an options struct"
            start = None
            head = []
        elif start is None:
            if not line.strip() or line.startswith(("#", "/*", " *", "}")) or line.endswith(";"):
                head = []
            else:
                head.append(line.strip())


def main():
    problems = []
    files = sorted(p for folder in ("src", "include", "fuzz", "tests", "samples", "bench", "tools")
                   for p in (ROOT / folder).rglob("*") if p.suffix in (".c", ".h", ".py", ".js", ".css"))
    for path in files:
        lines = path.read_text(encoding="utf-8").splitlines()
        if len(lines) > MAX_FILE_LINES:
            problems.append(f"{path}:1: {len(lines)} lines; at most {MAX_FILE_LINES}")
        if path.suffix in (".c", ".h"):
            if path.is_relative_to(ROOT / "src"):
                problems += check_includes(path, lines)
            problems += check_functions(path, lines)
    for problem in problems:
        print(problem.replace(f"{ROOT}/", ""), file=sys.stderr)
    print(f"check_source: {len(files)} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
