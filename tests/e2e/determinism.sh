#!/bin/sh
# The same spec and seed give the same weights, bit for bit: with 1, 2 and 4 workers, interrupted and resumed,
# and killed outright and resumed.
#     sh tests/e2e/determinism.sh BUILD TREE
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"
small_spec spec.json
sed -i 's/"epochs": 3/"epochs": 60/' spec.json # long enough to be interrupted often

for workers in 1 2 4; do
	"$lepton" train spec.json --workers "$workers" --store "store$workers" --quiet
	hashes "store$workers" >"hashes$workers"
done
cat hashes1
[ "$(wc -l <hashes1)" = 3 ] || fail "three versions were expected"
cmp hashes1 hashes2 || fail "2 workers give other weights than 1"
cmp hashes1 hashes4 || fail "4 workers give other weights than 1"

for signal in INT KILL; do
	interrupted "$signal" 3
	[ "$tries" -gt 2 ] || fail "never interrupted: this machine is too fast for 60 epochs"
	cmp hashes1 "hashes-$signal" || fail "other weights after $signal and resume"
done
echo "bit-identical in every case"
