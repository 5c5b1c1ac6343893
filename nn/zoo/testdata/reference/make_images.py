"""Run each image model once in PyTorch: python3 make_images.py [KIND…]

For lenet5, lenet5-1998, mobilenetv2 (without dropout) and resnet-small this writes MODEL.json:
the shape and type of every tensor of the state_dict, and of one step on two
lanes of four images: the logits while training, the loss, the norm and the
first values of every gradient, the running statistics after it, and the logits
for inference before it.

A lane goes through the model by itself, gradients are of the mean loss over
all images, and running statistics are the mean of what each lane makes of them.

Weights and pixels are a formula (value below), so that the Go test makes the
same ones. Biases in front of rectifiers are shifted off the kinks: "shifts" has
make_backbones.py's letters. Everything is computed in float64; "float32" is how far
PyTorch's own gradients are off in float32: the largest error of a norm, and of an
element.
"""

import copy
import json
import pathlib
import sys

import torch
import torch.nn.functional as F
import torchvision
from torch import nn

LANES, ROWS, CLASSES, FIRST = 2, 4, 10, 4


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


def mixed(x):
    """32 bits stirred well (Wellons' lowbias32), on int64."""
    mask = 0xFFFFFFFF
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & mask
    x = ((x ^ (x >> 15)) * 0x846CA68B) & mask
    return x ^ (x >> 16)


def value(site, n):
    """n numbers of [-1, 1) that float32 holds exactly."""
    bits = mixed((torch.arange(n, dtype=torch.int64) + site * 0x9E3779B1) & 0xFFFFFFFF)
    return (bits >> 16).double() / 32768 - 1


def multiply_adds(model, *shape):
    """Those of convolutions and linear layers on zeros of a shape. On the device meta nothing is computed."""
    total, hooks = 0, []

    def count(m, given, y):
        nonlocal total
        if isinstance(m, nn.Linear):
            total += y.numel() * m.in_features
        elif isinstance(m, nn.ConvTranspose2d):
            total += given[0].numel() * m.weight[0].numel()
        else:
            total += y.numel() * m.weight[0].numel()

    for m in model.modules():
        if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            hooks.append(m.register_forward_hook(count))
    with torch.no_grad():
        model.eval()(torch.zeros(shape, device=next(model.parameters()).device))
    for h in hooks:
        h.remove()
    return total


def weight(site, name, shape):
    v = value(site, torch.Size(shape).numel()).reshape(shape)
    if name.endswith("running_mean"):
        return v / 8
    if name.endswith("running_var"):
        return 1 + v / 2
    if len(shape) > 1:  # by the inputs of an output, to a power of two
        fan = torch.Size(shape[1:]).numel()
        return v * 2.0 ** -torch.tensor(fan / 4).log2().div(2).floor()
    if name.endswith("weight"):
        return 1 + v / 4
    return v / 8


def rounded(x):
    return [float(f"{v:.9g}") for v in x.reshape(-1).tolist()]


def summary(x):
    return dict(norm=float(f"{x.norm():.9g}"), first=rounded(x.reshape(-1)[:FIRST]))


def step(model, pixels, target):
    """Logits for inference; loss, logits, running statistics and gradients of a step."""
    model.eval()
    with torch.no_grad():
        inference = model(pixels.flatten(0, 1))
    loss, logits, after, grads = 0.0, [], [], {}
    for lane in range(LANES):
        m = copy.deepcopy(model).train()
        y = m(pixels[lane])
        part = F.cross_entropy(y, target[lane], reduction="sum") / (LANES * ROWS)
        part.backward()
        loss += part.item()
        logits.append(y.detach())
        after.append(m.state_dict())
        for k, p in m.named_parameters():
            grads[k] = grads.get(k, 0) + p.grad
    running = {k: sum(a[k] for a in after) / LANES for k in after[0] if "running" in k}
    return inference, loss, torch.cat(logits), running, grads


def run(name, model, channels, size):
    model = model.double()
    state = model.state_dict()
    tensors = {k: dict(shape=list(v.shape), type="I64" if v.dtype == torch.int64 else "F32") for k, v in state.items()}
    for site, k in enumerate(sorted(state)):
        if state[k].dtype != torch.int64:
            state[k].copy_(weight(site, k, list(state[k].shape)))
    pixels = value(4096, LANES * ROWS * size * size * channels).reshape(LANES, ROWS, size, size, channels).permute(0, 1, 4, 2, 3)
    target = torch.arange(LANES * ROWS).reshape(LANES, ROWS) * 3 % CLASSES

    from make_backbones import shift  # which need what is above
    from make_families import strays

    shifts = shift(model, pixels)
    inference, loss, logits, running, grads = step(model, pixels, target)
    # oneDNN of torch 2.x writes beside the gradients of small maps that lie channels last.
    single = step(copy.deepcopy(model).float(), pixels.float().contiguous(), target)
    result = dict(
        torch=torch.__version__, torchvision=torchvision.__version__, image=size, channels=channels,
        shifts=shifts, float32=strays(grads, single[4]), loss=loss, logits=rounded(logits), inference=rounded(inference),
        tensors=tensors, grads={k: summary(g) for k, g in grads.items()}, running={k: summary(r) for k, r in running.items()},
    )
    lines = ",\n".join(f" {json.dumps(k)}: {json.dumps(v)}" for k, v in result.items())
    (pathlib.Path(__file__).parent / f"{name}.json").write_text(f"{{\n{lines}\n}}\n")
    print(name, sum(p.numel() for p in model.parameters()), len(state), loss, result["float32"])


if __name__ == "__main__":
    for name, build, channels, size in [
        ("lenet5", LeNet5, 1, 28), ("lenet5-1998", LeNet51998, 1, 32), ("resnet-small", lambda: ResNetSmall(2, 8), 3, 16),
        ("mobilenetv2", lambda: torchvision.models.mobilenet_v2(num_classes=CLASSES, dropout=0.0), 3, 64),
    ]:
        if name in (sys.argv[1:] or [name]):
            run(name, build(), channels, size)
