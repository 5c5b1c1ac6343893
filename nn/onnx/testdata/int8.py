"""Puts what onnxruntime makes of tiny-int8.onnx, as it reads, beside its input:

    go test ./nn/onnx -run Int8Tiny -rewrite-int8 && python nn/onnx/testdata/int8.py
"""
import json, os
import numpy as np
import onnx, onnxruntime

here = os.path.dirname(__file__)
path, numbers = os.path.join(here, "tiny-int8.onnx"), os.path.join(here, "tiny-int8.json")
onnx.checker.check_model(path, full_check=True)
with open(numbers) as f:
    known = json.load(f)
x = np.array(known["input"], np.float32).reshape(known["shape"])
options = onnxruntime.SessionOptions()
options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
known["output"] = [float(v) for v in session.run(["output"], {"image": x})[0].ravel()]
with open(numbers, "w") as f:
    json.dump(known, f)
    f.write("\n")
