"""Writes packednorm.json: torch.nn.BatchNorm1d over the data of packed sequences, two batches of other lengths in a row and then an
inference, and the gradients of the second batch; once over all rows, and once over each half of them by itself ("lanes"), where
running statistics move by the mean over the halves. Rows without a step are in no packed sequence.

What lies beyond a row's length is zero here. Values are those of float64; errors are how far PyTorch's own float32 run is from them,
relative to the largest.

    python make_packednorm.py > packednorm.json
"""

import copy
import json

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_num_threads(1)
T, N, C = 5, 4, 3
LENGTHS = [[5, 3, 0, 2], [2, 5, 4, 0]]
CASES = {
    "default": {},
    "eps and momentum": {"eps": 1e-3, "momentum": 0.01},
    "no affine": {"affine": False},
    "no running": {"track_running_stats": False},
    "frozen": {},
}


def numbers(seed, *shape):
    """Multiples of 1/64: float32 holds them exactly."""
    g = torch.Generator().manual_seed(seed)
    return torch.randint(-128, 128, shape, generator=g).double() / 64


def given(step):
    return numbers(10 + step, T, N, C) + torch.arange(C).double()


def norm(m, x, lengths):
    """The norm of x [T, N, C] where rows have steps, and zeros elsewhere."""
    have = [i for i, n in enumerate(lengths) if n > 0]
    p = pack_padded_sequence(x[:, have], torch.tensor([lengths[i] for i in have]), enforce_sorted=False)
    p = torch.nn.utils.rnn.PackedSequence(m(p.data), p.batch_sizes, p.sorted_indices, p.unsorted_indices)
    y = torch.zeros_like(x)
    y[:, have] = pad_packed_sequence(p, total_length=T)[0]
    return y


def run(name, options, parts, kind):
    m = torch.nn.BatchNorm1d(C, **options).to(kind)
    if m.affine:
        m.weight.data, m.bias.data = numbers(1, C).to(kind), numbers(2, C).to(kind)
    if m.track_running_stats:
        m.running_mean, m.running_var = numbers(3, C).to(kind), (numbers(4, C).abs() + 0.5).to(kind)
    m.train(name != "frozen")
    size = N // parts
    for step, lengths in enumerate(LENGTHS):
        x = given(step).to(kind).requires_grad_()
        m.zero_grad()
        ys, copies = [], []
        for i in range(parts):
            c = copy.deepcopy(m)
            c.weight, c.bias = m.weight, m.bias
            rows = slice(i * size, (i + 1) * size)
            ys.append(norm(c, x[:, rows], lengths[rows]))
            copies.append(c)
        y = torch.cat(ys, 1)
        y.backward(numbers(20, T, N, C).to(kind))
        if m.track_running_stats:
            m.running_mean = sum(c.running_mean for c in copies) / parts
            m.running_var = sum(c.running_var for c in copies) / parts
    out = {"y": y, "x_grad": x.grad}
    if m.affine:
        out["weight"], out["bias"] = m.weight.grad, m.bias.grad
    if m.track_running_stats:
        out["running_mean"], out["running_var"] = m.running_mean, m.running_var
        m.eval()
        out["inference"] = norm(m, x, LENGTHS[1])
    return {k: v.detach().double().reshape(-1).tolist() for k, v in out.items()}


def main():
    cases = []
    for name, options in CASES.items():
        for parts in (1, 2):
            values, single = run(name, options, parts, torch.float64), run(name, options, parts, torch.float32)
            errors = {k: float(f"{max(abs(a - b) for a, b in zip(v, single[k])) / max(max(map(abs, v)), 1e-30):.2g}") for k, v in values.items()}
            cases.append({"name": name, "lanes": parts, "options": options, "errors": errors,
                          "values": {k: [float(f"{a:.9g}") for a in v] for k, v in values.items()}})
    print(json.dumps({
        "lengths": LENGTHS, "x0": given(0).reshape(-1).tolist(), "x1": given(1).reshape(-1).tolist(), "y_grad": numbers(20, T, N, C).reshape(-1).tolist(),
        "weight": numbers(1, C).tolist(), "bias": numbers(2, C).tolist(),
        "running_mean": numbers(3, C).tolist(), "running_var": (numbers(4, C).abs() + 0.5).tolist(), "cases": cases}))


main()
