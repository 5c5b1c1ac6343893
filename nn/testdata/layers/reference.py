"""What the scripts beside it share: a small layer, an input, a gradient of its output, and what PyTorch makes of them.

Results are computed in float64; `errors` says how far PyTorch's own float32 is from them at most. Images are written as
[images, height, width, channels], as Rondo lays them out.
"""

import json
import pathlib

import torch

torch.manual_seed(1)
torch.set_num_threads(1)


def draw(*shape, scale=1):
    """Numbers of [-scale, scale] that are short in decimals and exact in float32."""
    return (torch.rand(*shape) * 256 - 128).round().double() * scale / 128


def flat(x):
    if x.dim() == 4:
        x = x.permute(0, 2, 3, 1)
    return x.reshape(-1).tolist()


def brief(values):
    return [float(f"{v:.9g}") for v in values]


def run(f, inputs, weights, dy, dtype):
    """All results by name: y, the gradients of inputs (x0, x1, …) and of weights."""
    xs = [x.detach().to(dtype).requires_grad_() for x in inputs]
    ws = {k: w.detach().to(dtype).requires_grad_() for k, w in weights.items()}
    y = f(*xs, **ws)
    (y * (torch.zeros_like(y) + dy[: y.numel()].reshape(y.shape).to(dtype))).sum().backward()
    out = {"y": flat(y.detach())}
    for i, x in enumerate(xs):
        out[f"x{i}"] = flat(x.grad)
    for k, w in ws.items():
        out[k] = w.grad.reshape(-1).tolist()
    return out


def entry(kind, f, *inputs, weights=None, **options):
    """A layer: y = f(*inputs, **weights). Inputs are [N, C, H, W] or [N, C]."""
    weights = weights or {}
    dy = draw(1 << 14)
    exact = run(f, inputs, weights, dy, torch.float64)
    rounded = run(f, inputs, weights, dy, torch.float32)
    y = f(*inputs, **weights)
    n, c, h, w = (*inputs[0].shape, 0, 0)[:4]
    return dict(
        kind=kind, images=n, height=h, width=w, options=options,
        inputs=[dict(height=(*x.shape, 0, 0)[2], width=(*x.shape, 0, 0)[3], channels=x.shape[1], value=flat(x)) for x in inputs],
        weights={k: v.reshape(-1).tolist() for k, v in weights.items()},
        y_grad=flat(dy[: y.numel()].reshape(y.shape)),
        results={k: brief(v) for k, v in exact.items()},
        errors={k: float(f"{max(abs(a - b) for a, b in zip(v, rounded[k])):.3g}") for k, v in exact.items()},
    )


def write(script, entries):
    """Writes NAME.json for make_NAME.py."""
    path = pathlib.Path(script)
    text = ",\n".join(json.dumps(e) for e in entries)
    path.with_name(path.stem.removeprefix("make_") + ".json").write_text(f'{{"torch": "{torch.__version__}", "layers": [\n{text}\n]}}\n')
