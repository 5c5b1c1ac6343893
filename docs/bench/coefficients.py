#!/usr/bin/env python3
"""Weights of `rondo probe` beside those of scikit-learn, on the features of a run.

    rondo probe runs/reviews-256 --data train.tsv.bz2 --text 4 --label 1 --most 2500 --features f.safetensors
    python docs/bench/coefficients.py RONDO f.safetensors [--c 0.00390625,0.03125,0.25,1] [--minutes 10]

For every C it fits the features `train` by `rondo probe FILE --c C --json` and by liblinear (tol 1e-8, at most a million passes) and
saga (tol 1e-8), each with a penalty on the weights alone: liblinear penalizes its intercept, which therefore stands for a column of 1e5 and is
penalized by a 100,000th. Features are moved to their mean for both of them, which changes no weight.
The table has, in float64, the objective C Σ log(1 + exp(-y(x·w + b))) + |w|₁ of each, by how much its optimality conditions are off (the
penalty's slope is 1), and the largest difference of a weight from rondo's. A fit that takes longer than --minutes is ended and said.
"""

import argparse
import json
import multiprocessing
import queue
import subprocess
import sys
import time

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression


def read(path):
    """train.features and train.labels of a .safetensors file."""
    with open(path, "rb") as f:
        header = json.loads(f.read(int.from_bytes(f.read(8), "little")))
        rest = f.read()
    part = lambda name, kind: np.frombuffer(rest[slice(*header[name]["data_offsets"])], kind).reshape(header[name]["shape"])
    return part("train.features", "<f4").astype(np.float64), part("train.labels", "u1").astype(int)


def objective(x, y, c, w, b):
    return c * np.logaddexp(0, -(2 * y - 1) * (x @ w + b)).sum() + np.abs(w).sum()


def off_by(x, y, c, w, b):
    """The largest violation of the optimality conditions, the intercept's among them."""
    slope = c * (1 / (1 + np.exp(-(x @ w + b))) - y)
    g = slope @ x
    return max(np.where(w == 0, np.maximum(np.abs(g) - 1, 0), np.abs(g + np.sign(w))).max(), abs(slope.sum()))


def fit_rondo(rondo, path, c):
    out = subprocess.run([rondo, "probe", path, "--c", repr(c), "--draws", "0", "--resamples", "0", "--json"], check=True, capture_output=True, text=True)
    model = json.loads(out.stdout)["model"]
    return np.array(model["weights"]), model["bias"]


def fit_sklearn(solver, x, y, c, to):
    options = {"liblinear": dict(intercept_scaling=1e5, max_iter=1_000_000, random_state=0), "saga": dict(max_iter=1_000_000, random_state=0)}[solver]
    mean = x.mean(0)
    m = LogisticRegression(C=c, l1_ratio=1, solver=solver, tol=1e-8, **options).fit(x - mean, y)
    to.put((m.coef_[0], m.intercept_[0] - m.coef_[0] @ mean))


def in_time(seconds, solver, x, y, c):
    """fit_sklearn in a process of its own; None where it takes longer."""
    to = multiprocessing.Queue()
    p = multiprocessing.Process(target=fit_sklearn, args=(solver, x, y, c, to))
    p.start()
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            alive = p.is_alive()  # asked before: what it has put in is there once it has ended
            try:
                return to.get(timeout=min(1, max(0, end - time.monotonic())))
            except queue.Empty:
                if not alive:
                    sys.exit(f"{solver} at C {c:g} ended with an error (exit status {p.exitcode})")
        return None
    finally:
        p.kill()
        p.join()


def main():
    if tuple(int(n) for n in sklearn.__version__.split(".")[:2]) < (1, 8):
        sys.exit(f"scikit-learn {sklearn.__version__} takes l1_ratio=1 for a penalty of squares; give 1.8 or later")
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("rondo")
    a.add_argument("features")
    a.add_argument("--c", type=lambda text: [float(c) for c in text.split(",")], default=[2.0**-8, 2.0**-5, 2.0**-3, 2.0**-1, 1.0])
    a.add_argument("--solvers", type=lambda text: text.split(","), default=["liblinear", "saga"])
    a.add_argument("--minutes", type=float, default=10)
    o = a.parse_args()
    x, y = read(o.features)
    print(f"{len(x)} texts, {x.shape[1]} units\n\n| C | fit | with a weight | largest weight | objective | conditions off by | largest difference | seconds |\n|---|---|---|---|---|---|---|---|")
    for c in o.c:
        start = time.time()
        own, bias = fit_rondo(o.rondo, o.features, c)
        fits = {"rondo": (own, bias, time.time() - start)}
        for solver in o.solvers:
            start = time.time()
            found = in_time(60 * o.minutes, solver, x, y, c)
            fits[solver] = (*found, time.time() - start) if found else None
        for name, fit in fits.items():
            if fit is None:
                print(f"| {c:g} | {name} | not within {o.minutes:g} minutes | | | | | |", flush=True)
                continue
            w, b, seconds = fit
            print(f"| {c:g} | {name} | {np.count_nonzero(w)} | {np.abs(w).max():.4f} | {objective(x, y, c, w, b):.9f} | {off_by(x, y, c, w, b):.1e} "
                  f"| {np.abs(w - own).max():.1e} | {seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()
