#!/usr/bin/python3
"""The figures of scikit-learn that tests/test_model_tree.c compares ours with.

usage: trees_sklearn.py FOLDER   (the four idx files of MNIST, plain or .gz)

Trains on the first 10,000 training images, scores on the 10,000 test images, prints accuracy and seconds.
A single tree depends on its seed (the order in which ties are seen), so it is the mean of three.
"""
import gzip
import os
import sys
import time

import numpy
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier


def read(folder, name, skip):
    path = os.path.join(folder, name)
    with open(path, "rb") if os.path.exists(path) else gzip.open(path + ".gz") as file:
        return numpy.frombuffer(file.read(), numpy.uint8)[skip:]


def main():
    folder = sys.argv[1]
    x = read(folder, "train-images-idx3-ubyte", 16).reshape(-1, 784)[:10000]
    y = read(folder, "train-labels-idx1-ubyte", 8)[:10000]
    tx = read(folder, "t10k-images-idx3-ubyte", 16).reshape(-1, 784)
    ty = read(folder, "t10k-labels-idx1-ubyte", 8)
    print("scikit-learn", sklearn.__version__, "numpy", numpy.__version__)
    models = {
        "decision_tree": [DecisionTreeClassifier(random_state=s) for s in (1, 2, 3)],
        "random_forest": [RandomForestClassifier(n_estimators=50, random_state=s, n_jobs=1) for s in (1, 2)],
        "gradient_boosting": [HistGradientBoostingClassifier(max_iter=10, early_stopping=False, random_state=1)],
    }
    for name, kinds in models.items():
        scores, seconds = [], []
        for model in kinds:
            start = time.time()
            model.fit(x, y)
            seconds.append(time.time() - start)
            scores.append(model.score(tx, ty))
        print(name, "accuracy %.4f" % numpy.mean(scores), "seconds %.2f" % numpy.mean(seconds), flush=True)


main()
