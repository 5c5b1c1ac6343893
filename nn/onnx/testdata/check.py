"""Holds exported networks against onnxruntime.

    python check.py DIR

DIR/cases.json lists what TestRuntime (runtime_test.go) has exported: a file, its inputs and the output that it must give.
Prints a line for each, with the largest difference as a share of the largest output; fails above 1e-4. Of networks in eight
bits, as the files read, it is the noise as a share of each output's spread; fails above 0.1.
"""
import json, os, sys
import numpy as np
import onnx, onnxruntime

TYPES = {"float32": np.float32, "int64": np.int64, "int32": np.int32}
where, bad = sys.argv[1], 0
for case in json.load(open(os.path.join(where, "cases.json"))):
    path = os.path.join(where, case["file"])
    onnx.checker.check_model(path, full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if case["int8"]:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    read = lambda t: np.fromfile(os.path.join(where, t["data"]), TYPES[t["type"]]).reshape(t["shape"])
    given = {name: read(t) for name, t in case["inputs"].items()}
    got = session.run(["output"], given)[0]
    want = read(case["output"])
    share = float(np.abs(got - want).max() / max(np.abs(want).max(), 1e-6)) if got.shape == want.shape else float("inf")
    limit = 1e-4
    if case["int8"] and got.shape == want.shape:
        others = tuple(i for i in range(want.ndim) if i != (1 if want.ndim == 4 else want.ndim - 1))
        spread = want - want.mean(others, keepdims=True)  # of each output: what the input makes of it
        share, limit = float(np.sqrt(((got - want) ** 2).mean() / (spread**2).mean())), 0.1
    bad += not share < limit
    print(f"{case['file']:32} {str(got.shape):20} {share:.1e}" + ("" if share < limit else "  WRONG"))
sys.exit(bad > 0)
