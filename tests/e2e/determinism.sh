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

# finished STORE: true when every version is done
finished() {
	[ "$("$lepton" list --store "$1" 2>/dev/null | grep -c ' done ')" = 3 ]
}

# interrupted SIGNAL: train again and again, sent a signal after ever longer times, until all is done
interrupted() {
	store=store-$1
	tries=0
	until [ -d "$store" ] && finished "$store"; do
		tries=$((tries + 1))
		[ "$tries" -lt 60 ] || fail "not finished after $tries runs"
		"$lepton" train spec.json --workers 2 --store "$store" --quiet 2>/dev/null &
		pid=$!
		sleep "0.$((tries % 5 + 2))"
		[ "$tries" -le 12 ] || sleep 2
		kill "-$1" "$pid" 2>/dev/null || true
		wait "$pid" || true
	done
	echo "$1: finished after $tries runs"
	[ "$tries" -gt 2 ] || fail "never interrupted: this machine is too fast for 60 epochs"
	hashes "$store" >"hashes-$1"
	cmp hashes1 "hashes-$1" || fail "other weights after $1 and resume"
	"$lepton" verify --store "$store"
}

interrupted INT
interrupted KILL
echo "bit-identical in every case"
