"""Run small members of image families once in PyTorch, and list the keys of all: python3 make_backbones.py [KIND…] [keys]

It writes backbone_keys.json: for every network the number of entries of its
state_dict, the SHA-256 of the lines "name shape type", sorted, and the
multiply-adds of one image.

And backbones.json: of one small member of every family, inference and a step, as
common.py has them, on pixels that keep all values farthest from kinks. normed.json is
the same of the deep networks with norms. There are too many values for luck in them:
the biases in front of their rectifiers are shifted, as kinks.py has it.
"""

import hashlib
import json
import sys
from unittest import mock

import timm
import torch
import torch.nn.functional as F
import torchvision.models as tv
from torch import nn

from common import CLASSES, HERE, classes, compact, compared, filled, listing, multiply_adds, told
from kinks import off_the_kinks
from make_images import LeNet5

TRIES = 6
torch.set_num_threads(1)


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
    ("mobilenetv1", 64, thin_mobilenet),
    ("densenet121", 64, lambda: tv.DenseNet(8, (2, 3, 6, 4), 16, num_classes=CLASSES)),
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


def run(kind, size, build, shifted):
    model = filled(build())
    pixels, how = off_the_kinks(model, size, tries=TRIES, shifted=shifted)
    result = dict(kind=kind, **how, **listing(model), **compared(model, pixels, classes()))
    print(kind, told(result), flush=True)
    return result


if __name__ == "__main__":
    only = sys.argv[1:]
    for file, small, shifted in ("normed", NORMED, True), ("backbones", SMALL, False):
        path = HERE / f"{file}.json"
        runs = {r["kind"]: r for r in json.loads(path.read_text())} if only else {}
        runs |= {s[0]: run(*s, shifted) for s in small if not only or s[0] in only}
        lines = ",\n".join(f" {compact(runs[s[0]])}" for s in small)
        path.write_text(f"[\n{lines}\n]\n")
    if not only or "keys" in only:
        table = {k: keys(k) for k in sorted(FULL)}
        lines = ",\n".join(f" {json.dumps(k)}: {json.dumps(v)}" for k, v in table.items())
        (HERE / "backbone_keys.json").write_text(f"{{\n{lines}\n}}\n")
