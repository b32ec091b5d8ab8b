#!/usr/bin/python3
"""Figures for tests/test_privacy_accountant.c: Rényi divergences of the sampled Gaussian mechanism, by quadrature.

Run it in this folder; it writes privacy_rdp.inc. It shares no formula with the library: the mean of
((1 - q) + q e^((2z - 1) / 2s²))^a over z from N(0, s²) is integrated as it stands, by the trapezoidal rule on a range
beyond which the integrand is below e^-60 of its largest value (of smooth, fast falling functions that rule is exact to
rounding). The divergence with the two distributions' places exchanged is integrated too: it is never the
larger one, so that the one direction is enough (Mironov, Talwar and Zhang 2019, theorem 5).
"""
import numpy as np

CASES = [
    # q, sigma, orders
    (256 / 60000, 1.1, [1.1, 1.5, 2, 3.7, 7.9, 10.9, 12, 20, 32, 63]),
    (256 / 60000, 0.6, [1.1, 1.5, 2, 3.7, 7.9, 12]),
    (0.04, 1.5, [1.1, 1.5, 2, 3.7, 7.9, 12, 32, 64, 128]),
    (0.01, 4.0, [1.3, 2, 8.5, 24, 63, 256, 512]),
    (0.2, 2.0, [1.2, 2, 5.5, 16, 40]),
    (0.5, 1.0, [1.1, 1.9, 3, 6.1, 12]),
    (0.9, 3.0, [1.1, 2.5, 9, 30]),
    (1e-4, 0.8, [1.1, 2, 4.4, 10.9, 16]),
    (1.0, 1.3, [1.1, 2, 33]),
]


def log_mean(log_f, sigma):
    """log of the mean of e^log_f(z), z from N(0, sigma²)."""
    z = np.linspace(-60 * sigma - 10, 60 * sigma + 600 * max(1, sigma), 4001)

    def g(z):
        return log_f(z) - z * z / (2 * sigma * sigma) - 0.5 * np.log(2 * np.pi * sigma * sigma)

    for _ in range(40):  # to where it counts
        y = g(z)
        keep = np.flatnonzero(y > y.max() - 60)
        low, high = z[max(keep[0] - 1, 0)], z[min(keep[-1] + 1, len(z) - 1)]
        z = np.linspace(low, high, 4001)
    z = np.linspace(low, high, 400001)
    y = g(z)
    return y.max() + np.log(np.sum(np.exp(y - y.max())) * ((high - low) / 400000))


def rdp(q, sigma, order):
    def log_ratio(z):
        shift = (2 * z - 1) / (2 * sigma * sigma)
        return np.log(q) + shift if q == 1 else np.logaddexp(np.log1p(-q), np.log(q) + shift)

    there = log_mean(lambda z: order * log_ratio(z), sigma) / (order - 1)
    back = log_mean(lambda z: (1 - order) * log_ratio(z), sigma) / (order - 1)
    assert back <= there * (1 + 1e-9) + 1e-12, (q, sigma, order, there, back)
    return there


with open("privacy_rdp.inc", "w") as out:
    out.write("/* made by privacy_rdp.py */\n")
    for q, sigma, orders in CASES:
        for order in orders:
            out.write(f"{{{q!r}, {sigma!r}, {order!r}, {float(rdp(q, sigma, order))!r}}},\n")
