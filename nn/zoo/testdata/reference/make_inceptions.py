"""Run Inception networks, Xception and NASNet once in PyTorch: python3 make_inceptions.py [KIND…]

Needs torchvision, timm, facenet-pytorch and pretrainedmodels (with --no-deps).

For every kind this writes to inceptions.json what the implementation has that the
kind follows: parameters, entries of the state_dict, a hash of their names and
shapes, and the multiply-adds of convolutions and linear layers for one image. And
it writes KIND.json for a network of a fraction of the channels and blocks: every layer
is cut down while the first batch goes through it. That has inference and a step, as
common.py has them, whose loss has those of side heads in it, without dropout and kept
off the kinks, as kinks.py has it.

GoogLeNet as Caffe has it, bvlc_googlenet, is written out here.
"""

import hashlib
import importlib.util
import json
import pathlib
import sys

import facenet_pytorch
import timm
import torch
import torch.nn.functional as F
import torchvision
from torch import nn

from common import CLASSES, HERE, classes, compared, filled, images, listing, multiply_adds, write
from kinks import off_the_kinks

TRUNK = "inceptionv3-trunk"  # without its side head it takes images so small that few values lie near kinks
SHIFTED = ["googlenet", "inceptionv3", TRUNK, "bninception", "inceptionv4", "inception-resnet-v1", "inception-resnet-v2", "xception"]
TRIES = dict.fromkeys([TRUNK, "inceptionv4", "inception-resnet-v1", "xception", "nasnet-mobile", "nasnet-large"], 16) | {"inception-resnet-v2": 32}


def pretrained(file):
    """A file of pretrainedmodels, without what the package itself imports."""
    folder = pathlib.Path(importlib.util.find_spec("pretrainedmodels").origin).parent
    spec = importlib.util.spec_from_file_location(file, folder / "models" / f"{file}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


NASNETS = {True: pretrained("nasnet").NASNetALarge, False: pretrained("nasnet_mobile").NASNetAMobile}


class CaffeInception(nn.ModuleDict):
    def __init__(self, cin, one, reduce3, three, reduce5, five, project):
        super().__init__({
            "1x1": nn.Conv2d(cin, one, 1), "3x3_reduce": nn.Conv2d(cin, reduce3, 1), "3x3": nn.Conv2d(reduce3, three, 3, padding=1),
            "5x5_reduce": nn.Conv2d(cin, reduce5, 1), "5x5": nn.Conv2d(reduce5, five, 5, padding=2), "pool_proj": nn.Conv2d(cin, project, 1),
        })

    def forward(self, x):
        def unit(name, x):
            return F.relu(self[name](x))

        pool = F.max_pool2d(x, 3, 1, 1, ceil_mode=True)
        return torch.cat([
            unit("1x1", x), unit("3x3", unit("3x3_reduce", x)), unit("5x5", unit("5x5_reduce", x)), unit("pool_proj", pool),
        ], 1)


class CaffeSide(nn.Module):
    def __init__(self, cin, classes):
        super().__init__()
        self.conv, self.fc, self.classifier = nn.Conv2d(cin, 128, 1), nn.Linear(2048, 1024), nn.Linear(1024, classes)

    def forward(self, x):
        x = F.relu(self.conv(F.avg_pool2d(x, 5, 3))).flatten(1)
        return self.classifier(F.relu(self.fc(x)))


class CaffeGoogLeNet(nn.Module):
    ROWS = dict(
        a3=(192, 64, 96, 128, 16, 32, 32), b3=(256, 128, 128, 192, 32, 96, 64),
        a4=(480, 192, 96, 208, 16, 48, 64), b4=(512, 160, 112, 224, 24, 64, 64), c4=(512, 128, 128, 256, 24, 64, 64),
        d4=(512, 112, 144, 288, 32, 64, 64), e4=(528, 256, 160, 320, 32, 128, 128),
        a5=(832, 256, 160, 320, 32, 128, 128), b5=(832, 384, 192, 384, 48, 128, 128),
    )

    def __init__(self, classes=1000):
        super().__init__()
        self.conv1 = nn.ModuleDict({"7x7_s2": nn.Conv2d(3, 64, 7, 2, 3)})
        self.conv2 = nn.ModuleDict({"3x3_reduce": nn.Conv2d(64, 64, 1), "3x3": nn.Conv2d(64, 192, 3, padding=1)})
        for name, row in self.ROWS.items():
            setattr(self, f"inception_{name[1]}{name[0]}", CaffeInception(*row))
        self.loss1, self.loss2 = CaffeSide(512, classes), CaffeSide(528, classes)
        self.loss3 = nn.ModuleDict({"classifier": nn.Linear(1024, classes)})

    def forward(self, x):
        def halve(x):
            return F.max_pool2d(x, 3, 2, ceil_mode=True)

        x = F.local_response_norm(halve(F.relu(self.conv1["7x7_s2"](x))), 5)
        x = F.relu(self.conv2["3x3"](F.relu(self.conv2["3x3_reduce"](x))))
        x = halve(F.local_response_norm(x, 5))
        x = halve(self.inception_3b(self.inception_3a(x)))
        x = self.inception_4a(x)
        side1 = self.loss1(x) if self.training else None
        x = self.inception_4d(self.inception_4c(self.inception_4b(x)))
        side2 = self.loss2(x) if self.training else None
        x = self.inception_5b(self.inception_5a(halve(self.inception_4e(x))))
        y = self.loss3["classifier"](x.mean((2, 3)))
        return (y, side2, side1) if self.training else y


def short_nasnet(large, filters, stem):
    """Two cells in a stage."""
    class Short(NASNETS[large]):
        def features(self, x):
            conv0 = self.conv0(x)
            stem0 = self.cell_stem_0(conv0)
            stem1 = self.cell_stem_1(conv0, stem0)
            cell0 = self.cell_0(stem1, stem0)
            cell1 = self.cell_1(cell0, stem1)
            reduction0 = self.reduction_cell_0(cell1, cell0)
            cell6 = self.cell_6(reduction0, cell0 if large else cell1)
            cell7 = self.cell_7(cell6, reduction0)
            reduction1 = self.reduction_cell_1(cell7, cell6)
            cell12 = self.cell_12(reduction1, cell6 if large else cell7)
            return self.cell_13(cell12, reduction1)

    model = Short(num_classes=CLASSES, stem_filters=stem, penultimate_filters=24 * filters)
    model.avg_pool = nn.AdaptiveAvgPool2d(1)
    for i in [2, 3, 4, 5, 8, 9, 10, 11, 14, 15, 16, 17]:
        if hasattr(model, f"cell_{i}"):
            delattr(model, f"cell_{i}")
    return model


def timm_model(name, classes):
    return timm.create_model(name, num_classes=classes)


def short_v4():
    model = timm_model("inception_v4", CLASSES)
    f = model.features  # stem 0-5, A 6-9, 10, B 11-17, 18, C 19-21
    model.features = nn.Sequential(*f[:7], f[10], *f[11:13], f[18], f[19])
    return model


def short_irv2():
    model = timm_model("inception_resnet_v2", CLASSES)
    model.repeat, model.repeat_1, model.repeat_2 = model.repeat[:1], model.repeat_1[:2], model.repeat_2[:1]
    return model


def short_irv1():
    model = facenet_pytorch.InceptionResnetV1(classify=True, num_classes=CLASSES)
    model.repeat_1, model.repeat_2, model.repeat_3 = model.repeat_1[:1], model.repeat_2[:1], model.repeat_3[:1]
    return model


def short_xception():
    model = timm_model("legacy_xception", CLASSES)
    model.block5 = model.block12
    for i in range(6, 13):
        setattr(model, f"block{i}", nn.Identity())
    return model


def facenet(classes):
    return facenet_pytorch.InceptionResnetV1(classify=True, num_classes=classes)


def bninception(classes):
    model = pretrained("bninception").BNInception(num_classes=classes)
    model.global_pool = nn.AdaptiveAvgPool2d(1)
    return model


tv = torchvision.models
# kind: (the implementation, its image and classes; a small one, its width, image and depth)
KINDS = {
    "googlenet": (lambda n: tv.googlenet(num_classes=n, init_weights=False), 224, 1000, None, 1 / 8, 64, 1),
    "googlenet-original": (CaffeGoogLeNet, 224, 1000, None, 1 / 8, 224, 1),
    "inceptionv3": (lambda n: tv.inception_v3(num_classes=n, init_weights=False), 299, 1000, None, 1 / 8, 299, 1),
    TRUNK: (lambda n: tv.inception_v3(num_classes=n, init_weights=False, aux_logits=False), 299, 1000, None, 1 / 8, 107, 1),
    "bninception": (bninception, 224, 1000, None, 1 / 8, 96, 1),
    "inceptionv4": (lambda n: timm_model("inception_v4", n), 299, 1000, short_v4, 1 / 8, 139, 0.25),
    "inception-resnet-v2": (lambda n: timm_model("inception_resnet_v2", n), 299, 1000, short_irv2, 1 / 4, 107, 0.1),
    "inception-resnet-v1": (facenet, 160, 8631, short_irv1, 1 / 4, 107, 0.1),
    "xception": (lambda n: timm_model("legacy_xception", n), 299, 1000, short_xception, 1 / 8, 75, 0.125),
    "nasnet-mobile": (lambda n: NASNETS[False](num_classes=n), 224, 1000, lambda: short_nasnet(False, 8, 8), None, 64, 0.5),
    "nasnet-large": (lambda n: NASNETS[True](num_classes=n), 331, 1000, lambda: short_nasnet(True, 8, 8), None, 43, 0.3),
}
WEIGHTS = {"inceptionv3": 0.4}  # of the losses of side heads
# How the names begin of weights whose gradients are held, where not all are: in front of them are so many maxima that
# some change sides in float32.
HELD = {
    "inceptionv3": ["AuxLogits.", "Mixed_7", "fc."],
    "inception-resnet-v2": ["block8.", "classif.", "conv2d_7b.", "mixed_", "repeat"],
}


def wide(n, width):
    """channels by a factor, to multiples of 8 (torchvision's _make_divisible)"""
    n = n * width
    rounded = max(8, int(n + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * n else rounded


def cut(model, width):
    """Have every layer be made again, smaller, when the first batch comes to it."""
    def shrink(m, args):
        c = args[0].shape[1]
        if isinstance(m, nn.Conv2d):
            depthwise = m.groups > 1
            out = c if depthwise else wide(m.out_channels, width)
            m.in_channels, m.out_channels, m.groups = c, out, c if depthwise else 1
            m.weight = nn.Parameter(torch.zeros(out, 1 if depthwise else c, *m.kernel_size))
        elif isinstance(m, nn.Linear):
            out = m.out_features if m.out_features == CLASSES else wide(m.out_features, width)
            m.in_features, m.out_features = c, out
            m.weight = nn.Parameter(torch.zeros(out, c))
        else:
            out = m.num_features = c
            m.weight = nn.Parameter(torch.ones(c))
            m.running_mean, m.running_var = torch.zeros(c), torch.ones(c)
        if m.bias is not None:
            m.bias = nn.Parameter(torch.zeros(out))
        handles.pop(m).remove()

    handles = {m: m.register_forward_pre_hook(shrink)
               for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear, nn.modules.batchnorm._BatchNorm))}
    return model


def entries(state):
    return {k: dict(shape=list(v.shape), type="I64" if v.dtype == torch.int64 else "F32") for k, v in state.items()}


def published(make, size, classes):
    model = make(classes).eval()
    lines = [f"{k} {v['type']} {' '.join(map(str, v['shape']))}\n" for k, v in sorted(entries(model.state_dict()).items())]
    return dict(
        parameters=sum(p.numel() for p in model.parameters()), entries=len(lines),
        names=hashlib.sha256("".join(lines).encode()).hexdigest(), multiplyAdds=multiply_adds(model, 1, 3, size, size),
    )


def run(kind, model, size):
    for m in model.modules():
        if isinstance(m, nn.Dropout):
            m.p = 0.0
    with torch.no_grad():
        model.train()(images(size)[0])
    model.load_state_dict({k: v.clone() for k, v in model.state_dict().items()})
    pixels, how = off_the_kinks(filled(model), size, tries=TRIES.get(kind, 1), shifted=kind in SHIFTED)
    held = HELD.get(kind, [""])
    write(kind, dict(torch=torch.__version__, **how, **listing(model), held=held,
                     **compared(model, pixels, classes(), held=tuple(held), side=WEIGHTS.get(kind, 0.3))))


if __name__ == "__main__":
    facts = HERE / "inceptions.json"
    known = json.loads(facts.read_text()) if facts.exists() else {}
    for kind in sys.argv[1:] or KINDS:
        make, size, count, small, width, small_size, depth = KINDS[kind]
        if kind != TRUNK:
            known[kind] = published(make, size, count) | dict(width=width or 0.001, depth=depth)
            facts.write_text(json.dumps(known, indent=1) + "\n")
        torch.set_default_dtype(torch.float64)
        model = small() if small else make(CLASSES)
        run(kind, cut(model, width) if width else model, small_size)
        torch.set_default_dtype(torch.float32)
