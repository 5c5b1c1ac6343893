"""Convolutions in PyTorch (oneDNN) on one core: forward, gradient of the data, gradient of the weights.

    taskset -c 0 python docs/bench/conv_onednn.py [--rounds 30] [--only REGEX]

GFLOP/s are nominal: multiplications by padding count. Of contiguous and channels_last the better is what
BenchmarkConv of tensor compares with. The shapes are those of BenchmarkConv.
"""
import argparse
import math
import os
import re
import time

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("OMP_NUM_THREADS", "1")
import torch

# n, height and width, channels in, channels out, kernel, stride, padding, groups
SHAPES = {
    "3x3": [(4, 56, 64, 64, 3, 1, 1, 1), (4, 28, 128, 128, 3, 1, 1, 1), (8, 14, 256, 256, 3, 1, 1, 1),
            (16, 7, 512, 512, 3, 1, 1, 1), (8, 32, 64, 64, 3, 1, 1, 1), (32, 8, 256, 256, 3, 1, 1, 1)],
    "resnet": [(32, 64, 3, 64, 7, 2, 3, 1), (32, 16, 64, 64, 3, 1, 1, 1), (32, 16, 64, 128, 3, 2, 1, 1),
               (32, 16, 64, 128, 1, 2, 0, 1), (32, 8, 128, 128, 3, 1, 1, 1), (32, 4, 256, 256, 3, 1, 1, 1),
               (32, 4, 256, 512, 3, 2, 1, 1), (32, 2, 512, 512, 3, 1, 1, 1)],
    "mobilenet": [(16, 128, 3, 32, 3, 2, 1, 1), (16, 64, 16, 96, 1, 1, 0, 1), (16, 32, 144, 24, 1, 1, 0, 1), (16, 32, 24, 144, 1, 1, 0, 1),
                  (16, 8, 384, 64, 1, 1, 0, 1), (16, 4, 160, 960, 1, 1, 0, 1)],
    "depthwise": [(16, 64, 96, 96, 3, 2, 1, 96), (16, 32, 144, 144, 3, 1, 1, 144), (16, 8, 384, 384, 3, 1, 1, 384),
                  (16, 4, 960, 960, 3, 1, 1, 960)],
}


def best(f, rounds, budget=1.0):
    f()
    times, end = [], time.perf_counter() + budget
    while len(times) < rounds and (len(times) < 3 or time.perf_counter() < end):
        start = time.thread_time()
        f()
        times.append(time.thread_time() - start)
    return min(times)


def passes(shape, layout):
    n, hw, cin, cout, k, s, p, g = shape
    x = torch.randn(n, cin, hw, hw).to(memory_format=layout)
    w = torch.randn(cout, cin // g, k, k).to(memory_format=layout)
    y = torch.ops.aten.convolution(x, w, None, [s, s], [p, p], [1, 1], False, [0, 0], g)
    dy = torch.randn_like(y).to(memory_format=layout)

    def back(data, weights):
        return lambda: torch.ops.aten.convolution_backward(
            dy, x, w, None, [s, s], [p, p], [1, 1], False, [0, 0], g, [data, weights, False])

    return [lambda: torch.ops.aten.convolution(x, w, None, [s, s], [p, p], [1, 1], False, [0, 0], g),
            back(True, False), back(False, True)], 2 * y.numel() * w.numel() / cout


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--rounds", type=int, default=30)
    args.add_argument("--budget", type=float, default=0.25)
    args.add_argument("--only", default="")
    args = args.parse_args()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    print("torch", torch.__version__)
    for group, shapes in SHAPES.items():
        means = [[], [], []]
        for shape in shapes:
            n, hw, cin, cout, k, s, _, g = shape
            name = f"{group}/{n},{hw},{cin}-{cout},k{k}s{s}" + (",dw" if g > 1 else "")
            if not re.search(args.only, name):
                continue
            both = []
            for layout in (torch.contiguous_format, torch.channels_last):
                fs, flops = passes(shape, layout)
                both.append([flops / best(f, args.rounds, args.budget) / 1e9 for f in fs])
            for i, pair in enumerate(zip(*both)):
                means[i].append(math.log(max(pair)))
            cells = "  ".join(f"{a:6.1f} {b:6.1f}" for a, b in zip(*both))
            print(f"{name:34} {cells}", flush=True)
        if means[0]:
            print(f"{group + ' geometric mean of the better':34} "
                  + "  ".join(f"{math.exp(sum(m) / len(m)):13.1f}" for m in means))


main()
