"""Writes symbols.json: what PyTorch finds of the symbols of a text by networks that tell classes of texts apart.

    python symbols.py > symbols.json
"""
import json
import torch
import torch.nn.functional as F

torch.manual_seed(3)
VOCAB, EMBED, HIDDEN, CLASSES, TEXT = 9, 4, 5, 3, [3, 1, 4, 1, 5, 8, 2]


def listed(t):
    return [round(v, 6) for v in t.detach().reshape(-1).tolist()]


def network(pooling, embed, bidirectional):
    parts = dict(output=torch.nn.Linear(HIDDEN * (2 if bidirectional else 1), CLASSES))
    width = embed or VOCAB
    if embed:
        parts["embedding"] = torch.nn.Embedding(VOCAB, embed)
    if pooling in ("mean", "sum"):
        parts["dense"] = torch.nn.Linear(width, HIDDEN)
    else:
        parts["rnn"] = dict(lstm=torch.nn.LSTM, gru=torch.nn.GRU)[pooling](width, HIDDEN, bidirectional=bidirectional)
    net = torch.nn.ModuleDict(parts)
    for p in net.parameters():
        p.data = (torch.randn(*p.shape) * 64).round() / 64
    return net


def case(pooling, embed, bidirectional=False):
    net = network(pooling, embed, bidirectional)
    symbols = torch.tensor(TEXT)
    rows = net["embedding"](symbols) if embed else F.one_hot(symbols, VOCAB).float()
    rows = rows.detach().requires_grad_()
    if pooling in ("mean", "sum"):
        h = F.relu(net["dense"](rows.mean(0) if pooling == "mean" else rows.sum(0)))
    else:
        y = net["rnn"](rows.unsqueeze(1))[0].squeeze(1)
        h = torch.cat([y[-1, :HIDDEN], y[0, HIDDEN:]]) if bidirectional else y[-1]
    logits, told = net["output"](h), []
    for answer in range(CLASSES):
        grad, = torch.autograd.grad(F.log_softmax(logits, 0)[answer], rows, retain_graph=True)
        told.append(dict(by=listed((grad * rows).sum(1)), lengths=listed(grad.norm(dim=1))))
    return dict(pooling=pooling, embed=embed, bidirectional=bidirectional, parameters={n: listed(p) for n, p in net.named_parameters()},
                logits=listed(logits), answers=told)


cases = [case("mean", EMBED), case("sum", EMBED), case("mean", 0), case("sum", 0), case("lstm", EMBED, True), case("gru", EMBED), case("lstm", 0)]
print(json.dumps(dict(vocab=VOCAB, hidden=HIDDEN, classes=CLASSES, text=TEXT, cases=cases)))
