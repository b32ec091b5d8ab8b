#!/bin/sh
# What versions that have ended cost: a store of many seed CNNs that are done is opened again.
#
#     sh samples/resting.sh [BUILD] [COUNT] [OTHER]    BUILD: the folder with lepton (build); COUNT of versions (200)
#
# Each version trains one epoch of 1,024 images of MNIST; then `lepton train` opens the store, finds nothing to do and ends, five
# times. Prints the most memory it held and the time it took, the least of the five. With OTHER, another build, both open the
# same store in turn. Needs data/mnist (samples/get-data.sh), or LEPTON_MNIST, its folder.
set -eu
tree=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "${1:-$tree/build}" && pwd)
count=${2:-200}
other=${3:-}
mnist=${LEPTON_MNIST:-$tree/data/mnist}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

python3 - "$count" "$mnist" >"$work/spec.json" <<'END'
import json, sys
layers = [{"type": "Input", "shape": [28, 28, 1]},
          {"type": "Conv2D", "filters": 32, "kernel_size": [3, 3], "activation": "relu"},
          {"type": "Flatten"}, {"type": "Dense", "units": 10, "activation": "softmax"}]
json.dump({"experiment": "resting",
           "data": {"format": "idx", "path": sys.argv[2], "validation_split": 0.1, "limit": 1024},
           "defaults": {"batch_size": 128, "epochs": 1, "layers": layers},
           "versions": [{"name": "cnn-%d" % i, "seed": i} for i in range(int(sys.argv[1]))]}, sys.stdout)
END
"$build/lepton" train "$work/spec.json" --store "$work/store" --quiet
python3 - "$work" "$build" $other <<'END'
import os, sys, time
work, builds = sys.argv[1], sys.argv[2:]
best = {b: [float("inf"), float("inf")] for b in builds}
for turn in range(5):
    for build in builds:
        start = time.monotonic()
        pid = os.posix_spawn(build + "/lepton", ["lepton", "train", work + "/spec.json", "--store", work + "/store", "--quiet"],
                             os.environ)
        _, status, used = os.wait4(pid, 0)
        if status:
            sys.exit("%s: status %d" % (build, status))
        best[build] = [min(best[build][0], used.ru_maxrss / 1024), min(best[build][1], time.monotonic() - start)]
for build, (memory, seconds) in best.items():
    print("%s: %.0f MB at most, %.2f s" % (build, memory, seconds))
END
