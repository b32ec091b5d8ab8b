#!/usr/bin/python3
"""Figures for tests/test_model_oracle.c: a few training steps by PyTorch and by numpy, in double.

Run it in this folder; it writes network_steps.inc. Weights and samples come from closed forms that
the test repeats, so only results are recorded. One step is one epoch over all samples, so the order
of data does not matter. PyTorch's Adam adds epsilon to the corrected moment; Keras's (ours) to the
plain one, so epsilon is rescaled before each step.
"""
import math
import sys

import numpy as np
import torch

N, STEPS, CLASSES = 8, 6, 4
ADAM = dict(lr=0.01, b1=0.9, b2=0.999, eps=1e-7)
SGD = dict(lr=0.05, momentum=0.9)


def samples(size):
    """uint8 images as 0..1, and labels."""
    x = np.array([(i * 37 + (i // 7) * 11) % 256 for i in range(N * size)], np.float32) / np.float32(255)
    return x.astype(np.float64).reshape(N, size), np.array([(3 * i + 1) % CLASSES for i in range(N)])


def weights(shape, tensor):
    """The i-th value of the network's tensor number `tensor`, as float32 and then double."""
    n = int(np.prod(shape))
    w = np.array([0.4 * math.sin(0.9 * i + 1.7 * tensor) for i in range(n)])
    return w.astype(np.float32).astype(np.float64).reshape(shape)


def cnn_forward(p, x):
    """Input 6x6x1, Conv2D 3 filters 3x3 same relu, MaxPooling2D, Flatten, Dense 5 tanh, Dense 4; NHWC."""
    y = x.reshape(N, 1, 6, 6)
    y = torch.nn.functional.conv2d(y, p[0].permute(3, 2, 0, 1), p[1], padding=1)
    y = torch.nn.functional.max_pool2d(torch.relu(y), 2)
    y = y.permute(0, 2, 3, 1).reshape(N, -1)
    y = torch.tanh(y @ p[2] + p[3])
    return y @ p[4] + p[5]


def mlp_forward(p, x):
    """Input 10, Dense 6 sigmoid, Dense 4."""
    return torch.sigmoid(x @ p[0] + p[1]) @ p[2] + p[3]


CNN = [(3, 3, 1, 3), (3,), (27, 5), (5,), (5, 4), (4,)]
MLP = [(10, 6), (6,), (6, 4), (4,)]


def torch_run(forward, shapes, size, optimizer):
    x, labels = samples(size)
    x, labels = torch.tensor(x), torch.tensor(labels)
    p = [torch.tensor(weights(s, t), requires_grad=True) for t, s in enumerate(shapes)]
    if optimizer == "adam":
        opt = torch.optim.Adam(p, lr=ADAM["lr"], betas=(ADAM["b1"], ADAM["b2"]), eps=ADAM["eps"])
    else:
        opt = torch.optim.SGD(p, lr=SGD["lr"], momentum=SGD["momentum"])
    losses = []
    for step in range(1, STEPS + 1):
        if optimizer == "adam":
            opt.param_groups[0]["eps"] = ADAM["eps"] / math.sqrt(1 - ADAM["b2"] ** step)
        opt.zero_grad()
        loss = torch.nn.functional.cross_entropy(forward(p, x), labels)
        loss.backward()
        opt.step()
        losses.append(loss.item())
    return losses, [q.detach().numpy() for q in p]


def numpy_mlp(optimizer):
    """The same MLP with gradients and updates by hand."""
    x, labels = samples(10)
    p = [weights(s, t) for t, s in enumerate(MLP)]
    m, v = [np.zeros_like(q) for q in p], [np.zeros_like(q) for q in p]
    losses = []
    for step in range(1, STEPS + 1):
        h = 1 / (1 + np.exp(-(x @ p[0] + p[1])))
        z = h @ p[2] + p[3]
        e = np.exp(z - z.max(1, keepdims=True))
        y = e / e.sum(1, keepdims=True)
        losses.append(-np.log(y[np.arange(N), labels]).mean())
        dz = (y - np.eye(CLASSES)[labels]) / N
        dh = dz @ p[2].T * h * (1 - h)
        for i, g in enumerate([x.T @ dh, dh.sum(0), h.T @ dz, dz.sum(0)]):
            if optimizer == "adam":
                m[i] = ADAM["b1"] * m[i] + (1 - ADAM["b1"]) * g
                v[i] = ADAM["b2"] * v[i] + (1 - ADAM["b2"]) * g * g
                rate = ADAM["lr"] * math.sqrt(1 - ADAM["b2"] ** step) / (1 - ADAM["b1"] ** step)
                p[i] = p[i] - rate * m[i] / (np.sqrt(v[i]) + ADAM["eps"])
            else:
                m[i] = SGD["momentum"] * m[i] - SGD["lr"] * g
                p[i] = p[i] + m[i]
    return losses, p


def array(out, name, values):
    values = list(values)
    out.write(f"static const double {name}[{len(values)}] = {{\n")
    for i in range(0, len(values), 4):
        out.write("\t" + " ".join(f"{v:.12g}," for v in values[i:i + 4]) + "\n")
    out.write("};\n")


def main():
    with open("network_steps.inc", "w") as out:
        out.write("/* Made by network_steps.py: do not edit.\n")
        out.write(f" * torch {torch.__version__}, numpy {np.__version__}, python {sys.version.split()[0]}. */\n")
        for net, forward, shapes, size in (("cnn", cnn_forward, CNN, 36), ("mlp", mlp_forward, MLP, 10)):
            for optimizer in ("adam", "sgd"):
                losses, p = torch_run(forward, shapes, size, optimizer)
                if net == "mlp":
                    other, q = numpy_mlp(optimizer)
                    assert np.allclose(losses, other, rtol=1e-9), "numpy and torch disagree on the loss"
                    assert all(np.allclose(a, b, rtol=1e-7, atol=1e-9) for a, b in zip(p, q)), "… on weights"
                array(out, f"{net}_{optimizer}_loss", losses)
                array(out, f"{net}_{optimizer}_weights", np.concatenate([a.ravel() for a in p]))


main()
