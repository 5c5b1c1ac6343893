#!/usr/bin/env python3
"""What eight bits cost: a run's network as ONNX in float32 and with --int8, measured by onnxruntime on held-out images.

    python3 docs/bench/int8.py RONDO RUN SET IDX [--samples 512] [--share 1,0.9999]

SET is shards of the training data, of which samples are drawn for the ranges; IDX a directory with t10k-images-idx3-ubyte.gz
and its labels. Prints a line for each file: its size, what is right of the images, on how many its class is another than
float32's, and milliseconds for an image, one at a time on one thread (the median of 1,000). "as it reads" is in float32 with
values rounded where the file says so; the others are in whole numbers where onnxruntime can, "precise" with its option
session.x64quantprecision. Without that, sums of pairs overflow on x86 processors that have no VNNI. Needs numpy and
onnxruntime.
"""

import argparse
import gzip
import os
import statistics
import subprocess
import tempfile
import time

import numpy as np
import onnxruntime as ort


def idx(path, head):
    with gzip.open(path, "rb") as f:
        return np.frombuffer(f.read(), np.uint8)[head:]


def held_out(where, session):
    """Pixels as the network reads them, and classes."""
    labels = idx(os.path.join(where, "t10k-labels-idx1-ubyte.gz"), 8)
    pixels = idx(os.path.join(where, "t10k-images-idx3-ubyte.gz"), 16).reshape(len(labels), 1, 28, 28)
    about = session.get_modelmeta().custom_metadata_map
    x = pixels.astype(np.float32)
    if "mean" in about:
        return ((x / 255 - float(about["mean"])) / float(about["deviation"])).astype(np.float32), labels
    return (x / 127.5 - 1).astype(np.float32), labels


def session(path, way=""):
    o = ort.SessionOptions()
    o.intra_op_num_threads, o.log_severity_level = 1, 3
    if way == "as it reads":
        o.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    if way == "precise":
        o.add_session_config_entry("session.x64quantprecision", "1")
    return ort.InferenceSession(path, o, providers=["CPUExecutionProvider"])


def classes(s, x):
    return np.concatenate([s.run(["output"], {"image": x[i : i + 100]})[0].argmax(1) for i in range(0, len(x), 100)])


def milliseconds(s, x):
    times = []
    for i in range(1000):
        began = time.perf_counter()
        s.run(["output"], {"image": x[i : i + 1]})
        times.append(time.perf_counter() - began)
    return 1000 * statistics.median(times)


def main():
    a = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    a.add_argument("rondo")
    a.add_argument("run")
    a.add_argument("set")
    a.add_argument("idx")
    a.add_argument("--samples", default="512")
    a.add_argument("--share", default="1,0.9999")
    o = a.parse_args()
    files = [("float32", [])]
    for share in o.share.split(","):
        files.append((f"int8, share {share}", ["--int8", "--calibrate", o.set, "--samples", o.samples, "--share", share]))
    files.append(("int8, entropy", ["--int8", "--calibrate", o.set, "--samples", o.samples, "--entropy"]))
    with tempfile.TemporaryDirectory() as where:
        path, first = os.path.join(where, "net.onnx"), None
        print(f"{'file':32}{'bytes':>10}{'right':>9}{'others':>8}{'ms':>8}")
        for name, flags in files:
            subprocess.run([o.rondo, "export", o.run, "--onnx", path, *flags], check=True, stdout=subprocess.DEVNULL)
            for way in ("", "precise", "as it reads") if flags else ("",):
                s = session(path, way)
                x, labels = held_out(o.idx, s)
                got = classes(s, x)
                first = got if first is None else first
                print(f"{name + (', ' + way if way else ''):32}{os.path.getsize(path):10}{100 * (got == labels).mean():8.2f}%"
                      f"{int((got != first).sum()):8}{milliseconds(s, x):8.3f}", flush=True)


if __name__ == "__main__":
    main()
