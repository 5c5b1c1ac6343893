"""Run a network of cells once in PyTorch: python3 make_cells.py

Writes cells.json, what make_images.py writes of other networks: a network of cells that
between them use every operation, with each kind of input and stride.
"""

import torch
import torch.nn.functional as F
from torch import nn

from common import CLASSES
from make_images import run

NORMAL = "sep5x5 h + identity h | conv3x3 1 + max3x3 p | sep3x3 2 + mean3x3 1 + conv1x1 p"
REDUCE = "sep3x3 p + identity p | conv1x1 1 + identity 1 | max3x3 p + sep5x5 p | mean3x3 p + conv3x3 p | identity 2"


def parsed(text):
    return [[t.split() for t in node.split("+")] for node in text.split("|")]


class ConvNorm(nn.Module):
    """A convolution and its norm."""

    def __init__(self, cin, cout, kernel, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, kernel, stride, kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(cout)

    def forward(self, x):
        return self.bn(self.conv(x))


class Rectified(ConvNorm):
    def forward(self, x):
        return super().forward(F.relu(x))


class Separable(nn.Module):
    def __init__(self, c, kernel, stride):
        super().__init__()
        self.depthwise = nn.Conv2d(c, c, kernel, stride, kernel // 2, groups=c, bias=False)
        self.pointwise, self.bn = nn.Conv2d(c, c, 1, bias=False), nn.BatchNorm2d(c)

    def forward(self, x):
        return self.bn(self.pointwise(self.depthwise(F.relu(x))))


def operation(name, c, stride):
    match name:
        case "identity":
            return nn.Identity() if stride == 1 else Rectified(c, c, 1, stride)
        case "max3x3":
            return nn.MaxPool2d(3, stride, 1)
        case "mean3x3":
            return nn.AvgPool2d(3, stride, 1, count_include_pad=False)
    kernel = int(name[-1])
    return Separable(c, kernel, stride) if name.startswith("sep") else Rectified(c, c, kernel, stride)


class Cell(nn.Module):
    def __init__(self, shape, cin_h, cin_p, halve_p, c, stride):
        super().__init__()
        self.shape, used = shape, {i for node in shape for _, i in node}
        self.h = Rectified(cin_h, c, 1)
        if "p" in used:
            self.p = Rectified(cin_p, c, 1, 2 if halve_p else 1)
        self.nodes = nn.ModuleDict()
        for n, node in enumerate(shape, 1):
            self.nodes[str(n)] = nn.ModuleList(operation(op, c, stride if i in "hp" else 1) for op, i in node)
        if "h" not in used:
            self.h.end = operation("identity", c, stride)
        self.ends = [i for i in ["h"] + [str(n) for n in range(1, len(shape) + 1)] if i not in used]
        self.out = len(self.ends) * c

    def forward(self, h, p):
        maps = {"h": self.h(h)}
        if hasattr(self, "p"):
            maps["p"] = self.p(p)
        for n, node in enumerate(self.shape, 1):
            maps[str(n)] = sum(op(maps[i]) for op, (_, i) in zip(self.nodes[str(n)], node))
        if hasattr(self.h, "end"):
            maps["h"] = self.h.end(maps["h"])
        return torch.cat([maps[i] for i in self.ends], 1)


class Cells(nn.Module):
    def __init__(self, normal, reduce, cells, width, channels=3):
        super().__init__()
        self.stem, self.cells = ConvNorm(channels, width, 3), nn.ModuleList()
        h = p = width
        halved = False
        for stage in range(3):
            for k in range(cells + (stage > 0)):
                reduces = stage > 0 and k == 0
                c = Cell(reduce if reduces else normal, h, p, halved, width << stage, 2 if reduces else 1)
                self.cells.append(c)
                h, p, halved = c.out, h, reduces
        self.fc = nn.Linear(h, CLASSES)

    def forward(self, x):
        h = p = self.stem(x)
        for c in self.cells:
            h, p = c(h, p), h
        return self.fc(F.relu(h).mean((2, 3)))


if __name__ == "__main__":
    run("cells", Cells(parsed(NORMAL), parsed(REDUCE), 1, 4), 3, 10)
