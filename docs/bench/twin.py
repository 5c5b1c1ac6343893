#!/usr/bin/env python3
"""A run of an mLSTM beside its twin: the same weights, the same batches, the loss of every step.

    python3 docs/bench/twin.py RONDO TEXT [--twin torch] [--steps 2000] [--units 128] [--batch 16] [--length 64]
    python3 docs/bench/twin.py RONDO TEXT --twin bf16 --steps 5000

The twin is PyTorch's (torch: weight normalization of four matrices, carried state, Adam, warm-up, linear decay and
clipping, as in examples/reviews-1024.yaml), or the same run in `precision: bf16`. RONDO initializes the weights, takes
one step and exports them as safetensors; both sides begin there. Losses of our side come from its event file. Prints
bits per byte of both, the largest relative difference of a step and of means over 100 steps, and with --json FILE
writes all of them. --pytorch-threads counts for PyTorch alone.
"""

import argparse
import json
import math
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

RUN = """name: twin
seed: {seed}
model: {{kind: charlm, cell: mlstm, hidden: {units}, layers: 1, embed: 64, weight_norm: true{weights}}}
data: {{train: shards/train}}
batch: {{global: {batch}, lanes: 4, length: {length}}}
optimizer: {{kind: adam, lr: {lr}, clip: 1}}
schedule: {{kind: linear, warmup: {warmup}}}
precision: {precision}
steps: {steps}
checkpoint: {{dir: {dir}, every: 0}}
eval: {{every: 0}}
"""
WARMUP = 50


def varint(b, i):
    n = shift = 0
    while True:
        n |= (b[i] & 127) << shift
        shift, i = shift + 7, i + 1
        if b[i - 1] < 128:
            return n, i


def fields(b):
    """The fields of a message of protocol buffers: number, value."""
    i = 0
    while i < len(b):
        key, i = varint(b, i)
        if key & 7 == 0:
            value, i = varint(b, i)
        elif key & 7 == 2:
            n, i = varint(b, i)
            value, i = b[i:i + n], i + n
        else:
            n = {1: 8, 5: 4}[key & 7]
            value, i = struct.unpack("<d" if n == 8 else "<f", b[i:i + n])[0], i + n
        yield key >> 3, value


def events_of(directory, tag):
    """The scalar of each step in an event file of TensorBoard, and when it was written, in seconds."""
    found = {}
    for path in sorted(pathlib.Path(directory).iterdir()):
        b, i = path.read_bytes(), 0
        while i + 12 <= len(b):
            n = struct.unpack("<Q", b[i:i + 8])[0]
            event = dict(fields(b[i + 12:i + 12 + n]))
            i += n + 16
            for number, value in fields(event.get(5, b"")):
                v = dict(fields(value)) if number == 1 else {}
                if v.get(1) == tag.encode() and 2 in v:
                    found[event.get(2, 0)] = v[2], event[1]
    return [found[s] for s in sorted(found)]


def losses_of(directory, tag):
    return [value for value, _ in events_of(directory, tag)]


def run(o, work, *args):
    done = subprocess.run([o.rondo, *args], cwd=work, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr.strip())


def train(o, work, name, steps, precision="float32", weights=""):
    """A run of Rondo: its directory, the loss of each step, seconds."""
    text = RUN.format(seed=o.seed, units=o.units, batch=o.batch, length=o.length, lr=o.lr, steps=steps, precision=precision,
                      dir=name, warmup=min(steps, WARMUP), weights=f", weights: {weights}" if weights else "")
    (work / f"{name}.yaml").write_text(text)
    began = time.time()
    run(o, work, "train", f"{name}.yaml", "--tensorboard", f"events-{name}")
    return work / name, losses_of(work / f"events-{name}", o.tag), time.time() - began


def torch_losses(o, weights, data):
    import torch
    from safetensors.torch import load_file
    from torch import nn

    from charlm_torch import rate, rows, steps_per_epoch

    torch.set_num_threads(o.pytorch_threads)
    p = {k: nn.Parameter(v.clone()) for k, v in load_file(weights).items()}

    def normed(name):
        v = p[f"rnn.weight_{name}_l0_v"]
        return p[f"rnn.weight_{name}_l0_g"].reshape(-1, 1) * v / v.norm(dim=1, keepdim=True)

    def forward(x, state):
        h, c = state
        wih, wmh, wmih, wmhh = (normed(n) for n in ("ih", "mh", "mih", "mhh"))
        e, out = p["encoder.weight"][x], []
        for xt in e:
            m = (xt @ wmih.T) * (h @ wmhh.T)
            i, f, g, u = (xt @ wih.T + m @ wmh.T + p["rnn.bias_l0"]).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(u)
            h = torch.sigmoid(g) * torch.tanh(c)
            out.append(h)
        return torch.stack(out) @ p["decoder.weight"].T + p["decoder.bias"], (h.detach(), c.detach())

    optimizer = torch.optim.Adam(p.values(), lr=o.lr)
    text = torch.tensor(list(data), dtype=torch.long)
    epoch, losses = steps_per_epoch(text, o.batch, o.length), []
    for step in range(o.steps):
        if step % epoch == 0:
            state = (torch.zeros(o.batch, o.units),) * 2
        for group in optimizer.param_groups:
            group["lr"] = rate(step, o.steps, o.lr, min(o.steps, WARMUP))
        x, y = rows(text, o.batch, o.length, step % epoch)
        logits, state = forward(x, state)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(p.values(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses


def compare(ours, theirs, name):
    assert len(ours) == len(theirs), (len(ours), len(theirs))
    bits = 1 / math.log(2)
    apart = [abs(a / b - 1) for a, b in zip(ours, theirs)]
    worst = max(range(len(apart)), key=apart.__getitem__)
    print(f"{'steps':>11} {'ours':>8} {name:>8}  bits/byte, means of 100 steps; largest difference of a step")
    means = []
    for end in range(100, len(ours) + 1, 100):
        a, b = sum(ours[end - 100:end]), sum(theirs[end - 100:end])
        means.append(abs(a / b - 1))
        if end == 100 or end % (len(ours) // 10) == 0:
            print(f"{end - 100:5}-{end:5} {a / 100 * bits:8.4f} {b / 100 * bits:8.4f}  {100 * max(apart[end - 100:end]):.4f} %")
    print(f"largest relative difference of a step: {100 * apart[worst]:.4f} % (step {worst})"
          + (f"; of a mean of 100 steps: {100 * max(means):.4f} %" if means else ""))


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("rondo", type=pathlib.Path)
    a.add_argument("text", type=pathlib.Path)
    a.add_argument("--twin", choices=["torch", "bf16"], default="torch")
    for name, value in {"steps": 2000, "units": 128, "batch": 16, "length": 64, "seed": 1, "pytorch-threads": 1}.items():
        a.add_argument(f"--{name}", type=int, default=value)
    a.add_argument("--lr", type=float, default=2e-3)
    a.add_argument("--tag", default="loss", help="of the losses in the event file")
    a.add_argument("--json", type=pathlib.Path)
    o = a.parse_args()
    o.rondo, o.text = o.rondo.resolve(), o.text.resolve()

    with tempfile.TemporaryDirectory() as tmp:
        work = pathlib.Path(tmp)
        run(o, work, "shard", "text", "--bytes", "--valid", "0", "--out", "shards", o.text)  # the same bytes on both sides
        first, _, _ = train(o, work, "first", 1)
        weights = next(first.glob("step-*/weights.safetensors"))
        _, ours, took = train(o, work, "ours", o.steps, weights=weights)
        print(f"mLSTM of {o.units} units, {o.batch} x {o.length} bytes, {o.steps} steps of {o.text.name}: {took:.0f} s", flush=True)
        began = time.time()
        if o.twin == "torch":
            theirs = torch_losses(o, weights, o.text.read_bytes())
        else:
            _, theirs, _ = train(o, work, "bf16", o.steps, precision="bf16", weights=weights)
        print(f"{o.twin}: {time.time() - began:.0f} s")
    compare(ours, theirs, o.twin)
    if o.json:
        o.json.write_text(json.dumps({"ours": ours, o.twin: theirs}) + "\n")


if __name__ == "__main__":
    main()
