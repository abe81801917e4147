"""The part of the benchmark that measures vector search: against the speed of memory, numpy and faiss."""

import json
import subprocess
from pathlib import Path

import measure

HERE = Path(__file__).resolve().parent
ROUNDS = 3      # the program and its peers take turns
REPEATS = 9     # of each measurement in one process


def make_vectors(bench, count):
    """Clusters around a common mean, as CLIP's vectors are; queries that are like them."""
    folder = bench.work / f"scan{count}"
    code = ("import sys, numpy; sys.path.insert(0, sys.argv[1]); import make_article; from numpy.lib.format import open_memmap;"
            "rng = numpy.random.default_rng(5); count = int(sys.argv[3]);"
            "out = open_memmap(sys.argv[2] + '/vectors.npy', 'w+', numpy.float32, (count, make_article.DIMENSION));\n"
            "for at in range(0, count, 50_000):\n"
            "    out[at:at + 50_000] = make_article.unit_vectors(rng, min(50_000, count - at))\n"
            "out.flush(); numpy.save(sys.argv[2] + '/queries.npy', out[::max(1, count // 16)][:16] + "
            "make_article.unit_vectors(rng, 16))")
    if not (folder / "queries.npy").exists():
        folder.mkdir(exist_ok=True)
        subprocess.run([bench.python, "-c", code, HERE, folder, str(count)], check=True)
    return folder


def have_faiss(bench):
    if subprocess.run([bench.python, "-c", "import faiss"], capture_output=True).returncode == 0:
        return True
    subprocess.run([bench.python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "faiss-cpu"], check=False)
    return subprocess.run([bench.python, "-c", "import faiss"], capture_output=True).returncode == 0


def run_json(command, env):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env=env)
    return json.loads(done.stdout) if done.returncode == 0 else {"failed": done.stderr.strip()[-200:]}


def keep_least(into, found):
    for name, ms in found.items():
        into[name] = min(into.get(name, ms), ms)


def measure_warm(bench, program, folder, libraries):
    """{threads: {what: least ms}}, everything taking turns."""
    times, results = {1: {}, 2: {}}, None
    files = (folder / "vectors.npy", folder / "queries.npy")
    for _ in range(1 if bench.repeats == 1 else ROUNDS):
        for threads in times:
            found = run_json([program, folder / "scan.db", *files, threads, REPEATS], bench.env)
            if "failed" in found:
                bench.note(f"vector search failed: {found['failed']}")
                return None, None
            results, bench.results["scan"]["kernel"] = found["results"], found["kernel"]
            keep_least(times[threads], {name: row["ms"] for name, row in found["times"].items()})
            for library in libraries:
                peer = run_json([bench.python, HERE / "peer_scan.py", *files, library, threads], bench.env)
                if "failed" in peer:
                    bench.note(f"{library} failed: {peer['failed']}")
                    continue
                keep_least(times[threads], {library: peer["one_ms"], f"{library}, 8 queries": peer["several_ms"]})
    return times, results


def report_warm(bench, times):
    for threads, row in times.items():
        bench.say(f"  {threads} thread{'s' if threads > 1 else ''}")
        for name, ms in row.items():
            against = ""
            if name == "every dot product":
                against = f"   {ms / row['floor'] / 4:.2f} times the reading of float32 at that speed"
            elif name != "floor":
                against = f"   {ms / row['floor']:.2f} times the floor"
            bench.say(f"    {name:24}{ms:>10.2f} ms{against}")
        if "faiss" in row:
            bench.say(f"    faiss IndexFlatIP takes {row['faiss'] / row['k=10']:.1f} times as long, "
                      f"with 8 queries {row['faiss, 8 queries'] / row['8 queries, k=10']:.1f} times")


def measure_cold(bench, program, folder):
    """The first search of a process with the files out of the cache, and what it read."""
    names = ("scan.db", "scan.db-wal", "scan.db.scan-1t")
    size = (folder / "scan.db.scan-1t").stat().st_size
    for state in ("cached", "dropped from cache"):
        if state != "cached":
            measure.forget(*(folder / name for name in names))
        found = run_json([program, folder / "scan.db", folder / "vectors.npy", folder / "queries.npy", 2, 0], bench.env)
        bench.results["scan"][f"first search, {state}"] = found
        bench.say(f"  first search of a process, {state:19}{found['ms']:>9.1f} ms   "
                  f"{found['disk_bytes'] / 1e6:.1f} MB of {size / 1e6:.0f} MB read from the disk")


def check(bench, folder, results):
    """The ids, their order and the scores against double precision."""
    wanted = run_json([bench.python, HERE / "peer_scan.py", folder / "vectors.npy", folder / "queries.npy", "reference", 2],
                      bench.env)
    same = [[row for row, _ in hits] for hits in results] == [[row for row, _ in hits] for hits in wanted]
    error = max(abs(a[1] - b[1]) for ours, theirs in zip(results, wanted) for a, b in zip(ours, theirs))
    bench.say(f"  results: {'the same rows in the same order' if same else 'OTHER ROWS THAN EXPECTED'}, "
              f"largest difference of a cosine {error:.1e}")
    bench.results["scan"]["check"] = {"same_rows": same, "largest_difference": error}


def suite_scan(bench):
    """Exact search by vector, int8 codes first: 1,000,000 x 512."""
    count = 1_000_000 if bench.vectors >= 100_000 else 20_000
    program = Path(bench.jackdaw).parent / "jackdaw-measure-scan" if bench.jackdaw else None
    if not program or subprocess.run(["ninja", "-C", program.parent, program.name], capture_output=True).returncode:
        bench.note("vector search was not measured: there is no build folder to make its program in")
        return
    folder = make_vectors(bench, count)
    bench.results["scan"] = {"vectors": count}
    bench.say(f"\nSearch by vector over {count:,} x 512, the best 10 (least of {REPEATS} in {ROUNDS} rounds)")
    libraries = ["numpy"] + (["faiss"] if have_faiss(bench) else [])
    if "faiss" not in libraries:
        bench.note("faiss is absent: pip found no faiss-cpu")
    times, results = measure_warm(bench, program, folder, libraries)
    if not times:
        return
    bench.results["scan"]["least_ms"] = times
    report_warm(bench, times)
    measure_cold(bench, program, folder)
    check(bench, folder, results)
