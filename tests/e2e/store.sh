#!/bin/sh
# keep, gc and verify --repair on a store that was trained into: what stays, what is said, and the exit codes.
#     sh tests/e2e/store.sh BUILD TREE
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"

# expect CODE WORDS COMMAND...: its exit code, and that it says the words
expect() {
	wanted=$1
	words=$2
	shift 2
	code=0
	"$@" >out 2>&1 || code=$?
	[ "$code" = "$wanted" ] || fail "$*: exit code $code, expected $wanted: $(cat out)"
	case $(cat out) in *"$words"*) ;; *) fail "$*: said $(cat out), expected $words" ;; esac
}

# steps: of the checkpoints of cnn, oldest first
steps() {
	python3 - "$PWD/store/store.db" <<'PY'
import sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute(
    "SELECT c.step FROM checkpoints c JOIN versions v ON v.id=c.version WHERE v.name='cnn' ORDER BY c.id")
print(*[step for step, in rows])
PY
}

# kernel STEP: the file of cnn's largest tensor at a step
kernel() {
	python3 - "$PWD/store" "$1" <<'PY'
import sqlite3, sys
store, step = sys.argv[1:]
h, = sqlite3.connect(store + "/store.db").execute(
    "SELECT o.hash FROM checkpoints c JOIN versions v ON v.id=c.version JOIN checkpoint_objects p ON p.checkpoint=c.id "
    "JOIN objects o ON o.hash=p.hash WHERE v.name='cnn' AND p.role='weight' AND c.step=? ORDER BY o.bytes DESC LIMIT 1",
    (step,)).fetchone()
print("%s/objects/%s/%s" % (store, h[:2], h[2:]))
PY
}

# wound FILE: turn a bit in its middle
wound() {
	python3 - "$1" <<'PY'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[len(data) // 2] ^= 4
open(sys.argv[1], "wb").write(data)
PY
}

small_spec spec.json
sed -i 's/"seed": 1,/"seed": 1, "keep": {"all": true},/; s/"epochs": 3/"epochs": 40/' spec.json
"$lepton" train spec.json --workers 2 --store store --quiet
set -- $(steps)
[ $# -ge 3 ] || fail "checkpoints only at $*"
first=$1
second=$2
for last in "$@"; do :; done

expect 0 "would go: 0 checkpoints, 0 objects" "$lepton" gc --dry-run --store store
expect 0 "gone: 0 checkpoints" "$lepton" gc --store store
grep -q "^packed: [1-9]" out || fail "nothing was packed: $(cat out)"
expect 0 "the store is sound" "$lepton" verify --store store
expect 0 "packed: 0 objects" "$lepton" gc --store store
[ "$(steps)" = "$*" ] || fail "$(steps) are left of $*"

expect 0 "is kept" "$lepton" keep "cnn@$first" --store store
expect 0 "cnn@$first" "$lepton" keep --store store
expect 2 "did you mean \"cnn\"" "$lepton" keep cnm --store store
expect 2 "no checkpoint at step 1;" "$lepton" keep cnn@1 --store store
expect 2 "no store at nowhere" "$lepton" gc --store nowhere
[ ! -e nowhere ] || fail "gc made a store"

# The policy of the newest spec counts: its own newest two and the marked one are left, and can be read.
sed -i 's/"keep": {"all": true}/"keep": {"last": 2}/' spec.json
"$lepton" train spec.json --workers 2 --store store --quiet
expect 0 "objects:" "$lepton" gc --store store
case $(steps) in "$first "*" $last") ;; *) fail "kept $(steps), of $*" ;; esac
[ "$(steps | wc -w)" = 3 ] || [ "$first" = "$second" ] || fail "kept $(steps)"
expect 0 "the store is sound" "$lepton" verify --store store
"$lepton" evaluate "cnn@$first" --store store >/dev/null

# The newest is damaged: found and named, then dropped for the one before.
wound "$(kernel "$last")"
expect 1 "version cnn, step $last, weight " "$lepton" verify --store store
expect 0 "version cnn, step $last: dropped; step " "$lepton" verify --repair --store store
expect 0 "the store is sound" "$lepton" verify --store store
"$lepton" train --workers 2 --store store --quiet
expect 0 "the store is sound" "$lepton" verify --store store

# All of a version's are damaged: nothing stands in for them, and they stay.
for step in $(steps); do wound "$(kernel "$step")"; done
expect 1 "version cnn, step $first, weight " "$lepton" verify --repair --store store
expect 1 "version cnn, step $first, weight " "$lepton" verify --store store
"$lepton" list --store store >/dev/null || fail "the rest cannot be read"
