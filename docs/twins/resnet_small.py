#!/usr/bin/env python3
"""examples/fashion-mnist.yaml and examples/cifar10-subset.yaml in PyTorch: the other side of the tables in docs/results.md.

    python3 docs/twins/resnet_small.py fashion-mnist downloads/fashion-mnist [--epochs 10] [--threads 2]
    python3 docs/twins/resnet_small.py cifar10-subset downloads/cifar10-subset [--epochs 10] [--threads 2]
    python3 docs/twins/resnet_small.py fashion-mnist downloads/fashion-mnist --time 100

The same network, first weights' distribution, batches, changes of images, optimizer (no decay of norms and biases) and
schedule; other random numbers. One thing differs: a batch norm takes statistics of the whole batch here, and of each
lane there. Prints the share of held-out images that are right after each epoch and the seconds of training. --time N times
steps on images made ready beforehand, and prints the median. Needs torchvision and Pillow.
"""

import argparse
import gzip
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
    "fashion-mnist": dict(channels=1, size=28, pad=2, blocks=1, width=32, lr=0.2, rise=0.2, decay=5e-4, smoothing=0.0, mixup=0.0, steps=4690),
    "cifar10-subset": dict(channels=3, size=32, pad=4, blocks=1, width=32, lr=0.2, rise=0.2, decay=5e-4, smoothing=0.1, mixup=0.2, steps=1570),
}


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
        if kind == "fashion-mnist":
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


def cropped(x, pad):
    """Each image shifted by up to pad pixels, black coming in, and half of them turned left to right."""
    n, _, h, w = x.shape
    x = F.pad(x, (pad,) * 4)
    rows = torch.randint(2 * pad + 1, (n, 1)) + torch.arange(h)
    columns = torch.randint(2 * pad + 1, (n, 1)) + torch.arange(w)
    columns = torch.where(torch.rand(n, 1) < 0.5, columns, columns.flip(1))
    return x[torch.arange(n)[:, None, None, None], torch.arange(x.shape[1])[:, None, None], rows[:, None, :, None], columns[:, None, None, :]]


class Feed:
    """Batches of an endless sequence of shuffled epochs."""

    def __init__(self, images, labels, run, batch):
        self.images, self.labels, self.run, self.batch = images, labels, run, batch
        self.order = torch.randperm(len(images))
        self.change = v2.RandAugment(1, 5) if run["mixup"] else None

    def next(self):
        while len(self.order) < self.batch:
            self.order = torch.cat([self.order, torch.randperm(len(self.images))])
        picked, self.order = self.order[:self.batch], self.order[self.batch:]
        x, y = cropped(self.images[picked], self.run["pad"]), F.one_hot(self.labels[picked], 10).float()
        if self.change:
            x = torch.stack([self.change(i) for i in x])
        x = numbers(x)
        if self.run["mixup"]:
            share = torch.distributions.Beta(self.run["mixup"], self.run["mixup"]).sample((len(x),))
            x = share[:, None, None, None] * x + (1 - share)[:, None, None, None] * x.roll(-1, 0)
            y = share[:, None] * y + (1 - share)[:, None] * y.roll(-1, 0)
        return x, y


def right(model, images, labels):
    model.eval()
    with torch.no_grad():
        found = sum((model(numbers(images[i:i + 500])).argmax(1) == labels[i:i + 500]).sum().item() for i in range(0, len(images), 500))
    model.train()
    return 100 * found / len(images)


def learner(run, steps):
    model = ResNetSmall(run["blocks"], run["width"], run["channels"])
    weights = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim == 1]
    groups = [dict(params=weights, weight_decay=run["decay"]), dict(params=others, weight_decay=0.0)]
    optimizer = torch.optim.SGD(groups, lr=run["lr"], momentum=0.9, nesterov=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, run["lr"], total_steps=steps, pct_start=run["rise"], cycle_momentum=False)
    return model, optimizer, schedule


def step(model, optimizer, schedule, run, x, y):
    optimizer.zero_grad(set_to_none=True)
    loss = F.cross_entropy(model(x), y, label_smoothing=run["smoothing"])
    loss.backward()
    optimizer.step()
    schedule.step()
    return loss


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
    run, batch = RUNS[o.run], 128
    (images, labels), held = read(o.run, o.data)
    epoch = -(-len(images) // batch)
    steps = o.epochs * epoch if o.epochs else run["steps"]
    if o.time:
        steps = o.time + 10
    model, optimizer, schedule = learner(run, steps)
    form = torch.channels_last if o.channels_last else torch.contiguous_format
    model = model.to(memory_format=form).train()
    feed, times, began = Feed(images, labels, run, batch), [], time.perf_counter()
    for i in range(1, steps + 1):
        x, y = feed.next()
        x = x.contiguous(memory_format=form)
        at = time.perf_counter()
        loss = step(model, optimizer, schedule, run, x, y)
        times.append(time.perf_counter() - at)
        if not o.time and (i % epoch == 0 or i == steps):
            spent, asked = time.perf_counter() - began, time.perf_counter()
            print(f"epoch {i / epoch:5.2f}  loss {loss.item():.3f}  held out {right(model, *held):.2f} % right  {spent:.0f} s", flush=True)
            began += time.perf_counter() - asked
    if o.time:
        print(f"{1e3 * statistics.median(times[10:]):.1f} ms a step, {batch / statistics.median(times[10:]):.0f} images a second")


if __name__ == "__main__":
    main()
