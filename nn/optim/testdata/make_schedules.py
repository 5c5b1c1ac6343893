"""Write the rates that PyTorch's schedulers give for 50 steps: python3 make_schedules.py"""

import json
import pathlib

import torch
from torch.optim import lr_scheduler as s

STEPS, PEAK = 50, 0.3


def after(warmup, make):
    """The scheduler behind a warm-up of so many steps; step i of it has the rate PEAK*(i+1)/warmup."""
    def both(o):
        rise = s.LambdaLR(o, lambda i: min(1, (i + 1) / warmup))
        return s.SequentialLR(o, [rise, make(o)], [warmup])
    return both


CASES = {
    "constant": lambda o: s.ConstantLR(o, factor=1),
    "linear": lambda o: s.LinearLR(o, start_factor=1, end_factor=0.1, total_iters=STEPS),
    "cosine": lambda o: s.CosineAnnealingLR(o, T_max=STEPS, eta_min=0.03),
    "polynomial": lambda o: s.PolynomialLR(o, total_iters=STEPS, power=0.9),
    "step": lambda o: s.StepLR(o, step_size=7, gamma=0.5),
    "multistep": lambda o: s.MultiStepLR(o, milestones=[10, 11, 40], gamma=0.1),
    "exponential": lambda o: s.ExponentialLR(o, gamma=0.93),
    "cosine-restarts": lambda o: s.CosineAnnealingWarmRestarts(o, T_0=6, T_mult=2, eta_min=0.03),
    "cosine-restarts alike": lambda o: s.CosineAnnealingWarmRestarts(o, T_0=6, T_mult=1),
    "one-cycle": lambda o: s.OneCycleLR(o, max_lr=PEAK, total_steps=STEPS, pct_start=0.3, div_factor=25,
                                        final_div_factor=1e4, cycle_momentum=False),
    "warmup cosine": after(5, lambda o: s.CosineAnnealingLR(o, T_max=STEPS - 5)),
    "warmup step": after(5, lambda o: s.StepLR(o, step_size=9, gamma=0.5)),
    "warmup restarts": after(5, lambda o: s.CosineAnnealingWarmRestarts(o, T_0=6, T_mult=2)),
    "warmup constant": after(7, lambda o: s.ConstantLR(o, factor=1)),
    "warmup linear": after(7, lambda o: s.LinearLR(o, start_factor=1, end_factor=0.1, total_iters=STEPS - 7)),
    "warmup polynomial": after(7, lambda o: s.PolynomialLR(o, total_iters=STEPS - 7, power=0.9)),
    "warmup multistep": after(7, lambda o: s.MultiStepLR(o, milestones=[10 - 7, 11 - 7, 40 - 7], gamma=0.1)),
    "warmup exponential": after(7, lambda o: s.ExponentialLR(o, gamma=0.93)),
}
out = {"torch": torch.__version__, "cases": {}}
for name, make in CASES.items():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=PEAK)
    scheduler, rates = make(optimizer), []
    for _ in range(STEPS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    out["cases"][name] = rates

losses = [5, 4, 4.5, 3, 2.9999, 2.9998, 3.5, 2.5, 2.6, 2.55, 2.54, 2.53, 1, 1, 1, 1, 1, 1, 1, 0.5, float("nan"), 0.4] + [0.4] * 28
optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=PEAK)
scheduler, rates = s.ReduceLROnPlateau(optimizer, factor=0.5, patience=2, threshold=1e-3, cooldown=1, min_lr=0.02), []
for loss in losses:
    scheduler.step(loss)
    rates.append(optimizer.param_groups[0]["lr"])
out["plateau"] = {"losses": [None if loss != loss else loss for loss in losses], "rates": rates}
(pathlib.Path(__file__).parent / "schedules.json").write_text(json.dumps(out) + "\n")
