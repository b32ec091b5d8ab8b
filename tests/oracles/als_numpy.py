"""The RMSE of biased ALS by numpy: als_numpy.py TRAIN.csv TEST.csv FACTORS REGULARIZATION EPOCHS

Prints the RMSE on the test of the mean of the training ratings, of biases alone, and of the factors: the same objective as
src/model/factors.h, each user's and each item's problem solved by numpy.linalg.solve.
"""
import csv
import sys

import numpy as np


def ratings(path, users, items):
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            yield (users.setdefault(row["userId"], len(users)), items.setdefault(row["movieId"], len(items)),
                   float(row["rating"]))


def by(pairs, side, count):
    order = np.argsort(pairs[:, side], kind="stable")
    ends = np.searchsorted(pairs[order, side], np.arange(count + 1))
    return [order[ends[i]:ends[i + 1]] for i in range(count)]


def als(train, test, counts, k, keep, epochs):
    random = np.random.default_rng(1)
    mean = train[:, 2].mean()
    factors = [random.normal(0, 0.1, (n, k)) for n in counts]
    bias = [np.zeros(n) for n in counts]
    lists = [by(train, side, counts[side]) for side in (0, 1)]
    pairs = train[:, :2].astype(int)
    for sweep in range(2 * epochs):
        side = sweep % 2
        for one, rows in enumerate(lists[side]):
            if len(rows) == 0:
                factors[side][one], bias[side][one] = 0, 0
                continue
            other = pairs[rows, 1 - side]
            a = np.hstack([factors[1 - side][other], np.ones((len(rows), 1))])
            y = train[rows, 2] - mean - bias[1 - side][other]
            x = np.linalg.solve(a.T @ a + keep * len(rows) * np.eye(k + 1), a.T @ y)
            factors[side][one], bias[side][one] = x[:k], x[k]
    u, v = test[:, 0].astype(int), test[:, 1].astype(int)
    said = mean + bias[0][u] + bias[1][v] + (factors[0][u] * factors[1][v]).sum(axis=1)
    return np.sqrt(((said - test[:, 2]) ** 2).mean())


def main():
    users, items = {}, {}
    train = np.array(list(ratings(sys.argv[1], users, items)))
    test = np.array(list(ratings(sys.argv[2], users, items)))
    k, keep, epochs = int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5])
    counts = (len(users), len(items))
    print(np.sqrt(((train[:, 2].mean() - test[:, 2]) ** 2).mean()), als(train, test, counts, 0, keep, epochs),
          als(train, test, counts, k, keep, epochs))


main()
