#!/usr/bin/python3
"""What scikit-learn makes of the tables that samples/get-data.sh fetches, for tests/e2e/tables.sh to compare ours with.

usage: tables_sklearn.py DATA >tables_sklearn.txt   (DATA/spam/spam.csv and so on)

Row i of a table, counted from 0 behind the names, is tested in fold i % 5 and trains in the others. Small tables have all five
folds, large ones only the first. With "holes" every value with (7 i + 3 j) % 11 == 0, j its column among the features, is taken
away. Accuracies, or for regression RMSEs, are means over folds and nine seeds; boosting has nothing to draw, so a seed is
also an order of the features, which settles equal splits. A line is

    TABLE TARGET TASK FOLDS HOLES MODEL FIGURE
"""
import csv
import os
import sys

import numpy
import sklearn
from sklearn.ensemble import (HistGradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestClassifier,
                              RandomForestRegressor)
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

SEEDS = range(1, 10)
TABLES = [  # name, target, task, folds, holes
    ("breast-cancer", "class", "classification", 5, 0),
    ("wine", "class", "classification", 5, 0),
    ("digits", "digit", "classification", 5, 0),
    ("spam", "type", "classification", 1, 0),
    ("satellite", "classes", "classification", 1, 0),
    ("letter", "lettr", "classification", 1, 0),
    ("breast-cancer", "class", "classification", 5, 1),
    ("digits", "digit", "classification", 5, 1),
    ("diabetes", "progression", "regression", 5, 0),
]


def models(regression, holes):
    """As tests/e2e/tables.sh has them. Of the trees of this version only boosted ones take missing values."""
    if regression:
        return {
            "tree": lambda s: DecisionTreeRegressor(min_samples_leaf=2, random_state=s),
            "forest": lambda s: RandomForestRegressor(100, max_features=0.34, random_state=s, n_jobs=2),
            "boosted": lambda s: HistGradientBoostingRegressor(max_iter=60, early_stopping=False, random_state=s),
            "linear": lambda s: LinearRegression(),
        }
    every = {
        "tree": lambda s: DecisionTreeClassifier(min_samples_leaf=2, random_state=s),
        "forest": lambda s: RandomForestClassifier(100, random_state=s, n_jobs=2),
        "boosted": lambda s: HistGradientBoostingClassifier(max_iter=60, early_stopping=False, random_state=s),
    }
    return {"boosted": every["boosted"]} if holes else every


def read(path, target):
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    at = rows[0].index(target)
    x = numpy.array([[float(v) for v in row[:at] + row[at + 1:]] for row in rows[1:]])
    return x, numpy.array([row[at] for row in rows[1:]])


def figure(make, x, y, regression, folds):
    figures = []
    for fold in range(folds):
        test = numpy.arange(len(y)) % 5 == fold
        for seed in SEEDS:
            order = numpy.random.RandomState(seed).permutation(x.shape[1])
            model = make(seed).fit(x[~test][:, order], y[~test])
            figures.append(numpy.mean((model.predict(x[test][:, order]) - y[test]) ** 2) ** 0.5 if regression
                           else model.score(x[test][:, order], y[test]))
    return numpy.mean(figures)


def main():
    print("# scikit-learn", sklearn.__version__, "numpy", numpy.__version__)
    for name, target, task, folds, holes in TABLES:
        regression = task == "regression"
        x, y = read(os.path.join(sys.argv[1], name, name + ".csv"), target)
        y = y.astype(float) if regression else y
        if holes:
            i, j = numpy.indices(x.shape)
            x[(7 * i + 3 * j) % 11 == 0] = numpy.nan
        for model, make in models(regression, holes).items():
            print(name, target, task, folds, holes, model, "%.4f" % figure(make, x, y, regression, folds), flush=True)


main()
