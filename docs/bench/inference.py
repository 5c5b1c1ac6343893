#!/usr/bin/env python3
"""Inference of one image by a member of each family of networks, beside PyTorch's and onnxruntime's.

    python3 docs/bench/inference.py RONDO [--rounds 2] [--seconds 2] [--only REGEX] [--threads 2] [--compile]

Images have 224 x 224 pixels. Rondo's side is `rondo bench --models KIND`. PyTorch's is torchvision's or timm's network in eval and
inference mode, the best of contiguous and channels_last activations and, with --compile, torch.compile (which needs a C++ compiler and
about a minute each); onnxruntime's is what `rondo export --onnx` writes of a run of one step. The sides take turns, a
round each; the fastest pass of each counts. Prints milliseconds, how many times as fast Rondo is, and geometric means. Needs
torchvision, timm and onnxruntime; nothing else may run meanwhile.
"""

import argparse
import json
import math
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

from families import build, members

RUN = """name: inference
seed: 1
model: {{kind: {kind}, classes: 1000, image: 224{more}}}
data: {{train: "generated:train?count=4"}}
batch: {{global: 2, lanes: 1}}
optimizer: {{kind: sgd, lr: 1e-3}}
steps: 1
eval: {{every: 0}}
checkpoint: {{dir: {kind}, every: 0}}
"""


SIDE = 224  # pixels
SIDES = ("googlenet", "inceptionv3")  # kinds whose heads for training are left out


def fastest(call, seconds):
    """The least seconds of a call, as Rondo's side counts them."""
    for _ in range(3):
        call()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 5:
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return min(times)


def torch_seconds(kind, o):
    import torch

    torch.set_num_threads(o.threads)
    found = []
    for form in (torch.contiguous_format, torch.channels_last):
        model = build(kind).to(memory_format=form).eval()
        x = torch.randn(1, 3, SIDE, SIDE).to(memory_format=form)
        with torch.inference_mode():
            for call in (model, torch.compile(model)) if o.compile else (model,):
                found.append(fastest(lambda: call(x), o.seconds))
    return min(found)


def onnx_seconds(file, o):
    import numpy
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = o.threads
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    first = session.get_inputs()[0]
    x = numpy.random.default_rng(1).standard_normal([n if isinstance(n, int) else 1 for n in first.shape]).astype(numpy.float32)
    return fastest(lambda: session.run(None, {first.name: x}), o.seconds)


def exported(o, kind, work):
    """The network of a run of one step as an ONNX file."""
    (work / f"{kind}.yaml").write_text(RUN.format(kind=kind, more=", sides: false" if kind in SIDES else ""))
    for args in (["train", f"{kind}.yaml", "--workers", "1"], ["export", kind, "--onnx", f"{kind}.onnx"]):
        done = subprocess.run([o.rondo, *args], cwd=work, text=True, capture_output=True)
        if done.returncode:
            sys.exit(f"{kind}: {' '.join(args)}: {done.stdout[-400:]}{done.stderr[-400:]}")
    subprocess.run(["rm", "-r", str(work / kind)], check=True)
    return work / f"{kind}.onnx"


def ours(o, kind):
    """Seconds of Rondo for an image."""
    out = subprocess.run([o.rondo, "bench", "--models", kind, "--set", f"model.image={SIDE}", "--json"], check=True, text=True, capture_output=True,
                         env={**os.environ, "GOMAXPROCS": str(o.threads)}).stdout
    return json.loads(out)["models"][0]["seconds"]


def theirs(o, *child):
    run = subprocess.run([sys.executable, __file__, str(o.rondo), "--child", ",".join(map(str, child)), "--threads", str(o.threads),
                          "--seconds", str(o.seconds), *["--compile"] * o.compile], check=True, text=True, stdout=subprocess.PIPE)
    return float(run.stdout.split()[-1])


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("rondo", type=pathlib.Path)
    a.add_argument("--rounds", type=int, default=2)
    a.add_argument("--seconds", type=float, default=2)
    a.add_argument("--only", default="")
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--compile", action="store_true", help="PyTorch compiles its networks, too")
    a.add_argument("--child", help=argparse.SUPPRESS)
    o = a.parse_args()
    o.rondo = o.rondo.resolve()
    if o.child:
        side, what = o.child.split(",")
        print(torch_seconds(what, o) if side == "torch" else onnx_seconds(what, o))
        return
    print(f"{'kind':22}{'ours, ms':>10}{'PyTorch':>9}{'ratio':>7}{'onnxruntime':>13}{'ratio':>7}")
    over = {"PyTorch": [], "onnxruntime": []}
    with tempfile.TemporaryDirectory() as tmp:
        for kind, _ in members():
            if not re.search(o.only, kind):
                continue
            file = exported(o, kind, pathlib.Path(tmp))
            rounds = []
            for _ in range(o.rounds):
                rounds.append((ours(o, kind), theirs(o, "torch", kind), theirs(o, "onnx", file)))
            file.unlink()
            mine, torch, onnx = map(min, zip(*rounds))
            over["PyTorch"].append(torch / mine)
            over["onnxruntime"].append(onnx / mine)
            print(f"{kind:22}{1e3 * mine:10.1f}{1e3 * torch:9.1f}{torch / mine:7.2f}{1e3 * onnx:13.1f}{onnx / mine:7.2f}", flush=True)
    for side, ratios in over.items():
        if ratios:
            print(f"over {side}: geometric mean {math.exp(statistics.mean(map(math.log, ratios))):.2f}, least {min(ratios):.2f}")


if __name__ == "__main__":
    main()
