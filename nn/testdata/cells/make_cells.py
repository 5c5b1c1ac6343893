"""Write the reference values of the recurrent cells: python3 make_cells.py

Each file holds one small stack: its parameters, an input, the incoming state
and a gradient of the output, and what PyTorch makes of them: output, final
state and all gradients. rnn, gru and lstm go through torch.nn; the others are
written out below. Everything is computed in float64 from float32 numbers.
"""

import json
import pathlib

import torch

STEPS, ROWS, IN, HIDDEN = 4, 4, 3, 5
torch.manual_seed(1)


def draw(*shape, scale=0.5):
    """Numbers that float32 holds exactly."""
    return ((torch.rand(*shape) * 2 - 1) * scale).float().double()


def gru_textbook(p, x, h, c):
    r, z, n = (x @ p["weight_ih_l0"].T + p["bias_l0"]).chunk(3, 1)
    ur, uz = (h @ p["weight_hh_l0"].T).chunk(2, 1)
    r, z = torch.sigmoid(r + ur), torch.sigmoid(z + uz)
    n = torch.tanh(n + (r * h) @ p["weight_rh_l0"].T)
    return (1 - z) * h + z * n, c


def lstm_peephole(p, x, h, c):
    z = x @ p["weight_ih_l0"].T + p["bias_ih_l0"] + h @ p["weight_hh_l0"].T + p["bias_hh_l0"]
    i, f, g, o = z.chunk(4, 1)
    i = torch.sigmoid(i + p["weight_ci_l0"] * c)
    f = torch.sigmoid(f + p["weight_cf_l0"] * c)
    c = f * c + i * torch.tanh(g)
    o = torch.sigmoid(o + p["weight_co_l0"] * c)
    return o * torch.tanh(c), c


def mlstm(p, x, h, c):
    def weight(name):
        if name in p:
            return p[name]
        v, g = p[name + "_v"], p[name + "_g"]
        return g * v / v.norm(dim=1, keepdim=True)

    m = (x @ weight("weight_mih_l0").T) * (h @ weight("weight_mhh_l0").T)
    z = x @ weight("weight_ih_l0").T + m @ weight("weight_mh_l0").T + p["bias_l0"]
    i, f, o, u = z.chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(u)
    return torch.sigmoid(o) * torch.tanh(c), c


def written_out(cell):
    def run(p, x, h, c):
        h, c, out = h[0], c[0], []
        for xt in x:
            h, c = cell(p, xt, h, c)
            out.append(h)
        return torch.stack(out), h[None], c[None]

    return run


def through_torch(kind, layers):
    def run(p, x, h, c):
        m = kind(IN, HIDDEN, layers).double()
        state = (h, c) if kind is torch.nn.LSTM else h
        y, last = torch.func.functional_call(m, p, (x, state))
        return (y, *last) if kind is torch.nn.LSTM else (y, last, c)

    return run


def torch_shapes(kind, layers):
    return {n: tuple(q.shape) for n, q in kind(IN, HIDDEN, layers).named_parameters()}


H, I = HIDDEN, IN
MLSTM = {"weight_ih_l0": (4 * H, I), "weight_mh_l0": (4 * H, H), "weight_mih_l0": (H, I), "weight_mhh_l0": (H, H)}
NORMED = {}
for name, shape in MLSTM.items():
    NORMED[name + "_v"] = shape
    NORMED[name + "_g"] = (shape[0], 1)

# file: cell, layers, weight normalization, has c, parameter shapes, computation
CELLS = {
    "rnn": ("rnn", 1, False, False, torch_shapes(torch.nn.RNN, 1), through_torch(torch.nn.RNN, 1)),
    "gru": ("gru", 1, False, False, torch_shapes(torch.nn.GRU, 1), through_torch(torch.nn.GRU, 1)),
    "lstm": ("lstm", 1, False, True, torch_shapes(torch.nn.LSTM, 1), through_torch(torch.nn.LSTM, 1)),
    "lstm-two-layers": ("lstm", 2, False, True, torch_shapes(torch.nn.LSTM, 2), through_torch(torch.nn.LSTM, 2)),
    "gru-textbook": ("gru-textbook", 1, False, False, {
        "weight_ih_l0": (3 * H, I), "weight_hh_l0": (2 * H, H), "weight_rh_l0": (H, H), "bias_l0": (3 * H,),
    }, written_out(gru_textbook)),
    "lstm-peephole": ("lstm-peephole", 1, False, True, {
        **torch_shapes(torch.nn.LSTM, 1), "weight_ci_l0": (H,), "weight_cf_l0": (H,), "weight_co_l0": (H,),
    }, written_out(lstm_peephole)),
    "mlstm": ("mlstm", 1, False, True, {**MLSTM, "bias_l0": (4 * H,)}, written_out(mlstm)),
    "mlstm-weightnorm": ("mlstm", 1, True, True, {**NORMED, "bias_l0": (4 * H,)}, written_out(mlstm)),
}


def flat(t):
    return [float(f"{v:.9g}") for v in t.detach().flatten().tolist()]


def state(layers, h, c, has_c):
    out = {}
    for l in range(layers):
        out[f"h_l{l}"] = flat(h[l])
        if has_c:
            out[f"c_l{l}"] = flat(c[l])
    return out


for file, (cell, layers, normed, has_c, shapes, run) in CELLS.items():
    p = {n: draw(*s).requires_grad_() for n, s in shapes.items()}
    x = draw(STEPS, ROWS, IN, scale=1).requires_grad_()
    h, c = draw(layers, ROWS, HIDDEN), draw(layers, ROWS, HIDDEN)
    y, h1, c1 = run(p, x, h, c)
    dy = draw(STEPS, ROWS, HIDDEN, scale=1)
    y.backward(dy)
    data = {
        "cell": cell, "weight_norm": normed, "in": IN, "hidden": HIDDEN, "layers": layers,
        "steps": STEPS, "rows": ROWS,
        "params": {n: {"shape": list(q.shape), "value": flat(q), "grad": flat(q.grad)} for n, q in p.items()},
        "x": flat(x), "x_grad": flat(x.grad), "y": flat(y), "y_grad": flat(dy),
        "state": state(layers, h, c, has_c), "next_state": state(layers, h1, c1, has_c),
    }
    text = json.dumps(data, separators=(",", ":")).replace(',"', ',\n"')
    pathlib.Path(__file__).with_name(file + ".json").write_text(text + "\n")
