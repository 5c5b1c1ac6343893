"""Writes python.safetensors, the file of TestReadsPython. Needs the packages numpy and safetensors (0.8.0)."""

import numpy
from safetensors.numpy import save_file

save_file(
    {
        "layer.weight": numpy.arange(6, dtype=numpy.float32).reshape(2, 3) / 4,
        "layer.bias": numpy.array([-1.5, numpy.inf, 3e-45], dtype=numpy.float32),
        "double": numpy.array([[0.1], [-1e300]], dtype=numpy.float64),
        "count": numpy.array(-7, dtype=numpy.int64),
        "bytes": numpy.frombuffer(b"rondo", dtype=numpy.uint8),
        "empty": numpy.zeros((0, 4), dtype=numpy.float32),
        "häuser": numpy.array([1], dtype=numpy.int64),
    },
    "python.safetensors",
    metadata={"format": "pt", "note": 'a "quoted" ü'},
)
