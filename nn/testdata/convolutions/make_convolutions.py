"""Write the reference values of convolutions, poolings and resizing: python3 make_convolutions.py

convolutions.json has a row for each layer: its options, the size of its output, and sums over what PyTorch makes of
it, in float64: of the output and of all gradients, each times a few sets of known factors. Inputs and factors are
value(i, seed) at place i, so that nothing but sums need be stored. What a row does not say is off, 0 or 1. Activations are numbered [image, row, column,
channel], weights as PyTorch has them. "error" is how far the same sums in float32 are off, relative to the sum of
magnitudes: the worst row of each kind.
"""

import itertools
import json
import math
import pathlib
import random

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
IMAGES = 2
SUMS = 2
X, WEIGHT, BIAS, DY, FACTORS, PYRAMID = 1, 2, 3, 4, 10, 20


def value(count, seed):
    h = (np.arange(count, dtype=np.uint64) * 2654435761 + seed * 2246822519) % 2**32
    h = ((h ^ (h >> 15)) * 2654435761) % 2**32
    return ((h >> 24).astype(np.float64) - 128) / 128


def tensor(seed, *shape):
    return torch.from_numpy(value(math.prod(shape), seed).reshape(shape))


def images(seed, h, w, c, n=IMAGES):
    return tensor(seed, n, h, w, c).permute(0, 3, 1, 2).contiguous()


def sums(t, name):
    if name in "xy":
        t = t.permute(0, 2, 3, 1)
    flat = t.detach().double().reshape(-1).numpy()
    parts = [flat * value(len(flat), FACTORS + i) for i in range(SUMS)]
    return [float(p.sum()) for p in parts], float(max(np.abs(p).sum() for p in parts)) + 1e-30


def compute(run, size, weights, dtype):
    x = images(X, *size).to(dtype).requires_grad_()
    w = {k: v.detach().to(dtype).requires_grad_() for k, v in weights.items()}
    y = run(x, **w)
    y.backward(images(DY, y.shape[2], y.shape[3], y.shape[1]).to(dtype))
    return y, {"y": y, "x": x.grad, **{k: v.grad for k, v in w.items()}}


rows, errors = [], {}


def entry(kind, size, weights, run, conv=False, **options):
    y, exact = compute(run, size, weights, torch.float64)
    _, rough = compute(run, size, weights, torch.float32)
    given = {k: v for k, v in options.items() if v is True or (k, v) == ("extra", (1, 1)) or v not in (False, 0, 1, (0, 0), (1, 1), (0, 0, 0, 0), [0, 0, 0, 0])}
    row = dict(kind=kind, size=size, y=[y.shape[2], y.shape[3], y.shape[1]], **given, sums={})
    for name in exact:
        want, scale = sums(exact[name], name)
        got, _ = sums(rough[name], name)
        errors[kind] = max(errors.get(kind, 0), max(abs(a - b) for a, b in zip(want, got)) / scale)
        row["sums"][name] = [float(f"{v:.10g}") for v in want]
    rows.append(row)


def weights_of(first, second, kernel, bias, out):
    w = {"weight": tensor(WEIGHT, first, second, *kernel)}
    if bias:
        w["bias"] = tensor(BIAS, out)
    return w


def same(size, kernel, stride, dilation):
    """TensorFlow's SAME: pixels above, below, left and right."""
    pads = []
    for n, k, s, d in zip(size, kernel, stride, dilation):
        total = max(0, (-(-n // s) - 1) * s + d * (k - 1) + 1 - n)
        pads += [total // 2, total - total // 2]
    return pads


def outward(pads):
    top, bottom, left, right = pads
    return (left, right, top, bottom)


def conv2d(size, out, kernel, stride, pads, dilation, groups, bias):
    tf_same = pads == "same"
    pads = same(size, kernel, stride, dilation) if tf_same else pads

    def run(x, weight, bias=None):
        if tf_same and stride == (1, 1):
            return F.conv2d(x, weight, bias, stride, "same", dilation, groups)
        return F.conv2d(F.pad(x, outward(pads)), weight, bias, stride, 0, dilation, groups)

    if any(n + a + b < d * (k - 1) + 1 for n, a, b, d, k in zip(size, pads[::2], pads[1::2], dilation, kernel)):
        return
    entry("conv2d", size, weights_of(out, size[2] // groups, kernel, bias, out), run, out=out, kernel=kernel, stride=stride,
          pads=[0] * 4 if tf_same else pads, same=tf_same, dilation=dilation, groups=groups)


def conv1d(width, channels, out, kernel, stride, pad, dilation, groups, bias):
    def run(x, weight, bias=None):
        return F.conv1d(x[:, :, 0], weight, bias, stride, pad, dilation, groups)[:, :, None]

    entry("conv1d", (1, width, channels), weights_of(out, channels // groups, (kernel,), bias, out), run, out=out, kernel=(1, kernel),
          stride=(1, stride), pads=(0, 0, pad, pad), dilation=(1, dilation), groups=groups)


def transposed(kind, size, out, kernel, stride, pad, extra, dilation, groups, bias):
    def run(x, weight, bias=None):
        if kind == "transposed1d":
            return F.conv_transpose1d(x[:, :, 0], weight, bias, stride[1], pad[1], extra[1], groups, dilation[1])[:, :, None]
        return F.conv_transpose2d(x, weight, bias, stride, pad, extra, groups, dilation)

    if any(e >= s for e, s in zip(extra, stride)):
        return
    if any((n - 1) * s - 2 * p + d * (k - 1) + e < 0 for n, s, p, d, k, e in zip(size, stride, pad, dilation, kernel, extra)):
        return
    shape = kernel[1:] if kind == "transposed1d" else kernel
    entry(kind, size, weights_of(size[2], out // groups, shape, bias, out), run, out=out, kernel=kernel, stride=stride,
          pads=(pad[0], pad[0], pad[1], pad[1]), extra=extra, dilation=dilation, groups=groups)


def cut(size, out, kernel, stride, pads, extra, dilation, groups, bias):
    """A transposed convolution with other padding on one side than on the other, or TensorFlow's SAME: a part of the whole."""
    tf_same = pads == "same"
    to = [n * s for n, s in zip(size, stride)]
    pads = same(to, kernel, stride, dilation) if tf_same else pads
    if tf_same and extra != (0, 0) or any(e >= s for e, s in zip(extra, stride)):
        return
    if not tf_same:
        to = [(n - 1) * s - a - b + d * (k - 1) + 1 + e for n, s, a, b, d, k, e in zip(size, stride, pads[::2], pads[1::2], dilation, kernel, extra)]
    if min(to) < 1:
        return

    def run(x, weight, bias=None):
        y = F.conv_transpose2d(x, weight, None, stride, 0, 0, groups, dilation)
        behind = [pads[2 * i] + to[i] - y.shape[2 + i] for i in range(2)]  # negative: is cut off
        y = F.pad(y, (-pads[2], behind[1], -pads[0], behind[0]))
        return y if bias is None else y + bias[:, None, None]

    entry("transposed2d", size, weights_of(size[2], out // groups, kernel, bias, out), run, out=out, kernel=kernel, stride=stride,
          pads=[0] * 4 if tf_same else pads, same=tf_same, extra=extra, dilation=dilation, groups=groups)


def pool(kind, size, kernel, stride, pads, dilation=(1, 1), ceil=False):
    tf_same = pads == "same"
    pads = same(size, kernel, stride, dilation) if tf_same else pads
    even = not tf_same and pads[0] == pads[1] and pads[2] == pads[3]

    def run(x):
        pad = (pads[0], pads[2]) if even else 0
        if kind == "max":
            x = x if even else F.pad(x, outward(pads), value=-math.inf)
            return F.max_pool2d(x, kernel, stride, pad, dilation, ceil)
        count = kind == "average counting"
        if even:
            return F.avg_pool2d(x, kernel, stride, pad, ceil, count)
        mean = F.avg_pool2d(F.pad(x, outward(pads)), kernel, stride, 0, ceil)
        if count:
            return mean
        return mean / F.avg_pool2d(F.pad(torch.ones_like(x), outward(pads)), kernel, stride, 0, ceil)

    if any(max(a, b) > (d * (k - 1) + 1) // 2 or n + a + b < d * (k - 1) + 1
           for n, a, b, d, k in zip(size, pads[::2], pads[1::2], dilation, kernel)):
        return
    if not all(map(meets, size, kernel, stride, pads[::2], dilation)):
        return
    entry(kind, size, {}, run, kernel=kernel, stride=stride, pads=[0] * 4 if tf_same else pads, same=tf_same, dilation=dilation, ceil=ceil)


def meets(n, kernel, stride, pad, dilation):
    """Whether all windows meet a pixel, those in the last places that ceil_mode can add included. PyTorch's gradient of
    others is written to some other memory."""
    return all(any(0 <= at + k * dilation < n for k in range(kernel)) for at in range(-pad, n, stride))


def unpool(size, kernel, stride, pad):
    def run(x):
        y, at = F.max_pool2d(x, kernel, stride, pad, return_indices=True)
        return F.max_unpool2d(y * y, at, kernel, stride, pad, output_size=x.shape[2:])

    entry("unpool", size, {}, run, kernel=kernel, stride=stride, pads=(pad[0], pad[0], pad[1], pad[1]))


def resize(size, mode, to=None, factor=None, align=False):
    def run(x):
        options = {} if mode == "nearest" else dict(align_corners=align)
        return F.interpolate(x, to, factor, mode, **options)

    entry(mode, size, {}, run, to=to or (0, 0), factor=factor or 0, align=align)


def pyramid(size, out):
    """Two maps, the image and its maxima; the sum of the pyramid's maps. Weights are seeded by their order."""
    shapes = {}
    for part, i, shape in [("inner", 0, (out, size[2], 1, 1)), ("inner", 1, (out, size[2], 1, 1)), ("layer", 0, (out, out, 3, 3)), ("layer", 1, (out, out, 3, 3))]:
        shapes[f"{part}_blocks.{i}.0.weight"], shapes[f"{part}_blocks.{i}.0.bias"] = shape, (out,)
    weights = {name: tensor(PYRAMID + i, *shape) for i, (name, shape) in enumerate(shapes.items())}

    def run(x, **w):
        """As torchvision.ops.FeaturePyramidNetwork."""

        def block(part, i, x):
            return F.conv2d(x, w[f"{part}_blocks.{i}.0.weight"], w[f"{part}_blocks.{i}.0.bias"], padding=int(part == "layer"))

        def up(top):
            return F.interpolate(top, x.shape[-2:], mode="nearest")

        top = block("inner", 1, F.max_pool2d(x, 2, ceil_mode=True))
        return block("layer", 0, block("inner", 0, x) + up(top)) + up(block("layer", 1, top))

    entry("pyramid", size, weights, run, out=out)


def some(count, *choices):
    """So many of all combinations, always the same ones."""
    every = list(itertools.product(*choices))
    return random.Random(len(every)).sample(every, min(count, len(every)))


NONE = (0, 0, 0, 0)
SIZES = [(7, 8), (6, 5), (9, 9), (1, 12), (8, 4)]
for size, (kernel, stride, pads, dilation, (c, out, groups), bias) in itertools.product(SIZES, some(
        45, [(1, 1), (3, 3), (2, 3), (1, 7), (7, 1), (4, 4)], [(1, 1), (2, 2), (2, 1), (3, 2)],
        [NONE, (1, 1, 1, 1), (2, 2, 1, 1), (0, 1, 0, 1), (2, 1, 3, 0), "same", "same"], [(1, 1), (2, 2), (1, 3)],
        [(3, 5, 1), (4, 6, 2), (5, 5, 5), (3, 6, 3), (18, 3, 1)], [False, True])):
    conv2d((*size, c), out, kernel, stride, pads, dilation, groups, bias)
for options in some(25, [9, 12], [(4, 6, 1), (4, 6, 2), (4, 4, 4)], [1, 2, 3, 5], [1, 2, 3], [0, 1, 2], [1, 2], [False, True]):
    width, (c, out, groups), kernel, stride, pad, dilation, bias = options
    conv1d(width, c, out, kernel, stride, pad, dilation, groups, bias)
for size, kernel, stride, pad, extra, dilation, (c, out, groups), bias in some(
        160, [(4, 5), (3, 2), (1, 6)], [(1, 1), (3, 3), (2, 2), (4, 3)], [(1, 1), (2, 2), (2, 3)], [(0, 0), (1, 1), (2, 0)],
        [(0, 0), (1, 1), (0, 2)], [(1, 1), (2, 1)], [(3, 5, 1), (4, 6, 2), (5, 5, 5)], [False, True]):
    transposed("transposed2d", (*size, c), out, kernel, stride, pad, extra, dilation, groups, bias)
for size, kernel, stride, pads, extra, dilation, (c, out, groups), bias in some(
        90, [(4, 5), (3, 2), (1, 6)], [(1, 1), (3, 3), (2, 2), (4, 3)], [(1, 1), (2, 2), (2, 3)], ["same", "same", (0, 1, 0, 1), (2, 1, 0, 1)],
        [(0, 0), (0, 0), (1, 1)], [(1, 1), (2, 1)], [(3, 5, 1), (4, 6, 2), (5, 5, 5)], [False, True]):
    cut((*size, c), out, kernel, stride, pads, extra, dilation, groups, bias)
for width, kernel, stride, pad, extra in some(12, [5, 8], [2, 3, 4], [1, 2, 3], [0, 1], [0, 1]):
    transposed("transposed1d", (1, width, 4), 6, (1, kernel), (1, stride), (0, pad), (0, extra), (1, 1), 2, True)
for size, kernel, stride, pads, ceil, (kind, dilation) in some(
        150, [(7, 8, 3), (6, 5, 9), (1, 12, 4)], [(2, 2), (3, 3), (3, 2), (1, 4)], [(1, 1), (2, 2), (3, 2)],
        [NONE, (1, 1, 1, 1), (1, 1, 0, 0), "same"], [False, True],
        [("max", (1, 1)), ("max", (2, 1)), ("average", (1, 1)), ("average counting", (1, 1))]):
    if not (pads == "same" and ceil):
        pool(kind, size, kernel, stride, pads, dilation, ceil)
for size, to, kind in some(24, [(7, 8, 3), (6, 5, 9), (4, 4, 2)], [(1, 1), (2, 3), (4, 4), (5, 7), (1, 9)], ["adaptive max", "adaptive average"]):
    run = F.adaptive_max_pool2d if kind == "adaptive max" else F.adaptive_avg_pool2d
    entry(kind, size, {}, lambda x: run(x, to), to=to)
for size, (kernel, stride, pad) in itertools.product([(7, 8, 3), (6, 6, 4)], [((2, 2), (2, 2), (0, 0)), ((3, 3), (2, 2), (1, 1)), ((3, 2), (1, 1), (1, 0))]):
    unpool(size, kernel, stride, pad)
for size in [(5, 4, 3), (6, 7, 2), (1, 3, 2)]:
    for mode, align in [("nearest", False), ("bilinear", False), ("bilinear", True), ("bicubic", False), ("bicubic", True)]:
        for to in [(10, 8), (3, 3), (7, 1), (1, 9), (13, 11)]:
            resize(size, mode, to=to, align=align)
        for factor in [2.0, 1.5, 0.5 if size[0] > 1 else 3.0, 2.7]:
            resize(size, mode, factor=factor, align=align)
for size in [(5, 4, 2), (6, 7, 3), (1, 3, 4)]:
    pyramid(size, 3)

path = pathlib.Path(__file__).parent / "convolutions.json"
text = ",\n".join(json.dumps(r, separators=(",", ":")) for r in rows)
path.write_text(f'{{"torch": "{torch.__version__}", "error": {json.dumps(errors)}, "rows": [\n{text}\n]}}\n')
