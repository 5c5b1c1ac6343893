"""Writes presets.txt: what torchvision's and timm's transforms for evaluation make of pictures, for TestPresetPictures.

    python presets.py > presets.txt    (torchvision, timm, Pillow)

A line is the filter, the short side after scaling, the side of the square that is cut out, the picture's width and height, the
SHA-256 of the square's bytes, and four numbers: red, green and blue of pixel [6, 8] of what goes into the network with
ImageNet's mean and deviation, and the mean of the pixels of even rows and columns. Where timm has the transform too, it must say the same as torchvision.
"""
import hashlib
import math

import numpy as np
import torch
from PIL import Image
from timm.data import create_transform
from torchvision.transforms import CenterCrop, InterpolationMode, Resize
from torchvision.transforms._presets import ImageClassification

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def pattern(width, height):
    """The picture that TestPresetPictures makes too: waves of all lengths."""
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    return Image.fromarray(((x * x // 7 + y * y // 11 + x * y // 5 + 85 * c + 37 * (x // 16 % 2)) % 256).astype(np.uint8))


PRESETS = [
    ("bilinear", 256, 224), ("bilinear", 232, 224), ("bilinear", 256, 227), ("bilinear", 236, 224), ("bilinear", 230, 224),
    ("bilinear", 255, 240), ("bilinear", 384, 384), ("bilinear", 480, 480), ("bilinear", 342, 299), ("bilinear", 160, 160),
    ("bicubic", 480, 480), ("bicubic", 256, 224), ("bicubic", 256, 240), ("bicubic", 288, 288), ("bicubic", 320, 300),
    ("bicubic", 384, 380), ("bicubic", 456, 456), ("bicubic", 528, 528), ("bicubic", 600, 600), ("bicubic", 333, 299),
    ("bicubic", 341, 299), ("bicubic", 363, 331), ("bicubic", 303, 288), ("bicubic", 238, 224), ("bilinear", 378, 331), ("bilinear", 520, 520),
    ("bilinear", 500, 500), ("bicubic", 235, 224), ("bicubic", 272, 240), ("bicubic", 292, 260), ("bicubic", 331, 300), ("bicubic", 412, 380),
    ("bicubic", 488, 456), ("bicubic", 560, 528), ("bicubic", 632, 600), ("bicubic", 300, 300), ("bicubic", 384, 384),
]

for by, resize, crop in PRESETS:
    mode = InterpolationMode(by)
    whole = ImageClassification(crop_size=crop, resize_size=resize, interpolation=mode, mean=MEAN, std=STD)
    timm = create_transform((3, crop, crop), interpolation=by, crop_pct=crop / resize, mean=MEAN, std=STD)
    for width, height in [(500, 375), (301, 533), (90, 70)]:
        picture = pattern(width, height)
        square = CenterCrop(crop)(Resize(resize, mode)(picture))
        x = whole(picture)
        if math.floor(crop / (crop / resize)) == resize:
            assert torch.equal(timm(picture), x), (by, resize, crop)
        digest = hashlib.sha256(square.tobytes()).hexdigest()
        print(by, resize, crop, width, height, digest, *(f"{v:.6f}" for v in x[:, 6, 8].tolist()), f"{x[:, ::2, ::2].double().mean().item():.6f}")
