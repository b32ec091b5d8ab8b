#!/bin/sh
# The loss barrier between two versions: as a table, as JSON beside what `evaluate` and `fuse` say of the same points, in the
# dashboard, and what is refused.
#     sh tests/e2e/barrier.sh BUILD TREE
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"
cat >spec.json <<SPEC
{
  "experiment": "barrier",
  "seed": 1,
  "data": {"format": "idx", "path": "$mnist", "validation_split": 0.1, "limit": 3000, "test_limit": 1000},
  "defaults": {"batch_size": 64, "epochs": 4, "optimizer": {"name": "adam", "learning_rate": 0.001}},
  "versions": [
    {"name": "mlp", "grid": {"seed": [1, 2]}, "layers": [
      {"type": "Input", "shape": [28, 28, 1]},
      {"type": "Flatten"},
      {"type": "Dense", "units": 128, "activation": "relu"},
      {"type": "Dense", "units": 64, "activation": "relu"},
      {"type": "Dense", "units": 10, "activation": "softmax"}]},
    {"name": "line", "grid": {"seed": [1, 2]}, "learner": "linear"},
    {"name": "tree", "learner": "decision_tree", "max_depth": 3}
  ]
}
SPEC
"$lepton" train spec.json --store store --quiet
hashes store >before

# the table: a line a point, both barriers
"$lepton" barrier mlp/1 mlp/2 --store store >table
grep -q '^from mlp/1 (t = 0) to mlp/2 (t = 1), 300 validation samples$' table || fail "$(cat table)"
[ "$(grep -c '^ *[01]\.[0-9][0-9]  ' table)" = 11 ] || fail "$(cat table)"
grep -q '^barrier of the weights as they are: [0-9.]*, at t = 0\.[0-9]*$' table || fail "$(cat table)"
grep -q '^barrier with units matched: ' table || fail "$(cat table)"

# its ends are the versions, its middle is what fuse makes; on the test split where that is named
"$lepton" barrier mlp/1 mlp/2 --points 5 --json --store store >validation.json
"$lepton" barrier mlp/1 mlp/2 --points 3 --split test --json --store store >test.json
"$lepton" evaluate mlp/1 --json --store store >end.json
hashes store >after
cmp before after || fail "measuring changed a version"
"$lepton" fuse mlp/1 mlp/2 --method average --as mean --json --store store >mean.json
"$lepton" fuse mlp/1 mlp/2 --method rebasin --as matched --json --store store >matched.json
"$lepton" list --json --store store >list.json
python3 - <<'PY'
import json
v, test, end, mean, matched = (json.load(open(f + ".json")) for f in ("validation", "test", "end", "mean", "matched"))
runs = {x["name"]: x for x in json.load(open("list.json"))["versions"]}
def near(a, b):
    assert abs(a - b) < 1e-6, (a, b)
assert [x["name"] for x in v["versions"]] == ["mlp/1", "mlp/2"] and v["split"] == "validation" and v["samples"] == 300, v
assert v["t"] == [0, 0.25, 0.5, 0.75, 1] and v["points"] == 5 and v["unmatched"] is None, v
for found in (v, test):
    for side in ("before", "after"):
        loss, n = found[side]["loss"], found["points"] - 1
        rise = [l - ((1 - i / n) * loss[0] + i / n * loss[n]) for i, l in enumerate(loss)]
        near(found[side]["barrier"], max(0, *rise[1:n]))
        assert len(found[side]["accuracy"]) == n + 1
    assert found["before"]["barrier"] > 2 * found["after"]["barrier"], found
    assert abs(found["after"]["loss"][-1] - found["before"]["loss"][-1]) < 1e-4, found
near(v["before"]["loss"][2], mean["val_loss"])
near(v["before"]["accuracy"][2], mean["val_accuracy"])
near(v["after"]["loss"][2], matched["val_loss"])
near(v["after"]["accuracy"][2], matched["val_accuracy"])
near(test["before"]["loss"][0], end["loss"])
near(test["before"]["loss"][1], mean["test_loss"])
near(test["after"]["loss"][1], matched["test_loss"])
PY

# learners without hidden units: one line, and why
"$lepton" barrier line/1 line/2 --store store >line || fail "linear"
grep -q '^units are not matched: ' line || fail "$(cat line)"
! grep -q 'units matched' line || fail "$(cat line)"

# what is refused, in a line each
says 'mlp/1 and line/1 have unlike shapes' "$lepton" barrier mlp/1 line/1 --store store
says 'tree is a decision_tree' "$lepton" barrier mlp/1 tree --store store
says 'no version "nobody"' "$lepton" barrier mlp/1 nobody --store store
says 'usage: lepton barrier A B' "$lepton" barrier mlp/1 --store store
says 'usage: lepton barrier A B' "$lepton" barrier mlp/1 mlp/2 tree --store store
says '--points takes a whole number from 3 to 101' "$lepton" barrier mlp/1 mlp/2 --points 102 --store store
says '--split takes validation or test, not "train"' "$lepton" barrier mlp/1 mlp/2 --split train --store store

# the dashboard shows the one that is kept, and measures one that is not
cat >keys <<'KEYS'
size 80x24
keys g<Space><Space>B
wait Barrier between mlp/1 and mlp/2
expect test loss
keys r
wait validation loss 60
expect 11 points, 300 samples
save window.txt
keys <Esc>
KEYS
"$tui" --store store --script keys || fail "the dashboard"
grep -q '● weights as they are' window.txt || fail "$(cat window.txt)"
grep -q '▲ units matched' window.txt || fail "$(cat window.txt)"
"$lepton" verify --store store >/dev/null
echo "the barrier was measured and shown"
