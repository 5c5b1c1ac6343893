"""Run small members of families of networks in PyTorch: python3 make_families.py [NAME...]

For every family this writes NAME.json: inference and a step, as common.py has them; where
pixels are told apart, logits of every eleventh line and every 13th column. In networks of
SHIFTED biases in front of rectifiers are shifted off the kinks, as kinks.py has them.

state_dicts.json has, for each kind as published, parameters, entries of the
state_dict, multiply-adds of convolutions and linear layers for one image, and
the SHA-256 of all names, types and shapes.
"""

import copy
import json
import math
import sys
from functools import partial

import torch
import torch.nn.functional as F
import torchvision
from torch import nn
from torchvision.models import convnext, efficientnet, segmentation
from torchvision.models._utils import IntermediateLayerGetter
from torchvision.models.resnet import Bottleneck

from common import CLASSES, HERE, classes, compared, filled, listing, multiply_adds, value, write
from kinks import off_the_kinks


def small_efficientnet(arch, width, depth, **options):
    """A member of torchvision's family, with V2 scaled as V1 is."""
    if arch.startswith("efficientnet_b"):
        rows, last = efficientnet._efficientnet_conf(arch, width_mult=width, depth_mult=depth)
    else:
        rows, last = efficientnet._efficientnet_conf(arch)
        scaled = lambda n: efficientnet._make_divisible(n * width, 8)
        rows = [copy.copy(r) for r in rows]
        for r in rows:
            r.input_channels, r.out_channels = scaled(r.input_channels), scaled(r.out_channels)
            r.num_layers = math.ceil(r.num_layers * depth)
        last = scaled(last)
    return efficientnet.EfficientNet(rows, 0.0, stochastic_depth_prob=0.0, num_classes=CLASSES, last_channel=last, **options)


def same_efficientnet(*args, **options):
    """An EfficientNet whose convolutions of stride 2 are timm's, which pad as TensorFlow's SAME."""
    from timm.layers import Conv2dSame

    model = small_efficientnet(*args, **options)
    for block in model.modules():
        for name, m in block.named_children():
            if isinstance(m, nn.Conv2d) and m.stride == (2, 2):
                setattr(block, name, Conv2dSame(m.in_channels, m.out_channels, m.kernel_size, 2, groups=m.groups, bias=False))
    return model


def small_convnext(width, layers):
    rows = [convnext.CNBlockConfig(width << i, width << i + 1 if i < 3 else None, n) for i, n in enumerate(layers)]
    return convnext.ConvNeXt(rows, num_classes=CLASSES)


class FCN(nn.Module):
    """FCN-32s, 16s or 8s with pytorch-fcn's names: VGG-16 of convolutions alone."""

    CUTS = {32: ("upscore", 19), 16: ("upscore16", 27), 8: ("upscore8", 31)}

    def __init__(self, step, filters=64, classes=21):
        super().__init__()
        self.step, channels = step, 3
        self.layers = [(1, 2), (2, 2), (4, 3), (8, 3), (8, 3)]
        for i, (times, count) in enumerate(self.layers, 1):
            for j in range(1, count + 1):
                setattr(self, f"conv{i}_{j}", nn.Conv2d(channels, times * filters, 3, padding=100 if i == j == 1 else 1))
                channels = times * filters
        self.fc6, self.fc7 = nn.Conv2d(channels, 64 * filters, 7), nn.Conv2d(64 * filters, 64 * filters, 1)
        self.score_fr = nn.Conv2d(64 * filters, classes, 1)
        grow = lambda n: nn.ConvTranspose2d(classes, classes, 2 * n, stride=n, bias=False)
        if step < 32:
            self.score_pool4, self.upscore2 = nn.Conv2d(8 * filters, classes, 1), grow(2)
        if step < 16:
            self.score_pool3, self.upscore_pool4 = nn.Conv2d(4 * filters, classes, 1), grow(2)
        setattr(self, self.CUTS[step][0], grow(step))

    def forward(self, x):
        h, pools = x, []
        for i, (_, count) in enumerate(self.layers, 1):
            for j in range(1, count + 1):
                h = F.relu(getattr(self, f"conv{i}_{j}")(h))
            h = F.max_pool2d(h, 2, ceil_mode=True)
            pools.append(h)
        h = self.score_fr(F.relu(self.fc7(F.relu(self.fc6(h)))))
        part = lambda y, at, size: y[:, :, at : at + size[0], at : at + size[1]]
        if self.step < 32:
            h = self.upscore2(h)
            h = h + part(self.score_pool4(pools[3]), 5, h.shape[2:])
        if self.step < 16:
            h = self.upscore_pool4(h)
            h = h + part(self.score_pool3(pools[2]), 9, h.shape[2:])
        name, cut = self.CUTS[self.step]
        return part(getattr(self, name)(h), cut, x.shape[2:])


def small_resnet():
    return torchvision.models.resnet.ResNet(Bottleneck, [1, 1, 1, 1], replace_stride_with_dilation=[False, True, True])


def small_fcn_resnet():
    model = segmentation.fcn._fcn_resnet(small_resnet(), CLASSES, True)
    for head in (model.classifier, model.aux_classifier):
        head[3].p = 0.0
    return model


class FPN(nn.Module):
    """All levels of a pyramid on a ResNet-50, added up in the size of the finest."""

    def __init__(self, layers, features=256, classes=21):
        super().__init__()
        resnet = torchvision.models.resnet.ResNet(Bottleneck, layers)
        self.body = IntermediateLayerGetter(resnet, {f"layer{i}": str(i) for i in range(1, 5)})
        self.fpn = torchvision.ops.FeaturePyramidNetwork([256, 512, 1024, 2048], features)
        self.score = nn.Conv2d(features, classes, 1)

    def forward(self, x):
        first, *others = self.fpn(self.body(x)).values()
        resized = lambda y, size: F.interpolate(y, size, mode="bilinear", align_corners=False)
        total = first
        for y in others:
            total = total + resized(y, first.shape[2:])
        return resized(self.score(total), x.shape[2:])


def run(name, model, size, pixelwise=False):
    pixels, how = off_the_kinks(filled(model), size, shifted=name in SHIFTED)
    target, some = classes(), lambda y: y
    if pixelwise:
        target, some = classes(size, size), lambda y: y.permute(0, 2, 3, 1)[:, ::11, ::13]
    write(name, dict(torch=torch.__version__, torchvision=torchvision.__version__, **how, **listing(model),
                     **compared(model, pixels, target, some, side=0.5)))


def published(model, size):
    """Counts of a model on the device meta, which computes nothing; multiply-adds without an auxiliary head."""
    counts = dict(parameters=sum(p.numel() for p in model.parameters()), **listing(model))
    if getattr(model, "aux_classifier", None):
        model.aux_classifier = None
    return counts | dict(macs=multiply_adds(model, 1, 3, size, size))


KINDS = {f"efficientnet-b{i}": (f"efficientnet_b{i}", size) for i, size in enumerate([224, 240, 288, 300, 380, 456, 528, 600])}
KINDS |= {f"efficientnet-v2-{s}": (f"efficientnet_v2_{s}", size) for s, size in dict(s=384, m=480, l=480).items()}
KINDS |= {f"convnext-{s}": (f"convnext_{s}", 224) for s in ["tiny", "small", "base", "large"]}

KINDS |= {f"fcn{n}s": (partial(FCN, n), 500) for n in (32, 16, 8)}
KINDS |= {f"fcn-resnet{n}": (partial(getattr(segmentation, f"fcn_resnet{n}"), weights=None, weights_backbone=None, num_classes=21, aux_loss=True), 520) for n in (50, 101)}
KINDS |= {"fpn": (partial(FPN, [3, 4, 6, 3]), 512)}


def state_dicts():
    result = {}
    for kind, (name, size) in KINDS.items():
        with torch.device("meta"):
            model = name() if callable(name) else getattr(torchvision.models, name)(weights=None)
        result[kind] = published(model, size)
        print(kind, result[kind])
    lines = ",\n".join(f" {json.dumps(k)}: {json.dumps(v)}" for k, v in result.items())
    (HERE / "state_dicts.json").write_text(f"{{\n{lines}\n}}\n")


def timm_convnext():
    """timm's names for the weights of the small ConvNeXt, in the order of torchvision's, once they give its logits."""
    import timm

    model = filled(small_convnext(8, [1, 1, 2, 1]).double()).eval()
    other = timm.models.convnext.ConvNeXt(depths=[1, 1, 2, 1], dims=[8, 16, 32, 64], num_classes=CLASSES).double().eval()
    inner = lambda rest: {"conv_dw": "block.0", "norm": "block.2", "mlp": "block.3" if "fc1" in rest else "block.5", "gamma": "layer_scale"}
    names, state = {}, {}
    for name, v in other.state_dict().items():
        p = name.split(".")
        if p[0] == "stem":
            to = f"features.0.{p[1]}.{p[2]}"
        elif p[0] == "head":
            to = f"classifier.{dict(norm=0, fc=2)[p[1]]}.{p[2]}"
        elif p[2] == "downsample":
            to = f"features.{2 * int(p[1])}.{p[3]}.{p[4]}"
        else:
            part = inner(p[4:] + p[5:])[p[4]]
            to = f"features.{2 * int(p[1]) + 1}.{p[3]}.{part}" + ("" if p[4] == "gamma" else f".{p[-1]}")
        names[name], state[name] = to, model.state_dict()[to].reshape(v.shape)
    other.load_state_dict(state)
    x = value(4096, 3 * 64 * 64).reshape(1, 3, 64, 64)
    assert torch.allclose(model(x), other(x), rtol=1e-12), "timm's network is another"
    result = {k: [names[k], list(v.shape)] for k, v in state.items()}
    lines = ",\n".join(f" {json.dumps(k)}: {json.dumps(v)}" for k, v in result.items())
    (HERE / "timm_convnext.json").write_text(f"{{\n{lines}\n}}\n")
    print("timm", timm.__version__, len(result))


def timm_efficientnet():
    """timm's names for the weights of EfficientNets, with torchvision's, once they give torchvision's logits.

    Both list their weights in the order in which they compute."""
    import timm

    result = {}
    for kind, arch, other in [("efficientnet-b0", "efficientnet_b0", "efficientnet_b0"), ("efficientnet-v2-s", "efficientnet_v2_s", "tf_efficientnetv2_s")]:
        eps = 1e-5 if kind == "efficientnet-b0" else 1e-3
        model = filled(getattr(torchvision.models, arch)(num_classes=CLASSES).double()).eval()
        theirs = timm.create_model(other, num_classes=CLASSES, bn_eps=eps, pad_type="").double().eval()
        own, state, names = model.state_dict(), {}, {}
        assert len(own) == len(theirs.state_dict())
        for (to, w), (name, v) in zip(own.items(), theirs.state_dict().items()):
            assert w.shape == v.shape and to.split(".")[-1] == name.split(".")[-1], (to, name)
            names[name], state[name] = to, w
        theirs.load_state_dict(state)
        x = value(4096, 3 * 64 * 64).reshape(1, 3, 64, 64)
        assert torch.allclose(model(x), theirs(x), rtol=1e-9), kind
        result[kind] = names
    lines = ",\n".join(f" {json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in result.items())
    (HERE / "timm_efficientnet.json").write_text(f"{{\n{lines}\n}}\n")
    print("timm", timm.__version__, {k: len(v) for k, v in result.items()})


SHIFTED = ["fcn-resnet50", "fpn"]
SLOW = partial(nn.BatchNorm2d, eps=1e-3, momentum=0.01)
RUNS = {
    "efficientnet-b0": lambda: (small_efficientnet("efficientnet_b0", 0.25, 0.5), 64),
    "efficientnet-b0-same": lambda: (same_efficientnet("efficientnet_b0", 0.25, 0.5, norm_layer=SLOW), 64),
    "efficientnet-b5": lambda: (small_efficientnet("efficientnet_b5", 0.25, 0.25, norm_layer=SLOW), 64),
    "efficientnet-v2-s": lambda: (small_efficientnet("efficientnet_v2_s", 0.25, 0.25, norm_layer=partial(nn.BatchNorm2d, eps=1e-3)), 64),
    "convnext-tiny": lambda: (small_convnext(8, [1, 1, 2, 1]), 64),
    "fcn8s": lambda: (FCN(8, 4, CLASSES), 32, True),
    "fcn-resnet50": lambda: (small_fcn_resnet(), 32, True),
    "fpn": lambda: (FPN([1, 1, 1, 1], 16, CLASSES), 64, True),
}

if __name__ == "__main__":
    for name in sys.argv[1:] or [*RUNS, "state_dicts", "timm_convnext", "timm_efficientnet"]:
        if name == "state_dicts":
            state_dicts()
        elif name == "timm_convnext":
            timm_convnext()
        elif name == "timm_efficientnet":
            timm_efficientnet()
        else:
            run(name, *RUNS[name]())
