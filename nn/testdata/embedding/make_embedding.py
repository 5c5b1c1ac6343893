"""Write the reference values of embeddings and of means and maxima over time: python3 make_embedding.py

Values are torch.nn's in float64 from float32 numbers; errors are how far its own
float32 is from them, relative to the largest.
"""

import json
import pathlib

import torch

STEPS, ROWS, VOCAB, WIDTH, PADDING = 5, 4, 7, 3, 2
LENGTHS = [5, 2, 3, 1]
torch.manual_seed(3)
table = ((torch.rand(VOCAB, WIDTH) * 2 - 1)).float()
tokens = torch.randint(VOCAB, (STEPS, ROWS))
tokens[0, 0] = tokens[1, 0] = PADDING
x = ((torch.rand(STEPS, ROWS, WIDTH) * 2 - 1)).float()


def bags(w, mode):
    packed = torch.cat([tokens[:n, i] for i, n in enumerate(LENGTHS)])
    starts = torch.tensor([sum(LENGTHS[:i]) for i in range(ROWS)])
    return torch.nn.functional.embedding_bag(packed, w, starts, mode=mode, padding_idx=PADDING)


def over_time(f):
    return lambda x: torch.stack([f(x[:n, i]) for i, n in enumerate(LENGTHS)])


# name: what is differentiated, how
CASES = {
    "embedding": (table, lambda w: torch.nn.functional.embedding(tokens, w, padding_idx=PADDING)),
    "sum": (table, lambda w: bags(w, "sum")),
    "mean": (table, lambda w: bags(w, "mean")),
    "mean over time": (x, over_time(lambda row: row.mean(0))),
    "max over time": (x, over_time(lambda row: row.max(0)[0])),
}


def flat(t):
    return [float(f"{v:.9g}") for v in t.detach().flatten().tolist()]


cases = {}
for name, (given, f) in CASES.items():
    results, dy = {}, None
    for dtype in (torch.float64, torch.float32):
        source = given.detach().clone().to(dtype).requires_grad_()
        y = f(source)
        dy = ((torch.rand(y.shape) * 2 - 1)).float() if dy is None else dy
        y.backward(dy.to(dtype))
        results[dtype] = y.detach().double(), source.grad.double()
    exact, single = results[torch.float64], results[torch.float32]
    error = max(((a - b).abs().max() / a.abs().max()).item() for a, b in zip(exact, single))
    cases[name] = {"y": flat(exact[0]), "y_grad": flat(dy), "grad": flat(exact[1]), "error": float(f"{error:.2g}")}
data = {"steps": STEPS, "rows": ROWS, "vocab": VOCAB, "width": WIDTH, "padding": PADDING, "lengths": LENGTHS,
        "table": flat(table), "tokens": tokens.flatten().tolist(), "x": flat(x), "cases": cases}
text = json.dumps(data, separators=(",", ":")).replace(',"', ',\n"')
pathlib.Path(__file__).with_name("embedding.json").write_text(text + "\n")
