"""How float32 is kept from changing a step more than rounding does.

A rectifier or a maximum that changes sides under rounding moves gradients far more. So the bias in front of every
rectifier is shifted, one after another, channel by channel, by the multiple of STEP that keeps the channel's values of
a step farthest from zero: "shifts" has a letter of LETTERS for every channel. A maximum that changes sides is no
nearer then, so the pixels are those of several tries that keep all maxima clearest, and where nothing is shifted all
rectifiers, too: "pixels" is the site of their formula.
"""

import copy

import torch
import torch.nn.functional as F

from common import LANES, PIXELS, images

STEP, LETTERS = 2.0**-9, "abcdefghijklmnopqrstuvwxyz"  # m is no shift
NEAR = 12  # modules back from a rectifier to its biases


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
        n, by, pad = (v if isinstance(v, int) else v[0] for v in (kernel_size, stride or kernel_size, padding))
        windows = F.pad(x, [pad, pad + (by - 1 if ceil_mode else 0)] * 2, value=-1e9).unfold(2, n, by).unfold(3, n, by).flatten(4)
        top = windows.topk(2).values
        apart = top[..., 0] - top[..., 1]
        note(x, apart[(top[..., 0] > 0) & (apart > 0)])  # equal are copies of one value
        return saved[2](x, kernel_size, stride, padding, dilation, ceil_mode)

    F.relu, F.hardtanh, F.max_pool2d = relu, hardtanh, max_pool2d
    try:
        with torch.no_grad():
            for lane in range(LANES):
                copy.deepcopy(model).train()(pixels[lane])
    finally:
        F.relu, F.hardtanh, F.max_pool2d = saved
    return least[0]


def off_the_kinks(model, size, channels=3, tries=1, shifted=True):
    """Images for a step of the model, whose biases are shifted; and how the reference tells both."""
    sites = range(PIXELS, PIXELS + tries)
    clear = lambda site: kinks(model, images(size, site, channels), rectifiers=not shifted)
    site = max(sites, key=clear) if tries > 1 else PIXELS
    pixels = images(size, site, channels)
    how = dict(image=size, channels=channels, pixels=site, shifts=shift(model, pixels) if shifted else {})
    print(f"pixels of site {site}, kinks {kinks(model, pixels):.1e}, of maxima {kinks(model, pixels, False):.1e}", flush=True)
    return pixels, how
