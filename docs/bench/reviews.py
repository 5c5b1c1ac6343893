#!/usr/bin/env python3
"""The step of the reviews' mLSTM at 128 x 256: ours in float32 and in bf16, and PyTorch's in float32, in one run.

    python3 docs/bench/reviews.py RONDO [--units 1024] [--lanes 4] [--rounds 1] [--threads 2] [--no-torch]

Ours is `rondo bench` of the run with all lanes; theirs the model of step_torch.py: forward, backward, clipping and Adam,
one step after one of a sixteenth of the length. Prints seconds, bytes a second, the share of the ceiling and the ratios.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

RUN = """name: reviews
model: {{kind: charlm, cell: mlstm, hidden: {units}, layers: 1, embed: 64}}
data: {{train: none}}
batch: {{global: 128, lanes: {lanes}, length: 256}}
optimizer: {{kind: adam, lr: 5e-4, clip: 1}}
precision: {precision}
"""


def ours(o, work, precision):
    (work / "run.yaml").write_text(RUN.format(units=o.units, lanes=o.lanes, precision=precision))
    out = subprocess.run([o.rondo, "bench", "run.yaml", "--nodes", "1", "--cores", str(o.threads), "--quick", "--json"], cwd=work, check=True,
                         capture_output=True, text=True).stdout
    here = json.loads(out)["run"]["here"]
    return here["step_seconds"], here["share"]


def theirs(o):
    import torch
    from torch import nn

    from step_torch import CharLM, detach

    torch.set_num_threads(o.threads)
    model = CharLM("mlstm", o.units)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-4)
    state = None
    for length in (16, 256):
        x, y = (torch.randint(256, (length, 128)) for _ in range(2))
        began = time.time()
        logits, state = model(x, state)
        state = detach(state)
        optimizer.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten()).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return time.time() - began


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("rondo", type=pathlib.Path)
    for name, value in {"units": 1024, "lanes": 4, "rounds": 1, "threads": 2}.items():
        a.add_argument(f"--{name}", type=int, default=value)
    a.add_argument("--no-torch", action="store_true")
    o = a.parse_args()
    o.rondo = o.rondo.resolve()
    took = {"float32": [], "bf16": [], "PyTorch": []}
    shares = {}
    with tempfile.TemporaryDirectory() as tmp:
        for _ in range(o.rounds):
            for precision in ("float32", "bf16"):
                step, shares[precision] = ours(o, pathlib.Path(tmp), precision)
                took[precision].append(step)
                print(f"{precision}: {step:.2f} s", flush=True)
            if not o.no_torch:
                took["PyTorch"].append(theirs(o))
    print(f"mLSTM of {o.units} units, 128 x 256, {o.threads} threads")
    mid = {k: statistics.median(v) for k, v in took.items() if v}
    for k, s in mid.items():
        print(f"{k:>8}: {s:7.2f} s a step, {32768 / s:7.0f} byte/s" + (f", {100 * shares[k]:.0f} % of the ceiling" if k in shares else ""))
    print(f"bf16 / float32: {mid['float32'] / mid['bf16']:.2f}")
    if "PyTorch" in mid:
        print(f"float32 / PyTorch: {mid['PyTorch'] / mid['float32']:.2f}")


if __name__ == "__main__":
    main()
