#!/bin/sh
# The main job from the command line: train, compress, fuse, clone, promote, roll back, evaluate, predict, export.
#     sh tests/e2e/steer.sh BUILD TREE
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"
small_spec spec.json

"$lepton" train spec.json --store store --export run.json >progress
grep -q 'cnn .*epoch   3/3 .*val_accuracy' progress || fail "no line for cnn's last epoch"
grep -q 'mlp .*test loss' progress || fail "no test score for mlp"

# the summary holds to its schema, and its figures to the store's
python3 - "$tree/samples/run.schema.json" run.json <<'PY'
import json, sys
schema, run = (json.load(open(p)) for p in sys.argv[1:3])
try:
    import jsonschema
    jsonschema.validate(run, schema)
except ImportError:
    print("python3-jsonschema is not installed: the schema is not checked")
assert run["schema"] == "lepton.run/1" and len(run["versions"]) == 3, "versions"
for v in run["versions"]:
    h = v["history"]
    assert len(h["step"]) == len(h["loss"]) == len(h["accuracy"]) > 0, v["name"]
    assert v["test"]["accuracy"] > 0.6, (v["name"], v["test"])
PY

"$lepton" compress cnn-fast --method delta --set base=cnn --as cnn-delta --json --store store >delta.json
# a chain of bases ends before it is too long to be read back
base=cnn
for i in 1 2 3 4 5 6 7 8; do
	source=cnn-fast
	[ $((i % 2)) = 1 ] || source=cnn
	"$lepton" compress $source --method delta --set base=$base --as chain$i --store store >/dev/null
	base=chain$i
done
"$lepton" compress cnn-fast --method delta --set base=chain8 --as chain9 --store store 2>err && fail "a chain of nine"
grep -q 'chain8 needs a chain of 8 bases itself' err || fail "$(cat err)"
"$lepton" verify --store store | grep -q 'sound' || fail "the chain cannot be read"
"$lepton" evaluate chain8 --store store | grep -q 'test accuracy' || fail "the chain's end cannot be scored"
"$lepton" compress cnn --method quantize --as cnn-int8 --store store >quantize.txt
"$lepton" fuse cnn cnn-fast --method average --as avg --store store
"$lepton" fuse cnn cnn-fast --method weighted --as both --json --store store >fused.json
looked=0
# methods that look into the networks at work
for how in fisher regmean transport 'transport --set entropy=0.05 --set repair=true' 'rebasin --set by=activations --set repair=true'; do
	looked=$((looked + 1))
	"$lepton" fuse cnn cnn-fast --method $how --set samples=50 --as "looked-$looked" --store store | grep -q 'its best parent' || fail "fuse $how"
done
# what has unlike shapes can still answer together
"$lepton" fuse cnn mlp --method average --as no --store store 2>err && fail "an average of unlike shapes"
"$lepton" fuse cnn mlp cnn-fast --method ensemble --as vote --store store | grep -q 'its best parent' || fail "ensemble"
"$lepton" evaluate vote --store store | grep -q 'test accuracy' || fail "the ensemble cannot be scored"
"$lepton" show vote --store store | grep -q '^parents *cnn mlp cnn-fast$' || fail "the ensemble has lost its parents"
"$lepton" compress vote --method quantize --store store 2>err && fail "an ensemble was quantised"
"$lepton" fuse vote mlp --method ensemble --as deep --store store 2>err && fail "an ensemble of ensembles"
grep -q 'vote is an ensemble itself' err || fail "$(cat err)"
"$lepton" clone vote --as again --store store 2>err && fail "an ensemble was cloned"
grep -q 'does not train' err || fail "$(cat err)"
"$lepton" clone mlp --as mlp-longer --set epochs=4 --store store
python3 - <<'PY'
import json
d = json.load(open("delta.json"))
assert d["bytes"] * 3 < d["raw_bytes"], d
before, after = d["operation"]["before"], d["operation"]["after"]
assert abs(before["test_accuracy"] - after["test_accuracy"]) < 0.02, d["operation"]
assert after["bytes"] == d["bytes"], d
f = json.load(open("fused.json"))
assert f["operation"]["op"] == "fuse" and f["operation"]["method"] == "weighted", f
PY
"$lepton" train --store store --quiet # the clone is queued: let it train
"$lepton" show mlp-longer --store store | grep -q '^parents *mlp$' || fail "the clone has lost its parent"
"$lepton" list --store store | grep -q '^mlp-longer *done' || fail "the clone was not trained"

"$lepton" promote cnn --store store
"$lepton" promote both --store store
"$lepton" list --store store | grep -q '^:production -> both$' || fail "both was not promoted"
"$lepton" rollback --store store
"$lepton" list --store store | grep -q '^:production -> cnn$' || fail "not rolled back to cnn"

"$lepton" evaluate :production --store store --json >score.json
python3 - <<'PY'
import json
score, run = json.load(open("score.json")), json.load(open("run.json"))
cnn = next(v for v in run["versions"] if v["name"] == "cnn")
assert score["version"] == "cnn" and score["samples"] == 1000
assert abs(score["loss"] - cnn["test"]["loss"]) < 1e-6, (score, cnn["test"])
PY
# on 8-bit whole numbers nearly as good, and as JSON too; of a version that is no network: one clear line
"$lepton" evaluate cnn --int8 --store store --json >int8.json
python3 - <<'PY'
import json
floats, int8 = json.load(open("score.json")), json.load(open("int8.json"))
assert int8["loss"] != floats["loss"] and abs(int8["loss"] - floats["loss"]) < 0.02, (int8, floats)
assert abs(int8["accuracy"] - floats["accuracy"]) <= 0.005, (int8, floats)
PY
"$lepton" evaluate vote --int8 --store store 2>err && fail "an ensemble was scored on whole numbers"
grep -q 'only a network works on 8-bit whole numbers' err || fail "evaluate --int8 says $(cat err)"
# the first test image is a 7
if [ -f "$mnist/t10k-images-idx3-ubyte" ]; then
	tail -c +17 "$mnist/t10k-images-idx3-ubyte" | head -c 784 >seven.raw
	best=$("$lepton" predict cnn seven.raw --store store | sort -k2 -g -r | head -n 1 | cut -d' ' -f1)
	[ "$best" = 7 ] || fail "the first test image was taken for a $best"
	best=$("$lepton" predict cnn seven.raw --int8 --store store | sort -k2 -g -r | head -n 1 | cut -d' ' -f1)
	[ "$best" = 7 ] || fail "on whole numbers the first test image was taken for a $best"
fi

"$lepton" archive avg --store store
"$lepton" list --store store | grep -q '^avg *archived' || fail "avg was not archived"
"$lepton" restore avg --store store
"$lepton" diff cnn cnn-fast --store store | grep -q '^optimizer.learning_rate' || fail "diff misses the learning rate"
"$lepton" log --store store >/dev/null
"$lepton" export --all -o all.csv --store store
head -n 1 all.csv | grep -q '^version,' || fail "the CSV has no header"
"$lepton" export cnn --format json -o cnn.json --store store
"$lepton" verify --store store
echo "every verb did its work"
