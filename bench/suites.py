"""The parts of the benchmark. Each measures, keeps what it measured in bench.results and adds lines to the report."""

import collections
import json
import os
import re
import statistics
import subprocess
from pathlib import Path

import measure
from suite_scan import suite_scan

HERE = Path(__file__).resolve().parent
OK, NOTHING_FOUND = 0, 4
SEARCH_REPEATS = 7


class Bench:
    """Where things are, what was measured, what is to be said at the end."""

    def __init__(self, work, python, repeats, jackdaw, sizes, vectors):
        self.work, self.python, self.repeats, self.jackdaw = work, python, repeats, jackdaw
        self.sizes, self.vectors = sizes, vectors
        self.lines, self.notes = [], []
        self.results = {"machine": measure.machine(), "versions": self.versions(), "notes": self.notes}
        # No encoders and no settings of the user's: what is measured is the program alone.
        home = work / "home"
        home.mkdir(exist_ok=True)
        self.env = {**os.environ, "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home),
                    "JACKDAW_MODELS": str(home / "none")}
        self.env.pop("JACKDAW_KB", None)

    def versions(self):
        code = ("import sys, sqlite3, bs4, lxml.etree, PIL, numpy, json; print(json.dumps({'python': sys.version.split()[0], "
                "'sqlite': sqlite3.sqlite_version, 'beautifulsoup4': bs4.__version__, 'lxml': lxml.etree.__version__, "
                "'pillow': PIL.__version__, 'numpy': numpy.__version__}))")
        found = json.loads(subprocess.run([self.python, "-c", code], capture_output=True, text=True, check=True).stdout)
        if self.jackdaw:
            found["jackdaw"] = measure.run([self.jackdaw, "--version"]).out.strip()
        return found

    def say(self, line=""):
        self.lines.append(line)
        print(line, flush=True)

    def note(self, words):
        self.notes.append(words)
        print(f"note: {words}", flush=True)

    def corpus(self, size):
        """The folder of a generated corpus, completed if need be; its files are read once, so that all start alike."""
        folder = self.work / f"corpus{size}"
        subprocess.run([self.python, HERE / "make_corpus.py", str(size), folder], check=True)
        for path in folder.rglob("*.*"):
            path.read_bytes()
        return folder

    def run_jackdaw(self, kb, *arguments, accept=(OK,)):
        """One run of the program with --json; None (and a note) where it fails."""
        usage = measure.run([self.jackdaw, "--kb", str(kb), "--json", "--quiet", "--offline", *map(str, arguments)], self.env)
        if usage["rc"] not in accept:
            self.note(f"jackdaw {' '.join(map(str, arguments[:2]))} failed with {usage['rc']}: {usage.err.strip()[-300:]}")
            return None
        return usage

    def ingest(self, folder, kb):
        """Ingests a folder into a new knowledge base; the Usage gets the program's own counts."""
        remove_database(kb)
        usage = self.run_jackdaw(kb, "ingest", folder)
        if usage:
            usage["counts"] = json.loads(usage.out)
        return usage

    def report(self):
        if self.notes:
            print("\nWhat to know:")
            for words in self.notes:
                print(f"  - {words}")


def remove_database(path):
    for suffix in ("", "-wal", "-shm", "-journal", ".scan-1t", ".scan-1i"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def median(values):
    return round(statistics.median(values), 3)


def suite_machine(bench):
    machine = bench.results["machine"]
    have = ", ".join(name for name, there in machine["features"].items() if there) or "none of AVX2, AVX-512, VNNI, AMX"
    lack = ", ".join(name for name, there in machine["features"].items() if not there)
    bench.say(f"Machine   {machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB; {have}"
              + (f"; no {lack}" if lack else ""))
    bench.say("Versions  " + ", ".join(f"{name} {version}" for name, version in bench.results["versions"].items()))
    if machine["load"] > 0.5:
        bench.note(f"the machine was busy at the start (load {machine['load']}): times are worse than they could be")


def suite_ingest(bench):
    """Jackdaw and the peer in one and in two processes, taking turns over the middle corpus."""
    size = bench.sizes[1]
    folder = bench.corpus(size)
    runs = collections.defaultdict(list)
    for _ in range(bench.repeats):
        if bench.jackdaw and (usage := bench.ingest(folder, bench.work / f"ingest{bench.sizes[1]}.db")):
            runs["jackdaw"].append(usage)
        for jobs in (1, 2):
            database = bench.work / "peer.db"
            remove_database(database)
            usage = measure.run([bench.python, str(HERE / "peer_ingest.py"), str(folder), str(database),
                                 "--jobs", str(jobs)])
            if usage["rc"] == OK:
                usage["counts"] = json.loads(usage.out)
                runs[f"peer, jobs {jobs}"].append(usage)
            else:
                bench.note(f"the peer failed: {usage.err.strip()[-300:]}")
    bench.say(f"\nIngest of {size:,} HTML files with figures (median of {bench.repeats})")
    bench.say(f"  {'':16}{'HTML/s':>9}{'seconds':>9}{'CPU s':>8}{'largest MB':>12}{'tree MB':>9}   documents, chunks, pictures")
    rates = {}
    for name, usages in runs.items():
        counts = usages[-1]["counts"]
        wall = median([usage["wall_s"] for usage in usages])
        rates[name] = round(size / wall, 1)
        bench.say(f"  {name:16}{rates[name]:>9}{wall:>9}{median([u['cpu_s'] for u in usages]):>8}"
                  f"{max(u['largest_mb'] for u in usages):>12}{max(u['tree_mb'] for u in usages):>9}"
                  f"   {counts['documents']}, {counts['chunks']}, {counts['images']}")
    ratios = {name: round(rates["jackdaw"] / rate, 2) for name, rate in rates.items()
              if "jackdaw" in rates and name != "jackdaw"}
    for name, ratio in ratios.items():
        bench.say(f"  jackdaw is {ratio} times as fast as: {name}")
    bench.results["ingest"] = {"files": size, "files_per_second": rates, "ratios": ratios, "runs": runs}


def suite_memory(bench):
    """Peak memory over growing corpora: flat means that it does not follow the number of files."""
    if not bench.jackdaw:
        bench.note("memory over the number of files was not measured")
        return
    rows = []
    bench.say("\nPeak memory of ingest by the number of files")
    for size in bench.sizes:
        usage = bench.ingest(bench.corpus(size), bench.work / "memory.db")
        if usage:
            rows.append({"files": size, **{key: usage[key] for key in ("largest_mb", "tree_mb", "wall_s")}})
            bench.say(f"  {size:>7,} files{usage['largest_mb']:>9} MB largest process{usage['tree_mb']:>9} MB whole tree"
                      f"{usage['wall_s']:>9} s")
    if len(rows) > 1:
        growth = round(rows[-1]["tree_mb"] / rows[0]["tree_mb"], 2)
        bench.say(f"  {rows[-1]['files'] // rows[0]['files']} times the files, {growth} times the memory")
        bench.results["memory"] = {"rows": rows, "growth": growth}


def pick_queries(folder):
    """Questions from the corpus itself: a rare word, three middling ones, the most frequent ones."""
    counts = collections.Counter()
    for path in sorted(folder.glob("page*.html"))[:60]:
        counts.update(re.findall(r"[a-z]{4,}", " ".join(re.findall(r"<p>(.*?)</p>", path.read_text(encoding="utf-8")))))
    words = [word for word, _ in counts.most_common()]
    middle = len(words) // 8
    return {"rare word": words[-1], "three words": " ".join(words[middle:middle + 3]),
            "very common words": " ".join(words[:3])}


def suite_search(bench):
    """One `jackdaw search` as a user types it: a fresh process each time, the file cached or dropped from the cache."""
    if not bench.jackdaw:
        bench.note("search was not measured")
        return
    folder, kb = bench.corpus(bench.sizes[1]), bench.work / f"ingest{bench.sizes[1]}.db"
    if not kb.exists() and not bench.ingest(folder, kb):
        return
    bench.say(f"\nSearch in a fresh process over {bench.sizes[1]:,} files ({kb.stat().st_size / 1e6:.0f} MB; "
              f"median of {SEARCH_REPEATS})")
    bench.results["search"] = {}
    for name, query in pick_queries(folder).items():
        row = {}
        for state in ("cached", "dropped from cache"):
            usages = []
            for _ in range(SEARCH_REPEATS):
                if state != "cached":
                    measure.forget(kb, f"{kb}-wal", bench.jackdaw)
                if usage := bench.run_jackdaw(kb, "search", query, accept=(OK, NOTHING_FOUND)):
                    usages.append(usage)
            if usages:
                answer = json.loads(usages[-1].out)
                row[state] = {"wall_ms": median([1000 * u["wall_s"] for u in usages]),
                              "largest_mb": max(u["largest_mb"] for u in usages),
                              "program_ms": answer.get("timings_ms"), "found": len(answer["text"])}
                bench.say(f"  {name:18} {state:19}{row[state]['wall_ms']:>9} ms{row[state]['largest_mb']:>8} MB"
                          f"   {row[state]['found']} passages")
        bench.results["search"][name] = row


def suite_start(bench):
    """CPU time of a command that does nothing: what every script pays for calling the program."""
    if not bench.jackdaw:
        bench.note("start-up was not measured")
        return
    bench.say("\nCPU time to start (user and system, 20 runs; to stay under 10 ms)")
    bench.results["start"] = {}
    for option in ("--version", "--help"):
        times = measure.cpu_milliseconds([bench.jackdaw, option])
        if not times:
            bench.note(f"jackdaw {option} failed")
            continue
        bench.results["start"][option] = {"median_ms": median(times), "worst_ms": round(times[-1], 3)}
        bench.say(f"  {option:12}{median(times):>8} ms median{times[-1]:>9.3f} ms worst")


def check_article(bench, found, expected):
    """Compares the program's texts with the double-precision result; the generator numbered its items."""
    rows = [(int(re.search(r"Item (\d+)", item["text"]).group(1)), item["score"]) for item in found]
    wanted = [(row, score) for row, score in expected if score >= 0.01]
    same = [row for row, _ in rows] == [row for row, _ in wanted]
    error = max((abs(a[1] - b[1]) for a, b in zip(rows, wanted)), default=0.0)
    bench.say(f"  results: {'the same rows in the same order' if same else 'OTHER ROWS THAN EXPECTED'}, "
              f"largest difference of a score {error:.1e}")
    return {"same_rows": same, "largest_difference": error}


def measure_peers(bench, folder):
    """Runs numpy and torch over the vectors; returns the expected results, or None where the peer failed."""
    peer = measure.run([bench.python, str(HERE / "peer_article.py"), str(folder)])
    if peer["rc"] != OK:
        bench.note(f"the article's peer failed: {peer.err.strip()[-300:]}")
        return None
    peers = json.loads(peer.out)
    bench.results["article"]["peers"] = peers
    for library in ("numpy", "torch"):
        if peers[library] == "absent":
            bench.note(f"{library} is absent" + (" (bench/run --torch installs it)" if library == "torch" else ""))
            continue
        for threads, row in peers[library].items():
            bench.say(f"  {library} {row.get('version', ''):14} {threads}{row.get('median_ms', 'failed'):>10} ms")
    return peers["top"]


def measure_article_search(bench, folder, kb):
    """The program's search with one thread and with two, taking turns; returns the texts that it found."""
    runs = collections.defaultdict(list)
    for _ in range(SEARCH_REPEATS):
        for threads in (1, 2):
            usage = bench.run_jackdaw(kb, "--threads", threads, "search", "--profile", "article", "--text",
                                      "--query-embedding", folder / "query.json", accept=(OK, NOTHING_FOUND))
            if usage:
                runs[threads].append(usage)
    for threads, usages in runs.items():
        inside = median([json.loads(usage.out)["timings_ms"]["search"] for usage in usages])
        wall = median([1000 * usage["wall_s"] for usage in usages])
        bench.say(f"  jackdaw, {threads} threads{inside:>20} ms search{wall:>10} ms whole process"
                  f"{max(usage['largest_mb'] for usage in usages):>9} MB")
        bench.results["article"][f"jackdaw, {threads} threads"] = {"search_ms": inside, "wall_ms": wall}
    return json.loads(runs[1][0].out)["text"] if runs[1] else None


def suite_article(bench):
    """The article's method over many vectors: the program, numpy and torch."""
    folder, kb = bench.work / f"article{bench.vectors}", bench.work / "article.db"
    if not (folder / "query.json").exists():
        subprocess.run([bench.python, HERE / "make_article.py", folder, "--texts", str(bench.vectors)], check=True)
    bench.results["article"] = {"vectors": bench.vectors}
    bench.say(f"\nThe article's search over {bench.vectors:,} x 512 vectors (median)")
    expected = measure_peers(bench, folder)
    if not bench.jackdaw:
        bench.note("the article's search was measured for the peers alone")
        return
    remove_database(kb)
    imported = bench.run_jackdaw(
        kb, "import-article", "--text", folder / "text_content.json", "--images", folder / "image_content.json",
        "--text-embeddings", folder / "text_embeddings.pt", "--image-embeddings", folder / "image_embeddings.pt",
        "--image-root", folder)
    if not imported:
        return
    bench.say(f"  jackdaw import-article{imported['wall_s']:>12} s{imported['tree_mb']:>9} MB   "
              f"file of {kb.stat().st_size / 1e6:.0f} MB")
    found = measure_article_search(bench, folder, kb)
    if found and expected:
        bench.results["article"]["check"] = check_article(bench, found, expected)
    bench.note("the program's time for the article's search includes reading the vectors from its file, since each search "
               "is a fresh process; the peers hold them in memory")


def suite_tokenizers(bench):
    """Token ids: the reference library and Jackdaw, one thread each."""
    if not bench.jackdaw:
        bench.note("the tokenizers were not measured: the program is not there")
        return
    bench.say("\nTokenizers: loading, and the time a token takes (CPU, one thread)")
    done = subprocess.run([bench.python, HERE / "measure_tokenizers.py", Path(bench.jackdaw).parent, "--json"],
                          capture_output=True, text=True)
    if done.returncode:
        bench.note(f"the tokenizers were not measured: {done.stderr.strip()[-300:]}")
        return
    *lines, numbers = done.stdout.splitlines()
    for line in lines:
        bench.say("  " + line)
    bench.results["tokenizers"] = json.loads(numbers)


SUITES = {"machine": suite_machine, "ingest": suite_ingest, "memory": suite_memory, "search": suite_search,
          "start": suite_start, "article": suite_article, "scan": suite_scan, "tokenizers": suite_tokenizers}
