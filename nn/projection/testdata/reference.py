"""Writes reference.json: what NumPy, scikit-learn and umap-learn make of 500 handwritten digits.

    pip install numpy scikit-learn==1.9.1 umap-learn==0.5.12
    python reference.py

A digit is 8x8 pixels from 0 to 16, a character each (0-9, a-g).
"""
import json
import warnings

import numpy as np
import umap
from sklearn.datasets import load_digits
from sklearn.manifold import TSNE, trustworthiness
from sklearn.manifold._t_sne import _joint_probabilities_nn
from sklearn.neighbors import NearestNeighbors
from umap.umap_ import find_ab_params, fuzzy_simplicial_set, smooth_knn_dist

warnings.simplefilter("ignore")
digits, _ = load_digits(return_X_y=True)
x = digits[:500].astype(np.float32)
r = {"digits": ["".join("0123456789abcdefg"[int(v)] for v in row) for row in x]}

c = np.cov(x.astype(np.float64).T)
values, vectors = np.linalg.eigh(c)
values, vectors = values[::-1], vectors.T[::-1]
vectors = vectors[:5] * np.sign(vectors[np.arange(5), np.abs(vectors[:5]).argmax(1)])[:, None]
r["pca"] = {"variance": values[:5].tolist(), "total": values.sum(), "axes": vectors.round(9).tolist(),
            "points": ((x[:4] - x.astype(np.float64).mean(0)) @ vectors.T).tolist()}

few = x[:80]
near = NearestNeighbors(n_neighbors=31).fit(few)
graph = near.kneighbors_graph(mode="distance")
graph.sort_indices()
graph.data **= 2
p = _joint_probabilities_nn(graph, 10.0, 0)
r["perplexity"] = [{"to": p[i].indices[np.argsort(p[i].indices)].tolist(),
                    "p": p[i].data[np.argsort(p[i].indices)].tolist()} for i in range(5)]

distance, index = NearestNeighbors(n_neighbors=15).fit(few).kneighbors(few)
distance = distance.astype(np.float32)
sigmas, rhos = smooth_knn_dist(distance, 15.0)
fuzzy, _, _ = fuzzy_simplicial_set(few, 15, np.random.RandomState(0), "euclidean", knn_indices=index, knn_dists=distance)
fuzzy = fuzzy.tocsr()
fuzzy.sort_indices()
r["smooth"] = {"sigmas": sigmas.tolist(), "rhos": rhos.tolist(),
               "fuzzy": [{"to": fuzzy[i].indices.tolist(), "w": fuzzy[i].data.tolist()} for i in range(5)]}

r["curves"] = [[d, *map(float, find_ab_params(1.0, d))] for d in (0.01, 0.1, 0.25, 0.5, 0.99)]


def preservation(y, k=15):
    a = NearestNeighbors(n_neighbors=k).fit(x).kneighbors(return_distance=False)
    b = NearestNeighbors(n_neighbors=k).fit(y).kneighbors(return_distance=False)
    return float(np.mean([len(set(p) & set(q)) / k for p, q in zip(a, b)]))


def quality(y):
    return {"trustworthiness": float(trustworthiness(x, y, n_neighbors=12)), "preservation": preservation(y)}


def mean(all):
    return {k: float(np.mean([q[k] for q in all])) for k in all[0]}


r["quality"] = {
    "tsne": quality(TSNE(2, random_state=0).fit_transform(x)),
    "tsne3": quality(TSNE(3, random_state=0).fit_transform(x)),
    "umap": mean([quality(umap.UMAP(random_state=s).fit_transform(x)) for s in range(5)]),
}
json.dump(r, open("reference.json", "w"), indent=None, separators=(",", ":"))
print(r["quality"])
