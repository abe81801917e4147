#!/usr/bin/env python3
"""The peer of `jackdaw ingest`: Python with BeautifulSoup (lxml) and Pillow. peer_ingest.py DIR DB [--jobs 1|2]

Does the same work and no more: title, sections, paragraphs, lists, tables and code as passages with their section
path; figures with caption and alt text; the pictures of the folder as documents of their own; pictures read and
decoded, their bytes kept once by SHA-256; everything in SQLite with a full-text index. It is written to be fast for
what it is: one transaction for 200 files, pictures that were seen before are not decoded again, and with --jobs 2
parsing runs in two processes beside the writer's.
Prints one JSON line.
"""

import argparse
import concurrent.futures
import hashlib
import io
import json
import os
import resource
import sqlite3
import time
import urllib.parse
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from PIL import Image

BATCH = 200
HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
PASSAGES = {"p", "ul", "ol", "table", "pre", "blockquote"}
MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE document (id INTEGER PRIMARY KEY, uri TEXT UNIQUE, title TEXT, sha256 TEXT);
CREATE TABLE chunk (id INTEGER PRIMARY KEY, document INTEGER, ordinal INTEGER, section TEXT, text TEXT);
CREATE TABLE blob (sha256 TEXT PRIMARY KEY, media_type TEXT, width INTEGER, height INTEGER, bytes BLOB);
CREATE TABLE image (id INTEGER PRIMARY KEY, document INTEGER, ordinal INTEGER, section TEXT, sha256 TEXT,
                    caption TEXT, alt TEXT, source TEXT);
CREATE VIRTUAL TABLE chunk_fts USING fts5(section, text);
CREATE VIRTUAL TABLE image_fts USING fts5(section, caption, alt);
"""

seen_pictures = set()   # of this process: hashes of pictures that it has decoded and handed over


def read_picture(path):
    """(sha256, (media type, width, height, bytes) or None where this process has handed it over already)."""
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if digest in seen_pictures:
        return digest, None
    with Image.open(io.BytesIO(data)) as picture:
        picture.verify()
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        seen_pictures.add(digest)
        return digest, (MEDIA_TYPES.get(picture.format, "application/octet-stream"), *picture.size, data)


def passage_text(node):
    """The text of a passage: code as it is, a table row by row, all else with single spaces."""
    if node.name == "pre":
        return node.get_text()
    if node.name == "table":
        return "\n".join(" | ".join(cell.get_text(" ", strip=True) for cell in row.children if isinstance(cell, Tag))
                         for row in node.find_all("tr"))
    if node.name in ("ul", "ol"):
        return "\n".join("- " + item.get_text(" ", strip=True) for item in node.find_all("li"))
    return " ".join(node.get_text().split())


def blocks(node):
    """Headings, passages and pictures in reading order. A walk of our own: one find_all for all kinds, with a look
    at the parents of each find, took a third longer."""
    for child in node.children:
        if not isinstance(child, Tag):
            continue
        if child.name in HEADINGS or child.name == "img":
            yield child
        elif child.name in PASSAGES:
            yield child
            yield from child.find_all("img")
        else:
            yield from blocks(child)


def read_document(path):
    """One file as a plain tuple: uri, title, sha256, passages, pictures."""
    path = Path(path)
    if path.suffix != ".html":   # a picture that stands alone
        digest, picture = read_picture(path)
        return str(path), path.stem, digest, [], [("[]", digest, "", "", path.name, picture)]
    data = path.read_bytes()
    soup = BeautifulSoup(data, "lxml")
    title = soup.title.get_text(strip=True) if soup.title else path.stem
    sections, passages, pictures = [], [], []
    for node in blocks(soup.body or soup):
        if node.name in HEADINGS:
            level = HEADINGS[node.name]
            sections = [entry for entry in sections if entry[0] < level] + [(level, node.get_text(" ", strip=True))]
            continue
        section = json.dumps([name for _, name in sections])
        if node.name == "img":
            figure = node.find_parent("figure")
            caption = figure.find("figcaption") if figure else None
            source = node.get("src", "")
            digest, picture = read_picture(path.parent / urllib.parse.unquote(source))
            pictures.append((section, digest, caption.get_text(" ", strip=True) if caption else "",
                             node.get("alt", ""), source, picture))
        else:
            text = passage_text(node)
            if text:
                passages.append((section, text))
    return str(path), title, hashlib.sha256(data).hexdigest(), passages, pictures


def read_batch(paths):
    """What a worker does: some documents, with its process id and peak memory so that the sum can be told."""
    return [read_document(path) for path in paths], os.getpid(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def store(db, documents):
    """Writes documents in one transaction; returns the number of passages and pictures."""
    chunks = images = 0
    with db:
        for uri, title, digest, passages, pictures in documents:
            document = db.execute("INSERT INTO document(uri, title, sha256) VALUES (?,?,?)", (uri, title, digest)).lastrowid
            for ordinal, (section, text) in enumerate(passages):
                row = db.execute("INSERT INTO chunk(document, ordinal, section, text) VALUES (?,?,?,?)",
                                 (document, ordinal, section, text)).lastrowid
                db.execute("INSERT INTO chunk_fts(rowid, section, text) VALUES (?,?,?)", (row, section, text))
            for ordinal, (section, sha256, caption, alt, source, picture) in enumerate(pictures):
                if picture:
                    db.execute("INSERT OR IGNORE INTO blob VALUES (?,?,?,?,?)", (sha256, *picture))
                row = db.execute("INSERT INTO image(document, ordinal, section, sha256, caption, alt, source) "
                                 "VALUES (?,?,?,?,?,?,?)", (document, ordinal, section, sha256, caption, alt, source)).lastrowid
                db.execute("INSERT INTO image_fts(rowid, section, caption, alt) VALUES (?,?,?,?)", (row, section, caption, alt))
            chunks += len(passages)
            images += len(pictures)
    return chunks, images


def batches_in_processes(batches, jobs):
    """Batches as they are read, in order, with only a few in flight: memory must not grow with the corpus."""
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        running = []
        for batch in batches:
            running.append(pool.submit(read_batch, batch))
            if len(running) > 2 * jobs:
                yield running.pop(0).result()
        for future in running:
            yield future.result()


def ingest(folder, database, jobs):
    start = time.perf_counter()
    db = sqlite3.connect(database)
    db.executescript(SCHEMA)
    paths = sorted(str(path) for path in Path(folder).rglob("*") if path.suffix in (".html", ".png", ".jpg"))
    size = BATCH if jobs == 1 else BATCH // 4
    batches = [paths[at:at + size] for at in range(0, len(paths), size)]
    chunks = images = 0
    peaks = {}
    for documents, worker, peak in (map(read_batch, batches) if jobs == 1 else batches_in_processes(batches, jobs)):
        counts = store(db, documents)
        chunks, images = chunks + counts[0], images + counts[1]
        peaks[worker] = peak
    db.close()
    seconds = time.perf_counter() - start
    peaks[os.getpid()] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    pages = sum(path.endswith(".html") for path in paths)
    return {"peer": "beautifulsoup", "jobs": jobs, "documents": len(paths), "chunks": chunks, "images": images,
            "seconds": round(seconds, 3), "files_per_second": round(pages / seconds, 1),
            "peak_rss_mb": round(sum(peaks.values()) / 1024, 1)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("database")
    parser.add_argument("--jobs", type=int, default=1, choices=(1, 2))
    options = parser.parse_args()
    print(json.dumps(ingest(options.folder, options.database, options.jobs)))


if __name__ == "__main__":
    main()
