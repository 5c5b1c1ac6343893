"""Write the reference values of losses: python3 make_losses.py

Each case has its inputs, the loss and the gradient of the logits, as
torch.nn.functional computes them in float64 from float32 numbers, and how far
its own float32 results are from these.
"""

import itertools
import json
import pathlib

import torch
from torch.nn import functional as F

torch.manual_seed(11)
torch.set_num_threads(1)
cases = []


def add(kind, x, f, **fields):
    x = (x * 1000).round() / 1000
    results = []
    for kind_of_number in (torch.float64, torch.float32):
        leaf = x.to(torch.float32).to(kind_of_number).requires_grad_()
        loss = f(leaf)
        loss.backward()
        results.append((loss.item(), leaf.grad.double()))
    (loss, grad), (loss32, grad32) = results
    cases.append(
        {
            "kind": kind,
            "x": [round(v, 3) for v in x.flatten().tolist()],
            "loss": loss,
            "grad": [float(f"{v:.10g}") for v in grad.flatten().tolist()],
            "loss_error": abs(loss - loss32),
            "grad_error": (grad - grad32).abs().max().item(),
            **fields,
        }
    )


WEIGHTS = [0.5, 2.0, 1.0, 0.25, 3.0]


def like(x, values):
    return torch.tensor(values, dtype=x.dtype)


# Cross entropy: 6 rows of 5 classes. The second size is that of logits which are sure.
target = [0, 3, 2, 4, 1, 3]
for size, smoothing, weighted, ignore in itertools.product((1.5, 30), (0, 0.125), (False, True), (-100, 3)):
    add(
        "entropy",
        torch.randn(6, 5) * size,
        lambda x: F.cross_entropy(
            x, torch.tensor(target), weight=like(x, WEIGHTS) if weighted else None, ignore_index=ignore, label_smoothing=smoothing
        ),
        target=target, smoothing=smoothing, weights=WEIGHTS if weighted else None, ignore=[ignore] if ignore >= 0 else None,
    )

# Of pixels: 2 images of 2x3 pixels, 3 classes, 255 is nothing. Ours have their channels last.
pixels = [0, 255, 2, 1, 1, 0, 255, 255, 2, 2, 0, 1]
add(
    "entropy",
    torch.randn(12, 3) * 2,
    lambda x: F.cross_entropy(x.reshape(2, 2, 3, 3).permute(0, 3, 1, 2), torch.tensor(pixels).reshape(2, 2, 3), ignore_index=255),
    target=pixels, ignore=[255],
)

# Mixed: a share of each row belongs to another class.
other, share = [1, -1, 4, 4, 0, 2], [0.25, 1, 0.625, 0.5, 1, 0]
for smoothing in (0, 0.125):
    mixed = torch.zeros(6, 5, dtype=torch.float64)
    for row, (a, b, s) in enumerate(zip(target, other, share)):
        mixed[row, a] += s
        if b >= 0:
            mixed[row, b] += 1 - s
    add(
        "entropy",
        torch.randn(6, 5) * 2,
        lambda x: F.cross_entropy(x, mixed.to(x.dtype), label_smoothing=smoothing),
        target=target, other=other, share=share, smoothing=smoothing,
    )

# Numbers and labels: 4 rows of 3.
for size, positive in itertools.product((2, 40), (None, [0.5, 1.0, 4.0])):
    for labels in ([1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 1, 0], [0.25, 0.75, 1, 0, 0.5, 1, 0.125, 0, 0.375, 1, 0.5, 0]):
        add(
            "binary",
            torch.randn(4, 3) * size,
            lambda x: F.binary_cross_entropy_with_logits(
                x, like(x, labels).reshape(4, 3), pos_weight=like(x, positive) if positive else None
            ),
            values=labels, weights=positive,
        )
numbers = [0.5, -1.25, 2, 0, 0.75, -0.5, 1, 3, -2, 0.125, -0.75, 4]
compare = {
    "squared": lambda x, y, beta: F.mse_loss(x, y),
    "absolute": lambda x, y, beta: F.l1_loss(x, y),
    "smooth": lambda x, y, beta: F.smooth_l1_loss(x, y, beta=beta),
    "huber": lambda x, y, beta: F.huber_loss(x, y, delta=beta),
}
for kind, beta in (("squared", 0), ("absolute", 0), ("smooth", 0), ("smooth", 0.5), ("smooth", 1.5), ("huber", 0.5), ("huber", 2)):
    add(kind, torch.randn(4, 3) * 1.5, lambda x: compare[kind](x, like(x, numbers).reshape(4, 3), beta), values=numbers, beta=beta)

# CTC: 8 steps of 4 rows, 5 symbols of which 0 is the blank. The last row of "short" has too few steps.
plenty = [[1, 2, 2], [4], [], [3, 1, 2, 4]]
short = [[1, 2, 2], [4, 3], [2, 1, 3], [3, 3, 3, 4]]
for size, reduction, ours, (transcripts, lengths) in itertools.product(
    (1.5, 40), ("mean", "sum"), (0, 1, 2), ((plenty, [8, 5, 3, 8]), (short, [8, 6, 7, 5]))
):
    if (reduction == "mean") != (ours == 0):
        continue
    symbols = sum(len(s) for s in transcripts)
    divisor = {0: 1, 1: 4, 2: symbols}[ours]
    add(
        "ctc",
        torch.randn(8, 4, 5) * size,
        lambda x: F.ctc_loss(
            F.log_softmax(x, 2), torch.tensor([v for s in transcripts for v in s]), torch.tensor(lengths),
            torch.tensor([len(s) for s in transcripts]), reduction=reduction, zero_infinity=True,
        ) / divisor,
        transcripts=transcripts, lengths=lengths, mean=ours,
    )

text = ",\n".join(json.dumps({k: v for k, v in c.items() if v is not None}) for c in cases)
pathlib.Path(__file__).with_name("losses.json").write_text(f"[\n{text}\n]\n")
