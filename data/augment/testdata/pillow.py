"""Writes pillow.json: what Pillow 13 and torchvision 0.29 make of the pictures of picture() in pillow_test.go."""
import base64, json, math, sys
import numpy as np
from PIL import Image
from torchvision.transforms import functional as F
from torchvision.transforms.autoaugment import _apply_op
from torchvision.transforms import InterpolationMode as I


def picture(h, w, channels):
    y, x, c = np.mgrid[0:h, 0:w, 0:channels]
    v = (y * 9 + x * 11 + c * 71 + (y * x * (c + 3)) % 61 * 2) % 230 + 13
    v = v.astype(np.uint8)
    return Image.fromarray(v if channels == 3 else v[:, :, 0])


cases = []


def add(op, args, channels, image):
    a = np.array(image)
    cases.append(dict(op=op, args=[float(x) for x in args], channels=channels, height=a.shape[0], width=a.shape[1],
                      pixels=base64.b64encode(a.tobytes()).decode()))


H, W = 13, 17
for channels in (3, 1):
    p = picture(H, W, channels)
    for name, values in dict(ShearX=[0.09, -0.3, 0.99], ShearY=[0.09, -0.27], TranslateX=[2.3, -5], TranslateY=[3, -1.9],
                             Rotate=[9, -30, 121.5], Brightness=[0.27, -0.9, 0.03], Color=[0.27, -0.9], Contrast=[0.27, -0.63],
                             Sharpness=[0.27, -0.9], Posterize=[8, 5, 2], Solarize=[178.5, 0, 255], AutoContrast=[0], Equalize=[0]).items():
        for v in values if channels == 3 else values[:1]:
            add(name, [v], channels, _apply_op(p, name, v, I.NEAREST, None))
    add("Invert", [], channels, F.invert(p))
    add("Gray", [], channels, F.to_grayscale(p, num_output_channels=channels))
    for box, size, filter in (((2, 3, 9, 11), (6, 5), I.BILINEAR), ((0, 0, 13, 17), (20, 31), I.BICUBIC), ((1, 1, 7, 8), (7, 4), I.BILINEAR),
                              ((0, 5, 5, 5), (5, 5), I.BILINEAR), ((3, 0, 4, 9), (9, 9), I.NEAREST)):
        add("ResizedCrop " + filter.value, [*box, *size], channels, F.resized_crop(p, *box, size, interpolation=filter))
    for size in ((6, 6), (20, 10), (9, 30), (8, 12)):
        add("CenterCrop", size, channels, F.center_crop(p, size))
    for side in (5, 26):
        add("Short", [side], channels, F.resize(p, side))
    add("Flip", [0], channels, F.hflip(p))
    add("Flip", [1], channels, F.vflip(p))
    for mode in ("reflect", "edge", "constant"):
        add("Pad " + mode, [4], channels, F.pad(p, 4, padding_mode=mode))
for v in (0.1, -0.25, 0.5, -0.004):
    add("Hue", [v], 3, F.adjust_hue(picture(H, W, 3), v))
big = picture(64, 80, 3)
add("Equalize big", [], 3, _apply_op(big, "Equalize", 0, I.NEAREST, None).crop((0, 0, 20, 10)))
json.dump(cases, sys.stdout, indent=0)
