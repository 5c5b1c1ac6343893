#!/usr/bin/env python3
"""A network learns clothes, and is then tuned to tell digits by a hundred pictures of them, beside one that begins from nothing.

    python3 docs/bench/finetune.py RONDO FASHION MNIST [--kind resnet-small] [--seeds 3] [--images 100] [--steps 150]
                                   [--backbone RUN | --backbone-steps 469]

FASHION and MNIST are directories with train and valid, as `rondo shard idx` makes them. The network learns Fashion-MNIST once,
or is the newest checkpoint of RUN. Its last layer, which tells clothes apart, is cut off (model.weights_skip) for a new one,
and what is left begins every run but the first row's. A seed draws the images (data.share), the same ones for each row, and
the first weights of new layers. Prints what is right of the 10,000 held-out digits: mean, least and most over the seeds.
"""

import argparse
import glob
import os
import re
import statistics
import subprocess
import sys
import tempfile

RUN = """
optimizer: {kind: sgd, momentum: 0.9, weight_decay: 5e-4, clip: 0}
batch: {global: 20, lanes: 4}
"""
# The network and its rate, its last layer, and what may be frozen.
NETWORKS = {
    "resnet-small": (["model.image=28", "model.channels=1", "model.blocks=1", "model.width=8", "optimizer.lr=0.1"], "fc.",
                     {"first two stages frozen": "conv1., bn1., layer1., layer2.", "all but the last layer frozen": "conv1., bn1., layer"}),
    "lenet5": (["optimizer.lr=0.02"], "fc3.",
               {"convolutions frozen": "conv1., conv2.", "all but the last layer frozen": "conv1., conv2., fc1., fc2."}),
}
BACKBONE = ["batch.global=64", "optimizer.lr=0.05"]


def rows(kind, weights):
    """Names of the rows, and what each sets."""
    _, last, frozen = NETWORKS[kind]
    cut = [f"model.weights={weights}", f"model.weights_skip={last}"]
    yield "from nothing", []
    yield "tuned", cut
    for name, which in frozen.items():
        yield name, [*cut, f"model.freeze={which}"]


def said(*command):
    """What a command prints. Where it fails, what it says of that ends this script."""
    done = subprocess.run(command, text=True, capture_output=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr.strip() or done.returncode}")
    return done.stdout


def train(o, where, data, steps, sets):
    """A run's directory, and what is right of what it holds out."""
    run = tempfile.mkdtemp(dir=where)
    sets = [f"model.kind={o.kind}", *NETWORKS[o.kind][0], "schedule.kind=cosine", f"schedule.warmup={min(20, steps // 2)}", f"data.train={data}/train",
            f"steps={steps}", f"checkpoint.every={steps}", f"checkpoint.dir={run}/run", *sets]
    said(o.rondo, "train", os.path.join(where, "run.yaml"), *(word for s in sets for word in ("--set", s)))
    text = said(o.rondo, "eval", f"{run}/run", "--data", f"{data}/valid")
    return f"{run}/run", float(re.search(r"([\d.]+) % right", text).group(1))


def main():
    a = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    a.add_argument("rondo")
    a.add_argument("fashion")
    a.add_argument("mnist")
    a.add_argument("--kind", choices=list(NETWORKS), default="resnet-small")
    a.add_argument("--backbone")
    a.add_argument("--seeds", type=int, default=3)
    a.add_argument("--images", type=int, default=100)
    a.add_argument("--steps", type=int, default=150)
    a.add_argument("--backbone-steps", type=int, default=469)
    o = a.parse_args()
    o.rondo, o.fashion, o.mnist = map(os.path.abspath, (o.rondo, o.fashion, o.mnist))
    with tempfile.TemporaryDirectory() as where:
        with open(os.path.join(where, "run.yaml"), "w", encoding="utf-8") as f:
            f.write(RUN)
        run = o.backbone
        if not run:
            run, right = train(o, where, o.fashion, o.backbone_steps, BACKBONE)
            print(f"clothes: {right:.2f} % right after {o.backbone_steps} steps", flush=True)
        checkpoints = sorted(glob.glob(f"{run}/step-*/weights.safetensors"))
        if not checkpoints:
            sys.exit(f"{run}: no checkpoints are there")
        weights = os.path.abspath(checkpoints[-1])
        for name, sets in rows(o.kind, weights):
            sets = [*sets, f"data.share={o.images / 60000:.9f}"]
            rights = [train(o, where, o.mnist, o.steps, [*sets, f"seed={seed}"])[1] for seed in range(1, o.seeds + 1)]
            print(f"{name:32}{statistics.mean(rights):7.2f} % ({min(rights):.2f} to {max(rights):.2f})", flush=True)


if __name__ == "__main__":
    main()
