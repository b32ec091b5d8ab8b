"""Figures of the fusion methods by numpy, for tests/test_fuse_methods.c.

Run: /usr/bin/python3 tests/oracles/fuse_numpy.py > tests/oracles/fuse_numpy.h   (Debian: python3-numpy)
The inputs come from the generator of tests/compress_make.h. Written from the papers' formulas on whole vectors
in double; nothing here was taken from the C code, which works on dot products and blocks.
"""
import numpy as np

NET = [(3, 3, 1, 5), (5,), (40, 7), (7,)]


def net(seed):
    tensors = []
    for shape in NET:
        flat = np.empty(int(np.prod(shape)))
        for i in range(flat.size):
            seed = (seed * 1664525 + 1013904223) % 2**32
            flat[i] = np.float32(seed >> 8) / np.float32(16777216) - np.float32(0.5)
        tensors.append(flat)
    return tensors


def row(name, tensors):
    print("static const double %s[] = {%s};" % (name, ", ".join("%.17g" % v for v in np.concatenate(tensors))))


def unit(v):
    return v / np.linalg.norm(v)


def slerp(a, b, t):
    """By turning u towards the part of v orthogonal to it: not the formula of sines."""
    u, v = unit(a), unit(b)
    side = unit(v - (u @ v) * u)
    angle = np.arctan2(np.linalg.norm(v - (u @ v) * u), u @ v) * t
    return (np.cos(angle) * u + np.sin(angle) * side) * ((1 - t) * np.linalg.norm(a) + t * np.linalg.norm(b))


def karcher(vectors):
    """Gradient descent on the mean square of the angles, with a short step and many of them."""
    units = [unit(v) for v in vectors]
    m = units[0]
    for _ in range(2000):
        tangent = np.zeros_like(m)
        for u in units:
            flat = u - (m @ u) * m
            if np.linalg.norm(flat) > 0:
                tangent += unit(flat) * np.arctan2(np.linalg.norm(flat), m @ u) / len(units)
        m = unit(m + 0.3 * tangent)
    return m * np.mean([np.linalg.norm(v) for v in vectors])


def ties(base, others, density, lam):
    """Trim by argsort, elect and merge as the paper's algorithm 1 on matrices."""
    deltas = np.stack([o - base for o in others])
    keep = round(density * base.size)
    for d in deltas:
        d[np.argsort(-np.abs(d), kind="stable")[keep:]] = 0
    sign = np.sign(deltas.sum(axis=0))
    agree = (np.sign(deltas) == sign) & (sign != 0)
    return base + lam * np.where(agree, deltas, 0).sum(axis=0) / np.maximum(agree.sum(axis=0), 1)


def philox(key, stream, block):
    """Philox 4x32-10 from the paper (Salmon et al., SC 2011): the counter is block and stream, 64 bits each."""
    c = [block & 0xFFFFFFFF, block >> 32, stream & 0xFFFFFFFF, stream >> 32]
    k = [key & 0xFFFFFFFF, key >> 32]
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & 0xFFFFFFFF, (a >> 32) ^ c[3] ^ k[1], a & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def dare(base, others, streams, drop, lam, seed):
    out = base.copy()
    for other, stream in zip(others, streams):
        draws = np.concatenate([philox(seed, stream, b) for b in range((base.size + 3) // 4)])[: base.size]
        out += lam * np.where((draws >> 8) / 2**24 >= drop, other - base, 0) / (1 - drop)
    return out


print("/* Made by fuse_numpy.py with numpy %s; do not edit. */" % np.__version__)
one, two, three = net(1), net(2), net(3)
row("numpy_slerp_03", [slerp(a, b, 0.3) for a, b in zip(one, two)])
row("numpy_karcher", [karcher(v) for v in zip(one, two, three)])
row("numpy_task_arithmetic", [a + 0.7 * (b + c - 2 * a) for a, b, c in zip(one, two, three)])
whole = [np.concatenate(v) for v in (one, two, three)]
row("numpy_ties", [ties(whole[0], whole[1:], 0.3, 0.8)])
row("numpy_ties_base_2", [ties(whole[1], [whole[0], whole[2]], 0.2, 1.0)])
row("numpy_dare", [dare(whole[0], whole[1:], (1, 2), 0.6, 0.5, 7)])
