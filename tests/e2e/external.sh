#!/bin/sh
# External programs through the real lepton: to the end, with weights, with a fault, killed, resumed.
#     sh tests/e2e/external.sh BUILD TREE
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"

# spec FILE VERSION...: versions beside a slice of MNIST
spec() {
	file=$1
	shift
	versions=$(printf ',%s' "$@")
	printf '{"experiment": "ext", "data": {"format": "idx", "path": "%s", "limit": 300, "test_limit": 100}, "versions": [%s]}\n' \
		"$mnist" "${versions#,}" >"$file"
}

# wait_for TEXT COMMAND...: until its output holds the text
wait_for() {
	text=$1
	shift
	tries=0
	until "$@" 2>/dev/null | grep -q "$text"; do
		tries=$((tries + 1))
		[ "$tries" -lt 300 ] || fail "$* never says \"$text\""
		sleep 0.1
	done
}

# the sample in shell, and one that gives weights
cp "$tree/samples/external_trainer.sh" .
cat >weights.py <<'PY'
import json, os, struct
header = json.dumps({"w": {"dtype": "F32", "shape": [64], "data_offsets": [0, 256]}}).encode()
with open("w.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(header)) + header + struct.pack("<64f", *range(64)))
print(json.dumps({"step": 1, "loss": 0.5, "val_loss": 0.6, "weights": "w.safetensors"}))
PY
spec good.json '{"name": "shell", "learner": "external", "command": ["sh", "external_trainer.sh"], "epochs": 1}' \
	'{"name": "w", "learner": "external", "command": ["python3", "weights.py"]}'
"$lepton" train good.json --store store --export run.json >out 2>err || fail "good.json: $(cat out err)"
grep -q 'shell .*epoch   1/1 ' out || fail "no epoch of shell: $(cat out)"
"$lepton" compress w --method quantize --as small --store store | grep -q 'only its program can score it' || fail "compress"
"$lepton" fuse w shell --preview --store store | grep -q '^  average  *only the program of w can score what is made of it' || fail "preview"
"$lepton" promote w --store store
"$lepton" list --store store | grep -q ':production -> w' || fail "promote"
"$lepton" evaluate w --store store 2>err && fail "evaluate did not refuse"
grep -q 'lepton cannot run its model' err || fail "evaluate says $(cat err)"
"$lepton" verify --store store >/dev/null

# one that fails, said in one line; the others go on
spec bad.json '{"name": "bad", "learner": "external", "command": ["sh", "-c", "echo reason >&2; exit 4"]}' \
	'{"name": "none", "learner": "external", "command": ["no-such-program"]}' \
	'{"name": "ok", "learner": "external", "command": ["sh", "-c", "echo \"{\\\"loss\\\": 1}\""]}'
"$lepton" train bad.json --store faults >out 2>err && fail "a failed version exits with 0"
grep -qx 'bad            failed: its program ended with exit code 4; it said last: reason' out || fail "$(cat out err)"
grep -q '^none .*there is no such program on the PATH$' out || fail "$(cat out err)"
[ ! -s err ] || fail "more than a line a fault: $(cat err)"
"$lepton" list --store faults | grep -q '^ok  *done' || fail "ok did not go on"

# lepton killed: the program does not linger, is shown paused, and starts again only when asked
spec long.json '{"name": "long", "learner": "external", "command": ["sh", "-c", "trap \"\" TERM HUP; echo $$ >pid; i=$LEPTON_STEP; while :; do i=$((i + 1)); echo \"{\\\"step\\\": $i, \\\"loss\\\": 1}\"; sleep 0.05; done"], "stop_seconds": 0.2}'
"$lepton" train long.json --store killed --quiet &
engine=$!
wait_for '^step  *[1-9][0-9]' "$lepton" show long --store killed
pid=$(cat pid)
kill -0 "$pid" || fail "the program is not there"
kill -KILL "$engine"
wait "$engine" 2>/dev/null || true
tries=0
while kill -0 "$pid" 2>/dev/null; do
	tries=$((tries + 1))
	[ "$tries" -lt 100 ] || fail "the program outlives lepton"
	sleep 0.1
done
rm pid
"$lepton" train --store killed 2>err || fail "the store is not opened again: $(cat err)"
grep -q 'long is paused' err || fail "$(cat err)"
[ ! -e pid ] || fail "it was started without being asked to"
before=$("$lepton" show long --store killed | sed -n 's/^step  *//p')
"$lepton" resume long --store killed
[ ! -e pid ] || fail "resume on a store started it"
"$lepton" train --store killed --quiet &
engine=$!

tries=0
until [ -s pid ]; do
	tries=$((tries + 1))
	[ "$tries" -lt 100 ] || fail "it was not started again"
	sleep 0.1
done
sleep 1
pid=$(cat pid)
kill -INT "$engine"
wait "$engine" || true
! kill -0 "$pid" 2>/dev/null || fail "the program outlives a lepton that ended"
after=$("$lepton" show long --store killed | sed -n 's/^step  *//p')
[ "$after" -gt "$before" ] || fail "it did not go on: $before, then $after"
echo "external programs run, fail, end and come back as they should"
