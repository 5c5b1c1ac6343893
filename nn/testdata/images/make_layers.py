"""Write the reference values of the layers for images: python3 make_layers.py

layers.json holds one small layer to an entry: its weights, an input, a gradient
of the output, and what PyTorch makes of them: output and all gradients.
Activations are [images, height, width, channels], as Rondo lays them out.
Everything is computed in float64.
"""

import json
import pathlib

import torch
import torch.nn.functional as F

IMAGES = 2
torch.manual_seed(1)


def draw(*shape):
    """Numbers of [-1, 1] that are short in decimals."""
    return (torch.rand(*shape) * 256 - 128).round().double() / 128


def flat(x):
    if x.dim() == 4:
        x = x.permute(0, 2, 3, 1)
    return [float(f"{v:.7g}") for v in x.reshape(-1).tolist()]


def entry(kind, sizes, weights, run, running=None, **options):
    h, w, c = sizes
    x = draw(IMAGES, c, h, w).requires_grad_()
    weights = {k: v.clone().requires_grad_() for k, v in weights.items()}
    y = run(x, **weights)
    dy = draw(*y.shape)
    y.backward(dy)
    e = dict(kind=kind, height=h, width=w, channels=c, options=options, x=flat(x), x_grad=flat(x.grad), y_grad=flat(dy), y=flat(y))
    e["weights"] = {k: dict(value=v.reshape(-1).tolist(), grad=[float(f"{g:.7g}") for g in v.grad.reshape(-1).tolist()])
                    for k, v in weights.items()}
    if running:
        e["running"] = {k: v.tolist() for k, v in running.items()}
    return e


def conv(sizes, out, kernel, stride=(1, 1), pad=(0, 0), dilation=(1, 1), groups=1, bias=True):
    weights = {"weight": draw(out, sizes[2] // groups, *kernel)}
    if bias:
        weights["bias"] = draw(out)

    def run(x, weight, bias=None):
        return F.conv2d(x, weight, bias, stride, pad, dilation, groups)

    return entry("conv", sizes, weights, run, out=out, kernel=kernel, stride=stride, pad=pad, dilation=dilation, groups=groups)


def norm(sizes, rectifier, training=True):
    c = sizes[2]
    mean, var = draw(c), draw(c).abs() + 0.5
    before = dict(mean_before=mean.clone(), var_before=var.clone())
    cut = {"none": lambda v: v, "relu": F.relu, "relu6": F.relu6}[rectifier]

    def run(x, weight, bias):
        return cut(F.batch_norm(x, mean, var, weight, bias, training, 0.1, 1e-5))

    e = entry("norm", sizes, {"weight": 6 * draw(c), "bias": 3 * draw(c)}, run, rectifier=rectifier, training=training)
    e["running"] = {k: v.tolist() for k, v in dict(mean=mean, var=var, **before).items()}
    return e


def pool(kind, sizes, kernel, stride, pad, count_pad=True):
    def run(x):
        if kind == "max":
            return F.max_pool2d(x, kernel, stride, pad)
        return F.avg_pool2d(x, kernel, stride, pad, count_include_pad=count_pad)

    return entry(kind, sizes, {}, run, kernel=kernel, stride=stride, pad=pad, count_pad=count_pad)


entries = [
    conv((5, 6, 3), 4, (3, 3), pad=(1, 1)),
    conv((7, 7, 3), 8, (5, 5), stride=(2, 2), pad=(2, 2), bias=False),
    conv((6, 5, 8), 9, (1, 1)),
    conv((6, 5, 8), 4, (1, 1), stride=(2, 2), bias=False),
    conv((8, 9, 2), 3, (3, 2), stride=(2, 1), pad=(2, 1), dilation=(2, 3)),
    conv((5, 5, 6), 9, (3, 3), pad=(1, 1), groups=3),
    conv((6, 7, 9), 9, (3, 3), pad=(1, 1), groups=9, bias=False),
    conv((7, 6, 8), 8, (3, 3), stride=(2, 2), pad=(1, 1), groups=8, bias=False),
    norm((3, 4, 5), "none"),
    norm((3, 4, 5), "relu"),
    norm((3, 4, 5), "relu6"),
    norm((3, 4, 5), "relu6", training=False),
    pool("max", (6, 7, 3), (2, 2), (2, 2), (0, 0)),
    pool("max", (7, 7, 9), (3, 3), (2, 2), (1, 1)),
    pool("average", (6, 7, 3), (2, 2), (2, 2), (0, 0)),
    pool("average", (7, 6, 9), (3, 3), (2, 2), (1, 1)),
    pool("average", (7, 6, 9), (3, 3), (2, 2), (1, 1), count_pad=False),
    entry("flatten", (2, 3, 4), {}, lambda x: x.flatten(1)),
    entry("global", (3, 4, 5), {}, lambda x: x.mean((2, 3))),
]
path = pathlib.Path(__file__).parent / "layers.json"
text = ",\n".join(json.dumps(e) for e in entries)
path.write_text(f'{{"torch": "{torch.__version__}", "layers": [\n{text}\n]}}\n')
