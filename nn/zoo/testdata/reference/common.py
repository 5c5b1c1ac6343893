"""What the scripts here share: the formula of weights and inputs, a step of a network, and how it is written.

A number is a formula of its place (value below), so that the Go tests make the same weights and pixels.

A step is on two lanes of four images. A lane goes through the model by itself, gradients are of the mean loss over
all, and running statistics are the mean of what each lane makes of them. It is computed in float64 and once more in
float32, and beside what is written stands how far PyTorch's own float32 is off: of logits the largest error by the
largest logit, of the loss the mean error of a sample by the loss. Of every gradient and running statistic stand its norm, a sum that all
its elements are in, with weights of the formula, and the norm of float32's error.
"""

import copy
import hashlib
import json
import pathlib

import torch
import torch.nn.functional as F
from torch import nn

LANES, ROWS, CLASSES = 2, 4, 10
PIXELS = 4096  # the formula's site of pixels, where none are tried
HERE = pathlib.Path(__file__).parent


def mixed(x):
    """32 bits stirred well (Wellons' lowbias32), on int64."""
    mask = 0xFFFFFFFF
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & mask
    x = ((x ^ (x >> 15)) * 0x846CA68B) & mask
    return x ^ (x >> 16)


def value(site, n):
    """n numbers of [-1, 1) that float32 holds exactly."""
    bits = mixed((torch.arange(n, dtype=torch.int64) + site * 0x9E3779B1) & 0xFFFFFFFF)
    return (bits >> 16).double() / 32768 - 1


def weight(site, name, shape):
    v = value(site, torch.Size(shape).numel()).reshape(shape)
    if name.endswith("running_mean"):
        return v / 8
    if name.endswith("running_var"):
        return 1 + v / 2
    if len(shape) > 1:  # by the inputs of an output, to a power of two
        fan = torch.Size(shape[1:]).numel()
        return v * 2.0 ** -torch.tensor(fan / 4).log2().div(2).floor()
    if name.endswith("weight"):
        return 1 + v / 4
    return v / 8


def filled(model):
    """The model in float64 with the formula's weights."""
    state = model.double().state_dict()
    for site, k in enumerate(sorted(state)):
        if state[k].dtype != torch.int64:
            state[k].copy_(weight(site, k, list(state[k].shape)))
        else:
            state[k].zero_()
    return model


def images(size, site=PIXELS, channels=3):
    """[LANES, ROWS, channels, size, size] of a site of the formula."""
    return value(site, LANES * ROWS * size * size * channels).reshape(LANES, ROWS, size, size, channels).permute(0, 1, 4, 2, 3)


def classes(*shape):
    """A class for every image, or for every pixel of images of a shape."""
    n = LANES * ROWS * torch.Size(shape).numel()
    return torch.arange(n).reshape(LANES, ROWS, *shape) * 3 % CLASSES


def heads(y):
    """The logits, and those of side heads in their order."""
    if isinstance(y, dict):
        return y["out"], [y["aux"]]
    if isinstance(y, tuple):
        return y[0], list(y[:0:-1])
    return y, []


def step(model, pixels, target, dtype, side=0.3):
    """The losses of a step, in which side heads have a part; logits of inference before it and of the step, and those of
    side heads; gradients and running statistics."""
    model, pixels = copy.deepcopy(model).to(dtype), pixels.to(dtype).contiguous()  # oneDNN errs where channels lie last
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    model.eval()
    with torch.no_grad():
        logits = {"inference": heads(model(pixels.flatten(0, 1)))[0]}
    losses, lanes, after, grads = [], [], [], {}
    for lane in range(LANES):
        m = copy.deepcopy(model).train()
        y, beside = heads(m(pixels[lane]))
        part = sum(w * F.cross_entropy(x, target[lane], reduction="none") for w, x in [(1, y)] + [(side, s) for s in beside])
        (part.sum() / target.numel()).backward()
        losses.append(part.detach())
        lanes.append([y.detach(), *(s.detach() for s in beside)])
        after.append(m.state_dict())
        for k, p in m.named_parameters():
            grads[k] = grads.get(k, 0) + p.grad
    torch.set_default_dtype(before)
    logits["logits"], *sides = [torch.cat(parts) for parts in zip(*lanes)]
    running = {k: sum(a[k] for a in after) / LANES for k in after[0] if "running" in k}
    return torch.cat(losses), logits, sides, grads, running


def digits(x, n=9):
    return float(f"{float(x):.{n}g}")


def rounded(x):
    return [digits(v) for v in x.reshape(-1).tolist()]


def strayed(singles, exact, size):
    """The largest error of several float32, where the error of one is of a size."""
    return digits(max(size(single.double() - exact) for single in singles), 2)


def farthest(singles, exact):
    """How far float32 is off, by the largest value; as the tests measure it."""
    return strayed(singles, exact, lambda x: x.abs().max() / exact.abs().max())


def mean_loss(singles, exact):
    """How far float32 is off in the loss; what is off in one sample makes up for no other."""
    return strayed(singles, exact, lambda x: x.abs().mean() / exact.mean())


def summaries(singles, exact, held=("",)):
    """Of every tensor whose name begins as is held its norm, a sum that all elements are in, and the norm of float32's error."""
    probe = lambda x, site: (x.reshape(-1) * value(site, x.numel())).sum()
    return {k: [digits(x.norm()), digits(probe(x, site)), strayed([s[k] for s in singles], x, torch.norm)]
            for site, (k, x) in enumerate(sorted(exact.items())) if k.startswith(held)}


def both(run):
    """What runs in float32 by PyTorch's two ways, with oneDNN and without; either may be near the truth by luck."""
    results = [run()]
    with torch.backends.mkldnn.flags(enabled=False):
        return [*results, run()]


def compared(model, pixels, target, some=lambda y: y, held=("",), **options):
    """A step, some of the logits, gradients of those whose names begin as is held, and how far float32 is off."""
    losses, logits, sides, grads, running = step(model, pixels, target, torch.float64, **options)
    losses32, logits32, sides32, grads32, running32 = zip(*both(lambda: step(model, pixels, target, torch.float32, **options)))
    off = {k: farthest([s[k] for s in logits32], y) for k, y in logits.items()}
    return dict(
        float32=dict(loss=mean_loss(losses32, losses), **off, sides=[farthest([s[i] for s in sides32], y) for i, y in enumerate(sides)]),
        loss=losses.mean().item(), **{k: rounded(some(y)) for k, y in logits.items()}, sides=[rounded(some(s)) for s in sides],
        grads=summaries(grads32, grads, held), running=summaries(running32, running),
    )


def listing(model):
    """How many entries the state_dict has, and a hash of their names, types and shapes."""
    state = model.state_dict()
    lines = [f"{k} {'I64' if v.dtype == torch.int64 else 'F32'} {list(v.shape)}\n" for k, v in sorted(state.items())]
    return dict(entries=len(state), listing=hashlib.sha256("".join(lines).encode()).hexdigest())


def multiply_adds(model, *shape):
    """Those of convolutions and linear layers on zeros of a shape. On the device meta nothing is computed."""
    total, hooks = 0, []

    def count(m, given, y):
        nonlocal total
        if isinstance(m, nn.Linear):
            total += y.numel() * m.in_features
        elif isinstance(m, nn.ConvTranspose2d):
            total += given[0].numel() * m.weight[0].numel()
        else:
            total += y.numel() * m.weight[0].numel()

    for m in model.modules():
        if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            hooks.append(m.register_forward_hook(count))
    with torch.no_grad():
        model.eval()(torch.zeros(shape, device=next(model.parameters()).device))
    for h in hooks:
        h.remove()
    return total


def compact(result):
    return json.dumps(result, separators=(",", ":"))


def write(name, result):
    """NAME.json, a line for each of the result's parts, and the worst errors of float32 for whoever looks on."""
    lines = ",\n".join(f" {json.dumps(k)}: {compact(v)}" for k, v in result.items())
    (HERE / f"{name}.json").write_text(f"{{\n{lines}\n}}\n")
    print(name, told(result), flush=True)


def told(result):
    def worst(tensors):
        return max(((digits(off / norm, 2), k) for k, (norm, _, off) in tensors.items() if norm > 1e-9), default=0)

    return f"loss {result['loss']:.6g}, float32 {result['float32']}, gradients {worst(result['grads'])}, statistics {worst(result['running'])}"
