"""Write the reference values of activations: python3 make_activations.py

Each has an input [3, 11], a gradient of its output, the output and the gradient
of the input, as torch.nn.functional computes them in float64 from float32
numbers.
"""

import json
import pathlib

import torch
from torch.nn import functional as F

torch.manual_seed(2)
CASES = {"gelu": F.gelu, "silu": F.silu, "softmax": lambda x: F.softmax(x, 1), "tanh": torch.tanh, "sigmoid": torch.sigmoid}

out = {}
for name, f in CASES.items():
    x = (torch.randn(3, 11) * 3).double().requires_grad_()
    grad = torch.randn(3, 11).double()
    y = f(x)
    y.backward(grad)
    out[name] = {k: v.detach().flatten().tolist() for k, v in {"x": x, "y": y, "y_grad": grad, "x_grad": x.grad}.items()}
pathlib.Path(__file__).with_name("activations.json").write_text(json.dumps(out, indent=1))
