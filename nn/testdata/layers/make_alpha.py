"""Write what PyTorch's alpha dropout makes of a row, for several rates: python3 make_alpha.py

PyTorch draws by itself which elements are dropped; the test finds out from their values.
"""

import json

import torch

torch.manual_seed(1)
x = ((torch.rand(200) * 256 - 128).round() / 32).double()
entries = []
for rate in 0.05, 0.25, 0.5, 0.75:
    y = torch.nn.AlphaDropout(rate)(x)
    entries.append({"rate": rate, "x": x.tolist(), "y": [float(f"{v:.9g}") for v in y.tolist()]})
with open("alpha.json", "w") as f:
    f.write("[\n" + ",\n".join(json.dumps(e) for e in entries) + "\n]\n")
