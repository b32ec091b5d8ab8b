#!/usr/bin/python3
"""Learners of lepton and of scikit-learn in turn: the same rows, settings and number of cores, in one run.

Debian: apt-get install python3-sklearn
Data:   what samples/get-data.sh fetches: tables, or any csv of numbers with one column of classes; folders of MNIST's four files

    sklearn_peer.py LEPTON data/letter/letter.csv:lettr data/fashion-mnist [--cores 2] [--rounds 3] [--only random_forest]

TABLE:COLUMN names the column to learn; the last one unless said. Every fifth row of a table is the test; images have their own.
Trees are tried on both, a linear SVM (LIBLINEAR on both sides) and a network on images. What is timed is training alone, with the
data read already: fit() there, the seconds of the version's history here. Each round has both, one behind the other; medians are
printed. lepton sorts numbers into bins and looks at 255 of them for every kind of tree, as HistGradientBoosting does;
scikit-learn's tree and forest look at every value.
"""
import argparse
import csv
import gzip
import json
import os
import statistics
import subprocess
import tempfile
import time

INPUT = [{"type": "Input", "shape": [28, 28, 1]}, {"type": "Flatten"}]
OUTPUT = [{"type": "Dense", "units": 10, "activation": "softmax"}]
SETTINGS = {
    "decision_tree": {"min_samples_leaf": 2},
    "random_forest": {"n_estimators": 100},
    "gradient_boosting": {"n_estimators": 60},
    "linear": {"C": 0.01, "loss": "squared_hinge", "dual": True, "tolerance": 0.1},
    "network": {"batch_size": 128, "epochs": 5, "optimizer": {"name": "adam", "learning_rate": 0.001},
                "layers": INPUT + [{"type": "Dense", "units": n, "activation": "relu"} for n in (300, 100)] + OUTPUT},
}
OF_IMAGES = ("linear", "network")


def models(cores):
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.neural_network import MLPClassifier
    from sklearn.svm import LinearSVC
    from sklearn.tree import DecisionTreeClassifier
    return {
        "decision_tree": lambda s: DecisionTreeClassifier(min_samples_leaf=2, random_state=s),
        "random_forest": lambda s: RandomForestClassifier(100, random_state=s, n_jobs=cores),
        "gradient_boosting": lambda s: HistGradientBoostingClassifier(max_iter=60, early_stopping=False, random_state=s),
        "linear": lambda s: LinearSVC(C=0.01, tol=0.1, random_state=s),
        "network": lambda s: MLPClassifier((300, 100), batch_size=128, max_iter=5, alpha=0, random_state=s),
    }


class Table:
    """A csv, split into training and test rows in a folder of its own, for both sides."""

    def __init__(self, path, target, folder):
        self.name = os.path.basename(path)[:-4]
        with open(path, newline="") as file:
            names, *rows = list(csv.reader(file))
        self.at = names.index(target) if target else len(names) - 1
        parts = {"train.csv": [r for i, r in enumerate(rows) if i % 5], "test.csv": rows[::5]}
        for name, part in parts.items():
            with open(os.path.join(folder, name), "w", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([names] + part)
        self.spec = {"format": "csv", "path": folder, "target": names[self.at], "validation_split": 0}
        self.train, self.test = (self.arrays(part) for part in parts.values())

    def arrays(self, rows):
        import numpy
        x = [[float(v or "nan") for v in r[: self.at] + r[self.at + 1 :]] for r in rows]
        return numpy.array(x, dtype=numpy.float32), numpy.array([r[self.at] for r in rows])


class Images:
    """A folder of MNIST's four files, plain or .gz; pixels are scaled to 0..1 as lepton has them."""

    def __init__(self, path):
        self.name = os.path.basename(os.path.normpath(path))
        self.path = os.path.abspath(path)
        self.spec = {"format": "idx", "path": self.path, "validation_split": 0}
        self.train, self.test = (
            (self.read(kind + "-images-idx3-ubyte").reshape(-1, 784).astype("float32") / 255, self.read(kind + "-labels-idx1-ubyte"))
            for kind in ("train", "t10k"))

    def read(self, name):
        import numpy
        path = os.path.join(self.path, name)
        with open(path, "rb") if os.path.exists(path) else gzip.open(path + ".gz") as file:
            raw = file.read()
        return numpy.frombuffer(raw, numpy.uint8, offset=4 + 4 * raw[3])


def theirs(make, data, seed):
    import warnings
    warnings.simplefilter("ignore")  # of a network that five epochs are few
    start = time.perf_counter()
    model = make(seed).fit(*data.train)
    return time.perf_counter() - start, model.score(*data.test)


def ours(lepton, data, kind, cores, seed):
    with tempfile.TemporaryDirectory() as folder:
        spec, out = os.path.join(folder, "spec.json"), os.path.join(folder, "run.json")
        with open(spec, "w") as file:
            json.dump({"seed": seed, "data": data.spec, "versions": [dict(SETTINGS[kind], name="v", learner=kind)]}, file)
        subprocess.run([lepton, "train", spec, "--store", os.path.join(folder, "store"), "--workers", str(cores),
                        "--export", out, "--quiet"], check=True)
        with open(out) as file:
            version = json.load(file)["versions"][0]
    return version["history"]["epochs"]["seconds"][-1], version["test"]["accuracy"]


def compare(lepton, data, kinds, cores, rounds):
    for kind, make in kinds.items():
        pairs = [(theirs(make, data, s), ours(lepton, data, kind, cores, s)) for s in range(1, rounds + 1)]
        seconds = [statistics.median(p[side][0] for p in pairs) for side in (0, 1)]
        right = [statistics.mean(p[side][1] for p in pairs) for side in (0, 1)]
        print("%-14s %-18s scikit-learn %8.3f s %.4f   lepton %8.3f s %.4f   %.2f times as fast" % (
            data.name, kind, seconds[0], right[0], seconds[1], right[1], seconds[0] / seconds[1]), flush=True)


def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("lepton")
    parse.add_argument("data", nargs="+", metavar="TABLE[:COLUMN] or FOLDER")
    parse.add_argument("--cores", type=int, default=2)
    parse.add_argument("--rounds", type=int, default=3)
    parse.add_argument("--only", choices=SETTINGS)
    args = parse.parse_args()
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(args.cores)  # before scikit-learn comes in
    import sklearn
    print("scikit-learn %s, %d cores, medians of %d rounds: seconds of training, share of the test right" % (
        sklearn.__version__, args.cores, args.rounds))
    wanted = {k: m for k, m in models(args.cores).items() if args.only in (None, k)}
    for what in args.data:
        with tempfile.TemporaryDirectory() as folder:
            path, _, target = what.partition(":")
            data = Images(path) if os.path.isdir(path) else Table(path, target, folder)
            images = isinstance(data, Images)
            compare(args.lepton, data, {k: m for k, m in wanted.items() if images or k not in OF_IMAGES}, args.cores, args.rounds)


main()
