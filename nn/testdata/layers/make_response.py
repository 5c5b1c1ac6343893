"""Write the reference values of local response normalization: python3 make_response.py"""

import torch.nn.functional as F
from reference import draw, entry, write


def local(n, c, h, w, size, alpha, beta, k, scale=1):
    run = lambda x: F.local_response_norm(x, size, alpha, beta, k)
    return entry("local", run, draw(n, c, h, w, scale=scale), size=size, alpha=alpha, beta=beta, k=k)


write(__file__, [
    local(2, 9, 2, 3, 5, 1e-4, 0.75, 1.0, 64), local(2, 6, 2, 2, 4, 0.5, 0.75, 2.0), local(1, 7, 2, 2, 3, 1.0, 0.6, 1.5),
    local(1, 3, 2, 2, 5, 1.0, 0.75, 1.0),
])
