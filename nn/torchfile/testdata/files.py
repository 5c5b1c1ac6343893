"""Writes the files that the tests of this package read, and files.json with what is in them.

Run in this directory: python files.py   (PyTorch 2.x)
"""
import argparse
import datetime
import json
import operator
import os
import pathlib
from collections import Counter, OrderedDict

import numpy
import torch

torch.manual_seed(1)


class Evil:
    """Runs a command where Python loads it."""

    def __reduce__(self):
        return (os.system, ("echo evil > evil.txt",))


class Settings:
    """A class of a training script."""


class Reached:
    """Reaches a function by a call of a harmless one."""

    def __reduce__(self):
        return (operator.attrgetter, ("system",))


def every_type():
    base = torch.arange(24, dtype=torch.float32) / 8
    d = OrderedDict()
    d["f32"] = torch.tensor([[1.5, -0.25, float("inf")], [1e-45, 3e38, float("nan")]])
    d["f64"] = torch.tensor([0.1, -1e300], dtype=torch.float64)
    d["f16"] = torch.tensor([1.0, 65504.0, 6e-8, float("-inf")], dtype=torch.float16)
    d["bf16"] = torch.tensor([1.0, 3e38, -1e-40], dtype=torch.bfloat16)
    d["i64"] = torch.tensor(-(2**63))
    d["i32"] = torch.tensor([2**31 - 1], dtype=torch.int32)
    d["i16"] = torch.tensor([-(2**15)], dtype=torch.int16)
    d["i8"] = torch.tensor([-128, 127], dtype=torch.int8)
    d["u8"] = torch.tensor([0, 255], dtype=torch.uint8)
    d["bool"] = torch.tensor([True, False])
    d["empty"] = torch.zeros(0, 5)
    d["turned"] = base.view(4, 6).t()
    d["part"] = base[3:9].view(2, 3)
    d["steps"] = base.view(2, 3, 4)[:, ::2, 1::2]
    d["tied"] = d["f64"]
    d["one"] = base.view(1, 24, 1)[:, 5:6]
    d["param"] = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    return d


def numbers(t):
    if t.dtype.is_floating_point:
        return [x.hex() for x in t.double().flatten().tolist()]
    return [str(int(x)) for x in t.flatten().tolist()]


def entry(t):
    names = {torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
             torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL"}
    return {"dtype": names[t.dtype], "shape": list(t.shape), "values": numbers(t.detach())}


def main():
    expected = {}

    def save(name, thing, state, within="", left_out=(), **options):
        torch.save(thing, name, **options)
        expected[name] = {"within": within, "left_out": list(left_out), "tensors": {k: entry(v) for k, v in state.items()}}

    every = every_type()
    save("every.pth", every, every)
    save("every-legacy.pth", every, every, _use_new_zipfile_serialization=False)
    save("every-4.pth", every, every, pickle_protocol=4)
    save("every-5-legacy.pth", every, every, pickle_protocol=5, _use_new_zipfile_serialization=False)

    net = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.ReLU())
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    net(torch.zeros(2, 1, 4, 4)).sum().backward()
    optimizer.step()
    state = net.state_dict()
    save("plain.pth", dict(state), state)
    checkpoint = {
        "epoch": 3, "state_dict": state, "optimizer": optimizer.state_dict(), "args": argparse.Namespace(lr=0.1),
        "best": numpy.float64(0.5), "losses": [0.5, 0.25], "name": "net", 7: None, "kind": torch.optim.SGD,
        "path": pathlib.PurePosixPath("runs/a"), "table": numpy.zeros((2, 3)), "when": datetime.date(2020, 1, 2),
        "seen": {1, 2}, "device": torch.device("cpu"), "type": torch.float16, "counts": Counter("aab"),
    }
    left = ["epoch: a number", "optimizer: a dictionary of 2", "args: an object of argparse.Namespace",
            "best: an object of numpy._core.multiarray.scalar", "losses: a list of 2", "name: a text",
            "kind: the class or function torch.optim.sgd.SGD", "path: an object of pathlib.PurePosixPath",
            "table: an object of numpy._core.multiarray._reconstruct", "when: an object of datetime.date",
            "seen: an object of __builtin__.set", "device: an object of torch.device",
            "type: the class or function torch.float16", "counts: a dictionary of 2", "1 entries whose key is no text"]
    save("checkpoint.pth", checkpoint, state, "state_dict", left)
    save("checkpoint-legacy.pth", checkpoint, state, "state_dict", left, _use_new_zipfile_serialization=False)
    both = {"model": {"w": torch.ones(2)}, "model_ema": {"w": torch.zeros(2)}}
    save("average.pth", both, both["model"], "model", ["model_ema: a dictionary of 1"])
    mixed = {"model": {"w": torch.ones(2), "c": torch.ones(2, dtype=torch.complex64), "version": 1}, "step": torch.tensor(5)}
    save("mixed.pth", mixed, {"w": torch.ones(2)}, "model",
         ["step: a tensor", "model.c: a tensor in a torch.ComplexFloatStorage (not read; save real numbers in its place)", "model.version: a number"])

    kinds = {
        "f32": torch.ones(2), "f8": torch.ones(2).to(torch.float8_e4m3fn), "u16": torch.ones(2).to(torch.uint16),
        "sparse": torch.eye(2).to_sparse(), "csr": torch.eye(2).to_sparse_csr(),
        "quantized": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8), "meta": torch.ones(2, device="meta"),
        "nested": torch.nested.nested_tensor([torch.ones(1), torch.ones(2)]),
        "parameter": torch.nn.Parameter(torch.ones(2).to(torch.float8_e5m2), requires_grad=False),
    }
    save("kinds.pth", kinds, {"f32": kinds["f32"]}, left_out=[
        "f8: a tensor of float8_e4m3fn (not read; save tensor.float() in its place)",
        "u16: a tensor of uint16 (not read; save tensor.float() in its place)",
        "sparse: a sparse tensor (not read; save tensor.to_dense() in its place)",
        "csr: a sparse tensor (not read; save tensor.to_dense() in its place)",
        "quantized: a quantized tensor (not read; save tensor.dequantize() in its place)",
        "meta: a tensor without values, of the device meta (not read; save one that has values in its place)",
        "nested: a nested tensor (not read; save tensor.to_padded_tensor(0) in its place)",
        "parameter: a tensor of float8_e5m2 (not read; save tensor.float() in its place)",
    ])

    noted = torch.arange(6.0).view(2, 3).t()
    noted.note = "an attribute"
    tensor = {"w": noted, "p": torch.nn.Parameter(torch.ones(1))}
    tensor["p"].note = "another"
    save("attributes.pth", tensor, tensor)

    torch.save(net, "module.pth")
    torch.save(Evil(), "evil.pth")
    for name, object in {"evil": Evil(), "reached": Reached(), "settings": Settings()}.items():
        torch.save({"state_dict": state, "extra": [object]}, f"beside-{name}.pth")
    torch.save({"state_dict": state, "extra": [Evil()]}, "beside-evil-legacy.pth", _use_new_zipfile_serialization=False)
    torch.save({"state_dict": state, "extra": [Evil()]}, "beside-evil-4.pth", pickle_protocol=4)
    torch.save({"a": {"w": torch.ones(1)}, "b": {"w": torch.ones(1)}}, "two.pth")
    torch.save({"epoch": 1}, "none.pth")
    torch.jit.script(torch.nn.Linear(1, 1)).save("script.pt")
    with open("files.json", "w") as f:
        json.dump(expected, f)


main()
