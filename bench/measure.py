"""Runs a command and tells what it cost: wall time, CPU time, and memory of its whole process tree.

Memory is told in two ways, since each alone misleads: `largest_mb` is exact, but is the peak of the largest single
process (ru_maxrss); `tree_mb` adds up all living descendants, each shared page counted once (PSS), and is sampled
every 20 ms, so that a very short peak may be missed.
"""

import os
import platform
import signal
import subprocess
import tempfile
import threading
import time

SAMPLE_SECONDS = 0.25  # looking at a process holds up its memory management: often enough to see a plateau, not oftener


def children(pid):
    """Process ids of the direct children of all threads of a process."""
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                found += map(int, file.read().split())
    except OSError:
        pass
    return found


def proportional_kb(pid):
    """PSS of one process in kB; RSS where the kernel does not tell it; 0 when it is gone."""
    for name, key in (("smaps_rollup", "Pss:"), ("status", "VmRSS:")):
        try:
            with open(f"/proc/{pid}/{name}", encoding="ascii") as file:
                for line in file:
                    if line.startswith(key):
                        return int(line.split()[1])
        except OSError:
            continue
    return 0


def tree_kb(root):
    total, queue = 0, [root]
    while queue:
        pid = queue.pop()
        total += proportional_kb(pid)
        queue += children(pid)
    return total


class Usage(dict):
    """The result of run(): a dictionary (it goes into results.json) with the output beside it."""

    out = err = ""


def run(command, env=None, timeout=3600):
    """Runs to the end; returns a Usage with rc, wall_s, cpu_s, largest_mb, tree_mb. Never raises for a failing command."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=env, start_new_session=True)
        stop, peak = threading.Event(), [0]

        def watch():
            while not stop.is_set():
                peak[0] = max(peak[0], tree_kb(process.pid))
                if time.perf_counter() - start > timeout:
                    os.killpg(process.pid, signal.SIGKILL)
                    return
                stop.wait(SAMPLE_SECONDS)

        watcher = threading.Thread(target=watch)
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        stop.set()
        watcher.join()
        result = Usage(rc=process.returncode, wall_s=round(wall, 4), cpu_s=round(usage.ru_utime + usage.ru_stime, 4),
                       largest_mb=round(usage.ru_maxrss / 1024, 1), tree_mb=round(peak[0] / 1024, 1))
        for file, name in ((out, "out"), (err, "err")):
            file.seek(0)
            setattr(result, name, file.read().decode("utf-8", "replace"))
        return result


def cpu_milliseconds(command, repeats=20):
    """User and system time of each of several runs, sorted. Without sampling: that would cost more than it measures."""
    times = []
    for _ in range(repeats):
        pid = os.posix_spawnp(command[0], command, os.environ, file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0), (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)])
        _, status, usage = os.wait4(pid, 0)
        if status:
            return []
        times.append((usage.ru_utime + usage.ru_stime) * 1000)
    return sorted(times)


def forget(*paths):
    """Asks the kernel to drop files from its cache, so that the next reader starts cold. Dirty pages are written first."""
    for path in paths:
        if os.path.exists(path):
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def machine():
    """The processor, the features that matter to the numerics, memory and kernel."""
    model, flags = platform.processor() or platform.machine(), set()
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                model = value.strip()
            elif key.strip() in ("flags", "Features"):
                flags = set(value.split())
    names = {"AVX2": "avx2", "AVX-512": "avx512f", "VNNI": "avx512_vnni", "AVX-VNNI": "avx_vnni", "AMX": "amx_tile"}
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {"cpu": model, "cores": len(os.sched_getaffinity(0)),
            "features": {name: flag in flags for name, flag in names.items()},
            "memory_gb": round(pages / 2 ** 30, 1), "kernel": platform.release(), "load": round(os.getloadavg()[0], 2)}
