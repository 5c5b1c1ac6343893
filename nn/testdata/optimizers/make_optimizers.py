"""Write what torch's optimizers make of the same gradients: python3 make_optimizers.py"""

import json
import pathlib

import torch

SIZE, STEPS = 9, 12
torch.manual_seed(1)
start = torch.randn(SIZE)
grads = [torch.randn(SIZE) * 10 ** (i % 3 - 1) for i in range(STEPS)]
CASES = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "sgd momentum decay": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.9, 0.999), eps=1e-8),
    "adam decay": lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1),
}
CLIP = {"adam decay": 1.5, "sgd momentum decay": 2.0}

out = {"torch": torch.__version__, "start": start.tolist(), "grads": [g.tolist() for g in grads], "cases": {}}
for name, make in CASES.items():
    p = torch.nn.Parameter(start.clone())
    optimizer, values, norms = make([p]), [], []
    for g in grads:
        p.grad = g.clone()
        norms.append(torch.nn.utils.clip_grad_norm_([p], CLIP.get(name, 1e30)).item())
        optimizer.step()
        values.append(p.tolist())
    out["cases"][name] = {"clip": CLIP.get(name, 0), "values": values, "norms": norms}
(pathlib.Path(__file__).parent / "optimizers.json").write_text(json.dumps(out) + "\n")
