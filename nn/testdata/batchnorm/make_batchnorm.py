"""Writes batchnorm.json: torch.nn.BatchNorm2d with every option, two batches in a
row and then an inference, and the gradients of the second batch.

Values are those of float64; errors are how far PyTorch's own float32 run is from
them, relative to the largest.

    python make_batchnorm.py > batchnorm.json
"""

import json

import torch

torch.set_num_threads(1)
N, C, H, W = 3, 4, 3, 2
CASES = {
    "default": {},
    "eps and momentum of EfficientNet-B5": {"eps": 1e-3, "momentum": 0.01},
    "no affine": {"affine": False},
    "no running": {"track_running_stats": False},
    "neither": {"affine": False, "track_running_stats": False},
    "frozen": {"eps": 1e-3},
}


def numbers(seed, *shape):
    """Multiples of 1/64: float32 holds them exactly."""
    g = torch.Generator().manual_seed(seed)
    return torch.randint(-128, 128, shape, generator=g).double() / 64


def rows(x):
    return x.permute(0, 2, 3, 1).reshape(-1).tolist()


def run(name, options, kind):
    m = torch.nn.BatchNorm2d(C, **options).to(kind)
    if m.affine:
        m.weight.data = numbers(1, C).to(kind)
        m.bias.data = numbers(2, C).to(kind)
    if m.track_running_stats:
        m.running_mean = numbers(3, C).to(kind)
        m.running_var = (numbers(4, C).abs() + 0.5).to(kind)
    m.train(name != "frozen")
    out = {}
    for step in range(2):
        x = (numbers(10 + step, N, C, H, W) + torch.arange(C).double().view(1, C, 1, 1)).to(kind).requires_grad_()
        m.zero_grad()
        y = m(x)
        y.backward(numbers(20, N, C, H, W).to(kind))
    out["y"], out["x_grad"] = rows(y.detach().double()), rows(x.grad.double())
    if m.affine:
        out["weight"], out["bias"] = m.weight.grad.double().tolist(), m.bias.grad.double().tolist()
    if m.track_running_stats:
        out["running_mean"], out["running_var"] = m.running_mean.double().tolist(), m.running_var.double().tolist()
        out["batches"] = [float(m.num_batches_tracked)]
    m.eval()
    out["inference"] = rows(m(x).detach().double())
    return out


def main():
    cases = []
    for name, options in CASES.items():
        values, single = run(name, options, torch.float64), run(name, options, torch.float32)
        errors = {}
        for k, v in values.items():
            largest = max(abs(a) for a in v)
            errors[k] = float(f"{max(abs(a - b) for a, b in zip(v, single[k])) / max(largest, 1e-30):.2g}")
        cases.append({
            "name": name, "options": options, "errors": errors,
            "values": {k: [float(f"{a:.9g}") for a in v] for k, v in values.items()},
        })
    given = {"x0": rows(numbers(10, N, C, H, W) + torch.arange(C).double().view(1, C, 1, 1)),
             "x1": rows(numbers(11, N, C, H, W) + torch.arange(C).double().view(1, C, 1, 1)),
             "y_grad": rows(numbers(20, N, C, H, W)),
             "weight": numbers(1, C).tolist(), "bias": numbers(2, C).tolist(),
             "running_mean": numbers(3, C).tolist(), "running_var": (numbers(4, C).abs() + 0.5).tolist()}
    print(json.dumps({"given": given, "cases": cases}))


main()
