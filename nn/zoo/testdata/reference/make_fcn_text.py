"""Run a step of the kinds fcn and text-classifier in PyTorch: python3 make_fcn_text.py

Writes fcn_text.json, a case for each of several configurations: how many tensors the
state_dict has and a hash of them; of one step on two lanes the loss, and the logits,
gradients and running statistics, and inference before it, of each the three numbers
of common.py.

A lane goes through the model by itself, gradients are of the mean loss over the
batch, and running statistics are the mean of what each lane makes of them. Weights
and inputs are those of common.py's formula.
"""

import copy

import torch
import torch.nn.functional as F
from torch import nn

from common import HERE, LANES, both, compact, filled, listing, mean_loss, summaries, value


class Stage(nn.Module):
    def __init__(self, inside, out):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(inside, out, 3, padding=1, bias=False), nn.BatchNorm2d(out)
        self.conv2, self.norm2 = nn.Conv2d(out, out, 3, padding=1, bias=False), nn.BatchNorm2d(out)

    def forward(self, x):
        return F.relu(self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x))))))


class FCN(nn.Module):
    def __init__(self, classes, height, width, channels, filters, halvings, up):
        super().__init__()
        self.halvings, self.up = halvings, up
        for i in range(halvings + 1):
            out = filters << i
            setattr(self, f"stage{i+1}", Stage(channels, out))
            setattr(self, f"score{i+1}", nn.Conv2d(out, classes, 1))
            channels = out
        for i in range(halvings if up == "transposed" else 0):
            more = (height >> i & 1, width >> i & 1)
            setattr(self, f"up{i+1}", nn.ConvTranspose2d(classes, classes, 4, 2, 1, output_padding=more, bias=False))

    def forward(self, x):
        features = []
        for i in range(self.halvings + 1):
            x = getattr(self, f"stage{i+1}")(F.max_pool2d(x, 2) if i else x)
            features.append(x)
        scores = getattr(self, f"score{self.halvings+1}")(x)
        for i in reversed(range(self.halvings)):
            if self.up == "transposed":
                scores = getattr(self, f"up{i+1}")(scores)
            else:
                scores = F.interpolate(scores, size=features[i].shape[2:], mode="bilinear", align_corners=False)
            scores = scores + getattr(self, f"score{i+1}")(features[i])
        return scores.permute(0, 2, 3, 1)


class TextClassifier(nn.Module):
    def __init__(self, classes, vocab, embed, pooling, hidden, bidirectional=False):
        super().__init__()
        self.pooling, self.vocab = pooling, vocab
        if embed:
            self.embedding = nn.Embedding(vocab, embed)
        inside, width = embed or vocab, hidden * (2 if bidirectional else 1)
        if pooling in ("mean", "sum"):
            self.dense = nn.Linear(inside, hidden)
        else:
            self.rnn = getattr(nn, pooling.upper())(inside, hidden, batch_first=True, bidirectional=bidirectional)
        self.output = nn.Linear(width, classes)

    def forward(self, given):
        tokens, lengths = given
        if hasattr(self, "embedding"):
            x = self.embedding(tokens)
        else:
            x = F.one_hot(tokens, self.vocab).to(self.output.weight.dtype)
        if hasattr(self, "dense"):
            there = (torch.arange(x.shape[1]) < lengths[:, None])[..., None]
            x = (x * there).sum(1)
            if self.pooling == "mean":
                x = x / lengths.clamp(min=1)[:, None]
            return self.output(F.relu(self.dense(x)))
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        state = self.rnn(packed)[1]
        state = state[0] if self.pooling == "lstm" else state
        return self.output(torch.cat(list(state), 1))


def images(c, rows):
    h, w, channels = c["height"], c["width"], c["channels"]
    x = value(4096, LANES * rows * h * w * channels).reshape(LANES * rows, h, w, channels).permute(0, 3, 1, 2)
    target = torch.arange(LANES * rows * h * w) * 5 // 3 % c["classes"]
    return x, target.reshape(LANES * rows, h, w)


def texts(c, rows, steps):
    n = LANES * rows
    tokens = (torch.arange(n)[:, None] * 7 + torch.arange(steps)[None] * 3) % c["vocab"]
    lengths = 1 + torch.arange(n) * 5 % steps
    return (tokens, lengths), torch.arange(n) % c["classes"]


def step(model, x, target, rows, dtype):
    model = copy.deepcopy(model).to(dtype)
    part = lambda x, lane: x[lane * rows:(lane + 1) * rows]
    cast = lambda x: x.to(dtype) if torch.is_tensor(x) else x
    take = lambda lane: tuple(part(v, lane) for v in x) if isinstance(x, tuple) else part(cast(x), lane)
    model.eval()
    with torch.no_grad():
        found = {"inference": torch.cat([model(take(lane)) for lane in range(LANES)])}
    losses, logits, after, grads = [], [], [], {}
    for lane in range(LANES):
        m = copy.deepcopy(model).train()
        y = m(take(lane))
        share = F.cross_entropy(y.reshape(-1, y.shape[-1]), part(target, lane).reshape(-1), reduction="none")
        (share.sum() / target.numel()).backward()
        losses.append(share.detach())
        logits.append(y.detach())
        after.append(m.state_dict())
        for k, p in m.named_parameters():
            grads[k] = grads.get(k, 0) + p.grad
    found["logits"] = torch.cat(logits)
    found |= {"gradient of " + k: g for k, g in grads.items()}
    found |= {k: sum(a[k] for a in after) / LANES for k in model.state_dict() if "running" in k}
    return torch.cat(losses), found


def run(kind, config, rows, steps=1):
    torch.manual_seed(0)
    model = filled((FCN if kind == "fcn" else TextClassifier)(**config))
    x, target = images(config, rows) if kind == "fcn" else texts(config, rows, steps)
    loss, found = step(model, x, target, rows, torch.float64)
    loss32, found32 = zip(*both(lambda: step(model, x, target, rows, torch.float32)))
    result = dict(kind=kind, config=config, rows=rows, steps=steps, **listing(model), float32=mean_loss(loss32, loss), loss=loss.mean().item(),
                  values=summaries(found32, found))
    print(kind, config, result["loss"], result["float32"])
    return result


if __name__ == "__main__":
    torch.set_num_threads(1)
    pixels = dict(classes=3, height=13, width=18, channels=2, filters=4, halvings=2)
    text = dict(classes=3, vocab=300, hidden=6)
    cases = [run("fcn", dict(pixels, up=up), 2) for up in ("bilinear", "transposed")]
    for more in (dict(embed=5, pooling="mean"), dict(embed=0, pooling="sum"), dict(embed=5, pooling="lstm"),
                 dict(embed=0, pooling="gru", bidirectional=True)):
        cases.append(run("text-classifier", text | more, 3, 7))
    text = ",\n".join(compact(c) for c in cases)
    (HERE / "fcn_text.json").write_text(f'{{"torch": "{torch.__version__}", "lanes": {LANES}, "cases": [\n{text}\n]}}\n')
