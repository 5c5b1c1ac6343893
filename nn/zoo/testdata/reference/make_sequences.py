"""Run each network over sequences once in PyTorch: python3 make_sequences.py

For every case this writes into sequences.json, of one step on two lanes of rows
of different lengths: the logits, the loss and the gradients, as common.py has them
of networks of images. Nothing random is in the networks.

Weights and inputs are a formula (common.py), so that the Go test makes the
same ones.
"""

import json
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from common import both, compact, farthest, mean_loss, rounded, summaries, told, value, weight

N, CLASSES, STEPS, SAMPLES = 6, 5, 7, 500
LENGTHS, SOUNDS = [7, 4, 1, 6, 7, 3], [500, 333, 120, 499, 401, 64]
TRANSCRIPTS = [[1, 2, 2], [4], [3], [2, 1], [], [1]]


def packed(rnn, x, n):
    y, _ = rnn(pack_padded_sequence(x, n, batch_first=True, enforce_sorted=False))
    return pad_packed_sequence(y, batch_first=True, total_length=x.shape[1])[0]


def pooled(y, n, how, both):
    rows = [row[:k] for row, k in zip(y, n.tolist())]
    if how == "mean":
        return torch.stack([r.mean(0) for r in rows])
    if how == "max":
        return torch.stack([r.max(0).values for r in rows])
    half = y.shape[2] // 2 if both else y.shape[2]
    return torch.stack([torch.cat([r[-1, :half], r[0, half:]]) for r in rows])


class Ear(nn.Module):
    """Of sounds of 8000 samples a second: frames of 64, 48 under the window, 40 apart; 8 bands from 60 Hz on."""

    def heard(self, x):
        mel, hertz = lambda f: 2595 * math.log10(1 + f / 700), lambda m: 700 * (10 ** (m / 2595) - 1)
        edges = hertz(np.linspace(mel(60), mel(4000), 10))
        slopes, width = edges[None] - np.linspace(0, 4000, 33)[:, None], np.diff(edges)
        filters = torch.from_numpy(np.maximum(0, np.minimum(-slopes[:, :-2] / width[:-1], slopes[:, 2:] / width[1:]))).to(x)
        frames = [torch.stft(w[:n], 64, 40, 48, torch.hann_window(48).to(x), return_complex=True).abs() ** 2 for w, n in zip(x, SOUNDS)]
        frames = [(f.T @ filters).clamp(min=1e-6).log() for f in frames]
        return self.norm(nn.utils.rnn.pad_sequence(frames, batch_first=True)), torch.tensor([len(f) for f in frames])

    def conv_over(self, conv, x, n):
        alive = torch.arange(x.shape[1])[None, :, None] < n[:, None, None]
        return F.relu(conv((x * alive).transpose(1, 2))).transpose(1, 2), (n + 1) // 2


class SequenceClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.fc = nn.GRU(4, 6, 2, bidirectional=True, batch_first=True), nn.Linear(12, CLASSES)

    def forward(self, x):
        n = torch.tensor(LENGTHS)
        return self.fc(pooled(packed(self.rnn, x, n), n, "last", True))


class SoundClassifier(Ear):
    def __init__(self):
        super().__init__()
        self.norm, self.conv = nn.LayerNorm(8), nn.Conv1d(8, 6, 3, 2, 1)
        self.rnn, self.fc = nn.LSTM(6, 5, bidirectional=True, batch_first=True), nn.Linear(10, CLASSES)

    def forward(self, x):
        x, n = self.conv_over(self.conv, *self.heard(x))
        return self.fc(pooled(packed(self.rnn, x, n), n, "max", True))


class CNNLSTM(Ear):
    def __init__(self):
        super().__init__()
        self.norm, self.conv1, self.conv2 = nn.LayerNorm(8), nn.Conv1d(8, 6, 3, 2, 1), nn.Conv1d(6, 6, 3, 2, 1)
        self.rnn, self.fc1, self.fc2 = nn.LSTM(6, 5, batch_first=True), nn.Linear(5, 7), nn.Linear(7, CLASSES)

    def forward(self, x):
        x, n = self.conv_over(self.conv1, *self.heard(x))
        x, n = self.conv_over(self.conv2, x, n)
        return self.fc2(F.relu(self.fc1(pooled(packed(self.rnn, x, n), n, "last", False))))


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.Embedding(9, 4), nn.Linear(10, CLASSES)
        self.rnn = nn.RNN(4, 5, bidirectional=True, batch_first=True)

    def forward(self, x):
        return self.decoder(packed(self.rnn, x @ self.encoder.weight, torch.tensor(LENGTHS)))


def classes(logits):
    return F.cross_entropy(logits, torch.arange(N) * 3 % CLASSES)


def transcripts(logits):
    flat = torch.tensor([s for t in TRANSCRIPTS for s in t])
    n = torch.tensor([len(t) for t in TRANSCRIPTS])
    return F.ctc_loss(logits.log_softmax(2).transpose(0, 1), flat, torch.tensor(LENGTHS), n, reduction="sum") / n.sum()


def step(model, x, loss, dtype):
    model = model.to(dtype)
    state = model.state_dict()
    for site, k in enumerate(sorted(state)):
        state[k].copy_(weight(site, k, list(state[k].shape)))
    model.zero_grad()
    logits = model(x.to(dtype))
    total = loss(logits)
    total.backward()
    logits = logits.transpose(0, 1) if logits.dim() == 3 else logits  # by time steps
    return logits.detach(), total.detach(), {k: p.grad.clone() for k, p in model.named_parameters()}


def case(kind, model, x, loss):
    logits, total, grads = step(model, x, loss, torch.float64)
    logits32, total32, grads32 = zip(*both(lambda: step(model, x, loss, torch.float32)))
    result = dict(
        float32=dict(loss=mean_loss(total32, total), logits=farthest(logits32, logits)), loss=total.item(), logits=rounded(logits),
        tensors={k: list(v.shape) for k, v in model.state_dict().items()}, grads=summaries(grads32, grads), running={},
    )
    print(kind, told(result))
    return kind, result


if __name__ == "__main__":
    frames = value(4096, STEPS * N * 4).reshape(STEPS, N, 4).transpose(0, 1)
    sounds = value(4096, N * SAMPLES).reshape(N, SAMPLES) / 4
    words = F.one_hot((torch.arange(STEPS)[None] * 5 + torch.arange(N)[:, None] * 2) % 9, 9).double()
    cases = dict([
        case("sequence-classifier", SequenceClassifier(), frames, classes),
        case("sound-classifier", SoundClassifier(), sounds, classes),
        case("cnn-lstm", CNNLSTM(), sounds, classes),
        case("tagger", Tagger(), words, transcripts),
    ])
    lines = ",\n".join(f" {json.dumps(k)}: {compact(v)}" for k, v in cases.items())
    pathlib.Path(__file__).with_name("sequences.json").write_text(f"{{\n{lines}\n}}\n")
