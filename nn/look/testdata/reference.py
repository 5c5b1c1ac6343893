"""Writes reference.json: what PyTorch finds inside two small networks.

    python reference.py > reference.json
"""
import json
import torch
import torch.nn.functional as F

torch.manual_seed(1)


def listed(t):
    return [round(v, 6) for v in t.detach().reshape(-1).tolist()]


def weight(*shape):
    return (torch.randn(*shape) * 0.5 * 64).round() / 64


def pictures():
    x = weight(1, 2, 8, 8)
    w1, b1, w2, b2 = weight(3, 2, 3, 3), weight(3), weight(4, 3, 3, 3), weight(4)
    z1 = F.conv2d(x, w1, b1, padding=1)
    a1 = F.relu(z1)
    p1, switches = F.max_pool2d(a1, 2, return_indices=True)
    a2 = F.relu(F.conv2d(p1, w2, b2))
    channel = 1
    at = int(a2[0, channel].argmax())
    row, column = divmod(at, a2.shape[3])

    def alone(value):
        one = torch.zeros_like(a2)
        one[0, channel, row, column] = value
        return one

    # The deconvolutional network: rectify, filter transposed, unpool by switches, rectify, filter transposed.
    value = a2[0, channel, row, column].item()
    y = F.relu(alone(value))
    y = F.conv_transpose2d(y, w2)
    y = F.max_unpool2d(y, switches, 2)
    deconv = F.conv_transpose2d(F.relu(y), w1, padding=1)

    # Guided: that, where something had passed.
    y = F.relu(alone(value)) * (a2 > 0)
    y = F.max_unpool2d(F.conv_transpose2d(y, w2), switches, 2)
    guided = F.conv_transpose2d(F.relu(y) * (a1 > 0), w1, padding=1)

    leaf = x.clone().requires_grad_()
    out = F.relu(F.conv2d(F.max_pool2d(F.relu(F.conv2d(leaf, w1, b1, padding=1)), 2), w2, b2))
    out[0, channel, row, column].backward()
    last = lambda t: listed(t.permute(0, 2, 3, 1))  # channels last
    return dict(x=last(x), w1=listed(w1), b1=listed(b1), w2=listed(w2), b2=listed(b2), conv1=last(z1), pool=last(p1), relu2=last(a2),
                channel=channel, row=row, column=column, deconv=last(deconv), guided=last(guided), gradient=last(leaf.grad * value))


def text():
    vocab, embed, hidden = 12, 3, 4
    net = torch.nn.ModuleDict(dict(encoder=torch.nn.Embedding(vocab, embed), rnn=torch.nn.LSTM(embed, hidden),
                                   decoder=torch.nn.Linear(hidden, vocab)))
    for p in net.parameters():
        p.data = weight(*p.shape) * 2
    symbols = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7]
    following, begin, end = 9, 4, 8
    e = net["encoder"](torch.tensor(symbols)).detach().requires_grad_()
    state, cells, logits = None, [], []
    for step in e:
        y, state = net["rnn"](step.reshape(1, 1, -1), state)
        cells.append(state[1].reshape(-1))
        logits.append(net["decoder"](y.reshape(-1)))
    F.log_softmax(logits[-1], 0)[following].backward()
    c = torch.tanh(torch.stack(cells)).detach()
    inside = torch.zeros(len(symbols), dtype=torch.bool)
    inside[begin:end] = True
    score = (c[inside].mean(0) - c[~inside].mean(0)) / c.std(0, unbiased=False)
    best = torch.softmax(logits[-1], 0).sort(descending=True)
    return dict(vocab=vocab, embed=embed, hidden=hidden, parameters={n: listed(p) for n, p in net.named_parameters()}, symbols=symbols,
                next=following, influence=listed(e.grad.norm(dim=1)), cells=listed(c), begin=begin, end=end,
                ranked=score.abs().argsort(descending=True).tolist(), score=listed(score),
                likeliest=best.indices[:5].tolist(), probabilities=listed(best.values[:5]))


def sequence():
    """A bidirectional LSTM over frames, and a convolution of stride 2 over time before it. The row is shorter than there is room for."""
    features, channels, hidden, classes, steps = 3, 4, 2, 5, 7
    net = torch.nn.ModuleDict(dict(conv=torch.nn.Conv1d(features, channels, 3, stride=2, padding=1), rnn=torch.nn.LSTM(channels, hidden, bidirectional=True),
                                   fc=torch.nn.Linear(2 * hidden, classes)))
    for p in net.parameters():
        p.data = weight(*p.shape) * 2
    x = weight(steps, features).requires_grad_()
    y = F.relu(net["conv"](x.t().unsqueeze(0))).squeeze(0).t()
    cells = []
    for name in ("", "_reverse"):  # step by step, to see the memory
        w = [getattr(net["rnn"], f"{p}_l0{name}") for p in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        state, held = (torch.zeros(1, hidden), torch.zeros(1, hidden)), []
        for step in (y if name == "" else y.flip(0)):
            state = torch.lstm_cell(step.unsqueeze(0), state, *w)
            held.append(state[1][0])
        cells.append(torch.stack(held if name == "" else held[::-1]))
    h, _ = net["rnn"](y.unsqueeze(1))
    h = h.squeeze(1)
    logits = net["fc"](torch.cat([h[-1, :hidden], h[0, hidden:]]))
    answer = 2
    F.log_softmax(logits, 0)[answer].backward()
    matters, x.grad = x.grad.clone(), None
    h, _ = net["rnn"](F.relu(net["conv"](x.t().unsqueeze(0))).squeeze(0).t().unsqueeze(1))
    net["fc"](torch.cat([h[-1, 0, :hidden], h[0, 0, hidden:]]))[1].backward()
    return dict(features=features, channels=channels, hidden=hidden, classes=classes, parameters={n: listed(p) for n, p in net.named_parameters()},
                x=listed(x), conv=listed(y), output=listed(h), memory=listed(cells[0]), reverse=listed(cells[1]), answer=answer,
                matters=listed(matters), lengths=listed(matters.norm(dim=1)), plain=listed(x.grad))


print(json.dumps(dict(pictures=pictures(), text=text(), sequence=sequence())))
