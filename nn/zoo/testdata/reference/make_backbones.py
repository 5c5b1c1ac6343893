"""Run small members of image families once in PyTorch, and list the keys of all: python3 make_backbones.py [KIND…] [keys]

It writes backbone_keys.json: for every network the number of entries of its
state_dict, the SHA-256 of the lines "name shape type", sorted, and the
multiply-adds of one image.

And backbones.json: of one small member of every family, of one step on two lanes
of four images, what make_images.py writes, in float64; but of gradients and
running statistics only the norm and a sum, and beside it how far PyTorch's own
float32 is off. A lane goes through the model by itself.

A rectifier or a maximum that changes sides under rounding moves gradients far more
than rounding does. So the pixels are those of several tries that keep every value
farthest from such a kink: "pixels" is the site of their formula.

normed.json is the same of the deep networks with norms. There are too many values
for luck in them: one after another, the bias in front of every rectifier is shifted,
channel by channel, by the multiple of STEP that keeps the channel's values of a step
farthest from zero. "shifts" has a letter of LETTERS for every channel.
"""

import copy
import hashlib
import json
import pathlib
import sys
from unittest import mock

import timm
import torch
import torch.nn.functional as F
import torchvision.models as tv
from torch import nn

from make_images import CLASSES, LANES, ROWS, LeNet5, multiply_adds, rounded, value, weight

TRIES, FAR = 6, 2e-5
STEP, LETTERS = 2.0**-9, "abcdefghijklmnopqrstuvwxyz"  # m is no shift
NEAR = 12  # modules back from a rectifier to its biases
torch.set_num_threads(1)
HERE = pathlib.Path(__file__).parent


class Caffe(nn.Module):
    """bvlc_alexnet and ZFNet: convolutions as (out, kernel, stride, pad, groups, norm, pool)."""

    def __init__(self, convs, lrn, norm_first, side, dense=4096, classes=1000):
        super().__init__()
        self.convs, self.norm_first, self.lrn = convs, norm_first, lrn
        channels = 3
        for i, (out, kernel, stride, pad, groups, _, _) in enumerate(convs):
            setattr(self, f"conv{i + 1}", nn.Conv2d(channels, out, kernel, stride, pad, groups=groups))
            channels = out
        self.fc6, self.fc7, self.fc8 = nn.Linear(channels * side**2, dense), nn.Linear(dense, dense), nn.Linear(dense, classes)

    def forward(self, x):
        for i, (_, _, _, _, _, norm, pool) in enumerate(self.convs):
            x = F.relu(getattr(self, f"conv{i + 1}")(x))
            if norm and self.norm_first:
                x = F.local_response_norm(x, *self.lrn)
            if pool:
                x = F.max_pool2d(x, 3, 2, ceil_mode=True)
            if norm and not self.norm_first:
                x = F.local_response_norm(x, *self.lrn)
        x = F.relu(self.fc6(x.flatten(1)))
        return self.fc8(F.relu(self.fc7(x)))


def caffe_alexnet(d=1, side=6, classes=1000):
    convs = [(96 // d, 11, 4, 0, 1, 1, 1), (256 // d, 5, 1, 2, 2, 1, 1), (384 // d, 3, 1, 1, 1, 0, 0),
             (384 // d, 3, 1, 1, 2, 0, 0), (256 // d, 3, 1, 1, 2, 0, 1)]
    return Caffe(convs, (5, 1e-4, 0.75, 1.0), True, side, 4096 // d, classes)


def zfnet(d=1, side=6, classes=1000):
    convs = [(96 // d, 7, 2, 1, 1, 1, 1), (256 // d, 5, 2, 0, 1, 1, 1), (384 // d, 3, 1, 1, 1, 0, 0),
             (384 // d, 3, 1, 1, 1, 0, 0), (256 // d, 3, 1, 1, 1, 0, 1)]
    return Caffe(convs, (5, 5e-4, 0.75, 2.0), False, side, 4096 // d, classes)


def thin_vgg(norm, d):
    cfg = ["M" if c == "M" else c // d for c in tv.vgg.cfgs["A"]]
    m = tv.VGG(tv.vgg.make_layers(cfg, batch_norm=norm), num_classes=CLASSES, init_weights=False)
    wide = 4096 // d
    m.classifier = nn.Sequential(nn.Linear(512 // d * 49, wide), nn.ReLU(), nn.Dropout(0), nn.Linear(wide, wide), nn.ReLU(),
                                 nn.Dropout(0), nn.Linear(wide, CLASSES))
    return m


class ThinResNet(tv.ResNet):
    """torchvision's network of one d-th of the channels."""

    def __init__(self, d, block=tv.resnet.Bottleneck, layers=(1, 1, 2, 1), **options):
        self.d = d
        super().__init__(block, layers, num_classes=CLASSES, **options)
        self.conv1, self.bn1 = nn.Conv2d(3, 64 // d, 7, 2, 3, bias=False), nn.BatchNorm2d(64 // d)
        self.fc = nn.Linear(512 * block.expansion // d, CLASSES)

    def _make_layer(self, block, planes, *rest, **options):
        if planes == 64:
            self.inplanes = 64 // self.d
        return super()._make_layer(block, planes // self.d, *rest, **options)


def thin_timm_resnet(d, **options):
    """timm's network of one d-th of the channels, the stem too."""
    make = timm.models.resnet.make_blocks
    with mock.patch("timm.models.resnet.make_blocks", lambda fns, channels, layers, inplanes, **o: make(fns, channels, layers, inplanes // d, **o)):
        m = timm.models.resnet.ResNet(timm.models.resnet.Bottleneck, [1, 1, 2, 1], num_classes=CLASSES,
                                      channels=[64 // d << i for i in range(4)], **options)
    m.conv1, m.bn1 = nn.Conv2d(3, 64 // d, 7, 2, 3, bias=False), type(m.bn1)(64 // d)
    return m


def thin_alexnet(d):
    m = tv.AlexNet(num_classes=CLASSES)
    for i in (0, 3, 6, 8, 10):
        c = m.features[i]
        m.features[i] = nn.Conv2d(max(c.in_channels // d, 3) if i else 3, c.out_channels // d, c.kernel_size, c.stride, c.padding)
    wide = 4096 // d
    m.classifier = nn.Sequential(nn.Dropout(0), nn.Linear(256 // d * 36, wide), nn.ReLU(), nn.Dropout(0), nn.Linear(wide, wide),
                                 nn.ReLU(), nn.Linear(wide, CLASSES))
    return m


def thin_mobilenet():
    return timm.models.efficientnet._gen_mobilenet_v1("mobilenetv1_100", 0.25, fix_stem_head=False, num_classes=CLASSES)


# Kind, pixels, network; the options that the test gives the kind stand there.
SMALL = [
    ("vgg11", 32, lambda: thin_vgg(False, 8)),
    ("alexnet", 63, lambda: thin_alexnet(8)),
    ("alexnet-caffe", 99, lambda: caffe_alexnet(4, 2, CLASSES)),
    ("zfnet", 96, lambda: zfnet(4, 2, CLASSES)),
]

NORMED = [
    ("resnet18", 32, lambda: ThinResNet(4, tv.resnet.BasicBlock, (1, 1, 1, 1))),
    ("resnet50", 64, lambda: ThinResNet(4)),
    ("resnet50-dilated", 64, lambda: ThinResNet(4, replace_stride_with_dilation=[False, True, True])),
    ("resnext50-32x4d", 64, lambda: ThinResNet(4, groups=32, width_per_group=4)),
    ("seresnet50", 64, lambda: thin_timm_resnet(4, block_args=dict(attn_layer="se"))),
    ("resnet50-gn", 64, lambda: thin_timm_resnet(2, norm_layer="groupnorm")),
    ("vgg11-bn", 32, lambda: thin_vgg(True, 8)),
    ("mobilenetv1", 32, thin_mobilenet),
    ("densenet121", 32, lambda: tv.DenseNet(8, (2, 3, 6, 4), 16, num_classes=CLASSES)),
]

FULL = {k: getattr(tv, k.replace("-", "_")) for k in (
    "resnet18 resnet34 resnet50 resnet101 resnet152 resnext50-32x4d resnext101-32x8d resnext101-64x4d vgg11 vgg13 vgg16 vgg19 "
    "vgg11-bn vgg13-bn vgg16-bn vgg19-bn alexnet densenet121 densenet161 densenet169 densenet201").split()}
FULL |= {"mobilenetv2": tv.mobilenet_v2, "alexnet-caffe": caffe_alexnet, "zfnet": zfnet}
FULL |= {k: lambda n=n: timm.create_model(n) for k, n in {
    "seresnet50": "seresnet50", "resnet50-gn": "resnet50_gn", "mobilenetv1": "mobilenetv1_100"}.items()}
FULL["lenet5"] = LeNet5
READ = {"alexnet-caffe": (3, 227, 227), "lenet5": (1, 28, 28)}  # others: 224 pixels


def keys(kind):
    with torch.device("meta"):
        model = FULL[kind]()
    lines = sorted(f"{k} {list(v.shape)} {'I64' if v.dtype == torch.int64 else 'F32'}".replace(",", "") for k, v in model.state_dict().items())
    return dict(entries=len(lines), parameters=sum(p.numel() for p in model.parameters()), macs=multiply_adds(model, 1, *READ.get(kind, (3, 224, 224))),
                sha256=hashlib.sha256("\n".join(lines).encode()).hexdigest())


class Found(Exception):
    """The rectifier that was asked for is reached."""


def before_rectifier(model, pixels, number):
    """The modules with a bias that a step comes to before a rectifier, the last one first, what it brings to the
    rectifier as channels x values, and where that bends; None when there are fewer rectifiers."""
    came, values, bent, saved = [], [], [], (F.relu, F.hardtanh)

    def noting(function, bends):
        def noted(x, *rest, **options):
            seen.append(x)
            if len(seen) <= number:
                return function(x, *rest, **options)
            values.append(x.transpose(0, 1).flatten(1))
            bent.extend(bends)
            raise Found

        return noted

    F.relu, F.hardtanh = noting(saved[0], [0]), noting(saved[1], [0, 6])
    with torch.no_grad():
        for lane in range(LANES):
            m, seen = copy.deepcopy(model).train(), []
            for k, part in m.named_modules():
                if getattr(part, "bias", None) is not None:
                    part.register_forward_pre_hook(lambda *_, k=k: came.append(k))  # a norm may call its rectifier
            try:
                m(pixels[lane])
            except Found:
                continue
    F.relu, F.hardtanh = saved
    return (list(dict.fromkeys(reversed(came))), torch.cat(values, 1), set(bent)) if values else None


def shift(model, pixels):
    """Shifts the biases in front of rectifiers and returns the letters. A bias is one in front if it moves as many of
    the rectifier's channels as it has: all, or a part of what was put together. Cells rectify a map several times,
    and the first time its bias has been shifted."""
    letters, state, shifts, number = {}, model.state_dict(), (torch.arange(len(LETTERS)) - LETTERS.index("m")) * STEP, 0
    while found := before_rectifier(model, pixels, number):
        names, values, bends = found
        left = torch.ones(len(values), dtype=torch.bool)
        for name in [k + ".bias" for k in names[:NEAR]]:
            if name in letters or not left.any():
                continue
            start = state[name].clone()

            def shifted(by):
                state[name].copy_(start + by)
                return before_rectifier(model, pixels, number)[1]

            moved = shifted(STEP)
            rows = left & ((moved - values).abs().amax(1) > STEP / 1000)
            if rows.sum() == len(start):
                if torch.allclose(moved[rows], values[rows] + STEP, rtol=1e-9, atol=1e-12):  # no gate lies between
                    shifted = lambda by: values + by
                least = [torch.stack([(shifted(by)[rows] - at).abs().amin(1) for at in bends]).amin(0) for by in shifts]
                chosen = torch.stack(least).argmax(0)
                start += shifts[chosen]
                letters[name] = "".join(LETTERS[i] for i in chosen.tolist())
                left &= ~rows
            state[name].copy_(start)
        number += 1
    return letters


def kinks(model, pixels, rectifiers=True):
    """How close a value of a training step comes to where a rectifier bends or a maximum changes, in typical values."""
    least = [1.0]
    saved = F.relu, F.hardtanh, F.max_pool2d

    def note(x, distance):
        if distance.numel():
            least[0] = min(least[0], (distance.abs().min() / x.square().mean().sqrt()).item())

    def relu(x, inplace=False):
        if rectifiers:
            note(x, x)
        return saved[0](x)

    def hardtanh(x, low=-1.0, high=1.0, inplace=False):
        if rectifiers:
            note(x, x - low)
            note(x, x - high)
        return saved[1](x, low, high)

    def max_pool2d(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
        n = kernel_size if isinstance(kernel_size, int) else kernel_size[0]
        more = padding + ((stride or n) - 1 if ceil_mode else 0)
        windows = F.pad(x, [padding, more] * 2, value=-1e9).unfold(2, n, stride or n).unfold(3, n, stride or n).flatten(4)
        top = windows.topk(2).values
        note(x, (top[..., 0] - top[..., 1])[top[..., 0] > 0])
        return saved[2](x, kernel_size, stride, padding, dilation, ceil_mode)

    F.relu, F.hardtanh, F.max_pool2d = relu, hardtanh, max_pool2d
    try:
        with torch.no_grad():
            for lane in range(LANES):
                copy.deepcopy(model).train()(pixels[lane])
    finally:
        F.relu, F.hardtanh, F.max_pool2d = saved
    return least[0]


def images(site, size):
    return value(site, LANES * ROWS * size * size * 3).reshape(LANES, ROWS, size, size, 3).permute(0, 1, 4, 2, 3)


def step(model, pixels, dtype):
    """One step, and inference before it; all as float64."""
    model = copy.deepcopy(model).to(dtype)
    size, pixels = pixels.shape[-1], pixels.to(dtype)
    target = torch.arange(LANES * ROWS).reshape(LANES, ROWS) * 3 % CLASSES
    model.eval()
    with torch.no_grad():
        inference = model(pixels.reshape(-1, 3, size, size)).double()
    loss, logits, after, grads = 0.0, [], [], {}
    for lane in range(LANES):
        m = copy.deepcopy(model).train()
        y = m(pixels[lane])
        part = F.cross_entropy(y, target[lane], reduction="sum") / (LANES * ROWS)
        part.backward()
        loss += part.item()
        logits.append(y.detach().double())
        after.append(m.state_dict())
        for k, p in m.named_parameters():
            grads[k] = grads.get(k, 0) + p.grad.double()
    running = {k: sum(a[k].double() for a in after) / LANES for k in after[0] if "running" in k}
    return dict(loss=loss, logits=torch.cat(logits), inference=inference, grads=grads, running=running)


def farthest(a, b):
    """How far a is off, relative to b's largest; as the test measures it."""
    return ((a - b).abs().max() / b.abs().max()).item()


def probe(x, site):
    """A sum that all elements are in, with weights of the formula."""
    return (x.reshape(-1) * value(site, x.numel())).sum()


def run(kind, size, build, shifted=False):
    model = build().double()
    state = model.state_dict()
    for site, k in enumerate(sorted(state)):
        if state[k].dtype != torch.int64:
            state[k].copy_(weight(site, k, list(state[k].shape)))
    margin, pixels = 0.0, 0
    for at in range(5000, 5000 + TRIES):
        if margin < FAR and (m := kinks(model, images(at, size))) > margin:
            margin, pixels = m, at
    letters = dict(shifts=shift(model, images(pixels, size))) if shifted else {}
    if shifted:
        margin = kinks(model, images(pixels, size))
    want, single = (step(model, images(pixels, size), dtype) for dtype in (torch.float64, torch.float32))
    off = dict(logits=farthest(single["logits"], want["logits"]), inference=farthest(single["inference"], want["inference"]), grads=0.0, running=0.0)
    summaries = {}
    for what in ("grads", "running"):
        summaries[what] = {}
        for site, (k, x) in enumerate(sorted(want[what].items())):
            summaries[what][k] = [float(f"{x.norm():.9g}"), float(f"{probe(x, site):.9g}")]
            if x.norm() > 1e-6:
                off[what] = max(off[what], ((single[what][k] - x).norm() / x.norm()).item())
    print(kind, pixels, sum(p.numel() for p in model.parameters()), f"loss {want['loss']:.4f}, kinks {margin:.1e}", {k: f"{v:.1e}" for k, v in off.items()}, flush=True)
    return dict(kind=kind, image=size, pixels=pixels, loss=want["loss"], logits=rounded(want["logits"]), inference=rounded(want["inference"]),
                float32={k: float(f"{v:.2g}") for k, v in off.items()}, **letters, **summaries)


if __name__ == "__main__":
    only = sys.argv[1:]
    for file, small, shifted in ("normed", NORMED, True), ("backbones", SMALL, False):
        path = HERE / f"{file}.json"
        runs = {r["kind"]: r for r in json.loads(path.read_text())} if only else {}
        runs |= {s[0]: run(*s, shifted) for s in small if not only or s[0] in only}
        lines = ",\n".join(f" {json.dumps(runs[s[0]])}" for s in small)
        path.write_text(f"[\n{lines}\n]\n")
    if not only or "keys" in only:
        table = {k: keys(k) for k in sorted(FULL)}
        lines = ",\n".join(f" {json.dumps(k)}: {json.dumps(v)}" for k, v in table.items())
        (HERE / "backbone_keys.json").write_text(f"{{\n{lines}\n}}\n")
