#!/usr/bin/env python3
"""A training step of one member of each family of networks, beside PyTorch's.

    python3 docs/bench/families.py --bin DIR [--rounds 2] [--seconds 3] [--only REGEX] [--threads 2] [--compile]

docs/bench/zoo.sh builds worker.test, go test's binary of ./worker, in DIR, and runs this. The other side of its
BenchmarkFamilyStep: forward, cross-entropy, backward and SGD with momentum on
16 images in memory, the sizes and networks of worker/bench_families_test.go. The sides take turns, a round each; PyTorch has the
better of contiguous and channels_last activations and, with --compile, of torch.compile, which needs a C++ compiler and minutes for
each network. Prints images per second, ratios, their geometric mean, and memory in MiB: the most that a process had beyond what it has
before it makes a network, ours with no benchmark to run, and PyTorch's behind its imports. Of PyTorch's ways the least counts; one that
compiles is not asked, as the compiler is part of it. Needs torchvision and timm.
"""

import argparse
import math
import os
import re
import resource
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TIMM = {"inceptionv4": "inception_v4", "inception-resnet-v2": "inception_resnet_v2", "xception": "legacy_xception",
        "seresnet50": "seresnet50", "resnet50-gn": "resnet50_gn", "mobilenetv1": "mobilenetv1_100"}
VISION = {"vgg11-bn": "vgg11_bn", "inceptionv3": "inception_v3", "resnext50-32x4d": "resnext50_32x4d", "mobilenetv2": "mobilenet_v2",
          "efficientnet-b0": "efficientnet_b0", "efficientnet-v2-s": "efficientnet_v2_s", "convnext-tiny": "convnext_tiny"}


def members():
    """The kinds of worker/bench_families_test.go with their pixels."""
    with open(os.path.join(ROOT, "worker", "bench_families_test.go"), encoding="utf-8") as f:
        return [(kind, int(size)) for kind, size in re.findall(r'\{"([a-z0-9-]+)", "(\d+)", "', f.read())]


def build(kind):
    import timm
    import torchvision

    if kind in TIMM:
        return timm.create_model(TIMM[kind])
    options = {"aux_logits": False, "init_weights": False} if kind in ("googlenet", "inceptionv3") else {}
    return getattr(torchvision.models, VISION.get(kind, kind))(**options)


def peak():
    """The most memory that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(kind, size, layout, seconds, compiles):
    """The median images per second of one network, and its MiB."""
    import timm  # before memory is looked at
    import torch
    import torchvision
    from torch.nn import functional as F

    before = peak()
    form = torch.channels_last if layout == "channels_last" else torch.contiguous_format
    torch.manual_seed(1)
    model = build(kind).to(memory_format=form).train()
    x = torch.randn(16, 3, size, size).to(memory_format=form)
    y = torch.randint(0, 1000, (16,))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    if compiles:
        model = torch.compile(model)

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(x), y).backward()
        optimizer.step()

    for _ in range(2):
        step()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 3:
        began = time.perf_counter()
        step()
        times.append(time.perf_counter() - began)
    return 16 / statistics.median(times), peak() - before


def benchmark(pattern, o):
    """What benchmarks of ./worker print, and the most memory of their process, in MiB."""
    command = [os.path.join(os.path.abspath(o.bin), "worker.test"), "-test.run", "^$", "-test.bench", pattern,
               "-test.benchtime", f"{o.seconds}s", "-test.cpu", str(o.threads)]
    child = subprocess.Popen(command, cwd=os.path.join(ROOT, "worker"), text=True, stdout=subprocess.PIPE)
    out = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"{pattern}: the benchmark of ./worker failed\n{out}")
    return out, usage.ru_maxrss / 1024


def ours(kind, o):
    """Images per second of Rondo, once, and its MiB."""
    out, memory = benchmark(f"FamilyStep/^{kind}$", o)
    found = re.search(r"([\d.]+) img/s", out)
    if not found:
        sys.exit(f"{kind}: the benchmark of ./worker says no speed\n{out}")
    return float(found.group(1)), memory - benchmark("^$", o)[1]


def theirs(kind, size, o):
    """Images per second of PyTorch, once, the fastest way, and the least MiB."""
    speeds, memory = [], []
    for layout in ("contiguous", "channels_last"):
        for compiled in (False, True)[:1 + o.compile]:
            command = [sys.executable, __file__, "--child", f"{kind},{size},{layout}", "--threads", str(o.threads), "--seconds", str(o.seconds)]
            run = subprocess.run(command + ["--compile"] * compiled, text=True, stdout=subprocess.PIPE, check=True).stdout.split()
            speeds.append(float(run[-2]))
            if not compiled:
                memory.append(float(run[-1]))
    return max(speeds), min(memory)


def main():
    a = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    a.add_argument("--bin", default=".")
    a.add_argument("--rounds", type=int, default=2)
    a.add_argument("--seconds", type=float, default=3)
    a.add_argument("--only", default="")
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--compile", action="store_true", help="PyTorch compiles its networks, too")
    a.add_argument("--child", help=argparse.SUPPRESS)
    o = a.parse_args()
    if o.child:
        import torch

        torch.set_num_threads(o.threads)
        kind, size, layout = o.child.split(",")
        print(*measure(kind, int(size), layout, o.seconds, o.compile))
        return
    ratios = []
    print(f"{'kind':22}{'pixels':>7}{'ours':>9}{'PyTorch':>9}{'ratio':>7}{'ours MiB':>10}{'PyTorch':>9}")
    for kind, size in members():
        if not re.search(o.only, kind):
            continue
        rounds = [(ours(kind, o), theirs(kind, size, o)) for _ in range(o.rounds)]
        ratio = statistics.median(a / b for (a, _), (b, _) in rounds)
        ratios.append(ratio)
        (speed, memory), (other, others) = ([statistics.median(x) for x in zip(*side)] for side in zip(*rounds))
        print(f"{kind:22}{size:7}{speed:9.1f}{other:9.1f}{ratio:7.2f}{memory:10.0f}{others:9.0f}", flush=True)
    if ratios:
        print(f"geometric mean {math.exp(statistics.mean(map(math.log, ratios))):.2f}, least {min(ratios):.2f}")


if __name__ == "__main__":
    main()
