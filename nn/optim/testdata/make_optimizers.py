"""Write what PyTorch's and timm's optimizers make of the same gradients: python3 make_optimizers.py

Each case runs in float32 and in float64. The gradients pass clip_grad_norm_ first. Parameters are in four groups: one
decays, one does not, one has a tenth of the rate, one is frozen. The rate falls from step to step.
"""

import json
import pathlib

import timm
import torch
from timm.optim import Lamb, Lars, RMSpropTF
from torch.optim import SGD, Adagrad, Adam, AdamW, RMSprop

SIZES, STEPS = [7, 3, 4, 2], 12
torch.manual_seed(1)
start = [torch.randn(n) for n in SIZES]
grads = [[torch.randn(n) * 10 ** (i % 3 - 1) for n in SIZES] for i in range(STEPS)]
CASES = {
    "sgd": (SGD, 0.1, 0, {}),
    "sgd momentum decay": (SGD, 0.1, 2, dict(momentum=0.9, weight_decay=0.01)),
    "sgd nesterov": (SGD, 0.1, 2, dict(momentum=0.8, weight_decay=0.01, nesterov=True)),
    "adam": (Adam, 0.01, 0, dict(betas=(0.9, 0.999), eps=1e-8)),
    "adam decay": (Adam, 0.01, 1.5, dict(betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1)),
    "adamw": (AdamW, 0.01, 0, dict(betas=(0.9, 0.99), eps=1e-8, weight_decay=0.3)),
    "rmsprop": (RMSprop, 0.01, 0, dict(alpha=0.9, eps=1e-6)),
    "rmsprop all": (RMSprop, 0.01, 0, dict(alpha=0.95, eps=1e-3, momentum=0.9, weight_decay=0.1, centered=True)),
    "rmsprop-tf": (RMSpropTF, 0.01, 0, dict(alpha=0.9, eps=1e-3, momentum=0.9, weight_decay=0.01)),
    "rmsprop-tf centered": (RMSpropTF, 0.01, 0, dict(alpha=0.9, eps=1e-2, centered=True)),
    "adagrad": (Adagrad, 0.1, 0, {}),
    "adagrad all": (Adagrad, 0.1, 0, dict(lr_decay=0.1, weight_decay=0.1, initial_accumulator_value=0.5, eps=1e-6)),
    "lars": (Lars, 1.0, 0, dict(momentum=0.9, weight_decay=0.01, trust_coeff=0.02, eps=1e-8)),
    "lamb": (Lamb, 0.05, 0, dict(betas=(0.9, 0.99), eps=1e-6, weight_decay=0.1, max_grad_norm=None)),
}


def run(kind, lr, clip, choices, dtype):
    ps = [torch.nn.Parameter(s.to(dtype, copy=True)) for s in start]
    optimizer = kind([
        {"params": [ps[0]]},
        {"params": [ps[1]], "weight_decay": 0},
        {"params": [ps[2]], "lr": lr / 10},
    ], lr=lr, **choices)
    base = [g["lr"] for g in optimizer.param_groups]
    values, norms = [], []
    for step, gs in enumerate(grads):
        for p, g in zip(ps, gs):
            p.grad = g.to(dtype, copy=True)
        norms.append(torch.nn.utils.clip_grad_norm_(ps, clip or 1e30).item())
        for g, b in zip(optimizer.param_groups, base):
            g["lr"] = b * (1 - step / 24)
        optimizer.step()
        values.append([v for p in ps for v in p.tolist()])
    return values, norms


out = {"torch": torch.__version__, "timm": timm.__version__, "sizes": SIZES, "start": [v for s in start for v in s.tolist()],
       "grads": [[v for g in gs for v in g.tolist()] for gs in grads], "cases": {}}
for name, (kind, lr, clip, choices) in CASES.items():
    values32, _ = run(kind, lr, clip, choices, torch.float32)
    values64, norms = run(kind, lr, clip, choices, torch.float64)
    out["cases"][name] = {"lr": lr, "clip": clip, "values32": values32[-1], "values64": values64[-1], "norms": norms}
(pathlib.Path(__file__).parent / "optimizers.json").write_text(json.dumps(out) + "\n")
