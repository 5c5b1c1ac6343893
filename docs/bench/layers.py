#!/usr/bin/env python3
"""Every layer against PyTorch's, forward and backward. docs/bench/layers.sh builds what it needs and calls it.

    layers.py --bin DIR [--rounds 3] [--seconds 0.5] [--only REGEX] [--threads 2]

Each row is a layer of one size; the row of the same name in the benchmark BenchmarkLayers of package nn is our side.
Both sides compute the output of inputs in memory and the gradients of all inputs and weights from a given gradient of
the output. They take turns on the same cores, and a round goes through all rows. The table has each side's
fastest step of all rounds, as other programs only ever slow one, and PyTorch's the better of both values of
OMP_WAIT_POLICY; the ratio is PyTorch's time by ours. Images are [N, H, W, C] in names, and
channels_last in PyTorch. With --threads 1, times are the processor's, which do not grow when others want it too.
"""

import argparse
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import time

# Rows: name -> a function that returns (f, inputs): f of the inputs is the output. Modules are in train mode.
ROWS = {}


def rows(f):
    """Registers the rows of a group: f returns them by name."""
    ROWS.update(f())
    return f


def image(n, h, w, c):
    import torch

    return torch.empty(n, c, h, w).uniform_(-2, 2).to(memory_format=torch.channels_last)


def matrix(*shape):
    import torch

    return torch.empty(*shape).uniform_(-2, 2)


def module(make, *inputs):
    """A row of a module with one input or more; make gets torch.nn."""

    def build():
        import torch

        m = make(torch.nn)
        if any(p.dim() == 4 for p in m.parameters()):
            m = m.to(memory_format=torch.channels_last)
        return m.train(), [make_input() for make_input in inputs]

    return build


def call(make, *inputs):
    """A row of a function: make gets torch and torch.nn.functional and returns it."""

    def build():
        import torch

        return make(torch, torch.nn.functional), [make_input() for make_input in inputs]

    return build


@rows
def elements():
    x = lambda: image(16, 28, 28, 128)
    return {
        "relu-16x28x28x128": module(lambda nn: nn.ReLU(), x),
        "relu6-16x28x28x128": module(lambda nn: nn.ReLU6(), x),
        "tanh-16x28x28x128": module(lambda nn: nn.Tanh(), x),
        "sigmoid-16x28x28x128": module(lambda nn: nn.Sigmoid(), x),
        "gelu-16x28x28x128": module(lambda nn: nn.GELU(), x),
        "silu-16x28x28x128": module(lambda nn: nn.SiLU(), x),
        "leakyrelu-16x28x28x128": module(lambda nn: nn.LeakyReLU(), x),
        "hardsigmoid-16x28x28x128": module(lambda nn: nn.Hardsigmoid(), x),
        "hardswish-16x28x28x128": module(lambda nn: nn.Hardswish(), x),
        "gelutanh-16x28x28x128": module(lambda nn: nn.GELU("tanh"), x),
        "elu-16x28x28x128": module(lambda nn: nn.ELU(), x),
        "softplus-16x28x28x128": module(lambda nn: nn.Softplus(), x),
        "prelu-16x28x28x128": module(lambda nn: nn.PReLU(128), x),
        "add-16x28x28x128": call(lambda torch, F: lambda a: a + a, x),
        "dropout-16x28x28x128": module(lambda nn: nn.Dropout(0.2), x),
        "dropout2d-16x28x28x128": module(lambda nn: nn.Dropout2d(0.2), x),
        "stochasticdepth-16x28x28x128": call(lambda torch, F: lambda a: a * a.new_empty(16, 1, 1, 1).bernoulli_(0.8).div_(0.8), x),
        "softmax-1024x1000": module(lambda nn: nn.Softmax(1), lambda: matrix(1024, 1000)),
        "logsoftmax-1024x1000": module(lambda nn: nn.LogSoftmax(1), lambda: matrix(1024, 1000)),
        "linear-1024x768x768": module(lambda nn: nn.Linear(768, 768), lambda: matrix(1024, 768)),
    }


@rows
def images():
    x = lambda: image(16, 28, 28, 128)
    large = lambda: image(16, 56, 56, 64)
    return {
        "conv3x3-16x28x28x128": module(lambda nn: nn.Conv2d(128, 128, 3, padding=1), x),
        "conv1x1-16x28x28x128": module(lambda nn: nn.Conv2d(128, 128, 1), x),
        "depthwise3x3-16x28x28x128": module(lambda nn: nn.Conv2d(128, 128, 3, padding=1, groups=128), x),
        "batchnorm-16x28x28x128": module(lambda nn: nn.BatchNorm2d(128), x),
        "maxpool-16x56x56x64": module(lambda nn: nn.MaxPool2d(3, 2, 1), large),
        "avgpool-16x56x56x64": module(lambda nn: nn.AvgPool2d(2), large),
        "globalavgpool-16x56x56x64": module(lambda nn: nn.AdaptiveAvgPool2d(1), large),
        "flatten-64x7x7x512": call(lambda torch, F: lambda a: a.flatten(1), lambda: image(64, 7, 7, 512)),
    }


@rows
def convolutions():
    def conv(channels, out, kernel, **options):
        return lambda nn: nn.Conv2d(channels, out, kernel, **options)

    def up(channels, out, kernel, stride, pad=0):
        return lambda nn: nn.ConvTranspose2d(channels, out, kernel, stride, pad)

    def same(nn):
        """TensorFlow's: a pixel more below and to the right."""
        return nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(64, 128, 3, 2))

    x, large = lambda: image(16, 28, 28, 128), lambda: image(16, 56, 56, 64)
    wide = lambda: image(16, 17, 17, 192)
    return {
        "conv3x3s2-16x56x56x64": module(conv(64, 128, 3, stride=2, padding=1), large),
        "conv3x3s2same-16x56x56x64": module(same, large),
        "conv7x7s2-16x112x112x3": module(conv(3, 64, 7, stride=2, padding=3), lambda: image(16, 112, 112, 3)),
        "conv1x7-16x17x17x192": module(conv(192, 192, (1, 7), padding=(0, 3)), wide),
        "conv7x1-16x17x17x192": module(conv(192, 192, (7, 1), padding=(3, 0)), wide),
        "conv3x3d2-16x28x28x128": module(conv(128, 128, 3, padding=2, dilation=2), x),
        "conv3x3g32-16x28x28x128": module(conv(128, 128, 3, padding=1, groups=32), x),
        "conv3x3g32-16x28x28x256": module(conv(256, 256, 3, padding=1, groups=32), lambda: image(16, 28, 28, 256)),
        "conv3x3g32-16x14x14x512": module(conv(512, 512, 3, padding=1, groups=32), lambda: image(16, 14, 14, 512)),
        "conv3x3g32-16x7x7x1024": module(conv(1024, 1024, 3, padding=1, groups=32), lambda: image(16, 7, 7, 1024)),
        "depthwise7x7-16x28x28x128": module(conv(128, 128, 7, padding=3, groups=128), x),
        "separable3x3-16x28x28x128": module(
            lambda nn: nn.Sequential(nn.Conv2d(128, 128, 3, padding=1, groups=128, bias=False), nn.Conv2d(128, 128, 1, bias=False)), x),
        "conv1d5-32x1x100x64": module(lambda nn: nn.Conv1d(64, 128, 5, padding=2), lambda: matrix(32, 64, 100)),
        "transposed2x2s2-16x28x28x128": module(up(128, 64, 2, 2), x),
        "transposed3x3s2-16x28x28x64": module(up(64, 64, 3, 2, 1), lambda: image(16, 28, 28, 64)),
        "transposed4x4s2-16x14x14x256": module(up(256, 128, 4, 2, 1), lambda: image(16, 14, 14, 256)),
        "transposed16x16s8-4x28x28x21": module(up(21, 21, 16, 8, 4), lambda: image(4, 28, 28, 21)),
    }


@rows
def resizing():
    x, large = lambda: image(16, 28, 28, 128), lambda: image(16, 56, 56, 64)
    wide, odd = lambda: image(16, 28, 28, 192), lambda: image(16, 13, 13, 256)

    def resize(factor, mode):
        return call(lambda torch, F: lambda a: F.interpolate(a, scale_factor=factor, mode=mode), large if factor < 1 else x)

    def unpool(torch, F):
        def f(a):
            y, at = F.max_pool2d(a, 2, return_indices=True)
            return F.max_unpool2d(y, at, 2)

        return f

    return {
        "maxpool3x3s2ceil-16x56x56x64": module(lambda nn: nn.MaxPool2d(3, 2, ceil_mode=True), large),
        "maxpool2x2-16x56x56x64": module(lambda nn: nn.MaxPool2d(2), large),
        "maxpool3x3s1-16x28x28x192": module(lambda nn: nn.MaxPool2d(3, 1, 1), wide),
        "avgpool3x3s1-16x28x28x192": module(lambda nn: nn.AvgPool2d(3, 1, 1, count_include_pad=False), wide),
        "globalmaxpool-16x56x56x64": module(lambda nn: nn.AdaptiveMaxPool2d(1), large),
        "globalavgpool-16x7x7x2048": module(lambda nn: nn.AdaptiveAvgPool2d(1), lambda: image(16, 7, 7, 2048)),
        "adaptiveavgpool6-16x13x13x256": module(lambda nn: nn.AdaptiveAvgPool2d(6), odd),
        "adaptivemaxpool6-16x13x13x256": module(lambda nn: nn.AdaptiveMaxPool2d(6), odd),
        "unpool2x2-16x56x56x64": call(unpool, large),
        "maxout2-16x28x28x128": call(lambda torch, F: lambda a: a.unflatten(1, (64, 2)).amax(2), x),
        "nearest2-16x28x28x128": resize(2, "nearest"),
        "bilinear2-16x28x28x128": resize(2, "bilinear"),
        "bicubic2-16x28x28x128": resize(2, "bicubic"),
        "bilinear8-4x28x28x21": call(lambda torch, F: lambda a: F.interpolate(a, scale_factor=8, mode="bilinear"), lambda: image(4, 28, 28, 21)),
        "bilinear-half-16x56x56x64": resize(0.5, "bilinear"),
    }


def recurrent(kind, packed=False, bidirectional=False, steps=50, count=32, features=64, hidden=128):
    """A row of a recurrent layer; packed rows have 10 to 50 steps, in no order."""

    def build():
        import torch
        from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

        class Layer(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.op = getattr(torch.nn, kind)(features, hidden, bidirectional=bidirectional)
                self.lengths = torch.tensor([10 + 41 * (i * 13 % 32) // 32 for i in range(count)])

            def forward(self, x):
                if not packed:
                    return self.op(x)[0]
                y, _ = self.op(pack_padded_sequence(x, self.lengths, enforce_sorted=False))
                return pad_packed_sequence(y, total_length=steps)[0]

        return Layer().train(), [matrix(steps, count, features)]

    return build


def words():
    import torch

    return torch.randint(10000, (50, 32))


@rows
def sequences():
    return {
        "rnn-50x32x64x128": recurrent("RNN"),
        "gru-50x32x64x128": recurrent("GRU"),
        "lstm-50x32x64x128": recurrent("LSTM"),
        "bigru-50x32x64x128": recurrent("GRU", bidirectional=True),
        "bilstm-50x32x64x128": recurrent("LSTM", bidirectional=True),
        "packed-birnn-50x32x64x128": recurrent("RNN", True, True),
        "packed-bigru-50x32x64x128": recurrent("GRU", True, True),
        "packed-bilstm-50x32x64x128": recurrent("LSTM", True, True),
        "embedding-50x32x10000x128": module(lambda nn: nn.Embedding(10000, 128), words),
        "embedding-sum-50x32x10000x128": module(lambda nn: nn.EmbeddingBag(10000, 128, mode="sum"), lambda: words().T.contiguous()),
        "embedding-mean-50x32x10000x128": module(lambda nn: nn.EmbeddingBag(10000, 128, mode="mean"), lambda: words().T.contiguous()),
        "mean-over-time-50x32x256": call(lambda torch, F: lambda x: x.mean(0), lambda: matrix(50, 32, 256)),
        "max-over-time-50x32x256": call(lambda torch, F: lambda x: x.max(0)[0], lambda: matrix(50, 32, 256)),
        "reverse-time-50x32x256": call(lambda torch, F: lambda x: x.flip(0), lambda: matrix(50, 32, 256)),
    }


@rows
def norms():
    def pixels(nn, channels):
        """Over the channels of pixels, as torchvision's LayerNorm2d."""

        class LayerNorm2d(nn.LayerNorm):
            def forward(self, x):
                return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)

        return LayerNorm2d(channels)

    return {
        "layernorm-2048x768": module(lambda nn: nn.LayerNorm(768), lambda: matrix(2048, 768)),
        "layernorm-16x56x56x96": module(lambda nn: pixels(nn, 96), lambda: image(16, 56, 56, 96)),
        "layernorm-16x14x14x384": module(lambda nn: pixels(nn, 384), lambda: image(16, 14, 14, 384)),
        "rmsnorm-2048x768": module(lambda nn: nn.RMSNorm(768), lambda: matrix(2048, 768)),
        "groupnorm32-16x56x56x64": module(lambda nn: nn.GroupNorm(32, 64), lambda: image(16, 56, 56, 64)),
        "groupnorm32-16x14x14x256": module(lambda nn: nn.GroupNorm(32, 256), lambda: image(16, 14, 14, 256)),
        "instancenorm-16x28x28x128": module(lambda nn: nn.InstanceNorm2d(128, affine=True), lambda: image(16, 28, 28, 128)),
        "localresponse-16x27x27x256": module(lambda nn: nn.LocalResponseNorm(5), lambda: image(16, 27, 27, 256)),
        "groupnorm32-relu-16x56x56x64": module(lambda nn: nn.Sequential(nn.GroupNorm(32, 64), nn.ReLU()), lambda: image(16, 56, 56, 64)),
    }


@rows
def products():
    x = lambda: image(16, 28, 28, 128)

    def scale(nn, channels):
        class LayerScale(nn.Module):
            def __init__(self):
                super().__init__()
                self.layer_scale = nn.Parameter(matrix(channels, 1, 1))

            def forward(self, x):
                return x * self.layer_scale

        return LayerScale()

    def squeeze(nn, channels, squeezed):
        class SqueezeExcitation(nn.Module):
            def __init__(self):
                super().__init__()
                self.pool, self.fc1, self.fc2 = nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, squeezed, 1), nn.Conv2d(squeezed, channels, 1)

            def forward(self, x):
                return x * self.fc2(nn.functional.silu(self.fc1(self.pool(x)))).sigmoid()

        return SqueezeExcitation()

    return {
        "mul-16x28x28x128": call(lambda torch, F: lambda a, b: a * b, x, x),
        "weightedadd-16x28x28x128": call(lambda torch, F: lambda a, b: 0.3 * a + 0.7 * b, x, x),
        "scale-16x28x28x128": call(lambda torch, F: lambda a: 0.3 * a, x),
        "layerscale-16x28x28x192": module(lambda nn: scale(nn, 192), lambda: image(16, 28, 28, 192)),
        "squeeze-16x28x28x128": module(lambda nn: squeeze(nn, 128, 32), x),
    }


@rows
def losses():
    classes = lambda torch, n, k: torch.arange(n) * 7 % k

    def entropy(rows, cols, **options):
        return call(lambda torch, F: lambda x: F.cross_entropy(x, classes(torch, rows, cols), **options), lambda: matrix(rows, cols))

    def pixels(n, h, w, c):
        def make(torch, F):
            target = classes(torch, n * h * w, c).reshape(n, h, w)
            return lambda x: F.cross_entropy(x, target)

        return call(make, lambda: image(n, h, w, c))

    def values(f):
        def make(torch, F):
            target = (torch.arange(4096 * 64) % 2).float().reshape(4096, 64)
            return lambda x: f(F)(x, target)

        return call(make, lambda: matrix(4096, 64))

    def ctc(steps, count, symbols, length):
        def make(torch, F):
            target = 1 + (torch.arange(count * length) * 7 % (symbols - 1)).reshape(count, length)
            steps_of, lengths = torch.full((count,), steps), torch.full((count,), length)
            return lambda x: F.ctc_loss(F.log_softmax(x, 2), target, steps_of, lengths)

        return call(make, lambda: matrix(steps, count, symbols))

    return {
        "entropy-256x10": entropy(256, 10),
        "entropy-1024x1000": entropy(1024, 1000),
        "entropy-smoothed-1024x1000": entropy(1024, 1000, label_smoothing=0.1),
        "entropy-4x256x256x2": pixels(4, 256, 256, 2),
        "entropy-4x256x256x21": pixels(4, 256, 256, 21),
        "binary-4096x64": values(lambda F: F.binary_cross_entropy_with_logits),
        "squared-4096x64": values(lambda F: F.mse_loss),
        "smoothl1-4096x64": values(lambda F: F.smooth_l1_loss),
        "ctc-100x32x40": ctc(100, 32, 40, 20),
    }


def measure(name, seconds):
    """The seconds of the fastest forward and backward."""
    import torch

    torch.manual_seed(1)
    f, inputs = ROWS[name]()
    wanted = [x for x in inputs if x.is_floating_point()]
    for x in wanted:
        x.requires_grad_()
    parameters = list(f.parameters()) if isinstance(f, torch.nn.Module) else []
    y = f(*inputs)
    source = torch.empty_like(y).uniform_(-1, 1)
    dy = source.clone()

    now = time.thread_time if torch.get_num_threads() == 1 else time.perf_counter

    def step():
        for p in wanted + parameters:
            p.grad = None
        dy.copy_(source)  # as what computed it would have just done
        began = now()
        f(*inputs).backward(dy)
        return now() - began

    for _ in range(3):
        step()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 5:
        times.append(step())
    return min(times)


def serve(threads):
    """Measures the rows that standard input names, one to a line, and prints a figure for each."""
    import torch

    torch.set_num_threads(threads)
    for line in sys.stdin:
        name, seconds = json.loads(line)
        print(measure(name, seconds), flush=True)


def ours(binary, name, seconds, threads):
    out = subprocess.run([binary, "-test.run=^$", f"-test.bench=^BenchmarkLayers$/^{re.escape(name)}$", f"-test.benchtime={seconds}s"],
                         env=dict(os.environ, GOMAXPROCS=str(threads)), text=True, stdout=subprocess.PIPE, check=True).stdout
    found = re.search(r"\s([\d.e+]+) ns/op", out)
    if not found:
        sys.exit(f"BenchmarkLayers has no row {name}")
    return float(found[1]) / 1e9


def listed(binary):
    """The rows of our side."""
    out = subprocess.run([binary, "-test.run=^TestLayerBenchNames$", "-test.v"], text=True, stdout=subprocess.PIPE, check=True).stdout
    return re.findall(r"row (\S+)", out)


def server(threads, policy):
    """A process that measures PyTorch, whose threads wait for work as the policy says."""
    return subprocess.Popen([sys.executable, __file__, "--serve", "--threads", str(threads)], text=True, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, env=dict(os.environ, OMP_WAIT_POLICY=policy))


def ask(child, name, seconds):
    child.stdin.write(json.dumps([name, seconds]) + "\n")
    child.stdin.flush()
    return float(child.stdout.readline())


def main():
    a = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    a.add_argument("--bin", type=pathlib.Path)
    a.add_argument("--rounds", type=int, default=3)
    a.add_argument("--seconds", type=float, default=0.5)
    a.add_argument("--only", default="")
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    o = a.parse_args()
    if o.serve:
        return serve(o.threads)
    binary = o.bin / "nn.test"
    known = listed(binary)
    children = [server(o.threads, policy) for policy in ("passive", "active")]

    def theirs(name):
        return min(ask(child, name, o.seconds) for child in children)

    print(f"{'layer':34}{'ours, ms':>10}{'PyTorch':>10}{'ratio':>8}")
    for name in known:
        if name not in ROWS:
            print(f"{name:34}  is not in layers.py")
    wanted = [name for name in known if name in ROWS and re.search(o.only, name)]
    best = dict.fromkeys(wanted, (math.inf, math.inf))
    for turn in range(o.rounds):
        for name in wanted:
            mine, other = best[name]
            best[name] = mine, other = min(mine, ours(binary, name, o.seconds, o.threads)), min(other, theirs(name))
            if turn == o.rounds - 1:
                slower = "" if mine <= other else "  slower"
                print(f"{name:34}{1e3 * mine:10.3f}{1e3 * other:10.3f}{other / mine:8.2f}{slower}", flush=True)
    for name in ROWS:
        if name not in known:
            print(f"{name:34}  is not in BenchmarkLayers")
    for child in children:
        child.stdin.close()
        child.wait()


if __name__ == "__main__":
    main()
