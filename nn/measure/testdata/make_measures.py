"""Write known answers of measures: python3 make_measures.py

They are computed by their definitions, in numpy, another way than Go does: the
area under the ROC curve over all pairs, the edit distance by recursion, and so on.
"""

import functools
import json
import pathlib

import numpy as np

rng = np.random.default_rng(5)
out = {}

# 60 samples of 7 classes. Scores are coarse, so that some tie; class 5 never is, class 6 is never taken.
scores = np.round(rng.normal(size=(60, 7)) * 2) / 2
scores[:, 6] -= 9
target = rng.choice([0, 1, 2, 3, 4, 6], 60)
scores[np.arange(60), target] += np.where(target < 6, 1, 0)
taken = scores.argmax(1)  # the first among equals
order = np.argsort(-scores, axis=1, kind="stable")


def ratio(a, b):
    return None if b == 0 else float(a / b)


classes = []
for c in range(7):
    is_c, taken_c = target == c, taken == c
    both = (is_c & taken_c).sum()
    precision, recall = ratio(both, taken_c.sum()), ratio(both, is_c.sum())
    classes.append(
        {"recall": recall, "precision": precision, "f1": ratio(2 * both, is_c.sum() + taken_c.sum()), "iou": ratio(both, (is_c | taken_c).sum())}
    )
out["classes"] = {
    "scores": scores.tolist(), "target": target.tolist(), "each": classes,
    "top": {k: float(np.mean([t in o[:k] for t, o in zip(target, order)])) for k in (1, 2, 5)},
    "accuracy": float((target == taken).mean()),
    "mean_iou": float(np.mean([c["iou"] for c in classes if c["iou"] is not None])),
    "confusion": [[int(((target == i) & (taken == j)).sum()) for j in range(7)] for i in range(7)],
}

# 40 samples of 3 labels.
logits = np.round(rng.normal(size=(40, 3)), 3)
labels = (logits + rng.normal(size=(40, 3)) > 0.3).astype(int)
hit = (logits > 0) == (labels > 0)
tp, is_, taken_ = ((logits > 0) & (labels > 0)).sum(0), labels.sum(0), (logits > 0).sum(0)
out["labels"] = {
    "logits": logits.tolist(), "targets": labels.tolist(), "exact": float(hit.all(1).mean()), "accuracy": float(hit.mean()),
    "f1": (2 * tp / (is_ + taken_)).tolist(), "micro_f1": float(2 * tp.sum() / (is_.sum() + taken_.sum())),
}

# Area under the curve: some scores tie.
score = np.round(rng.normal(size=80) * 4) / 4
truth = (score + rng.normal(size=80) > 0.2).astype(int)
pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a in score[truth == 1] for b in score[truth == 0]]
out["auc"] = {"scores": score.tolist(), "is": truth.tolist(), "value": float(np.mean(pairs))}

# Numbers: 30 rows of 2, the second far from 0.
y = np.round(rng.normal(size=(30, 2)) * [1, 0.25] + [0, 1000], 2)
x = np.round(y + rng.normal(size=(30, 2)) * 0.25, 2)
y, x = y.astype(np.float32).astype(float), x.astype(np.float32).astype(float)
r2 = 1 - ((x - y) ** 2).sum(0) / ((y - y.mean(0)) ** 2).sum(0)
out["regression"] = {
    "x": x.tolist(), "targets": y.tolist(), "mse": float(((x - y) ** 2).mean()), "mae": float(np.abs(x - y).mean()), "r2": float(r2.mean()),
}


def distance(a, b):
    @functools.cache
    def from_(i, j):
        if i == len(a) or j == len(b):
            return len(a) - i + len(b) - j
        return min(from_(i + 1, j + 1) + (a[i] != b[j]), from_(i + 1, j) + 1, from_(i, j + 1) + 1)

    return from_(0, 0)


pairs = [(rng.integers(1, 4, rng.integers(0, 9)).tolist(), rng.integers(1, 4, rng.integers(0, 9)).tolist()) for _ in range(20)]
pairs.append((pairs[0][0], pairs[0][0]))
edits = [distance(tuple(a), tuple(b)) for a, b in pairs]
out["edits"] = {
    "pairs": pairs, "edits": edits, "rate": sum(edits) / sum(len(a) for a, _ in pairs), "sequences": float(np.mean([e > 0 for e in edits])),
}
pathlib.Path(__file__).with_name("measures.json").write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in out.items()) + "\n}\n")
