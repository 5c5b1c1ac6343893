"""Write the reference values of mel spectrograms: python3 make_mel.py

Spectra are torch.stft's in float64; the bands are torchaudio's melscale_fbanks
and librosa's filters.mel, written out below. The error is how far PyTorch's
float32 is from it: of the largest value, or of a logarithm in its own unit.
"""

import json
import pathlib

import numpy as np
import torch

RATE = 8000
LENGTHS = [1200, 700, 33]
rng = np.random.default_rng(5)


def hertz_to_mel(f, slaney):
    if not slaney:
        return 2595.0 * np.log10(1.0 + f / 700.0)
    return 15.0 + 27.0 * np.log(f / 1000.0) / np.log(6.4) if f >= 1000.0 else 3.0 * f / 200.0


def mel_to_hertz(m, slaney):
    if not slaney:
        return 700.0 * (10.0 ** (m / 2595.0) - 1.0)
    return np.where(m >= 15.0, 1000.0 * np.exp(np.log(6.4) * (m - 15.0) / 27.0), 200.0 * m / 3.0)


def filters(n, bands, low, high, slaney, area):
    """[bins, bands]"""
    edges = mel_to_hertz(np.linspace(hertz_to_mel(low, slaney), hertz_to_mel(high, slaney), bands + 2), slaney)
    slopes = edges[None, :] - np.linspace(0, RATE / 2, n // 2 + 1)[:, None]
    width = np.diff(edges)
    w = np.maximum(0.0, np.minimum(-slopes[:, :-2] / width[:-1], slopes[:, 2:] / width[1:]))
    return w * (2.0 / (edges[2:] - edges[:-2])) if area else w


def spectrogram(wave, dtype, fft, window, hop, bands, low, high, slaney, area, amplitude, cut, log):
    x = torch.from_numpy(wave).to(dtype)
    s = torch.stft(x, fft, hop, window, torch.hann_window(window, dtype=dtype), center=not cut, return_complex=True).abs()
    m = (s if amplitude else s**2).T @ torch.from_numpy(filters(fft, bands, low, high, slaney, area)).to(dtype)
    if log == "natural":
        m = m.clamp(min=1e-10).log()
    if log == "decibel":
        m = (20 if amplitude else 10) * m.clamp(min=1e-10).log10()
    return m.double().numpy()  # [frames, bands]


def wave(n):
    """A chord, noise and a click, as 16 bits have it."""
    t = np.arange(n) / RATE
    x = 0.3 * np.sin(2 * np.pi * 440 * t) + 0.2 * np.sin(2 * np.pi * 1730 * t) + 0.02 * rng.standard_normal(n)
    x[n // 2] += 0.4
    return np.round(x * 32768) / 32768


WAVES = [wave(n) for n in LENGTHS]
CASES = [
    dict(fft=64, window=64, hop=32, bands=20, low=0.0, high=4000.0, slaney=False, area=False, amplitude=False, cut=False, log=""),
    dict(fft=128, window=100, hop=48, bands=16, low=60.0, high=3800.0, slaney=True, area=True, amplitude=False, cut=False, log="natural"),
    dict(fft=96, window=96, hop=40, bands=12, low=20.0, high=4000.0, slaney=False, area=True, amplitude=True, cut=True, log="decibel"),
    dict(fft=64, window=48, hop=24, bands=10, low=0.0, high=3000.0, slaney=True, area=False, amplitude=True, cut=False, log=""),
    dict(fft=60, window=60, hop=30, bands=10, low=100.0, high=3500.0, slaney=False, area=False, amplitude=False, cut=False, log="decibel"),
]


def numbers(a):
    return [float(f"{v:.9g}") for v in np.asarray(a).ravel()]


cases = []
for c in CASES:
    rows, error = [], 0.0
    for w in WAVES:
        if len(w) < c["fft"] and c["cut"] or len(w) <= c["fft"] // 2 and not c["cut"]:
            rows.append([])  # PyTorch refuses so short a sound
            continue
        exact, single = (spectrogram(w, t, **c) for t in (torch.float64, torch.float32))
        error = max(error, np.abs(exact - single).max() / (1 if c["log"] else np.abs(exact).max()))
        rows.append(numbers(exact))
    cases.append({**c, "rows": rows, "error": float(f"{error:.2g}")})
data = {"rate": RATE, "waves": [numbers(w) for w in WAVES], "cases": cases}
text = json.dumps(data, separators=(",", ":")).replace(',"', ',\n"')
pathlib.Path(__file__).with_name("mel.json").write_text(text + "\n")
