"""Write the reference values of products and what is made of them: python3 make_products.py"""

import torch
import torch.nn.functional as F
from reference import draw, entry, write


def squeeze(c, squeezed, activation, gate):
    acts = {"relu": F.relu, "silu": F.silu, "sigmoid": torch.sigmoid, "hardsigmoid": F.hardsigmoid}

    def run(x, **w):
        h = x.mean((2, 3), keepdim=True)
        h = acts[activation](F.conv2d(h, w["fc1.weight"], w["fc1.bias"]))
        return x * acts[gate](F.conv2d(h, w["fc2.weight"], w["fc2.bias"]))

    weights = {"fc1.weight": draw(squeezed, c, 1, 1), "fc1.bias": draw(squeezed), "fc2.weight": draw(c, squeezed, 1, 1), "fc2.bias": draw(c)}
    return entry("squeeze", run, draw(2, c, 3, 2), weights=weights, squeezed=squeezed, activation=activation, gate=gate)


write(__file__, [
    entry("mul", lambda a, b: a * b, draw(2, 5, 3, 2), draw(2, 5, 3, 2)),
    entry("sub", lambda a, b: a - b, draw(3, 7), draw(3, 7)),
    entry("weighted", lambda a, b, c: 0.5 * a - 2 * b + 0.25 * c, draw(3, 7), draw(3, 7), draw(3, 7)),
    entry("channels", lambda x, s: x * s, draw(2, 9, 3, 4), draw(2, 9, 1, 1)),
    entry("layerscale", lambda x, weight: x * weight, draw(2, 9, 3, 4), weights={"weight": draw(9, 1, 1)}),
    squeeze(6, 2, "silu", "sigmoid"),
    squeeze(8, 3, "relu", "hardsigmoid"),
])
