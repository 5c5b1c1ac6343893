"""Write the reference values of functions of single values and rows: python3 make_functions.py"""

import torch.nn.functional as F
from reference import draw, entry, write

x = lambda: draw(4, 40, scale=6)
weight = lambda n: {"weight": draw(n)}
write(__file__, [
    entry("leakyrelu", lambda x: F.leaky_relu(x, 0.01), x(), slope=0.01),
    entry("leakyrelu", lambda x: F.leaky_relu(x, 0.2), x(), slope=0.2),
    entry("hardsigmoid", F.hardsigmoid, x()),
    entry("hardswish", F.hardswish, x()),
    entry("gelutanh", lambda x: F.gelu(x, approximate="tanh"), x()),
    entry("elu", F.elu, x(), alpha=1),
    entry("elu", lambda x: F.elu(x, 0.5), x(), alpha=0.5),
    entry("softplus", F.softplus, x(), beta=1),
    entry("softplus", lambda x: F.softplus(x, 3), x(), beta=3),
    entry("logsoftmax", lambda x: F.log_softmax(x, 1), x()),
    entry("softmax", lambda x: F.softmax(x, 1), x()),
    entry("prelu", F.prelu, draw(2, 5, 3, 2), weights=weight(5)),
    entry("prelu", F.prelu, draw(2, 5, 3, 2), weights=weight(1)),
    entry("selu", F.selu, x()),
])
