"""Write calibration.json: the reliability of 400 guesses, by scikit-learn and NumPy: python3 make_calibration.py

Logits are float32, as a network gives them; probabilities are computed of them in float64.
"""

import json
import pathlib

import numpy as np
from sklearn.calibration import calibration_curve

BINS = 15

rng = np.random.default_rng(11)
logits = (rng.normal(size=(400, 4)) * 2).astype(np.float32)
target = np.array([rng.choice(4, p=p) for p in np.exp(logits * 0.6) / np.exp(logits * 0.6).sum(1, keepdims=True)])
x = logits.astype(np.float64)
p = np.exp(x - x.max(1, keepdims=True))
p /= p.sum(1, keepdims=True)
sure, right = p.max(1), p.argmax(1) == target
share, mean = calibration_curve(right, sure, n_bins=BINS, strategy="uniform")  # of the bins that have samples
which = np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], sure)
counts = np.bincount(which, minlength=BINS)
there = counts[counts > 0]
assert len(there) == len(share)
# Guo et al. 2017, equation 3.
error = sum(counts[b] / len(sure) * abs(right[which == b].mean() - sure[which == b].mean()) for b in range(BINS) if counts[b])
assert np.isclose(error, (there / len(sure) * np.abs(share - mean)).sum())
pathlib.Path(__file__).with_name("calibration.json").write_text(
    json.dumps({"logits": logits.tolist(), "target": target.tolist(), "counts": counts.tolist(), "share": share.tolist(), "mean": mean.tolist(), "error": error}) + "\n"
)
