#!/usr/bin/python3
"""Tables and trees against scikit-learn: the same rows to both, the mean figures of several splits compared.

usage: tables_sklearn.py LEPTON [SPLITS]

Data is what scikit-learn brings along. Each split is written as train.csv and test.csv; LEPTON trains on them, and so
does scikit-learn. Missing values are made by taking a tenth of the numbers away ("holes"). Trees depend on chance, so
what is compared is a mean: accuracy within 0.5 points, or two standard errors of the splits' difference where that is more;
for regression the RMSE within 1.5 %, or two standard errors. Exits 1 when one is further off, 77 without scikit-learn.

As measured with scikit-learn 1.2.1 (theirs, ours; means of 5 splits, diabetes 6):
    breast-cancer  tree .9345 .9333  forest .9626 .9649  boosted .9661 .9614
    wine           tree .9296 .9259  forest .9852 .9889  boosted .9741 .9741
    digits         tree .8422 .8430  forest .9711 .9726  boosted .9670 .9652
    with holes     cancer boosted .9661 .9649            digits boosted .9581 .9544
    diabetes RMSE  tree 79.86 78.68  forest 57.81 58.48  boosted 59.36 59.38  linear 54.79 54.81
"""
import json
import os
import subprocess
import sys
import tempfile

try:
    import numpy
    import sklearn
    from sklearn import datasets
    from sklearn.ensemble import (HistGradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestClassifier,
                                  RandomForestRegressor)
    from sklearn.linear_model import LinearRegression
    from sklearn.model_selection import train_test_split
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
except ImportError:
    sys.exit(77)

TREES = [
    {"name": "tree", "learner": "decision_tree", "min_samples_leaf": 2},
    {"name": "forest", "learner": "random_forest", "n_estimators": 100},
    {"name": "boosted", "learner": "gradient_boosting", "n_estimators": 60},
]


def holes(data):
    x, y = data
    x = x.copy()
    x[numpy.random.RandomState(0).rand(*x.shape) < 0.1] = numpy.nan
    return x, y


def sklearn_models(regression, seed):
    tree, forest, boosted = ((DecisionTreeRegressor, RandomForestRegressor, HistGradientBoostingRegressor) if regression
                             else (DecisionTreeClassifier, RandomForestClassifier, HistGradientBoostingClassifier))
    # scikit-learn's forest for regression looks at all features; ours at sqrt unless told, so both are told.
    return {
        "tree": tree(random_state=seed, min_samples_leaf=2),
        "forest": forest(n_estimators=100, random_state=seed, max_features=0.34 if regression else "sqrt"),
        "boosted": boosted(max_iter=60, early_stopping=False, random_state=seed),
    }


def write(path, x, y):
    with open(path, "w") as file:
        file.write(",".join(["f%d" % i for i in range(x.shape[1])] + ["y"]) + "\n")
        for row, target in zip(x, y):
            file.write(",".join(["" if numpy.isnan(v) else repr(float(v)) for v in row] + [repr(float(target))]) + "\n")


def ours(lepton, folder, versions, regression, seed):
    data = {"format": "csv", "path": folder, "validation_split": 0}
    if regression:
        data["task"] = "regression"
    spec = os.path.join(folder, "spec.json")
    with open(spec, "w") as file:
        json.dump({"seed": seed, "data": data, "versions": versions}, file)
    out = os.path.join(folder, "out.json")
    subprocess.run([lepton, "train", spec, "--store", os.path.join(folder, "store"), "--export", out, "--quiet"], check=True)
    with open(out) as file:
        figures = {v["name"]: v["test"] for v in json.load(file)["versions"]}
    return {n: t["loss"] ** 0.5 if regression else t["accuracy"] for n, t in figures.items()}


def one_split(lepton, x, y, regression, seed, linear):
    a, b, c, d = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=None if regression else y)
    versions = [dict(v, max_features=0.34) if regression and v["name"] == "forest" else v for v in TREES]
    if linear:
        versions = versions + [{"name": "linear", "epochs": 300, "batch_size": 32,
                                "optimizer": {"name": "adam", "learning_rate": 0.01, "schedule": {"name": "cosine"}},
                                "loss": "mse", "layers": [{"type": "Input", "shape": [x.shape[1]]}, {"type": "Dense", "units": 1}]}]
    theirs = {}
    for name, model in sklearn_models(regression, seed).items():
        if numpy.isnan(x).any() and name != "boosted":
            continue  # scikit-learn 1.2.1's other trees take none
        model.fit(a, c)
        theirs[name] = numpy.mean((model.predict(b) - d) ** 2) ** 0.5 if regression else model.score(b, d)
    if linear:
        theirs["linear"] = numpy.mean((LinearRegression().fit(a, c).predict(b) - d) ** 2) ** 0.5
    with tempfile.TemporaryDirectory() as folder:
        write(os.path.join(folder, "train.csv"), a, c)
        write(os.path.join(folder, "test.csv"), b, d)
        return theirs, ours(lepton, folder, versions, regression, seed)


def compare(name, lepton, data, regression, splits, linear=False):
    good = True
    x, y = data
    pairs = [one_split(lepton, x, y, regression, seed, linear) for seed in range(1, splits + 1)]
    for model in pairs[0][0]:
        theirs = numpy.array([p[0][model] for p in pairs])
        mine = numpy.array([p[1][model] for p in pairs])
        error = 2 * numpy.std(mine - theirs) / splits ** 0.5
        allowed = max(0.015 * theirs.mean() if regression else 0.005, error)
        # better than theirs is no fault
        worse = mine.mean() - theirs.mean() if regression else theirs.mean() - mine.mean()
        fits = worse <= allowed
        print("%-14s %-8s scikit-learn %9.4f  lepton %9.4f  allowed %.4f  %s" % (
            name, model, theirs.mean(), mine.mean(), allowed, "" if fits else "WORSE"), flush=True)
        good &= fits
    return good


def main():
    lepton, splits = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    print("scikit-learn", sklearn.__version__)
    xy = {"return_X_y": True}
    good = [
        compare("breast-cancer", lepton, datasets.load_breast_cancer(**xy), False, splits),
        compare("wine", lepton, datasets.load_wine(**xy), False, splits),
        compare("digits", lepton, datasets.load_digits(**xy), False, splits),
        compare("cancer, holes", lepton, holes(datasets.load_breast_cancer(**xy)), False, splits),
        compare("digits, holes", lepton, holes(datasets.load_digits(**xy)), False, splits),
        compare("diabetes", lepton, datasets.load_diabetes(**xy), True, splits, linear=True),
    ]
    sys.exit(0 if all(good) else 1)


main()
