"""Writes reference.json: word vectors of 200 texts by NumPy's singular values and scikit-learn's PCA.

    pip install numpy scikit-learn==1.9.1
    python reference.py

Two vocabularies, of 160 and of 30 words, as a large covariance is not written out and a small one is. Words are as
frequent as 1/number, and some of them keep company with each other. Texts differ in length.
"""
import json

import numpy as np
from sklearn.decomposition import PCA

r = {}
for name, vocabulary, width in ("large", 160, 6), ("small", 30, 4):
    draw = np.random.RandomState(1)
    frequent = 1 / np.arange(1, vocabulary + 1)
    texts = []
    for i in range(200):
        p = frequent * np.where(np.arange(vocabulary) % 5 == i % 5, 4.0, 1.0)
        texts.append(draw.choice(vocabulary - 1, size=draw.randint(1, 25), p=p[:-1] / p[:-1].sum()).tolist())
    counts = np.array([np.bincount(t, minlength=vocabulary) for t in texts], np.float64)
    having = (counts > 0).sum(0)
    idf = np.log(len(texts) / np.maximum(having, 1)) * (having > 0)
    x = counts / counts.sum(1, keepdims=True) * idf

    _, s, axes = np.linalg.svd(x - x.mean(0), full_matrices=False)
    pca = PCA(width, svd_solver="full").fit(x)
    assert np.allclose(pca.explained_variance_ratio_, s[:width] ** 2 / (s ** 2).sum())
    assert np.allclose(np.abs(pca.components_), np.abs(axes[:width]))
    axes = axes[:width] * np.sign(axes[np.arange(width), np.abs(axes[:width]).argmax(1)])[:, None]
    table = axes.T * idf[:, None]
    table *= np.sqrt(0.01 / 3 / np.mean(table ** 2))

    # The mean of a text's vectors is where scikit-learn puts the text, but for one factor and the place of the mean.
    places = counts / counts.sum(1, keepdims=True) @ table
    theirs = pca.transform(x)
    ratio = np.std(places, 0) / np.std(theirs, 0)
    assert np.allclose(ratio, ratio[0])
    r[name] = {"vocabulary": vocabulary, "texts": texts, "share": pca.explained_variance_ratio_.sum(),
               "table": table.round(9).tolist()}

with open("reference.json", "w") as f:
    f.write("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in r.items()) + "\n}\n")
