#!/usr/bin/env python3
"""Turns files into a C table of them, compressed too: the page that the server carries.

    embed_page.py OUTPUT.c [--at /URL/PATH/ FILE...|FOLDER]...

A file of --at /lib/ is served as /lib/ and its name, a folder with everything below it; /index.html as / itself.
"""
import argparse
import gzip
import hashlib
import pathlib

TYPES = {
    ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8", ".json": "application/json", ".svg": "image/svg+xml", ".png": "image/png",
    ".ico": "image/x-icon", ".woff2": "font/woff2", ".woff": "font/woff", ".ttf": "font/ttf", ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
}


def c_string(data):
    """`data` as C string literals. Octal escapes have three digits, so no character after them joins in."""
    plain = set(range(0x20, 0x7f)) - {ord('"'), ord("\\"), ord("?")}
    lines = []
    for start in range(0, len(data), 1024):
        lines.append('"' + "".join(chr(b) if b in plain else f"\\{b:03o}" for b in data[start:start + 1024]) + '"')
    return "\n    ".join(lines) or '""'


def rows(groups):
    seen = set()
    for at, files in groups:
        base = pathlib.Path(files[0])
        named = [(p.relative_to(base).as_posix(), p) for p in sorted(base.rglob("*")) if p.is_file()] if base.is_dir() \
            else [(pathlib.Path(f).name, pathlib.Path(f)) for f in files]
        for name, path in named:
            url = at + name
            if url == "/index.html":
                url = "/"
            if path.suffix not in TYPES:
                raise SystemExit(f"embed_page.py: {path}: no media type is known for {path.suffix or 'no ending'}")
            if url in seen:
                raise SystemExit(f"embed_page.py: {url} is there twice")
            seen.add(url)
            yield url, TYPES[path.suffix], path.read_bytes()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("output")
    parser.add_argument("--at", nargs="+", action="append", default=[], metavar="URL FILE")
    options = parser.parse_args()
    table, out = [], ['#include "server/page.h"\n']
    for n, (url, media_type, data) in enumerate(rows([(group[0], group[1:]) for group in options.at])):
        packed = gzip.compress(data, 9, mtime=0)
        out.append(f"static const char data_{n}[] =\n    {c_string(data)};")
        gzip_row = "NULL, 0"
        if len(packed) < len(data) * 0.9:
            out.append(f"static const char gzip_{n}[] =\n    {c_string(packed)};")
            gzip_row = f"(const guint8 *)gzip_{n}, sizeof gzip_{n} - 1"
        etag = hashlib.sha256(data).hexdigest()[:16]
        table.append(f'    {{"{url}", "{media_type}", "\\"{etag}\\"",\n'
                     f"     (const guint8 *)data_{n}, sizeof data_{n} - 1, {gzip_row}}},")
    out.append("const jd_page_file jd_page_files[] = {\n" + "\n".join(table) + "\n    {0},\n};")
    pathlib.Path(options.output).write_text("\n".join(out) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
