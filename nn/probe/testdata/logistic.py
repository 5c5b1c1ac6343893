"""Writes logistic.json: L1 logistic regressions of scikit-learn.

liblinear penalizes the intercept as it penalizes a weight; with intercept_scaling 1e5 what it penalizes is a
100,000th of it. saga does not penalize it, but stops at once where all weights stay zero, whatever the intercept: it is
compared where weights are many.

    python logistic.py        # scikit-learn 1.9, numpy 2.4
"""
import json

import numpy as np
from sklearn.linear_model import LogisticRegression

rng = np.random.default_rng(5)
n, d = 160, 12
hidden = rng.normal(size=(n, 4))
x = np.tanh(hidden @ rng.normal(size=(4, d)) / 2 + 0.6 * rng.normal(size=(n, d)))
x[:, 3] = 0  # a unit that never moves
x[:, 4] = x[:, 5] + 0.05 * rng.normal(size=n)  # two that are almost one
x[:, 6] = 4 * x[:, 6] + 20  # large, and far from zero
x = np.round(x, 4).astype(np.float32)
y = (hidden[:, 0] + 0.5 * hidden[:, 1] + 0.7 * rng.normal(size=n) > 0.3).astype(int)

fits = []
centred = x.astype(np.float64) - x.mean(0, dtype=np.float64)
for c in 2.0 ** np.arange(-8, 1):
    m = LogisticRegression(C=c, l1_ratio=1, solver="liblinear", intercept_scaling=1e5, tol=1e-10, max_iter=1_000_000, random_state=0)
    m.fit(centred, y)
    w, b = m.coef_[0], float(m.intercept_[0])
    if c >= 0.125:
        saga = LogisticRegression(C=c, l1_ratio=1, solver="saga", tol=1e-12, max_iter=2_000_000).fit(centred, y)
        print("saga differs by", np.abs(saga.coef_[0] - w).max(), abs(saga.intercept_[0] - b))
    fits.append({"c": c, "weights": w.tolist(), "bias": b - float(w @ x.mean(0, dtype=np.float64))})
    print(c, np.count_nonzero(w), m.n_iter_)
with open("logistic.json", "w") as f:
    json.dump({"x": [[float(f"{v:.4f}") for v in row] for row in x], "y": y.tolist(), "fits": fits}, f, separators=(",", ":"))
    f.write("\n")
