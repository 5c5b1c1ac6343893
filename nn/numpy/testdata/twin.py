"""Writes set/0.npy … 14.npy, a set of the published form with few units and drawn weights, and logits.json: what the
equations of the network give for a text, in float64.

python twin.py (with NumPy)
"""
import json
import os

import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
B, E, H = 256, 3, 5
rng = np.random.default_rng(1)
draw = lambda *shape: (rng.standard_normal(shape) * 0.7).astype("<f4")
arrays = [draw(B, E), draw(E, 4 * H)] + [draw(H, H) for _ in range(4)] + [draw(E, H), draw(H, H), draw(4 * H),
          np.abs(draw(4 * H)) + 1, np.abs(draw(4 * H)) + 1, np.abs(draw(H)) + 1, np.abs(draw(H)) + 1, draw(H, B), draw(B)]
os.makedirs(os.path.join(here, "set"), exist_ok=True)
for i, a in enumerate(arrays):
    np.save(os.path.join(here, "set", f"{i}.npy"), a)

a = [x.astype(np.float64) for x in arrays]
columns = lambda v, g: g * v / np.sqrt(np.maximum((v * v).sum(axis=0), 1e-12))  # of one output unit: all its inputs
wx, wh = columns(a[1], a[9]), columns(np.concatenate(a[2:6], axis=1), a[10])
wmx, wmh = columns(a[6], a[11]), columns(a[7], a[12])
sigmoid = lambda x: 1 / (1 + np.exp(-x))
text = b"\n a unit "
c = h = np.zeros(H)
logits, cells = [], []
for byte in text:
    x = a[0][byte]
    m = (x @ wmx) * (h @ wmh)
    i, f, o, u = np.split(x @ wx + m @ wh + a[8], 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(u)
    h = sigmoid(o) * np.tanh(c)
    logits.append(h @ a[13] + a[14])
    cells.append(c)
with open(os.path.join(here, "logits.json"), "w") as out:
    json.dump({"numpy": np.__version__, "text": text.decode(), "logits": [[round(x, 7) for x in l] for l in logits],
               "cells": [[round(x, 7) for x in l] for l in cells]}, out, separators=(",", ":"))
