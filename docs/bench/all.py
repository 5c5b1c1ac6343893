#!/usr/bin/env python3
"""The driver of docs/bench/all.sh, which builds what it needs and says how to call it.

Each section runs our side and the other in turns, for so many rounds, and gives rows: what was measured, ours, theirs,
the ratio that is better above one, and what is to be reached. Figures are medians over rounds; a ratio is the median of
the rounds' ratios, so that what slows both for a while does not show in it. Both have the same cores, and two threads
or one where the row says so. A section whose script or program is not there is left out with a word.
"""

import argparse
import math
import os
import pathlib
import re
import statistics
import subprocess
import sys
from collections import defaultdict

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# What ratios and shares the project wants to reach.
STEP_SHARE = {"lstm-1024x64": 0.75, "mlstm-4096x32": 0.65}
STEP_RATIO = {"lstm-512x32": 2.5, "gru-512x32": 2.0, "mlstm-1024x32": 5.0}
IMAGE_RATIO = {"lenet": 3.0, "resnet": 1.15, "mobilenet": 2.0}
RING_RATIO = {"shm": 1.5, "tcp": 1.0, "tls": 0.5}


def wanted(table, name):
    return next((w for key, w in table.items() if name.startswith(key)), None)


class Missing(Exception):
    pass


class Row:
    """One line of the table: a figure of each side for each round."""

    def __init__(self, name, unit, wanted):
        self.name, self.unit, self.wanted, self.ours, self.theirs, self.ratios = name, unit, wanted, [], [], []

    def add(self, ours, theirs=None, ratio=None):
        self.ours.append(ours)
        if theirs is not None:
            self.theirs.append(theirs)
            self.ratios.append(ours / theirs if ratio is None else ratio)

    def line(self):
        ours = statistics.median(self.ours)
        theirs = statistics.median(self.theirs) if self.theirs else None
        # A row without another side is a share in itself, or bytes, of which less is better.
        reached = statistics.median(self.ratios) if self.ratios else ours
        verdict = ""
        if self.wanted is not None:
            verdict = "yes" if (reached < self.wanted if self.unit == "bytes" else reached >= self.wanted) else "no"
        return (f"{self.name:44}{number(ours):>10}{number(theirs):>10}  {self.unit:9}"
                f"{number(reached) if self.ratios else '':>7}{number(self.wanted):>9}  {verdict}").rstrip()


def number(x):
    if x is None:
        return ""
    return f"{x:,.0f}" if abs(x) >= 1000 else f"{x:.1f}" if abs(x) >= 10 else f"{x:.3g}"


class Bench:
    def __init__(self, options):
        self.bin, self.threads = pathlib.Path(options.bin), len(os.sched_getaffinity(0))
        self.rounds, self.large, self.rows = options.rounds, options.large, {}

    def row(self, name, unit, wanted=None):
        return self.rows.setdefault(name, Row(name, unit, wanted))

    def run(self, *command, **more):
        command = [str(c) for c in command]
        done = subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
        if done.returncode != 0:
            raise Missing(f"{' '.join(command[:3])} …: exit status {done.returncode}: {(done.stderr or done.stdout).strip()[-200:]}")
        return done.stdout

    def script(self, name, *arguments):
        if not (HERE / name).exists():
            raise Missing(f"docs/bench/{name} is not there")
        return self.run(sys.executable, HERE / name, *arguments)

    def benchmark(self, program, package, pattern, time):
        """The metrics of Go benchmarks: name without its first word and the cores -> unit -> value."""
        out = self.run(self.bin / program, "-test.run", "xxx", "-test.bench", pattern, "-test.benchtime", time, "-test.benchmem",
                       *([] if self.large else ["-test.short"]))
        found = {}
        for name, rest in re.findall(r"^Benchmark(\S+)\s+\d+\s+(.*)$", out, re.M):
            words = rest.split()
            name = re.sub(r"-\d+$", "", name.partition("/")[2] or name)
            found[name] = {unit: float(value) for value, unit in zip(words[::2], words[1::2])}
        if not found:
            raise Missing(f"no benchmark {pattern} in {package}")
        return found


def tile(b):
    """The kernel itself, and what is not a comparison with others."""
    for _ in range(b.rounds):
        best = max(b.benchmark("kernel.test", "tensor/internal/kernel", "^BenchmarkTile$", "0.5s").values(), key=lambda m: m["%ceiling"])
        b.row("tile in cache, of the ceiling", "share", 0.97).add(best["%ceiling"] / 100)


def sgemm(b):
    for _ in range(b.rounds):
        ours = b.benchmark("tensor.test", "tensor", "^BenchmarkSgemm$", "1s")
        theirs = dict(re.findall(r"^sgemm-(\d+)\s+(\S+) GFLOP/s", b.script("sgemm_openblas.py"), re.M))
        for n, m in ours.items():
            b.row(f"sgemm-{n}, one core, OpenBLAS", "GFLOP/s", 1.0).add(m["GFLOP/s"], float(theirs[n]))
            b.row(f"sgemm-{n}, of the ceiling", "share", 0.88).add(m["%ceiling"] / 100)


def conv(b):
    passes = ("forward", "data", "weights")
    for _ in range(b.rounds):
        ours = b.benchmark("tensor.test", "tensor", "^BenchmarkConv$", "0.2s")
        out = b.script("conv_onednn.py", "--budget", "0.2")
        ratios = defaultdict(list)
        speeds = defaultdict(list)
        for name, rest in re.findall(r"^((?:3x3|resnet|mobilenet|depthwise)/\S+?)(?:,dw)?\s+([\d. ]+)$", out, re.M):
            figures = [float(x) for x in rest.split()]
            for i, what in enumerate(passes):
                mine = ours.get(f"{name}/{what}")
                if mine and len(figures) == 6:
                    theirs = max(figures[2 * i:2 * i + 2])
                    ratios[name.split("/")[0], what].append(mine["GFLOP/s"] / theirs)
                    speeds[name.split("/")[0], what].append((mine["GFLOP/s"], theirs))
        if not ratios:
            raise Missing("conv_onednn.py and BenchmarkConv have no shape in common")
        for key, values in ratios.items():
            group, what = key
            mine, theirs = (geomean(side) for side in zip(*speeds[key]))
            b.row(f"conv {group} {what}, oneDNN, mean", "GFLOP/s", 1.0 if group == "3x3" else None).add(mine, theirs)
            i = min(range(len(values)), key=values.__getitem__)
            b.row(f"conv {group} {what}, oneDNN, worst", "GFLOP/s", 0.9 if group == "3x3" else None).add(*speeds[key][i])


def geomean(values):
    return math.exp(statistics.fmean(math.log(v) for v in values))


def steps(b):
    for _ in range(b.rounds):
        ours = b.benchmark("worker.test", "worker", "^BenchmarkStep$", "2s")
        theirs = dict(re.findall(r"^(\S+)\s+(\S+) bytes/s", b.script("step_torch.py", "--threads", b.threads, "--steps", 8), re.M))
        for name, m in ours.items():
            if name in theirs:
                b.row(f"{name}, PyTorch", "byte/s", STEP_RATIO.get(name)).add(m["bytes/s"], float(theirs[name]))
            b.row(f"{name}, of the ceiling", "share", STEP_SHARE.get(name)).add(m["%ceiling"] / 100)
            b.row(f"{name}, allocated in a step", "bytes", 1024).add(m["B/op"])
            if name + "-bf16" in ours:
                b.row(f"bf16 against float32, {name}", "byte/s", 1.5).add(ours[name + "-bf16"]["bytes/s"], m["bytes/s"])
            if name + "-one-lane" in ours:
                b.row(f"lanes: 8 on a worker against 1, {name}", "byte/s", 0.95).add(m["bytes/s"], ours[name + "-one-lane"]["bytes/s"])


def images(b):
    for _ in range(b.rounds):
        theirs = dict(re.findall(r"^(\S+)\s+(\S+) (?:img|images)/s", b.script("image_step_torch.py", "--threads", b.threads, "--seconds", 2), re.M))
        ours = b.benchmark("worker.test", "worker", "^BenchmarkImageStep$", "2s")
        for name, m in ours.items():
            speed = m.get("img/s") or m.get("images/s")
            if speed and name.partition("-")[0] in theirs:
                b.row(f"{name}, PyTorch", "img/s", wanted(IMAGE_RATIO, name)).add(speed, float(theirs[name.partition("-")[0]]))


def overlap(b):
    """Two workers over TLS, on a line on which the ring alone takes as long as backward: what of it is hidden behind backward."""
    for _ in range(b.rounds):
        for name, m in b.benchmark("worker.test", "worker", "^BenchmarkOverlap$", "8x").items():
            b.row(f"ring hidden behind backward, {name}, waited", "share", 0.8).add(m["%hidden"] / 100)
            b.row(f"ring hidden behind backward, {name}, clock", "share", 0.8).add(m["%hidden-clock"] / 100)


def ring(b):
    for link, n, size, us, bus, gloo_us, gloo_bus in collectives(b):
        what = f"ring {link}, {n} processes, {bucket(size)}, gloo"
        if size < 1 << 20:
            b.row(what, "us", 1.0).add(us, gloo_us, gloo_us / us)
        else:
            b.row(what, "GB/s", RING_RATIO.get(link)).add(bus, gloo_bus)


def line(b):
    """Two processes on a line of 1 Gbit/s, in network namespaces of their own."""
    if os.geteuid() != 0:
        raise Missing("a limited line is made by root alone")
    for link, _, size, _, bus, _, gloo_bus in collectives(b, "--limit", 1000, "--processes", 2, "--mib", 64, "--links", "tcp,tls"):
        # Of two processes each sends the bucket once.
        b.row(f"1 Gbit/s, {link}, {bucket(size)}, of the line; gloo", "share").add(8 * bus, 8 * gloo_bus)
        if link == "tls":
            b.row(f"1 Gbit/s, {link}, {bucket(size)}, of the line", "share", 0.92).add(8 * bus)


def bucket(size):
    return f"{size >> 20} MiB" if size >= 1 << 20 else f"{size >> 10} KiB"


def collectives(b, *arguments):
    """Each link's median time and bandwidth with each number of processes and size, and gloo's."""
    program = b.bin / "ringbench"
    if not program.exists():
        raise Missing("integration/ringbench is not there")
    out = b.script("allreduce_gloo.py", "--ringbench", program, "--rounds", b.rounds, *arguments)  # takes turns by itself
    rows, gloo = re.findall(r"^(\w+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)$", out, re.M), {}
    for link, n, size, us, _, bus, _ in rows:
        if link == "gloo":
            gloo[n, size] = float(us), float(bus)
    if not gloo:
        raise Missing("allreduce_gloo.py prints no row of gloo")
    return [(link, int(n), int(size), float(us), float(bus), *gloo[n, size]) for link, n, size, us, _, bus, _ in rows if link != "gloo"]


SECTIONS = {f.__name__: f for f in (tile, sgemm, conv, steps, images, overlap, ring, line)}


def main():
    a = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    a.add_argument("--bin", required=True, help="directory of what all.sh builds")
    a.add_argument("--rounds", type=int, default=3)
    a.add_argument("--large", action="store_true", help="the mLSTM of 4,096 units too: minutes more, and 6 GiB")
    a.add_argument("--only", default=",".join(SECTIONS), help="sections, separated by commas")
    o = a.parse_args()
    unknown = [name for name in o.only.split(",") if name not in SECTIONS]
    if unknown or o.rounds < 1:
        a.error(f"--only {o.only} --rounds {o.rounds}: want some of {', '.join(SECTIONS)}, and at least one round")
    b, left_out = Bench(o), []
    for name in o.only.split(","):
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        try:
            SECTIONS[name](b)
        except Missing as e:
            left_out.append(f"left out, {name}: {e}")
    print(f"{'':44}{'ours':>10}{'theirs':>10}  {'':9}{'ratio':>7}{'wanted':>9}  reached")
    for row in b.rows.values():
        print(row.line())
    for text in left_out:
        print(text)


if __name__ == "__main__":
    main()
