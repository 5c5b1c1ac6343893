"""Write the reference values of packed and bidirectional stacks: python3 make_packed.py

Each file holds one small stack of torch.nn, its parameters, an input of rows of
different lengths, and what PyTorch makes of them through pack_padded_sequence:
outputs, last states and all gradients. The values are those of float64; errors
are how far PyTorch's own float32 run is from them, relative to the largest.
"""

import json
import pathlib

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

STEPS, ROWS, IN, HIDDEN = 6, 4, 3, 5
torch.manual_seed(11)


def draw(*shape, scale=0.5):
    """Numbers that float32 holds exactly."""
    return ((torch.rand(*shape) * 2 - 1) * scale).float().double()


def run(module, lengths, x, start, dy, dh):
    """Output, last states and gradients in the module's precision."""
    dtype = next(module.parameters()).dtype
    module.zero_grad()
    x = x.detach().clone().to(dtype).requires_grad_()
    start = None if start is None else tuple(s.to(dtype) for s in start)
    if start is not None and len(start) == 1:
        start = start[0]
    packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
    out, last = module(packed, start)
    y, _ = pad_packed_sequence(out, total_length=STEPS)
    last = last if isinstance(last, tuple) else (last,)
    loss = (y * dy.to(dtype)).sum()
    if dh is not None:  # of the last layer's h, both directions side by side
        ends = torch.cat((last[0][-2], last[0][-1]), 1)
        loss = loss + (ends * dh.to(dtype)).sum()
    loss.backward()
    values = {"y": y, "x_grad": x.grad, "h": last[0]}
    if len(last) > 1:
        values["c"] = last[1]
    for name, p in module.named_parameters():
        values["grad " + name] = p.grad
    return {n: v.detach().double() for n, v in values.items()}


def flat(t):
    return [float(f"{v:.9g}") for v in t.detach().flatten().tolist()]


# file: cell, class, options, lengths, states that are given
STACKS = {
    "bi-gru": ("gru", torch.nn.GRU, {}, [6, 2, 4, 1], False),
    "bi-lstm": ("lstm", torch.nn.LSTM, {}, [3, 5, 1, 2], False),
    "bi-rnn": ("rnn", torch.nn.RNN, {}, [1, 6, 2, 5], False),
    "bi-rnn-relu": ("rnn-relu", torch.nn.RNN, {"nonlinearity": "relu"}, [4, 3, 6, 6], False),
    "bi-gru-whole": ("gru", torch.nn.GRU, {}, [6, 6, 6, 6], False),
    "gru": ("gru", torch.nn.GRU, {}, [2, 5, 1, 4], True),
    "lstm": ("lstm", torch.nn.LSTM, {}, [6, 1, 3, 4], True),
    "rnn": ("rnn", torch.nn.RNN, {}, [5, 4, 2, 3], True),
}

for file, (cell, kind, options, lengths, carried) in STACKS.items():
    module = kind(IN, HIDDEN, 2, bidirectional=not carried, **options).double()
    with torch.no_grad():
        for p in module.parameters():
            p.copy_(draw(*p.shape))
    directions = 1 if carried else 2
    x, dy = draw(STEPS, ROWS, IN, scale=1), draw(STEPS, ROWS, directions * HIDDEN, scale=1)
    start = dh = None
    if carried:
        start = tuple(draw(2, ROWS, HIDDEN) for _ in range(2 if kind is torch.nn.LSTM else 1))
    else:
        dh = draw(ROWS, 2 * HIDDEN, scale=1)
    values = run(module, lengths, x, start, dy, dh)
    errors = {n: float(f"{((v - values[n]).abs().max() / values[n].abs().max()).item():.2g}")
              for n, v in run(module.float(), lengths, x, start, dy, dh).items()}
    data = {
        "cell": cell, "in": IN, "hidden": HIDDEN, "layers": 2, "bidirectional": not carried,
        "steps": STEPS, "rows": ROWS, "lengths": lengths,
        "params": {n: {"shape": list(p.shape), "value": flat(p)} for n, p in module.named_parameters()},
        "x": flat(x), "y_grad": flat(dy), "ends_grad": [] if dh is None else flat(dh),
        "start": {} if start is None else {n: flat(s) for n, s in zip("hc", start)},
        "values": {n: flat(v) for n, v in values.items()}, "errors": errors,
    }
    text = json.dumps(data, separators=(",", ":")).replace(',"', ',\n"')
    pathlib.Path(__file__).with_name(file + ".json").write_text(text + "\n")
