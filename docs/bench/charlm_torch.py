#!/usr/bin/env python3
"""The run of examples/tinyshakespeare.yaml, in PyTorch: the other side of the comparison in docs/performance.md.

    python3 docs/bench/charlm_torch.py INPUT.txt [--steps N]

Same model (embedding, LSTM, linear; dropout before and after the LSTM), same rows (the first nine tenths of the text
cut into `batch` contiguous streams, hidden state carried, zeroed at each epoch), same optimizer, schedule, clipping
and initial distributions; only the random numbers are others. Prints held-out bits per byte on the last tenth,
cut into the same rows, and bytes per second.
"""

import argparse
import math
import time

import torch
from torch import nn


class CharLM(nn.Module):
    def __init__(self, vocab, embed, hidden, layers, dropout):
        super().__init__()
        self.encoder = nn.Embedding(vocab, embed)
        self.rnn = nn.LSTM(embed, hidden, layers, dropout=dropout if layers > 1 else 0.0)
        self.decoder = nn.Linear(hidden, vocab)
        self.drop = nn.Dropout(dropout)
        bound = 1 / math.sqrt(hidden)
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.uniform_(self.decoder.weight, -bound, bound)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, x, state):
        h, state = self.rnn(self.drop(self.encoder(x)), state)
        return self.decoder(self.drop(h)), state


def rows(text, batch, length, position):
    """Input and target [length, batch] of one step of an epoch; -100 where a row has ended."""
    pairs = len(text) - 1
    x = torch.zeros(length, batch, dtype=torch.long)
    y = torch.full((length, batch), -100)
    for r in range(batch):
        begin, end = r * pairs // batch + position * length, (r + 1) * pairs // batch
        n = max(0, min(length, end - begin))
        x[:n, r] = text[begin:begin + n]
        y[:n, r] = text[begin + 1:begin + n + 1]
    return x, y


def steps_per_epoch(text, batch, length):
    longest = -(-(len(text) - 1) // batch)
    return -(-longest // length)


def rate(step, steps, lr, warmup):
    if step < warmup:
        return lr * (step + 1) / warmup
    return lr * (1 - (step - warmup) / (steps - warmup))


@torch.no_grad()
def evaluate(model, text, batch, length):
    model.eval()
    total, count, state = 0.0, 0, None
    for p in range(steps_per_epoch(text, batch, length)):
        x, y = rows(text, batch, length, p)
        logits, state = model(x, state)
        total += nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="sum").item()
        count += int((y >= 0).sum())
    model.train()
    return total / count / math.log(2)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("input")
    for name, value in {"hidden": 512, "embed": 64, "layers": 1, "batch": 64, "length": 64, "steps": 2000, "warmup": 50,
                        "threads": 2, "seed": 1, "report": 250}.items():
        a.add_argument(f"--{name}", type=int, default=value)
    a.add_argument("--dropout", type=float, default=0.3)
    a.add_argument("--lr", type=float, default=2e-3)
    a.add_argument("--clip", type=float, default=1.0)
    o = a.parse_args()

    torch.manual_seed(o.seed)
    torch.set_num_threads(o.threads)
    data = torch.tensor(list(open(o.input, "rb").read()), dtype=torch.long)
    cut = int(len(data) * 0.9)
    train, held = data[:cut], data[cut:]
    model = CharLM(256, o.embed, o.hidden, o.layers, o.dropout)
    optimizer = torch.optim.Adam(model.parameters(), lr=o.lr)
    epoch, state, spent, chars = steps_per_epoch(train, o.batch, o.length), None, 0.0, 0
    print(f"torch {torch.__version__}, {o.threads} threads, {epoch} steps an epoch", flush=True)
    for step in range(o.steps):
        began = time.time()
        if step % epoch == 0:
            state = None
        for group in optimizer.param_groups:
            group["lr"] = rate(step, o.steps, o.lr, o.warmup)
        x, y = rows(train, o.batch, o.length, step % epoch)
        logits, state = model(x, state)
        state = tuple(s.detach() for s in state)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), o.clip)
        optimizer.step()
        spent, chars = spent + time.time() - began, chars + int((y >= 0).sum())
        if (step + 1) % o.report == 0 or step + 1 == o.steps:
            print(f"step {step + 1}: held out {evaluate(model, held, o.batch, o.length):.4f} bits/byte, "
                  f"training {loss.item() / math.log(2):.4f}, {chars / spent:.0f} byte/s", flush=True)


if __name__ == "__main__":
    main()
