#!/usr/bin/env python3
"""PyTorch twins of the run files over images: python3 images.py KIND DIR [--epochs N] [--threads 2]

    images.py mnist downloads/mnist
    images.py fashion-mnist downloads/fashion-mnist
    images.py cifar10-subset downloads/cifar10-subset     (train/CLASS/*.jpg, test/CLASS/*.jpg)
    images.py fashion-mnist downloads/fashion-mnist --time 100

Each has the network, first weights' distribution, batches, changes of images, optimizer and schedule of examples/KIND.yaml,
and other random numbers. One thing differs: a batch norm takes statistics of the whole batch here, and of each lane
there. After each epoch it prints what is right of the held-out images and the seconds of training. --time N times N
steps, on batches made ready beforehand, and prints medians. Needs torchvision and Pillow.
"""

import argparse
import gzip
import math
import pathlib
import statistics
import time

import numpy
import torch
import torch.nn.functional as F
from torch import nn
from torchvision.models.resnet import BasicBlock
from torchvision.transforms import v2

RUNS = {
    "mnist": dict(size=28, batch=64, pad=None, lr=0.05, decay=5e-4, smoothing=0.0, mixup=0.0, steps=9380, warmup=100),
    "fashion-mnist": dict(
        channels=1, size=28, batch=128, pad=0, blocks=1, width=32, lr=0.2, rise=0.2, decay=5e-4, smoothing=0.1, mixup=0.0, steps=7035),
    "cifar10-subset": dict(
        channels=3, size=32, batch=128, pad=4, blocks=1, width=32, lr=0.2, rise=0.2, decay=5e-4, smoothing=0.1, mixup=0.2, steps=1570),
}


class LeNet5(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2).flatten(1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


class ResNetSmall(nn.Module):
    def __init__(self, blocks, width, channels, classes=10):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(channels, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        self.layer1 = self.stage(width, width, blocks, 1)
        self.layer2 = self.stage(width, 2 * width, blocks, 2)
        self.layer3 = self.stage(2 * width, 4 * width, blocks, 2)
        self.fc = nn.Linear(4 * width, classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")

    def stage(self, cin, cout, blocks, stride):
        down = None
        if cin != cout:
            down = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))
        first = BasicBlock(cin, cout, stride, down)
        return nn.Sequential(first, *(BasicBlock(cout, cout) for _ in range(blocks - 1)))

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x))))))
        return self.fc(x.mean((2, 3)))


def idx(path):
    data = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
    sides = [int.from_bytes(data[4 + 4 * i:8 + 4 * i], "big") for i in range(data[3])]
    return torch.from_numpy(numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * data[3]).reshape(sides).copy())


def read(kind, root):
    """Images [n, channels, size, size] of bytes and their classes, for training and held out."""
    sets = []
    for idx_name, folder in (("train", "train"), ("t10k", "test")):
        if kind != "cifar10-subset":
            images, labels = (idx(next(root.glob(f"{idx_name}-{part}*"))) for part in ("images", "labels"))
            sets.append((images[:, None], labels.long()))
            continue
        from PIL import Image

        classes = sorted(p for p in (root / folder).iterdir() if p.is_dir())
        files = [(f, i) for i, c in enumerate(classes) for f in sorted(c.iterdir())]
        pixels = numpy.stack([numpy.asarray(Image.open(f).convert("RGB")) for f, _ in files])
        sets.append((torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(), torch.tensor([i for _, i in files])))
    return sets


def numbers(x):
    return x.float() / 127.5 - 1


def changed(x, pad):
    """Each image shifted by up to pad pixels, black coming in, and half of them turned left to right."""
    n, _, h, w = x.shape
    x = F.pad(x, (pad,) * 4)
    rows = torch.randint(2 * pad + 1, (n, 1)) + torch.arange(h)
    columns = torch.randint(2 * pad + 1, (n, 1)) + torch.arange(w)
    columns = torch.where(torch.rand(n, 1) < 0.5, columns, columns.flip(1))
    return x[torch.arange(n)[:, None, None, None], torch.arange(x.shape[1])[:, None, None], rows[:, None, :, None], columns[:, None, None, :]]


class Feed:
    """Batches of an endless sequence of shuffled epochs."""

    def __init__(self, images, labels, run):
        self.images, self.labels, self.run, self.batch = images, labels, run, run["batch"]
        self.order = torch.randperm(len(images))
        self.change = v2.RandAugment(1, 5) if run["mixup"] else None

    def next(self):
        while len(self.order) < self.batch:
            self.order = torch.cat([self.order, torch.randperm(len(self.images))])
        picked, self.order = self.order[:self.batch], self.order[self.batch:]
        x, y = self.images[picked], F.one_hot(self.labels[picked], 10).float()
        if self.run["pad"] is not None:
            x = changed(x, self.run["pad"])
        if self.change:
            x = torch.stack([self.change(i) for i in x])
        x = numbers(x)
        if self.run["mixup"]:
            share = torch.distributions.Beta(self.run["mixup"], self.run["mixup"]).sample((len(x),))
            x = share[:, None, None, None] * x + (1 - share)[:, None, None, None] * x.roll(-1, 0)
            y = share[:, None] * y + (1 - share)[:, None] * y.roll(-1, 0)
        return x, y


def held_out(model, images, labels):
    """Bits an image and per cent right."""
    model.eval()
    with torch.no_grad():
        y = torch.cat([model(numbers(x)) for x in images.split(500)])
    model.train()
    return F.cross_entropy(y, labels).item() / math.log(2), 100 * (y.argmax(1) == labels).float().mean().item()


def learner(run, steps):
    if "blocks" not in run:
        model = LeNet5()
        optimizer = torch.optim.SGD(model.parameters(), lr=run["lr"], momentum=0.9, weight_decay=run["decay"])
        warm = run["warmup"]
        return model, optimizer, torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda i: (i + 1) / warm if i < warm else (1 + math.cos(math.pi * (i - warm) / (steps - warm))) / 2)
    model = ResNetSmall(run["blocks"], run["width"], run["channels"])
    groups = [  # norms and biases do not decay
        dict(params=[p for p in model.parameters() if p.ndim > 1], weight_decay=run["decay"]),
        dict(params=[p for p in model.parameters() if p.ndim == 1], weight_decay=0.0),
    ]
    optimizer = torch.optim.SGD(groups, lr=run["lr"], momentum=0.9, nesterov=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, run["lr"], total_steps=steps, pct_start=run["rise"], cycle_momentum=False)
    return model, optimizer, schedule


def step(model, optimizer, schedule, run, x, y):
    optimizer.zero_grad(set_to_none=True)
    loss = F.cross_entropy(model(x), y, label_smoothing=run["smoothing"])
    loss.backward()
    optimizer.step()
    schedule.step()


def main():
    a = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    a.add_argument("run", choices=RUNS)
    a.add_argument("data", type=pathlib.Path)
    a.add_argument("--epochs", type=int, help="of a shorter run, with a shorter schedule")
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--time", type=int, metavar="N", help="time N steps")
    a.add_argument("--channels-last", action="store_true")
    o = a.parse_args()
    torch.set_num_threads(o.threads)
    torch.manual_seed(o.seed)
    run = RUNS[o.run]
    (images, labels), held = read(o.run, o.data)
    epoch = -(-len(images) // run["batch"])
    steps = o.epochs * epoch if o.epochs else run["steps"]
    if o.time:
        steps = o.time + 3
    model, optimizer, schedule = learner(run, steps)
    form = torch.channels_last if o.channels_last else torch.contiguous_format
    model = model.to(memory_format=form).train()
    feed, times, began = Feed(images, labels, run), [], time.perf_counter()
    for i in range(1, steps + 1):
        x, y = feed.next()
        x = x.contiguous(memory_format=form)
        at, worked = time.perf_counter(), time.process_time()
        step(model, optimizer, schedule, run, x, y)
        times.append((time.perf_counter() - at, time.process_time() - worked))
        if not o.time and (i % epoch == 0 or i == steps):
            spent, asked = time.perf_counter() - began, time.perf_counter()
            bits, right = held_out(model, *held)
            print(f"epoch {i / epoch:5.2f}  held out {bits:.4f} bits/image, {right:.2f} % right  {spent:.0f} s", flush=True)
            began += time.perf_counter() - asked
    if o.time:
        clock, processor = (1e3 * statistics.median(t) for t in zip(*times[3:]))
        print(f"{clock:.1f} ms a step, {processor:.1f} ms of processor time, {1e3 * run['batch'] / clock:.0f} images a second")


if __name__ == "__main__":
    main()
