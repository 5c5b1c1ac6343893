"""Train three small character models in PyTorch: python3 make_reference.py

For each of lstm, gru and mlstm (weight-normalized) this writes its initial
weights (CELL.safetensors) and, in float64, the loss and gradient norm of each of 100
steps (CELL.json): Adam with weight decay, warm-up and linear decay, clipping, the
hidden state carried from step to step and gradients cut there. "float32" is how far
float32 is off in the worst step. Of the first step stand logits and gradients, of each
the three numbers of common.py.

The text is a formula (symbol below), so that the Go test reads the same one.
"""

import copy

import torch
from safetensors.torch import save_file
from torch import nn

from common import HERE, both, compact, digits, summaries

VOCAB, EMBED, HIDDEN = 48, 12, 24
STEPS, LENGTH, ROWS = 100, 16, 8
LR, WARMUP, CLIP = 0.02, 5, 0.3
ADAM = dict(betas=(0.9, 0.99), eps=1e-8, weight_decay=1e-4)
LAYERS = {"lstm": 2, "gru": 1, "mlstm": 1}


def symbol(row, position):
    return (position % 13 * (row % 5 + 1) + position // 13 % 4 * 11) % VOCAB


def batch(step):
    """[T, B] inputs and targets; every tenth step lacks two targets."""
    at = range(step * LENGTH, (step + 1) * LENGTH)
    x = torch.tensor([[symbol(r, p) for r in range(ROWS)] for p in at])
    y = torch.tensor([[symbol(r, p + 1) for r in range(ROWS)] for p in at])
    if step % 10 == 9:
        y[-2:, -1] = -1
    return x, y


def rate(step):
    if step < WARMUP:
        return LR * (step + 1) / WARMUP
    return LR * (1 - (step - WARMUP) / (STEPS - WARMUP))


class MLSTM(nn.Module):
    """Krause et al. (2016) with weight normalization, gates i, f, o, u."""

    def __init__(self, size, hidden):
        super().__init__()
        shapes = {"ih": (4 * hidden, size), "mh": (4 * hidden, hidden), "mih": (hidden, size), "mhh": (hidden, hidden)}
        for name, shape in shapes.items():
            v = torch.empty(shape).uniform_(-(hidden**-0.5), hidden**-0.5)
            setattr(self, f"weight_{name}_l0_v", nn.Parameter(v))
            # Not ||V||, so that g is put to the test.
            setattr(self, f"weight_{name}_l0_g", nn.Parameter(1.2 * v.norm(dim=1, keepdim=True)))
        self.bias_l0 = nn.Parameter(torch.empty(4 * hidden).uniform_(-(hidden**-0.5), hidden**-0.5))

    def weight(self, name):
        v, g = getattr(self, f"weight_{name}_l0_v"), getattr(self, f"weight_{name}_l0_g")
        return g * v / v.norm(dim=1, keepdim=True)

    def forward(self, x, state):
        h, c = state
        wih, wmh, wmih, wmhh = (self.weight(n) for n in ("ih", "mh", "mih", "mhh"))
        out = []
        for xt in x:
            m = (xt @ wmih.T) * (h @ wmhh.T)
            i, f, o, u = (xt @ wih.T + m @ wmh.T + self.bias_l0).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(u)
            h = torch.sigmoid(o) * torch.tanh(c)
            out.append(h)
        return torch.stack(out), (h, c)


class CharLM(nn.Module):
    def __init__(self, cell):
        super().__init__()
        layers = LAYERS[cell]
        self.encoder = nn.Embedding(VOCAB, EMBED)
        self.rnn = {
            "lstm": lambda: nn.LSTM(EMBED, HIDDEN, layers),
            "gru": lambda: nn.GRU(EMBED, HIDDEN, layers),
            "mlstm": lambda: MLSTM(EMBED, HIDDEN),
        }[cell]()
        self.decoder = nn.Linear(HIDDEN, VOCAB)
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        zero = torch.zeros(layers, ROWS, HIDDEN)
        self.state = {"lstm": (zero, zero), "gru": zero, "mlstm": (zero[0], zero[0])}[cell]

    def forward(self, x):
        y, state = self.rnn(self.encoder(x), self.state)
        self.state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        return self.decoder(y)


def train(model):
    """Losses and norms of all steps; the logits and gradients of the first."""
    optimizer = torch.optim.Adam(model.parameters(), lr=LR, **ADAM)
    losses, norms, first = [], [], {}
    for step in range(STEPS):
        x, y = batch(step)
        for group in optimizer.param_groups:
            group["lr"] = rate(step)
        optimizer.zero_grad()
        logits = model(x)
        loss = nn.functional.cross_entropy(logits.reshape(-1, VOCAB), y.reshape(-1), ignore_index=-1)
        loss.backward()
        first = first or {"logits": logits.detach().clone(), **{k: p.grad.clone() for k, p in model.named_parameters()}}
        norms.append(nn.utils.clip_grad_norm_(model.parameters(), CLIP).item())
        optimizer.step()
        losses.append(loss.item())
    return losses, norms, first


def run(cell):
    torch.manual_seed(1)
    model = CharLM(cell)
    save_file(model.state_dict(), HERE / f"{cell}.safetensors")
    exact = copy.deepcopy(model).double()
    exact.state = tuple(s.double() for s in exact.state) if isinstance(exact.state, tuple) else exact.state.double()
    losses, norms, first = train(exact)
    losses32, norms32, first32 = zip(*both(lambda: train(copy.deepcopy(model))))
    off = lambda singles, exact: digits(max(abs(x / y - 1) for single in singles for x, y in zip(single, exact)), 2)
    result = dict(torch=torch.__version__, cell=cell, layers=LAYERS[cell], float32=dict(loss=off(losses32, losses), norm=off(norms32, norms)),
                  loss=[digits(v) for v in losses], norm=[digits(v) for v in norms], first=summaries(first32, first))
    (HERE / f"{cell}.json").write_text(compact(result) + "\n")
    print(cell, losses[0], losses[50], losses[-1], sum(n > CLIP for n in norms), "clipped", result["float32"], result["first"])


torch.set_num_threads(1)
for cell in LAYERS:
    run(cell)
