#!/usr/bin/python3
"""Trees of lepton and of scikit-learn in turn: the same rows, settings and number of cores, in one run.

Debian: apt-get install python3-sklearn
Data:   tables of samples/get-data.sh, or any csv of numbers with one column of classes

    trees_peer.py LEPTON data/letter/letter.csv:lettr data/spam/spam.csv:type [--cores 2] [--rounds 3]

TABLE:COLUMN names the column to learn; the last one unless said. Every fifth row is the test. What is timed is training alone,
with the data read already: fit() there, the seconds of the version's history here. Each round has both, one behind the other;
medians are printed. lepton sorts numbers into bins and looks at 255 of them for every kind of tree, as HistGradientBoosting does;
scikit-learn's tree and forest look at every value.
"""
import argparse
import csv
import json
import os
import statistics
import subprocess
import tempfile
import time

SETTINGS = {
    "decision_tree": {"min_samples_leaf": 2},
    "random_forest": {"n_estimators": 100},
    "gradient_boosting": {"n_estimators": 60},
}


def models(cores):
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.tree import DecisionTreeClassifier
    return {
        "decision_tree": lambda s: DecisionTreeClassifier(min_samples_leaf=2, random_state=s),
        "random_forest": lambda s: RandomForestClassifier(100, random_state=s, n_jobs=cores),
        "gradient_boosting": lambda s: HistGradientBoostingClassifier(max_iter=60, early_stopping=False, random_state=s),
    }


def read(path, target):
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    at = rows[0].index(target) if target else len(rows[0]) - 1
    return rows[0], [r for i, r in enumerate(rows[1:]) if i % 5], rows[1::5], at


def arrays(rows, at):
    import numpy
    x = numpy.array([[float(v or "nan") for v in r[:at] + r[at + 1:]] for r in rows], dtype=numpy.float32)
    return x, numpy.array([r[at] for r in rows])


def theirs(make, train, test, seed):
    start = time.perf_counter()
    model = make(seed).fit(*train)
    return time.perf_counter() - start, model.score(*test)


def ours(lepton, folder, target, kind, cores, seed):
    spec, out = os.path.join(folder, "spec.json"), os.path.join(folder, "run.json")
    with open(spec, "w") as file:
        json.dump({"seed": seed, "data": {"format": "csv", "path": folder, "target": target, "validation_split": 0},
                   "versions": [dict(SETTINGS[kind], name="v", learner=kind)]}, file)
    with tempfile.TemporaryDirectory() as store:
        subprocess.run([lepton, "train", spec, "--store", store, "--workers", str(cores), "--export", out, "--quiet"], check=True)
    with open(out) as file:
        version = json.load(file)["versions"][0]
    return version["history"]["seconds"][-1], version["test"]["accuracy"]


def compare(lepton, path, target, cores, rounds):
    names, train, test, at = read(path, target)
    with tempfile.TemporaryDirectory() as folder:
        for name, rows in (("train.csv", train), ("test.csv", test)):
            with open(os.path.join(folder, name), "w", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([names] + rows)
        a, b = arrays(train, at), arrays(test, at)
        for kind, make in models(cores).items():
            pairs = [(theirs(make, a, b, s), ours(lepton, folder, names[at], kind, cores, s)) for s in range(1, rounds + 1)]
            seconds = [statistics.median(p[side][0] for p in pairs) for side in (0, 1)]
            right = [statistics.mean(p[side][1] for p in pairs) for side in (0, 1)]
            print("%-14s %-18s scikit-learn %8.3f s %.4f   lepton %8.3f s %.4f   %.2f times as fast" % (
                os.path.basename(path)[:-4], kind, seconds[0], right[0], seconds[1], right[1], seconds[0] / seconds[1]), flush=True)


def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("lepton")
    parse.add_argument("tables", nargs="+", metavar="TABLE[:COLUMN]")
    parse.add_argument("--cores", type=int, default=2)
    parse.add_argument("--rounds", type=int, default=3)
    args = parse.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(args.cores)  # before scikit-learn comes in
    import sklearn
    print("scikit-learn %s, %d cores, medians of %d rounds: seconds of training, share of the test right" % (
        sklearn.__version__, args.cores, args.rounds))
    for table in args.tables:
        path, _, target = table.partition(":")
        compare(args.lepton, path, target, args.cores, args.rounds)


main()
