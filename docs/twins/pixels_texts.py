#!/usr/bin/env python3
"""PyTorch twins of the run files over pixels and texts: python3 pixels_texts.py KIND DIR [--seeds N] [--threads 2]

    pixels_texts.py membrane em                       (em/image/N.png, em/label/N.png)
    pixels_texts.py sentiment DIR                     (train.txt and valid.txt of examples/sentiment.yaml)
    pixels_texts.py sentiment DIR --embed 0

Each has the network, first weights' distribution, batches, epochs, changes of images, optimizer and schedule of
examples/KIND.yaml, and other random numbers. One thing differs: a batch norm takes statistics of the whole batch here,
and of each lane there. It prints what is right of the held-out data at the end, and the processor time. Needs Pillow.
"""

import argparse
import collections
import math
import pathlib
import re
import time

import numpy
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn


class Stage(nn.Module):
    def __init__(self, inside, out):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(inside, out, 3, padding=1, bias=False), nn.BatchNorm2d(out)
        self.conv2, self.norm2 = nn.Conv2d(out, out, 3, padding=1, bias=False), nn.BatchNorm2d(out)
        for c in (self.conv1, self.conv2):
            nn.init.kaiming_normal_(c.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x):
        return F.relu(self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x))))))


class FCN(nn.Module):
    def __init__(self, classes=2, channels=1, filters=16, halvings=3):
        super().__init__()
        widths = [filters << i for i in range(halvings + 1)]
        self.stages = nn.ModuleList(Stage(a, b) for a, b in zip([channels] + widths, widths))
        self.scores = nn.ModuleList(nn.Conv2d(w, classes, 1) for w in widths)

    def forward(self, x):
        features = []
        for i, stage in enumerate(self.stages):
            x = stage(F.max_pool2d(x, 2) if i else x)
            features.append(x)
        scores = self.scores[-1](x)
        for f, score in list(zip(features, self.scores))[-2::-1]:
            scores = F.interpolate(scores, size=f.shape[2:], mode="bilinear", align_corners=False) + score(f)
        return scores


class Bag(nn.Module):
    def __init__(self, vocab, embed, hidden=32, dropout=0.5):
        super().__init__()
        self.vocab, self.dropout = vocab, dropout
        if embed:
            self.embedding = nn.Embedding(vocab, embed)
            nn.init.uniform_(self.embedding.weight, -0.1, 0.1)
        self.dense, self.output = nn.Linear(embed or vocab, hidden), nn.Linear(hidden, 2)

    def forward(self, bags):
        weights = torch.stack([torch.bincount(b, minlength=self.vocab) / len(b) for b in bags])
        x = weights @ self.embedding.weight if hasattr(self, "embedding") else weights
        x = F.dropout(x, self.dropout, self.training)
        return self.output(F.dropout(F.relu(self.dense(x)), self.dropout, self.training))


def order(n, batch, steps):
    """Batches of a circle of epochs, each in an order of its own."""
    left = torch.empty(0, dtype=torch.long)
    for _ in range(steps):
        if len(left) < batch:
            left = torch.cat([left, torch.randperm(n)])
        yield left[:batch]
        left = left[batch:]


def membrane(root, _):
    def tiles(numbers, kind):
        whole = numpy.stack([numpy.asarray(Image.open(root / kind / f"{i}.png").convert("L")) for i in numbers])
        return torch.from_numpy(whole.reshape(-1, 4, 128, 4, 128).swapaxes(2, 3).reshape(-1, 128, 128).copy())

    x, y = tiles(range(24), "image").float() / 127.5 - 1, (tiles(range(24), "label") > 127).long()
    model, steps, warmup = FCN(), 240, 20
    opt = torch.optim.SGD(model.parameters(), 0.05, 0.9, weight_decay=1e-4)
    for step, at in enumerate(order(len(x), 16, steps)):
        rate = (step + 1) / warmup if step < warmup else (1 + math.cos(math.pi * (step - warmup) / (steps - warmup))) / 2
        opt.param_groups[0]["lr"] = 0.05 * rate
        flip = torch.rand(len(at)) < 0.5
        bx = torch.where(flip[:, None, None], x[at].flip(2), x[at])
        by = torch.where(flip[:, None, None], y[at].flip(2), y[at])
        opt.zero_grad()
        F.cross_entropy(model(bx[:, None]), by).backward()
        opt.step()
    model.eval()
    x, y = tiles(range(24, 30), "image").float() / 127.5 - 1, (tiles(range(24, 30), "label") > 127).long()
    with torch.no_grad():
        taken = torch.cat([model(b[:, None]).argmax(1) for b in x.split(16)])
    iou = [((taken == c) & (y == c)).sum() / ((taken == c) | (y == c)).sum() for c in (0, 1)]
    return f"mean IoU {100 * sum(iou) / 2:.2f} %, pixels right {100 * (taken == y).float().mean():.2f} %"


def sentiment(root, embed):
    def read(name):
        lines = [line.rstrip("\n").split("\t") for line in open(root / name, encoding="utf-8", newline="\n") if line.strip()]
        return [re.findall(r"\w+(?:'\w+)*|[^\w\s]", text.lower()) for text, _ in lines], torch.tensor([int(c) for _, c in lines])

    (texts, y), (held, held_y) = read("train.txt"), read("valid.txt")
    counts = collections.Counter(w for t in texts for w in t)
    number = {w: i + 1 for i, w in enumerate(sorted(counts, key=lambda w: (-counts[w], w))[:4000])}
    bags = lambda texts: [torch.tensor([number.get(w, 0) for w in t][:64]) for t in texts]
    x, held_x = bags(texts), bags(held)
    model = Bag(4001, embed)
    opt = torch.optim.Adam(model.parameters(), 2e-3)
    for at in order(len(x), 32, 850):
        opt.zero_grad()
        F.cross_entropy(model([x[i] for i in at]), y[at]).backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        logits = model(held_x)
    loss = F.cross_entropy(logits, held_y).item() / math.log(2)
    return f"{100 * (logits.argmax(1) == held_y).float().mean():.2f} % right, {loss:.4f} bits/text"


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("kind", choices=["membrane", "sentiment"])
    p.add_argument("dir", type=pathlib.Path)
    p.add_argument("--embed", type=int, default=32)
    p.add_argument("--seeds", type=int, default=1)
    p.add_argument("--threads", type=int, default=2)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    for seed in range(1, a.seeds + 1):
        torch.manual_seed(seed)
        begin = time.process_time()
        print(f"seed {seed}:", {"membrane": membrane, "sentiment": sentiment}[a.kind](a.dir, a.embed), f"{time.process_time() - begin:.0f} s of processor time", flush=True)
