"""Write the reference values of norms that know no batch: python3 make_norms.py"""

import torch.nn.functional as F
from reference import draw, entry, write


def layer(n, c, affine=True, h=0, w=0, eps=1e-5):
    """Over the channels of every pixel, or of every row."""
    x = draw(n, c, h, w) if h else draw(n, c)

    def run(x, weight=None, bias=None):
        if not h:
            return F.layer_norm(x, (c,), weight, bias, eps)
        return F.layer_norm(x.permute(0, 2, 3, 1), (c,), weight, bias, eps).permute(0, 3, 1, 2)

    return entry("layer", run, x, weights=affine and {"weight": draw(c), "bias": draw(c)}, eps=eps, affine=affine)


def rms(n, c):
    return entry("rms", lambda x, weight: F.rms_norm(x, (c,), weight, 2.0**-23), draw(n, c), weights={"weight": draw(c)}, eps=2.0**-23)


def group(groups, n, c, h, w, affine=True, eps=1e-5, away=0):
    weights = affine and {"weight": draw(c), "bias": draw(c)}
    run = lambda x, weight=None, bias=None: F.group_norm(x, groups, weight, bias, eps)
    return entry("group", run, draw(n, c, h, w) + away, weights=weights, groups=groups, eps=eps, affine=affine)


def instance(n, c, h, w, affine):
    weights = affine and {"weight": draw(c), "bias": draw(c)}
    run = lambda x, weight=None, bias=None: F.instance_norm(x, weight=weight, bias=bias)
    return entry("instance", run, draw(n, c, h, w), weights=weights, eps=1e-5, affine=affine)


write(__file__, [
    layer(3, 7), layer(2, 37), layer(4, 16, affine=False), layer(2, 5, h=3, w=2), layer(2, 24, h=2, w=2, eps=1e-6), rms(3, 21),
    group(2, 2, 6, 3, 4), group(1, 2, 4, 3, 3), group(4, 1, 12, 2, 3, affine=False), group(3, 2, 9, 2, 2, away=5),
    group(8, 2, 8, 1, 2), instance(2, 5, 3, 3, False), instance(2, 9, 4, 2, True),
])
