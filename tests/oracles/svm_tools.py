#!/usr/bin/python3
"""The figures of LIBSVM's and LIBLINEAR's own tools that tests/test_svm.c compares ours with.

usage: svm_tools.py FOLDER   (the four idx files of MNIST, plain or .gz)

Writes the first 3,000 training and 2,000 test images as libsvm text (pixels as float32 from 0 to 1, to the last
bit), trains and predicts with svm-train, svm-predict, liblinear-train and liblinear-predict (Debian: libsvm-tools,
liblinear-tools), and prints how many of the test images each model has right.
"""
import gzip
import os
import re
import subprocess
import sys
import tempfile

import numpy

# Where the primal is solved (-s 0 and 2), the tolerance is small enough for any BLAS to come to the same answers: how
# it rounds decides when conjugate gradients stop.
MODELS = [
    ("svm-rbf", "svm", ["-t", "2", "-c", "10", "-g", "0.02"]),
    ("svm-linear", "svm", ["-t", "0", "-c", "0.1"]),
    ("svm-poly", "svm", ["-t", "1", "-c", "1", "-g", "0.01", "-r", "1", "-d", "3"]),
    ("svm-sigmoid", "svm", ["-t", "3", "-c", "10", "-g", "0.005", "-r", "-1"]),
    ("linear-squared_hinge", "liblinear", ["-s", "1", "-c", "0.1", "-B", "1"]),
    ("linear-squared_hinge-primal", "liblinear", ["-s", "2", "-c", "0.1", "-B", "1", "-e", "1e-5"]),
    ("linear-hinge", "liblinear", ["-s", "3", "-c", "0.1", "-B", "1"]),
    ("linear-squared_hinge-l1", "liblinear", ["-s", "5", "-c", "0.1", "-B", "1"]),
    ("linear-logistic", "liblinear", ["-s", "0", "-c", "1", "-B", "1", "-e", "1e-5"]),
    ("linear-logistic-l1", "liblinear", ["-s", "6", "-c", "1", "-B", "1"]),
    ("linear-logistic-dual", "liblinear", ["-s", "7", "-c", "1"]),
]


def read(folder, name, skip):
    path = os.path.join(folder, name)
    with open(path, "rb") if os.path.exists(path) else gzip.open(path + ".gz") as file:
        return numpy.frombuffer(file.read(), numpy.uint8)[skip:]


def write(path, folder, stem, count):
    x = read(folder, stem + "-images-idx3-ubyte", 16).reshape(-1, 784)[:count]
    y = read(folder, stem + "-labels-idx1-ubyte", 8)[:count]
    scaled = x.astype(numpy.float32) * numpy.float32(1 / 255)
    with open(path, "w") as file:
        for number, (row, label) in enumerate(zip(scaled, y)):
            nodes = ["%d:%.17g" % (i + 1, row[i]) for i in row.nonzero()[0]]
            if number == 0:
                nodes.append("784:0")  # or the tools count fewer columns, and shuffle them otherwise
            file.write("%d %s\n" % (label, " ".join(nodes)))


def main():
    with tempfile.TemporaryDirectory() as work:
        train, test = os.path.join(work, "train"), os.path.join(work, "test")
        model, out = os.path.join(work, "model"), os.path.join(work, "out")
        write(train, sys.argv[1], "train", 3000)
        write(test, sys.argv[1], "t10k", 2000)
        os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
        for package in "libsvm-tools", "liblinear-tools":
            print(subprocess.run(["dpkg-query", "-W", package], capture_output=True, text=True).stdout.strip())
        for name, tool, options in MODELS:
            subprocess.run([tool + "-train", *options, "-q", train, model], check=True)
            said = subprocess.run([tool + "-predict", test, model, out], check=True, capture_output=True, text=True)
            print(name, re.search(r"\((\d+)/\d+\)", said.stdout).group(1), flush=True)


main()
