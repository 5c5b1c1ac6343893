"""Run each image model once in PyTorch: python3 make_images.py [KIND…]

For lenet5, lenet5-1998, mobilenetv2 (without dropout) and resnet-small this writes MODEL.json:
how many tensors the state_dict has and a hash of them, and inference and a step, as common.py has them, with
biases in front of rectifiers shifted off the kinks, as kinks.py has them.
"""

import sys

import torch
import torch.nn.functional as F
import torchvision
from torch import nn

from common import CLASSES, classes, compared, filled, listing, write
from kinks import off_the_kinks


class LeNet5(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2).flatten(1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


DIGITS = """
....... ....... ....... ....... ....... ....... ....... ....... ....... .......
..###.. ...##.. .#####. ######. ....##. ####### ..####. ####### .#####. .#####.
.##.##. ..###.. ##...## .....## ...###. ##..... .##.... .....## ##...## ##...##
.#...#. .####.. .....## .....## ..####. ##..... ##..... .....## ##...## ##...##
##...## ...##.. .....## ....##. .##.##. #####.. ##..... ....##. .##.##. ##...##
##...## ...##.. ....##. ..###.. ##..##. ....##. #####.. ....##. ..###.. .######
##...## ...##.. ...##.. ....##. ##..##. .....## ##..##. ...##.. .##.##. .....##
##...## ...##.. ..##... .....## ####### .....## ##...## ...##.. ##...## .....##
.#...#. ...##.. .##.... .....## ....##. .....## ##...## ..##... ##...## .....##
.##.##. ...##.. ##..... ##..##. ....##. ##..##. .##.##. ..##... ##...## ....##.
..###.. .###### ####### .####.. ....##. .####.. ..###.. ..##... .#####. .####..
....... ....... ....... ....... ....... ....... ....... ....... ....... .......
""".split()
SEEN = ["012", "123", "234", "345", "045", "015", "0123", "1234", "2345", "0345", "0145", "0125", "0134", "1245", "0235", "012345"]


class LeNet51998(nn.Module):
    """LeCun et al. (1998), figure 2 and table I, every map of C3 by itself."""

    def __init__(self):
        super().__init__()
        self.c1, self.c5, self.f6 = nn.Conv2d(1, 6, 5), nn.Conv2d(16, 120, 5), nn.Linear(120, 84)
        self.s2, self.s4 = nn.Conv2d(6, 6, 1, groups=6), nn.Conv2d(16, 16, 1, groups=16)
        self.c3 = nn.ModuleList([nn.Conv2d(18, 6, 5, groups=6), nn.Conv2d(36, 9, 5, groups=9), nn.Conv2d(6, 1, 5)])
        rows = ["".join(DIGITS[line * 10 + k] for line in range(12)) for k in range(10)]
        self.centres = torch.tensor([[1.0 if c == "#" else -1.0 for c in row] for row in rows], dtype=torch.float64)

    def forward(self, x):
        f = lambda a: 1.7159 * torch.tanh(2 / 3 * a)
        x = f(self.c1(x))
        x = f(self.s2.weight.reshape(1, 6, 1, 1) * F.avg_pool2d(x, 2) + self.s2.bias.reshape(1, 6, 1, 1))
        weights, biases = [w for c in self.c3 for w in c.weight], [b for c in self.c3 for b in c.bias]
        maps = [F.conv2d(x[:, [int(c) for c in seen]], w[None], b[None]) for seen, w, b in zip(SEEN, weights, biases)]
        x = f(torch.cat(maps, 1))
        x = f(self.s4.weight.reshape(1, 16, 1, 1) * F.avg_pool2d(x, 2) + self.s4.bias.reshape(1, 16, 1, 1))
        x = f(self.f6(f(self.c5(x)).flatten(1)))
        return -((x[:, None] - self.centres.to(x)) ** 2).sum(2)


class ResNetSmall(nn.Module):
    """He et al. (2016), section 4.2, of torchvision's blocks."""

    def __init__(self, blocks, width, channels=3, classes=CLASSES):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(channels, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        self.layer1 = self.stage(width, width, blocks, 1)
        self.layer2 = self.stage(width, 2 * width, blocks, 2)
        self.layer3 = self.stage(2 * width, 4 * width, blocks, 2)
        self.fc = nn.Linear(4 * width, classes)

    def stage(self, cin, cout, blocks, stride):
        down = None
        if cin != cout:
            down = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))
        first = torchvision.models.resnet.BasicBlock(cin, cout, stride, down)
        return nn.Sequential(first, *(torchvision.models.resnet.BasicBlock(cout, cout) for _ in range(blocks - 1)))

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x))))))
        return self.fc(x.mean((2, 3)))


def run(name, model, channels, size):
    pixels, how = off_the_kinks(filled(model), size, channels)
    write(name, dict(torch=torch.__version__, torchvision=torchvision.__version__, **how, **listing(model),
                     **compared(model, pixels, classes())))


if __name__ == "__main__":
    for name, build, channels, size in [
        ("lenet5", LeNet5, 1, 28), ("lenet5-1998", LeNet51998, 1, 32), ("resnet-small", lambda: ResNetSmall(2, 8), 3, 16),
        ("mobilenetv2", lambda: torchvision.models.mobilenet_v2(num_classes=CLASSES, dropout=0.0), 3, 64),
    ]:
        if name in (sys.argv[1:] or [name]):
            run(name, build(), channels, size)
