#!/bin/sh
# Early stopping and successive halving from the command line: what halts, what goes on, the person's word over it, and a run
# killed again and again that ends with the weights of one that was not.
#     sh tests/e2e/search.sh BUILD TREE
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"
net='"layers": [{"type": "Input", "shape": [28, 28, 1]}, {"type": "Flatten"}, {"type": "Dense", "units": 24, "activation": "relu"},
	{"type": "Dense", "units": 10, "activation": "softmax"}]'
data='"data": {"format": "idx", "path": "'$mnist'", "validation_split": 0.2, "limit": 4000, "test_limit": 1000}'

# ---- a search: epochs are spent on the best, and nobody halts who is among the best of those that came
cat >search.json <<END
{$data, "search": {"asha": {"min_epochs": 1, "reduction_factor": 3}}, "defaults": {"epochs": 9, "batch_size": 64, $net},
 "versions": [{"name": "t", "grid": {"optimizer.learning_rate": [0.00001, 0.0001, 0.0003, 0.001, 0.002, 0.005, 0.01, 0.1, 1]}}]}
END
"$lepton" train search.json --store store --export run.json >out
grep -q 'search: halted after epoch 1, val_loss' out || fail 'nothing is said of a halt'
python3 - <<'PY'
import json
run = json.load(open("run.json"))["versions"]
losses = {v["name"]: v["history"]["epochs"]["val_loss"] for v in run}
done = [v for v in run if v["state"] == "done"]
assert len(run) == 9 and 1 <= len(done) <= 4, [v["state"] for v in run]
assert sum(map(len, losses.values())) < 45, losses
for v in run:
    mine = losses[v["name"]]
    if v["state"] == "done":
        assert len(mine) == 9
        continue
    assert v["state"] == "stopped" and len(mine) in (1, 3), (v["state"], mine)
    came = sorted(l[len(mine) - 1] for l in losses.values() if len(l) >= len(mine))
    assert came.index(mine[-1]) >= max(1, len(came) // 3), (v["name"], mine, came)
PY
# ---- the person's word: it goes on past the rung that it halted at
halted=$("$lepton" list --json --store store | python3 -c '
import json, sys
print(next(v["name"] for v in json.load(sys.stdin)["versions"] if v["state"] == "stopped"))')
"$lepton" resume "$halted" --store store >said 2>&1 || fail "resume: $(cat said)"
"$lepton" train --store store >out 2>&1 || fail "train: $(cat out)"
"$lepton" show "$halted" --store store >shown
awk '$1 == "epoch" && $2 >= 3 { found = 1 } END { exit !found }' shown || fail "$halted did not go on: $(cat shown)"

# ---- early stopping: killed at any time and gone on with, it ends as if it had not been
cat >early.json <<END
{$(echo "$data" | sed 's/"limit": 4000/"limit": 16000/'), "defaults": {"epochs": 60, "batch_size": 32, $net, "early_stopping": {"patience": 3}},
 "versions": [{"name": "a", "optimizer": {"learning_rate": 0.01}}, {"name": "b", "optimizer": {"learning_rate": 0.003}}]}
END
"$lepton" train early.json --store straight >out
grep -q 'ended early: back at epoch' out || fail "nothing is said of an early end: $(tail -n 3 out)"
hashes straight >wanted
kills=0
while :; do
	"$lepton" train early.json --store killed --quiet >out 2>&1 &
	pid=$!
	sleep "0.$((10 + kills * 7 % 23))"
	kill -9 $pid 2>/dev/null || { wait $pid; break; }
	wait $pid 2>/dev/null || :
	kills=$((kills + 1))
	[ $kills -lt 40 ] || { "$lepton" train early.json --store killed --quiet; break; }
done
hashes killed >got
cmp wanted got || fail "killed $kills times, the weights are others"
echo "the same weights after $kills kills"

# ---- what is wrong
sed 's/"patience"/"patient"/' early.json >bad.json
says 'did you mean "patience"?' "$lepton" train bad.json --store bad.store
sed 's/"validation_split": 0.2/"validation_split": 0/' search.json >bad.json
says 'set "validation_split" in the data' "$lepton" train bad.json --store bad.store
