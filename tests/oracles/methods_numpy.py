"""Figures of delta, quantize, average and weighted by numpy, for tests/test_compress_numpy.c and tests/test_fuse.c.

Run: /usr/bin/python3 tests/oracles/methods_numpy.py > tests/oracles/methods_numpy.h   (Debian: python3-numpy)
The inputs come from the generator of tests/compress_make.h. numpy's own routines do the work: lstsq for alpha,
softmax and average for fusion; nothing here was taken from the C code.
"""
import numpy as np

NET = [("conv2d/kernel", (3, 3, 1, 5)), ("conv2d/bias", (5,)), ("dense/kernel", (40, 7)), ("dense/bias", (7,))]


def numbers(seed, count):
    out = np.empty(count, np.float32)
    for i in range(count):
        seed = (seed * 1664525 + 1013904223) % 2**32
        out[i] = np.float32(seed >> 8) / np.float32(16777216) - np.float32(0.5)
    return out, seed


def net(seed):
    tensors = []
    for _, shape in NET:
        flat, seed = numbers(seed, int(np.prod(shape)))
        tensors.append(flat.reshape(shape))
    return tensors


def quantized(residual, axis):
    """Symmetric 8 bits; the scale's exact float32 may differ in the last bit, which the test allows for."""
    largest = np.abs(residual).max(axis=axis, keepdims=True)
    scale = largest / 127
    return np.rint(residual / np.where(scale > 0, scale, 1)) * scale, scale


def error_of(rebuilt, tensors):
    wrong = sum(((r - t.astype(np.float64)) ** 2).sum() for r, t in zip(rebuilt, tensors))
    return np.sqrt(wrong / sum((t.astype(np.float64) ** 2).sum() for t in tensors))


def row(name, values):
    print("static const double %s[] = {%s};" % (name, ", ".join("%.17g" % v for v in np.ravel(values))))


print("/* Made by methods_numpy.py with numpy %s; do not edit. */" % np.__version__)
base, weights = net(100), net(200)

alphas, rebuilt = [], []
for t, b in zip(weights, base):
    solution = np.linalg.lstsq(b.reshape(-1, 1).astype(np.float64), t.reshape(-1).astype(np.float64), rcond=None)[0]
    alpha = np.float32(solution[0])
    residual, _ = quantized(t.astype(np.float64) - np.float64(alpha) * b.astype(np.float64), None)
    alphas.append(alpha)
    rebuilt.append(np.float64(alpha) * b + residual)
row("numpy_delta_alphas", alphas)
row("numpy_delta_error", [error_of(rebuilt, weights)])
row("numpy_delta_dense_0", rebuilt[2][0])

rebuilt = [quantized(t.astype(np.float64), tuple(range(t.ndim - 1)))[0] if t.ndim > 1 else t for t in weights]
row("numpy_quantize_error", [error_of(rebuilt, weights)])


def low_rank(tensor, rank):
    matrix = tensor.reshape(-1, tensor.shape[-1]).astype(np.float64)
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    return ((left[:, :rank] * values[:rank]) @ right[:rank]).reshape(tensor.shape)


thin = [low_rank(t, 3) if t.ndim > 1 else t for t in weights]
row("numpy_lowrank_error", [error_of(thin, weights)])
row("numpy_lowrank_dense_0", thin[2][0])
squares = np.linalg.svd(weights[2].astype(np.float64), compute_uv=False) ** 2
row("numpy_lowrank_energy_3", [squares[:3].sum() / squares.sum()])
row("numpy_quantize_scales", np.abs(weights[2].astype(np.float64)).max(axis=0) / 127)
row("numpy_quantize_dense_0", rebuilt[2][0])

# Lloyd's k-means of the dense kernel from an even start, by whole arrays; and of a larger set, bell-shaped.
def lloyd(values, clusters):
    values = values[values != 0].astype(np.float64)
    centroids = values.min() + (values.max() - values.min()) * (np.arange(clusters) + 0.5) / clusters
    while True:
        nearest = np.abs(values[:, None] - centroids[None, :]).argmin(axis=1)
        means = np.array([values[nearest == c].mean() if (nearest == c).any() else centroids[c] for c in range(clusters)])
        if (means == centroids).all():
            return centroids[[(nearest == c).any() for c in range(clusters)]]
        centroids = means


row("numpy_kmeans_dense", lloyd(weights[2].ravel(), 5))
bell = numbers(300, 3000)[0].reshape(1000, 3).astype(np.float64)
row("numpy_kmeans_bell", lloyd((bell[:, 0] * bell[:, 1] * bell[:, 2]).astype(np.float32), 12))

parents = [net(seed) for seed in (1, 2, 3)]
losses, samples = np.array([0.31, 0.25, 0.4]), np.array([18000, 17000, 19000])
exp = np.exp(-losses / 0.1)
for name, shares in (("average", np.ones(3)), ("val_loss", exp / exp.sum()), ("samples", samples), ("inverse_loss", 1 / losses)):
    fused = np.average(np.stack([p[2].astype(np.float64) for p in parents]), axis=0, weights=shares)
    row("numpy_fuse_" + name, fused[0])
