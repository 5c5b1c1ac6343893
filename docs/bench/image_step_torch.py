#!/usr/bin/env python3
"""One training step of an image network in PyTorch, the other side of `go test ./worker -bench ImageStep`.

    python3 docs/bench/image_step_torch.py [--threads 2] [--seconds 4] [--only REGEX] [--all]

LeNet-5 at 28 pixels and batch 128, ResNet-18 at 64 pixels and batch 32, MobileNetV2 at 128 pixels and batch 16: forward,
cross-entropy, backward and SGD with momentum on one batch in memory. Each is tried with contiguous and channels_last
activations, and with OMP_WAIT_POLICY=passive and the default; the best of the four medians is printed, in images per
second, with --all all of them. Needs torchvision.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import time

NETS = {"lenet5": (128, 1, 28), "resnet18": (32, 3, 64), "mobilenetv2": (16, 3, 128)}


def build(name):
    import torchvision
    from torch import nn

    if name == "lenet5":
        return nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
    return torchvision.models.resnet18() if name == "resnet18" else torchvision.models.mobilenet_v2()


def measure(name, layout, seconds):
    """The median images per second of one network."""
    import torch
    from torch.nn import functional as F

    batch, channels, size = NETS[name]
    form = torch.channels_last if layout == "channels_last" else torch.contiguous_format
    torch.manual_seed(1)
    model = build(name).to(memory_format=form).train()
    x = torch.randn(batch, channels, size, size).to(memory_format=form)
    y = torch.randint(0, 10, (batch,))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(x), y).backward()
        optimizer.step()

    for _ in range(5):
        step()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        step()
        times.append(time.perf_counter() - began)
    return batch / statistics.median(times)


def main():
    a = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--seconds", type=float, default=4)
    a.add_argument("--only", default="")
    a.add_argument("--all", action="store_true")
    a.add_argument("--child", help=argparse.SUPPRESS)
    o = a.parse_args()
    if o.child:
        import torch

        torch.set_num_threads(o.threads)
        print(measure(*o.child.split(","), o.seconds))
        return
    for name in NETS:
        if not re.search(o.only, name):
            continue
        found = []
        for layout in ("contiguous", "channels_last"):
            for policy in ("passive", "default"):
                env = {k: v for k, v in os.environ.items() if k != "OMP_WAIT_POLICY"}
                if policy == "passive":
                    env["OMP_WAIT_POLICY"] = "passive"
                out = subprocess.run([sys.executable, __file__, "--child", f"{name},{layout}", "--threads", str(o.threads),
                                      "--seconds", str(o.seconds)], env=env, text=True, stdout=subprocess.PIPE, check=True).stdout
                found.append((float(out), layout, policy))
                if o.all:
                    print(f"  {name:12} {found[-1][0]:9.1f} img/s  {layout}, {policy}", flush=True)
        best = max(found)
        print(f"{name:12} {best[0]:9.1f} img/s  {best[1]}, {best[2]}", flush=True)


if __name__ == "__main__":
    main()
