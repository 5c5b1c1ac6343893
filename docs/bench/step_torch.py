#!/usr/bin/env python3
"""One training step of a character model in PyTorch, the other side of `go test ./worker -bench Step`.

    OMP_WAIT_POLICY=passive python3 docs/bench/step_torch.py [--threads 2] [--only REGEX]

Embedding 64, one recurrent layer, linear to 256, cross-entropy, clipping, Adam; 64 time steps. Prints the median over
steps in bytes per second.
"""

import argparse
import re
import statistics
import time

import torch
from torch import nn


class MLSTM(nn.Module):
    """The multiplicative LSTM, written out."""

    def __init__(self, inputs, hidden):
        super().__init__()
        self.hidden = hidden
        self.wx = nn.Linear(inputs, 4 * hidden)
        self.wh = nn.Linear(hidden, 4 * hidden, bias=False)
        self.wmx = nn.Linear(inputs, hidden, bias=False)
        self.wmh = nn.Linear(hidden, hidden, bias=False)

    def forward(self, x, state):
        h, c = state if state is not None else (x.new_zeros(x.shape[1], self.hidden),) * 2
        zx, mx, out = self.wx(x), self.wmx(x), []
        for t in range(x.shape[0]):
            m = mx[t] * self.wmh(h)
            i, f, o, u = (zx[t] + self.wh(m)).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(u)
            h = torch.sigmoid(o) * torch.tanh(c)
            out.append(h)
        return torch.stack(out), (h, c)


class CharLM(nn.Module):
    def __init__(self, cell, hidden):
        super().__init__()
        self.encoder = nn.Embedding(256, 64)
        self.rnn = {"lstm": nn.LSTM, "gru": nn.GRU, "mlstm": MLSTM}[cell](64, hidden)
        self.decoder = nn.Linear(hidden, 256)

    def forward(self, x, state):
        h, state = self.rnn(self.encoder(x), state)
        return self.decoder(h), state


def detach(state):
    return tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()


def measure(cell, hidden, batch, length, steps):
    model = CharLM(cell, hidden)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    text = torch.randint(32, 127, (length + 1, batch))
    state, times = None, []
    for _ in range(steps):
        began = time.perf_counter()
        logits, state = model(text[:-1], state)
        state = detach(state)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), text[1:].flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        times.append(time.perf_counter() - began)
    chars = batch * length / statistics.median(times[2:])
    print(f"{cell}-{hidden}x{batch}  {chars:8.0f} bytes/s", flush=True)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--steps", type=int, default=12)
    a.add_argument("--only", default="", help="models whose name has this")
    o = a.parse_args()
    torch.set_num_threads(o.threads)
    print(f"torch {torch.__version__}, {o.threads} threads")
    for cell, hidden, batch in [("lstm", 256, 64), ("lstm", 512, 32), ("lstm", 1024, 64), ("gru", 512, 32), ("mlstm", 512, 32),
                                ("mlstm", 1024, 32)]:
        if re.search(o.only, f"{cell}-{hidden}x{batch}"):
            measure(cell, hidden, batch, 64, o.steps)


if __name__ == "__main__":
    main()
