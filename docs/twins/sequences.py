"""PyTorch twins of the run files over sequences: python3 sequences.py KIND DIR

    sequences.py spoken-digits downloads/recordings
    sequences.py cnn-lstm downloads/recordings
    sequences.py japanese-vowels downloads      (ae.train, ae.test)
    sequences.py phonemes downloads             (nettalk.data)

Each has the network, the data, the optimizer, the schedule, the batches and the
epochs of examples/KIND.yaml, and PyTorch's first weights; what is random is its
own. It prints how it does on the held-out data, and the processor time of training.
"""

import math
import pathlib
import re
import sys
import time
import wave

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

torch.manual_seed(1)
rng = np.random.default_rng(1)


def packed(rnn, x, lengths):
    y, _ = rnn(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
    return pad_packed_sequence(y, batch_first=True, total_length=x.shape[1])[0]


def ends(y, lengths, both):
    """The last state of each direction."""
    last = y[torch.arange(len(y)), lengths - 1]
    if not both:
        return last
    half = y.shape[2] // 2
    return torch.cat([last[:, :half], y[:, 0, half:]], 1)


class Ear(nn.Module):
    """ln(mel spectrogram), a norm of each frame, and masks while training."""

    def __init__(self, masks, rate=8000, fft=256, window=200, hop=80, mels=32, low=60.0):
        super().__init__()
        self.fft, self.hop, self.masks = fft, hop, masks
        to_mel, to_hertz = lambda f: 2595 * math.log10(1 + f / 700), lambda m: 700 * (10 ** (m / 2595) - 1)
        edges = to_hertz(np.linspace(to_mel(low), to_mel(rate / 2), mels + 2))
        slopes, width = edges[None] - np.linspace(0, rate / 2, fft // 2 + 1)[:, None], np.diff(edges)
        filters = np.maximum(0, np.minimum(-slopes[:, :-2] / width[:-1], slopes[:, 2:] / width[1:]))
        self.register_buffer("filters", torch.tensor(filters, dtype=torch.float32), persistent=False)
        self.register_buffer("window", torch.hann_window(window), persistent=False)

    def forward(self, waves, norm):
        frames = []
        for w in waves:
            s = torch.stft(w, self.fft, self.hop, len(self.window), self.window, return_complex=True).abs() ** 2
            frames.append((s.T @ self.filters).clamp(min=1e-6).log())
        lengths = torch.tensor([len(f) for f in frames])
        x = norm(pad_sequence(frames, batch_first=True))
        if self.training and self.masks:
            keep = torch.ones_like(x)
            for i, n in enumerate(lengths.tolist()):
                w = rng.integers(0, 4 + 1)
                at = rng.integers(0, x.shape[2] - w + 1)
                keep[i, :, at : at + w] = 0
                w = rng.integers(0, min(10, n // 5) + 1)
                at = rng.integers(0, n - w + 1)
                keep[i, at : at + w] = 0
            x = x * keep
        return x, lengths


def convolved(conv, x, lengths):
    alive = torch.arange(x.shape[1])[None, :, None] < lengths[:, None, None]
    x = F.relu(conv((x * alive).transpose(1, 2))).transpose(1, 2)
    return x, (lengths + conv.stride[0] - 1) // conv.stride[0]


class SpokenDigits(nn.Module):
    def __init__(self):
        super().__init__()
        self.ear, self.norm = Ear(masks=True), nn.LayerNorm(32)
        self.conv = nn.Conv1d(32, 64, 5, 2, 2)
        self.rnn, self.fc = nn.GRU(64, 64, bidirectional=True, batch_first=True), nn.Linear(128, 10)

    def forward(self, waves):
        x, n = convolved(self.conv, *self.ear(waves, self.norm))
        return self.fc(F.dropout(ends(packed(self.rnn, x, n), n, True), 0.2, self.training))


class CNNLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.ear, self.norm = Ear(masks=False), nn.LayerNorm(32)
        self.conv1, self.conv2 = nn.Conv1d(32, 64, 5, 2, 2), nn.Conv1d(64, 64, 5, 2, 2)
        self.rnn, self.fc1, self.fc2 = nn.LSTM(64, 64, batch_first=True), nn.Linear(64, 64), nn.Linear(64, 10)

    def forward(self, waves):
        x, n = self.ear(waves, self.norm)
        for conv in (self.conv1, self.conv2):
            x, n = convolved(conv, x, n)
        h = F.dropout(ends(packed(self.rnn, x, n), n, False), 0.2, self.training)
        return self.fc2(F.dropout(F.relu(self.fc1(h)), 0.2, self.training))


class JapaneseVowels(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(12, 64, 2, bidirectional=True, batch_first=True, dropout=0.5)
        self.fc = nn.Linear(128, 9)

    def forward(self, frames):
        n = torch.tensor([len(f) for f in frames])
        y = packed(self.rnn, pad_sequence(frames, batch_first=True), n)
        return self.fc(F.dropout(ends(y, n, True), 0.5, self.training))


class Phonemes(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Embedding(128, 32)
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        self.rnn = nn.LSTM(32, 128, 2, bidirectional=True, batch_first=True, dropout=0.2)
        self.decoder = nn.Linear(256, 51)

    def forward(self, words):
        n = torch.tensor([len(w) for w in words])
        x = F.dropout(self.encoder(pad_sequence(words, batch_first=True)), 0.2, self.training)
        return self.decoder(F.dropout(packed(self.rnn, x, n), 0.2, self.training)), n


def sounds(folder):
    train, held = [], []
    for path in sorted(pathlib.Path(folder).glob("*.wav")):
        with wave.open(str(path)) as f:
            x = np.frombuffer(f.readframes(f.getnframes()), np.int16).astype(np.float32) / 32768
        of = held if re.search(r"_[0-4]\.wav$", path.name) else train
        of.append((x, int(path.name[0])))
    return train, held


def changed(x):
    """speed 0.9..1.1 and shift 0.1"""
    factor = rng.uniform(0.9, 1.1)
    y = np.interp(np.arange(max(1, round(len(x) / factor))) * factor, np.arange(len(x)), x).astype(np.float32)
    most = int(0.1 * len(y))
    by = rng.integers(-most, most + 1)
    z = np.zeros_like(y)
    z[max(by, 0) : len(y) + min(by, 0)] = y[max(-by, 0) : len(y) - max(by, 0)]
    return z


def vowels(folder):
    def read(name, counts):
        text = (pathlib.Path(folder) / name).read_text().strip()
        frames = [np.array([line.split() for line in s.splitlines()], dtype=np.float32) for s in re.split(r"\n\s*\n", text)]
        classes = [c for c, n in enumerate(counts) for _ in range(n)]
        assert len(frames) == len(classes)
        return list(zip(frames, classes))

    return read("ae.train", [30] * 9), read("ae.test", [31, 35, 88, 44, 29, 24, 40, 50, 29])


def words(folder):
    """Every tenth word is held out."""
    rows = [line.split("\t")[:2] for line in (pathlib.Path(folder) / "nettalk.data").read_text().splitlines()]
    symbols = sorted(set("".join(r[1] for r in rows)) - {"-"})
    number = {s: i + 1 for i, s in enumerate(symbols)}
    data = [(np.frombuffer(w.encode(), np.uint8).astype(np.int64), [number[s] for s in p if s != "-"]) for w, p in rows]
    return [d for i, d in enumerate(data) if i % 10 != 9], [d for i, d in enumerate(data) if i % 10 == 9]


def classes_loss(logits, targets):
    return F.cross_entropy(logits, torch.tensor(targets))


def ctc_loss(out, targets):
    logits, n = out
    lengths = torch.tensor([len(t) for t in targets])
    flat = torch.tensor([s for t in targets for s in t])
    loss = F.ctc_loss(logits.log_softmax(2).transpose(0, 1), flat, n, lengths, reduction="sum", zero_infinity=True)
    return loss / lengths.sum()


def edits(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def symbol_errors(out, targets):
    wrong = total = 0
    for row, n, t in zip(out[0].argmax(2).tolist(), out[1].tolist(), targets):
        path = row[:n]
        read = [s for i, s in enumerate(path) if s and (i == 0 or s != path[i - 1])]
        wrong, total = wrong + edits(t, read), total + len(t)
    return wrong, total


def right(logits, targets):
    return int((logits.argmax(1) == torch.tensor(targets)).sum()), len(targets)


class Run:
    """What a run file says."""

    def __init__(self, model, data, steps, batch, rate, warmup, change=lambda x: x, most=None, loss=classes_loss, score=right, name="right"):
        self.__dict__.update(locals())

    def inputs(self, batch, change):
        return [torch.from_numpy(np.ascontiguousarray(change(x)[: self.most])) for x, _ in batch]

    def rate_at(self, step):
        if step < self.warmup:
            return (step + 1) / self.warmup
        return (1 + math.cos(math.pi * (step - self.warmup) / (self.steps - self.warmup))) / 2

    def go(self):
        train, held = self.data
        optimizer = torch.optim.AdamW(self.model.parameters(), self.rate, weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, self.rate_at)
        began, order = time.process_time(), []
        print(sum(p.numel() for p in self.model.parameters()), "parameters,", len(train), "and", len(held), "samples")
        for _ in range(self.steps):
            while len(order) < self.batch:
                order += rng.permutation(len(train)).tolist()
            batch, order = [train[i] for i in order[: self.batch]], order[self.batch :]
            optimizer.zero_grad()
            self.loss(self.model(self.inputs(batch, self.change)), [t for _, t in batch]).backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), 1)
            optimizer.step()
            schedule.step()
        took = time.process_time() - began
        self.model.eval()
        of = total = 0
        with torch.no_grad():
            for at in range(0, len(held), self.batch):
                batch = held[at : at + self.batch]
                a, b = self.score(self.model(self.inputs(batch, lambda x: x)), [t for _, t in batch])
                of, total = of + a, total + b
        print(f"{100 * of / total:.2f} % {self.name} of {total}, {self.steps} steps in {took:.0f} s of a processor")


def main(kind, folder):
    torch.set_num_threads(1)
    if kind == "spoken-digits":
        run = Run(SpokenDigits(), sounds(folder), 675, 60, 0.002, 45, change=changed, most=8000)
    elif kind == "cnn-lstm":
        run = Run(CNNLSTM(), sounds(folder), 675, 60, 0.002, 45, most=8000)
    elif kind == "japanese-vowels":
        run = Run(JapaneseVowels(), vowels(folder), 600, 27, 0.005, 20)
    else:
        run = Run(Phonemes(), words(folder), 3000, 60, 0.003, 100, loss=ctc_loss, score=symbol_errors, name="symbol errors")
    run.go()


if __name__ == "__main__":
    main(*sys.argv[1:])
