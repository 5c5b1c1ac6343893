"""Writes words.json: L1 logistic regressions of scikit-learn on texts of words, most of them without a weight.

As in logistic.py, liblinear penalizes a 100,000th of the intercept.

    python words.py        # scikit-learn 1.9, numpy 2.4
"""
import json

import numpy as np
from sklearn.linear_model import LogisticRegression

rng = np.random.default_rng(7)
n, d = 300, 400
often = 0.97 / np.arange(1, d + 1) ** 0.75  # of word j: the first are in nearly all texts
x = (rng.random((n, d)) < often).astype(np.float64)
x[:, 7] *= rng.integers(1, 4, n)  # how often a text has it
x[:, 11] = 1  # a word of all texts
x[:, 12] = 0  # and one of none
weights = np.where(rng.random(d) < 0.1, 2 * rng.normal(size=d), 0)
y = (x @ weights + rng.normal(size=n) > np.median(x @ weights)).astype(int)

fits, centred = [], x - x.mean(0)
for c in 2.0 ** np.arange(-5, 2):
    m = LogisticRegression(C=c, l1_ratio=1, solver="liblinear", intercept_scaling=1e5, tol=1e-8, max_iter=3000, random_state=0)
    m.fit(centred, y)
    w, b = m.coef_[0], m.intercept_[0]
    g = c * (1 / (1 + np.exp(-centred @ w - b)) - y) @ centred
    off = np.where(w == 0, np.maximum(np.abs(g) - 1, 0), np.abs(g + np.sign(w))).max()  # of its optimality conditions
    fits.append({"c": c, "weights": {int(j): w[j] for j in np.flatnonzero(w)}, "bias": float(b) - float(w @ x.mean(0))})
    print(c, np.count_nonzero(w), m.n_iter_, fits[-1]["bias"], off)
texts = [{int(j): int(row[j]) for j in np.flatnonzero(row)} for row in x]
with open("words.json", "w") as f:
    json.dump({"cols": d, "texts": texts, "y": y.tolist(), "fits": fits}, f, separators=(",", ":"))
    f.write("\n")
