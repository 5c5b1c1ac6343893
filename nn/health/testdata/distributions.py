"""Writes distributions.json: what NumPy says of values that a test makes again from the same formulas."""
import json, pathlib
import numpy as np

n = 5000
i = np.arange(n)
v = (i * 7919 % 5003 - 2501) / 4096  # exact, as everything made of it
cases = {
    "around zero": v**3,
    "small": v * 2.0 ** -(i * 31 % 40.0),
    "rectified": np.maximum(v, 0),
    "all alike": np.full(n, 0.75),
}
shares = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]
out = []
for name, x in cases.items():
    x = x.astype(np.float32)
    y = x.astype(np.float64)
    edges = [2.0**k * m for k in range(-60, 36) for m in (1, 1.5)] + [2.0**36]
    out.append({
        "name": name,
        "mean": y.mean(), "deviation": y.std(), "norm": float(np.linalg.norm(y)), "min": y.min(), "max": y.max(),
        "zeros": int((x == 0).sum()), "quantiles": [float(q) for q in np.quantile(y, shares)],
        "positive": np.histogram(y[y > 0], edges)[0].tolist(), "negative": np.histogram(-y[y < 0], edges)[0].tolist(),
    })
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
