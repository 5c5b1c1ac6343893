"""Run Inception networks, Xception and NASNet once in PyTorch: python3 make_inceptions.py [KIND…]

Needs torchvision, timm, facenet-pytorch and pretrainedmodels (with --no-deps).

For every kind this writes to inceptions.json what the implementation has that the
kind follows: parameters, entries of the state_dict, a hash of their names and
shapes, and the multiply-adds of convolutions and linear layers for one image. And
it writes KIND.json, as make_images.py does, for a network of a fraction of the
channels and blocks: every layer is cut down while the first batch goes through
it. Dropout is left out. The loss has those of side heads in it. "float32" is how far
PyTorch's own gradients are off in float32: the largest error of a norm, and of an
element. Where biases in front of rectifiers are shifted off the kinks, "shifts" has
make_backbones.py's letters; a maximum that changes sides is no nearer then, so the pixels
are those of several tries that keep all maxima clearest: "pixels" is the site of their formula.
Where no biases are shifted they are those that keep rectifiers farthest from kinks, too.

GoogLeNet as Caffe has it, bvlc_googlenet, is written out here.
"""

import copy
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

from make_backbones import kinks, shift
from make_families import strays
from make_images import CLASSES, LANES, ROWS, multiply_adds, rounded, value, weight

# Biases in front of rectifiers, by make_backbones.py's letters; of some the pixels, too, are chosen.
RESNETS = ["inception-resnet-v1", "inception-resnet-v2"]
TRUNK = "inceptionv3-trunk"  # without its side head it takes images so small that few values lie near kinks
SHIFTED, TRIED = ["googlenet", "inceptionv3", TRUNK, "inceptionv4", *RESNETS], [*RESNETS, "nasnet-mobile", TRUNK]
SITE, TRIES = 4096, 16  # the formula's site of pixels
HERE = pathlib.Path(__file__).parent


def pretrained(file):
    """A file of pretrainedmodels, without what the package itself imports."""
    folder = pathlib.Path(importlib.util.find_spec("pretrainedmodels").origin).parent
    spec = importlib.util.spec_from_file_location(file, folder / "models" / f"{file}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


NASNETS = {True: pretrained("nasnet").NASNetALarge, False: pretrained("nasnet_mobile").NASNetAMobile}
FIRST = 2


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
    "bninception": (bninception, 224, 1000, None, 1 / 8, 64, 1),
    "inceptionv4": (lambda n: timm_model("inception_v4", n), 299, 1000, short_v4, 1 / 8, 83, 0.25),
    "inception-resnet-v2": (lambda n: timm_model("inception_resnet_v2", n), 299, 1000, short_irv2, 1 / 4, 107, 0.1),
    "inception-resnet-v1": (facenet, 160, 8631, short_irv1, 1 / 4, 107, 0.1),
    "xception": (lambda n: timm_model("legacy_xception", n), 299, 1000, short_xception, 1 / 8, 75, 0.125),
    "nasnet-mobile": (lambda n: NASNETS[False](num_classes=n), 224, 1000, lambda: short_nasnet(False, 8, 8), None, 64, 0.5),
    "nasnet-large": (lambda n: NASNETS[True](num_classes=n), 331, 1000, lambda: short_nasnet(True, 8, 8), None, 43, 0.3),
}
WEIGHTS = {"inceptionv3": 0.4}  # of the losses of side heads


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


def pixels(size, rows, site=SITE):
    return value(site, rows * size * size * 3).reshape(rows, size, size, 3).permute(0, 3, 1, 2)


def outputs(model, x):
    """The logits, and those of side heads in their order."""
    y = model(x)
    if isinstance(y, tuple):
        return y[0], list(y[:0:-1])
    return y, []


def entries(state):
    return {k: dict(shape=list(v.shape), type="I64" if v.dtype == torch.int64 else "F32") for k, v in state.items()}


def published(make, size, classes):
    model = make(classes).eval()
    lines = [f"{k} {v['type']} {' '.join(map(str, v['shape']))}\n" for k, v in sorted(entries(model.state_dict()).items())]
    return dict(
        parameters=sum(p.numel() for p in model.parameters()), entries=len(lines),
        names=hashlib.sha256("".join(lines).encode()).hexdigest(), multiplyAdds=multiply_adds(model, 1, 3, size, size),
    )


def summary(x):
    return dict(norm=float(f"{x.norm():.9g}"), first=rounded(x.reshape(-1)[:FIRST]))


def run(kind, model, size):
    for m in model.modules():
        if isinstance(m, nn.Dropout):
            m.p = 0.0
    with torch.no_grad():
        model.train()(pixels(size, 2))
    model.load_state_dict({k: v.clone() for k, v in model.state_dict().items()})
    state = model.state_dict()
    for site, k in enumerate(sorted(state)):
        if state[k].dtype != torch.int64:
            state[k].copy_(weight(site, k, list(state[k].shape)))
        else:
            state[k].zero_()
    images = lambda site: pixels(size, LANES * ROWS, site).reshape(LANES, ROWS, 3, size, size)
    site = max(range(SITE, SITE + TRIES), key=lambda at: kinks(model, images(at), rectifiers=kind not in SHIFTED)) if kind in TRIED else SITE
    images = images(site)
    target = torch.arange(LANES * ROWS).reshape(LANES, ROWS) * 3 % CLASSES
    shifts = dict(shifts=shift(model, images)) if kind in SHIFTED else {}
    print(f"{kind}: pixels of site {site}, kinks {kinks(model, images):.1e}", flush=True)
    inference, loss, logits, sides, running, grads = step(kind, model, images, target)
    torch.set_default_dtype(torch.float32)
    single = step(kind, copy.deepcopy(model).float(), images.float(), target)
    torch.set_default_dtype(torch.float64)
    result = dict(
        torch=torch.__version__, image=size, channels=3, pixels=site, **shifts, float32=strays(grads, single[5]), loss=loss, logits=rounded(logits),
        inference=rounded(inference), sides=[rounded(s) for s in sides], tensors=entries(state),
        grads={k: summary(g) for k, g in grads.items()}, running={k: summary(r) for k, r in running.items()},
    )
    lines = ",\n".join(f" {json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in result.items())
    (HERE / f"{kind}.json").write_text(f"{{\n{lines}\n}}\n")
    print(kind, sum(p.numel() for p in model.parameters()), len(state), loss, result["float32"], flush=True)


def step(kind, model, images, target):
    """Logits for inference; loss, logits, those at the sides, running statistics and gradients of a step."""
    model.eval()
    with torch.no_grad():
        inference = model(images.flatten(0, 1))
    loss, logits, sides, after, grads = 0.0, [], [], [], {}
    for lane in range(LANES):
        m = copy.deepcopy(model).train()
        y, beside = outputs(m, images[lane])
        part = F.cross_entropy(y, target[lane], reduction="sum")
        for s in beside:
            part = part + WEIGHTS.get(kind, 0.3) * F.cross_entropy(s, target[lane], reduction="sum")
        (part / (LANES * ROWS)).backward()
        loss += part.item() / (LANES * ROWS)
        logits.append(y.detach())
        sides.append([s.detach() for s in beside])
        after.append(m.state_dict())
        for k, p in m.named_parameters():
            grads[k] = grads.get(k, 0) + p.grad
    running = {k: sum(a[k] for a in after) / LANES for k in after[0] if "running" in k}
    return inference, loss, torch.cat(logits), [torch.cat([s[i] for s in sides]) for i in range(len(sides[0]))], running, grads


if __name__ == "__main__":
    facts = HERE / "inceptions.json"
    known = json.loads(facts.read_text()) if facts.exists() else {}
    for kind in sys.argv[1:] or KINDS:
        make, size, classes, small, width, small_size, depth = KINDS[kind]
        if kind != TRUNK:
            known[kind] = published(make, size, classes) | dict(width=width or 0.001, depth=depth)
            facts.write_text(json.dumps(known, indent=1) + "\n")
        torch.set_default_dtype(torch.float64)
        model = small() if small else make(CLASSES)
        run(kind, cut(model, width) if width else model, small_size)
        torch.set_default_dtype(torch.float32)
