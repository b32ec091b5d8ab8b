#!/bin/sh
# What a store takes: a hundred versions of the seed CNN with ten checkpoints each, every one kept.
#
#     sh samples/store_size.sh [BUILD] [BATCHES]      BUILD: the folder with lepton (build); BATCHES of 4 versions (25)
#
# Four learning rates, a seed a batch; an epoch is 12,800 images of MNIST, and its end a checkpoint. Batches, so that
# no epoch lasts 30 s, after which there is a checkpoint too. Prints the checkpoints there are, the bytes of files
# beside those of the numbers, and the time of packing and verifying. Needs data/mnist (samples/get-data.sh), or
# LEPTON_MNIST, its folder.
set -eu
tree=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "${1:-$tree/build}" && pwd)
batches=${2:-25}
mnist=${LEPTON_MNIST:-$tree/data/mnist}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# batch SEED: its spec
batch() {
	cat <<END
{"experiment": "hundred", "keep": {"all": true},
"data": {"format": "idx", "path": "$mnist", "validation_split": 0.1, "limit": 12800},
"versions": [{"name": "cnn-$1", "seed": $1, "batch_size": 128, "epochs": 10,
	"optimizer": {"name": "adam", "learning_rate": 0.001},
	"grid": {"optimizer.learning_rate": [0.0005, 0.001, 0.002, 0.003]},
	"layers": [{"type": "Input", "shape": [28, 28, 1]},
		{"type": "Conv2D", "filters": 32, "kernel_size": [3, 3], "activation": "relu"},
		{"type": "Flatten"}, {"type": "Dense", "units": 10, "activation": "softmax"}]}]}
END
}

size() {
	du -sb "$work/store" | awk -v when="$1" '{ printf "%s: %.1f MB in all\n", when, $1 / 1e6 }'
}

i=0
while [ "$i" -lt "$batches" ]; do
	i=$((i + 1))
	batch "$i" >"$work/spec.json"
	"$build/lepton" train "$work/spec.json" --store "$work/store" --quiet
done
python3 - "$work/store/store.db" <<'END'
import sqlite3, sys
ask = "SELECT count(DISTINCT version), count(*) FROM checkpoints"
print("%d versions, %d checkpoints" % sqlite3.connect(sys.argv[1]).execute(ask).fetchone())
END
# timed VERB: what it says, and how long it took
timed() {
	began=$(date +%s)
	"$build/lepton" "$1" --store "$work/store"
	echo "$1: $(($(date +%s) - began)) s"
}

size before
timed gc
size after
timed verify
