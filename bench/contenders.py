"""The contenders of bench/encoders: programs that embed one input whenever they are told to, and how they are started."""

import json
import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent


class Contender:
    """A started program. It is loaded once it has answered its first line; calls raise where it has died."""

    def __init__(self, name, command, first, cores, env=None):
        self.name, self.times = name, []
        self.process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **(env or {})}, preexec_fn=lambda: os.sched_setaffinity(0, cores))
        if first is not None:
            self.tell(json.dumps(first))
        self.ready = self.hear()

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} failed: {self.process.stderr.read().strip().splitlines()[-1:]}")
        return json.loads(line)

    def ask(self, line):
        self.tell(line)
        return self.hear()

    def time(self):
        self.times.append(self.ask("run"))

    def least(self, key):
        return min(t[key] for t in self.times)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.stderr.close()
        self.process.wait()


def products(kind, config, tokens, batch):
    """The shapes of a model's matrix products as ROWSxINxOUT*COUNT, as Jackdaw does them: one row of each sequence in CLIP's last
    layer, from whose keys and values alone the others are needed."""
    tower = config.get({"picture": "vision_config", "text": "text_config"}.get(kind), config)
    hidden, wide, layers = tower["hidden_size"], tower["intermediate_size"], tower["num_hidden_layers"]
    rows, pooled = tokens * batch, kind in ("picture", "text")

    def layer(n, qkv, count):
        return [f"{rows}x{hidden}x{qkv * hidden}*{count}", f"{n}x{hidden}x{hidden}*{count}", f"{n}x{hidden}x{wide}*{count}",
                f"{n}x{wide}x{hidden}*{count}"]
    shapes = layer(rows, 3, layers - pooled)
    if pooled:
        shapes += [f"{batch}x{hidden}x{hidden}*1"] + layer(batch, 2, 1) + [f"{batch}x{hidden}x{config['projection_dim']}*1"]
    if kind == "picture":
        patch = tower["patch_size"]
        shapes = [f"{(tokens - 1) * batch}x{3 * patch * patch}x{hidden}*1"] + shapes
    return shapes


class Starter:
    """Starts contenders on one input. Each gets its threads and as many cores."""

    def __init__(self, work, build, python, threads):
        self.work, self.build, self.python, self.threads = work, pathlib.Path(build), python, threads
        self.cores = set(sorted(os.sched_getaffinity(0))[-threads:])

    def ours(self, dtype, folder, given):
        command = [self.build / "jackdaw-bench-encoders", folder, dtype, self.threads, self.work / "packs"]
        return Contender(f"jackdaw {dtype}", command, given, self.cores)

    def floor(self, numbers, shapes):
        return Contender(f"bare products, {numbers}", [self.build / "jackdaw-bench-floor", numbers, self.threads, *shapes], None,
                         self.cores)

    def peer(self, engine, folder, given):
        threads = {"OMP_NUM_THREADS": str(self.threads), "TOKENIZERS_PARALLELISM": "false"}
        command = [self.python, HERE / "peer_encoders.py", engine, folder, self.threads, self.work / "onnx"]
        return Contender(engine, command, given, self.cores, threads)
