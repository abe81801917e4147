#!/usr/bin/env python3
"""Joins the page's JavaScript modules into one, so that a browser asks for one file instead of thirty.

    bundle_page.py OUTPUT.js ROOT ENTRY FILE...

ROOT/a/b.js is known as /a/b.js, a FILE elsewhere as / and its name. Each module becomes a function that returns what it
exports, after those that it imports. What this does not understand is refused: renamed imports, `export let` (whoever
imports would see only its first value), cycles, modules that nothing imports.
"""
import pathlib
import posixpath
import re
import sys

IMPORT = re.compile(r'^import (\{[^}]*\}|\w+) from "([^"]+)";\n', re.M)
EXPORT = re.compile(r"^export (?:(default) |((?:async )?function\*? |const |class )(\w+))", re.M)


class Problem(Exception):
    pass


def variable(address):
    return "$" + re.sub(r"\W", "_", address.removeprefix("/").removesuffix(".js"))


class Module:
    def __init__(self, address, text):
        self.address, self.text = address, text
        self.imports = []  # (names, address)
        for names, other in IMPORT.findall(text):
            if " as " in names:
                raise Problem(f"{address}: an import is renamed: {names}")
            self.imports.append((names, posixpath.normpath(posixpath.join(posixpath.dirname(address), other))))

    def script(self):
        head = [f"const {names} = {variable(other)}{'' if names[0] == '{' else '.default'};\n" for names, other in self.imports]
        exported = [default or name for default, _, name in EXPORT.findall(self.text)]
        body = EXPORT.sub(lambda m: "const $default = " if m[1] else m[2] + m[3], IMPORT.sub("", self.text))
        left = re.search(r"^(import|export)\b.*|\bimport\(.*", body, re.M)
        if left:
            raise Problem(f"{self.address}: not understood: {left[0]}")
        given = ", ".join("default: $default" if name == "default" else name for name in exported)
        return f"const {variable(self.address)} = (() => {{\n{''.join(head)}{body.strip()}\nreturn {{ {given} }};\n}})();\n"


def ordered(modules, entry):
    """The modules, each after those that it imports."""
    out, under_way = {}, []

    def visit(address, by):
        if address in under_way:
            raise Problem(f"{address}: imported in a circle: {' -> '.join(under_way)}")
        if address in out:
            return
        if address not in modules:
            raise Problem(f"{by}: imports {address}, which is not there")
        under_way.append(address)
        for _, other in modules[address].imports:
            visit(other, address)
        under_way.pop()
        out[address] = modules[address]

    visit(entry, "the command line")
    unused = sorted(modules.keys() - out.keys())
    if unused:
        raise Problem(f"{', '.join(unused)}: nothing imports it")
    return out.values()


def main():
    output, root, entry, *files = sys.argv[1:]
    root = pathlib.Path(root).resolve()
    modules = {}
    for file in map(pathlib.Path, files):
        inside = file.resolve().is_relative_to(root)
        address = "/" + (file.resolve().relative_to(root).as_posix() if inside else file.name)
        modules[address] = Module(address, file.read_text(encoding="utf-8"))
    script = "".join(module.script() for module in ordered(modules, entry))
    pathlib.Path(output).write_text(script, encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except Problem as problem:
        raise SystemExit(f"bundle_page.py: {problem}") from None
