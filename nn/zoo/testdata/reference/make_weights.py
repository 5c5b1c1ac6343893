"""List what torchvision, timm and pretrainedmodels say of weights that they publish: python3 make_weights.py

It writes weights.json: for every set of weights that a kind names, by the source's
name of the network, accuracy on ImageNet in percent (which torchvision alone keeps with
the weights), and what is done with a picture. timm keeps the share of a picture's shorter
side that is cut out, and rounds the side down. Means and deviations are of red, green, blue.
"""

import json
import math
import pathlib

import timm
import torchvision

from make_inceptions import pretrained

TORCHVISION = """alexnet vgg11 vgg11_bn vgg13 vgg13_bn vgg16 vgg16_bn vgg19 vgg19_bn googlenet inception_v3 resnet18 resnet34 resnet50
    resnet101 resnet152 resnext50_32x4d resnext101_32x8d resnext101_64x4d mobilenet_v2 densenet121 densenet161 densenet169 densenet201
    efficientnet_b0 efficientnet_b1 efficientnet_b2 efficientnet_b3 efficientnet_b4 efficientnet_b5 efficientnet_b6 efficientnet_b7
    efficientnet_v2_s efficientnet_v2_m efficientnet_v2_l convnext_tiny convnext_small convnext_base convnext_large""".split()
TIMM = """inception_v4.tf_in1k inception_resnet_v2.tf_in1k legacy_xception.tf_in1k mobilenetv1_100.ra4_e3600_r224_in1k nasnetalarge.tf_in1k
    seresnet50.ra2_in1k seresnet50.a1_in1k resnet50_gn.a1h_in1k""".split()
TESTED_LARGER = ["seresnet50.ra2_in1k", "seresnet50.a1_in1k"]  # a kind names these weights at timm's size for tests, too
PRETRAINEDMODELS = {"bninception": "bninception", "nasnetamobile": "nasnet_mobile", "nasnetalarge": "nasnet"}  # and its file
SEGMENTATION = ["fcn_resnet50", "fcn_resnet101"]  # of torchvision


def preset(resize, crop, by, mean, deviation, **more):
    return dict(resize=resize, crop=crop, by=by, mean=list(mean), deviation=list(deviation), **more)


def torchvision_weights(name):
    for w in torchvision.models.get_model_weights(name):
        if w.name.startswith("IMAGENET1K_V"):
            t = w.transforms()
            top1 = w.meta["_metrics"]["ImageNet-1K"]["acc@1"]
            yield f"torchvision {w.name}", preset(t.resize_size[0], t.crop_size[0], t.interpolation.value, t.mean, t.std, top1=top1)


def segmentation_weights(name):
    """torchvision resizes the shorter side, and cuts nothing; a preset takes the middle of it."""
    for w in torchvision.models.get_model_weights(name):
        t = w.transforms()
        yield f"torchvision {w.name}", preset(t.resize_size[0], t.resize_size[0], t.interpolation.value, t.mean, t.std)


def timm_weights(name):
    c = timm.models.get_pretrained_cfg(name)
    crop = c.input_size[1]
    yield f"timm {name}", preset(math.floor(crop / c.crop_pct), crop, c.interpolation, c.mean, c.std)
    if name in TESTED_LARGER:
        crop = c.test_input_size[1]
        yield f"timm {name} at {crop}", preset(math.floor(crop / c.test_crop_pct), crop, c.interpolation, c.mean, c.std)


def tensorflow_weights(name):
    """The authors' EfficientNets, which timm has with TensorFlow's padding; all weights of a member but AdvProp's have one preset."""
    v2 = name.startswith("v2_")
    net = f"tf_efficientnet{name}" if v2 else f"tf_efficientnet_{name}"
    seen = {}
    for tag in timm.list_pretrained(f"{net}.*"):
        c = timm.models.get_pretrained_cfg(tag)
        sides = {f"timm {net}{'.ap_in1k' if tag.endswith('.ap_in1k') else ''}": (c.input_size[1], c.crop_pct)}
        if v2:
            sides[f"timm {net} at {c.test_input_size[1]}"] = (c.test_input_size[1], c.test_crop_pct or c.crop_pct)
        for key, (crop, share) in sides.items():
            made = preset(math.floor(crop / share), crop, c.interpolation, c.mean, c.std, same=True)
            assert seen.setdefault(key, made) == made, tag
    return seen


def pretrainedmodels_weights(name):
    s = pretrained(PRETRAINEDMODELS[name]).pretrained_settings[name]["imagenet"]
    crop, most, blue_first = s["input_size"][1], s["input_range"][1], s["input_space"] == "BGR"
    ordered = lambda values: [v / most for v in (reversed(values) if blue_first else values)]
    yield f"pretrainedmodels {name}", preset(math.floor(crop / 0.875), crop, "bilinear", ordered(s["mean"]), ordered(s["std"]), blueFirst=blue_first)


def main():
    result = {f"torchvision {n}": dict(torchvision_weights(n)) for n in TORCHVISION}
    for n in TIMM:
        result.setdefault(f"timm {n.split('.')[0]}", {}).update(timm_weights(n))
    for n in [f"b{i}" for i in range(8)] + ["v2_s", "v2_m", "v2_l"]:
        result[f"torchvision efficientnet_{n}"] |= tensorflow_weights(n)
    result |= {f"torchvision {n}": dict(segmentation_weights(n)) for n in SEGMENTATION}
    result |= {f"pretrainedmodels {n}": dict(pretrainedmodels_weights(n)) for n in PRETRAINEDMODELS}
    result["pretrainedmodels nasnetalarge"] |= result.pop("timm nasnetalarge")  # whose names the kind has
    lines = ",\n".join(f" {json.dumps(k)}: {json.dumps(v)}" for k, v in result.items())
    (pathlib.Path(__file__).parent / "weights.json").write_text(f"{{\n{lines}\n}}\n")


if __name__ == "__main__":
    main()
