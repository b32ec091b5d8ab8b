#!/bin/sh
# Sub-models on shards and the whole they become, from a spec file: the same weights with any number of workers, and when
# interrupted; killed outright, training goes on and ends; sub-models are compressed onto one another and fused by hand.
#     sh tests/e2e/shards.sh BUILD TREE
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"
small_spec spec.json
python3 - <<'PYTHON'
import json
spec = json.load(open("spec.json"))
spec["defaults"]["epochs"] = 60
mlp = next(v for v in spec["versions"] if v["name"] == "mlp")
del mlp["base"]
spec["versions"] = [
    mlp,
    {"name": "m", "base": "mlp", "shards": 3, "fuse": {"method": "average", "every": 1}},
    {"name": "often", "base": "mlp", "shards": {"count": 2, "split": "dirichlet", "alpha": 0.5},
     "fuse": {"every": 3, "unit": "steps", "server": {"optimizer": "adam"}, "prox": 0.01}},
]
json.dump(spec, open("spec.json", "w"))
PYTHON
versions=8

for workers in 1 2; do
	"$lepton" train spec.json --workers "$workers" --store "store$workers" --quiet
	hashes "store$workers" >"hashes$workers"
done
[ "$(wc -l <hashes1)" = $versions ] || fail "$versions versions were expected: $(cat hashes1)"
cmp hashes1 hashes2 || fail "2 workers give other weights than 1"

# The whole is about as good as its parts or better, and told as theirs.
"$lepton" export --all --store store1 -o run.json
python3 - <<'PYTHON'
import json
run = {v["name"]: v for v in json.load(open("run.json"))["versions"]}
m, parts = run["m"], [run[f"m/{i}"] for i in (1, 2, 3)]
assert m["operation"]["op"] == "shards" and m["operation"]["shards"] == 3, m["operation"]
assert m["parents"] == [f"m/{i}" for i in (1, 2, 3)], m["parents"]
accuracies = [p["test"]["accuracy"] for p in parts]
print("m", m["test"]["accuracy"], "parts", accuracies, "all data", run["mlp"]["test"]["accuracy"])
assert m["test"]["accuracy"] > sum(accuracies) / 3 - 0.005
assert all(v["state"] == "done" for v in run.values())
PYTHON

for signal in INT KILL; do
	interrupted "$signal" $versions
	[ "$tries" -gt 1 ] || fail "never interrupted: this machine is too fast"
	# Between the checkpoints of one round a kill may leave a part ahead, which then begins that round anew.
	[ "$signal" = KILL ] || cmp hashes1 "hashes-$signal" || fail "other weights after $signal and resume"
done

# The second and third sub-model are kept as differences to the first, and the three are fused.
"$lepton" compress m/2 --method delta --set base=m/1 --as d2 --store store1
"$lepton" compress m/3 --method delta --set base=m/1 --as d3 --store store1
"$lepton" fuse m/1 d2 d3 --method average --as fused --store store1
"$lepton" export --all --store store1 -o run.json
python3 - <<'PYTHON'
import json
run = {v["name"]: v for v in json.load(open("run.json"))["versions"]}
kept = sum(run[n]["bytes"] for n in ("m/1", "d2", "d3"))
whole = 3 * run["m/1"]["bytes"]
print("kept", kept, "of", whole, "bytes; fused", run["fused"]["test"]["accuracy"], "m", run["m"]["test"]["accuracy"])
assert kept < 0.6 * whole
assert run["fused"]["test"]["accuracy"] > run["m"]["test"]["accuracy"] - 0.01
PYTHON

sed 's/"every": 3/"evry": 3/' spec.json >bad.json
says 'unknown key "evry"; did you mean "every"?' "$lepton" train bad.json --store bad
[ ! -e bad ] || fail "a store was made for a bad spec"
echo "shards: all good"
