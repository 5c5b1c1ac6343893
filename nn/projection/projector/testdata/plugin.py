"""TensorBoard's own projector reads what `rondo project --out` writes, and the other way round.

    pip install tensorboard "setuptools<81"
    python nn/projection/projector/testdata/plugin.py path/to/rondo

A development check, apart from the tests: it needs TensorBoard. It makes points with labels, has rondo write them with two
layouts, asks the projector plugin for all that its page asks for, and compares. Then TensorBoard's own writer names files of
points, which rondo reads.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import tensorboard
from google.protobuf import text_format
from tensorboard.plugins import base_plugin
from tensorboard.plugins.projector import ProjectorConfig, projector_plugin, visualize_embeddings
from werkzeug.test import Client
from werkzeug.wrappers import Response

rng = np.random.default_rng(3)
points = np.concatenate([rng.normal(size=(40, 6)) + 6 * k * np.eye(6)[k] for k in range(3)]).astype(np.float32)
labels = [(f"point {i} «{i % 7}»", "abc"[i // 40]) for i in range(len(points))]


def rondo(*words):
    done = subprocess.run([sys.argv[1], *map(str, words)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def served(logdir):
    """What the plugin answers about a log directory."""
    plugin = projector_plugin.ProjectorPlugin(base_plugin.TBContext(logdir=str(logdir)))
    apps = plugin.get_plugin_apps()

    def ask(route, **fields):
        answer = Client(apps[route], Response).get(route, query_string=fields)
        assert answer.status_code == 200, (route, fields, answer.status, answer.data[:200])
        return answer.data

    return ask


def tsv(path, rows):
    path.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))


with tempfile.TemporaryDirectory() as place:
    place = pathlib.Path(place)
    tsv(place / "points.tsv", points.tolist())
    tsv(place / "labels.tsv", [("name", "kind"), *labels])
    logs = place / "logs"
    rondo("project", place / "points.tsv", "--labels", place / "labels.tsv", "--method", "pca,umap", "--cache", place / "cache", "--out", logs)

    ask = served(logs)
    (run,) = json.loads(ask("/runs"))
    info = json.loads(ask("/info", run=run))
    (one,) = info["embeddings"]
    assert one["tensorShape"] == list(points.shape), one
    got = np.frombuffer(ask("/tensor", run=run, name=one["tensorName"], num_rows=len(points)), np.float32)
    assert (got.reshape(points.shape) == points).all()
    lines = ask("/metadata", run=run, name=one["tensorName"], num_rows=len(points) + 1).decode().splitlines()
    assert [tuple(line.split("\t")) for line in lines] == [("name", "kind"), *labels], lines[:3]
    bookmarks = json.loads(ask("/bookmarks", run=run, name=one["tensorName"]))
    assert [b["selectedProjection"] for b in bookmarks] == ["pca", "umap"]
    for b in bookmarks:
        laid = np.loadtxt(logs / f"{b['selectedProjection']}-2d.tsv", dtype=np.float32)
        assert {"tSNEPerplexity", "tSNELearningRate"} <= b.keys()  # its page reads these of every bookmark
        told = np.array([[p[f"{b['selectedProjection']}-{d}"] for d in (0, 1)] for p in b["projections"]], np.float32)
        assert (laid == told).all() and laid.shape == (len(points), 2)
    print(f"TensorBoard {tensorboard.__version__} reads points, labels and layouts that rondo wrote")

    # The other way round, by the library's own writer of configs; points as .tsv, the form that it documents.
    theirs = place / "theirs"
    theirs.mkdir()
    tsv(theirs / "points.tsv", points.tolist())
    tsv(theirs / "labels.tsv", [("name", "kind"), *labels])
    (theirs / "marks.txt").write_text(json.dumps(bookmarks))
    config = ProjectorConfig()
    e = config.embeddings.add()
    e.tensor_name, e.tensor_path, e.metadata_path, e.bookmarks_path = "mine", "points.tsv", "labels.tsv", "marks.txt"
    visualize_embeddings(str(theirs), config)
    back = place / "back"
    rondo("project", theirs / "projector_config.pbtxt", "--method", "pca", "--cache", place / "cache2", "--out", back)
    assert (np.fromfile(back / "tensors.bytes", "<f4").reshape(points.shape) == points).all()
    assert (back / "metadata.tsv").read_text() == (theirs / "labels.tsv").read_text()
    assert (back / "pca-2d.tsv").read_bytes() == (logs / "pca-2d.tsv").read_bytes()
    text_format.Parse((back / "projector_config.pbtxt").read_text(), ProjectorConfig())
    print("rondo reads what TensorBoard's writer names")
