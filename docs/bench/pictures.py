"""Decoding and resizing of JPEGs beside Pillow's, one core each, in turns; and what `rondo shard` takes for whole sets.

Times are processor time (user and system), which other programs on the machine disturb least; `rondo shard`, which starts,
hashes and writes too, has the clock's beside it, and so have processes of Pillow that decode and resize alone. Without
--jpegs, 200 pictures of 500x375 are made: noise whose amplitude falls with frequency as a photograph's does, of quality 85,
4:2:0. Called by pictures.sh.
"""
import argparse
import glob
import io
import multiprocessing
import os
import re
import resource
import statistics
import subprocess
import time

import numpy as np
from PIL import Image

SIDE = 224


def make(directory, count=200, width=500, height=375):
    r = np.random.default_rng(0)
    f = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None])
    f[0, 0] = 1

    def noise(power):
        x = np.fft.ifft2(np.fft.fft2(r.normal(size=(height, width))) / f**power).real
        return x / x.std()

    for i in range(count):
        luma = noise(1.0)
        planes = [np.clip(128 + 45 * (luma + 0.5 * noise(1.3)), 0, 255) for _ in range(3)]
        folder = os.path.join(directory, "ab"[i % 2])
        os.makedirs(folder, exist_ok=True)
        Image.fromarray(np.stack(planes, -1).astype(np.uint8)).save(os.path.join(folder, f"{i:03}.jpg"), quality=85)


def decode(data):
    return Image.open(io.BytesIO(data)).convert("RGB")


def resize(data):
    picture = decode(data)
    scale = SIDE / min(picture.size)
    return picture.resize([max(1, int(n * scale)) for n in picture.size], Image.BILINEAR)


def pillow(files, work):
    began = time.process_time()
    for data in files:
        work(data)
    return (time.process_time() - began) / len(files) * 1e3


def read_and_resize(path):
    with open(path, "rb") as f:
        resize(f.read())


def all_cores(paths):
    """Pictures a second by the clock, of processes that stand ready."""
    cores = len(os.sched_getaffinity(0))
    with multiprocessing.Pool(cores) as pool:
        pool.map(read_and_resize, paths[:2 * cores])
        began = time.perf_counter()
        pool.map(read_and_resize, paths, chunksize=8)
        return len(paths) / (time.perf_counter() - began)


def ours(binary, directory, count, name):
    out = subprocess.run([os.path.join(binary, "picture.test"), "-test.run=^$", "-test.cpu=1", f"-test.bench=^BenchmarkFiles$/^{name}$",
                          f"-test.benchtime={count}x"], env={**os.environ, "PICTURES": directory}, capture_output=True, text=True, check=True).stdout
    return float(re.search(r"([\d.]+) cpu-ms/op", out)[1])


def shard(binary, directory, kind, *args):
    """Seconds by the clock and of the processors, and samples."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    out = subprocess.run([os.path.join(binary, "rondo"), "shard", kind, "--out", os.path.join(binary, "set"), "--overwrite", *args, directory],
                         capture_output=True, text=True, check=True)
    clock, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    samples = sum(int(n) for n in re.findall(r"(\d+) samples", out.stdout + out.stderr))
    return clock, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, samples


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--bin", required=True)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--jpegs", help="a directory of JPEGs in folders by class")
    p.add_argument("--idx", help="a directory of MNIST-style files")
    args = p.parse_args()
    jpegs = args.jpegs
    if not jpegs:
        jpegs = os.path.join(args.bin, "jpegs")
        make(jpegs)
    paths = sorted(glob.glob(os.path.join(jpegs, "*", "*.jp*g")))
    files = [open(path, "rb").read() for path in paths]
    print(f"{len(files)} JPEGs of {sum(map(len, files)) / len(files) / 1e3:.0f} kB")
    times = {"decode": ([], []), "resize": ([], [])}
    for _ in range(args.rounds):
        for name, work in (("decode", decode), ("resize", resize)):
            times[name][0].append(ours(args.bin, jpegs, len(files), name))
            times[name][1].append(pillow(files, work))
    for name, (a, b) in times.items():
        print(f"{name}, one core: {statistics.median(a):.2f} ms a picture, Pillow {statistics.median(b):.2f}: "
              f"{statistics.median(y / x for x, y in zip(a, b)):.2f} of its speed")
    sets = [("images", jpegs, ("--short-side", str(SIDE)))]
    if args.idx:
        sets.append(("idx", args.idx, ()))
    for kind, directory, options in sets:
        runs, theirs = [], []
        for _ in range(args.rounds):
            runs.append(shard(args.bin, directory, kind, *options))
            if kind == "images":
                theirs.append(all_cores(paths))
        clock, processors, samples = zip(*runs)
        n = samples[0]
        print(f"rondo shard {kind}, {n} samples: {n / min(clock):.0f} a second by the clock at best, "
              f"{n / statistics.median(processors):.0f} by processor time of one core"
              + (f"; Pillow on all cores {max(theirs):.0f} by the clock at best" if theirs else ""))


main()
