#!/bin/sh
# All ways to fuse before one is chosen: as a table, as JSON beside what `fuse` makes, in the dashboard, and what is refused.
#     sh tests/e2e/preview.sh BUILD TREE
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"
cat >spec.json <<SPEC
{
  "experiment": "preview",
  "seed": 1,
  "data": {"format": "idx", "path": "$mnist", "validation_split": 0.1, "limit": 3000, "test_limit": 500},
  "defaults": {"batch_size": 64, "epochs": 2, "optimizer": {"name": "adam", "learning_rate": 0.001}},
  "versions": [
    {"name": "mlp", "grid": {"seed": [1, 2]}, "layers": [
      {"type": "Input", "shape": [28, 28, 1]},
      {"type": "Flatten"},
      {"type": "Dense", "units": 64, "activation": "relu"},
      {"type": "Dense", "units": 10, "activation": "softmax"}]},
    {"name": "line", "learner": "linear"},
    {"name": "tree", "learner": "decision_tree", "max_depth": 3}
  ]
}
SPEC
"$lepton" train spec.json --store store --quiet
hashes store >before

# the table: both versions, then the methods, the least loss first and marked
"$lepton" fuse mlp/1 mlp/2 --preview --store store >table
grep -q '^300 validation samples, default settings$' table || fail "$(cat table)"
[ "$(sed -n '/fused by/{n;p;}' table | cut -c1)" = '*' ] || fail "$(cat table)"
sed '1,/fused by/d' table | awk '$NF ~ /s$/ && NF >= 5 {v = $1 == "*" ? $3 : $2; if (v < last) exit 1; last = v; n++} END {exit n < 10}' ||
	fail "not in order: $(cat table)"
grep -q '^  distil  *not tried: it trains a network' table || fail "$(cat table)"

# its figures are those of what fuse makes; nothing was made before
"$lepton" fuse mlp/1 mlp/2 --preview --json --store store >preview.json
"$lepton" fuse mlp/1 mlp/2 line tree --preview --json --store store >unlike.json
hashes store >after
cmp before after || fail "a preview made or changed a version"
for method in average soup rebasin dare ensemble; do
	"$lepton" fuse mlp/1 mlp/2 --method $method --as "by-$method" --json --store store >$method.json
done
python3 - <<'PY'
import json
p, unlike = (json.load(open(f)) for f in ("preview.json", "unlike.json"))
rows = {r["method"]: r for r in p["methods"]}
assert [v["name"] for v in p["versions"]] == ["mlp/1", "mlp/2"] and p["samples"] == 300 and p["done"], p
for method in ("average", "soup", "rebasin", "dare", "ensemble"):
    made = json.load(open(method + ".json"))
    for key in ("val_loss", "val_accuracy", "bytes"):
        assert made[key] == rows[method][key], (method, key, made, rows[method])
    assert rows[method]["seconds"] >= 0
assert all("left_out" in rows[m] for m in ("auto", "stacking", "distil")), rows
assert rows["soup"]["val_loss"] <= min(v["val_loss"] for v in p["versions"])
rows = {r["method"]: r for r in unlike["methods"]}
assert rows["average"]["refused"] == "tree is a decision_tree, whose weights have no mean", rows
assert rows["ensemble"]["val_loss"] > 0 and len([r for r in rows.values() if "refused" in r]) == 11, rows
PY

# what is refused, in a line each
"$lepton" fuse mlp/1 line --preview --store store | grep -q '^  average  *"mlp/1" and "line" have unlike shapes' || fail "unlike"
says 'preview takes two versions or more, not 1' "$lepton" fuse mlp/1 --preview --store store
says 'leave out --method, --as and --set' "$lepton" fuse mlp/1 mlp/2 --preview --method average --store store
says 'no version "nobody"' "$lepton" fuse mlp/1 nobody --preview --store store
says "--preview" "$lepton" compress mlp/1 --method prune --preview --store store

# the dashboard shows the one that is kept, makes it anew, and goes on with a method
cat >keys <<'KEYS'
size 80x24
keys g<Space><Space>f
wait Fuse mlp/1 and mlp/2: how?
expect all tried
keys R
wait all tried 60
expect ★ lowest loss of 300 validation samples
save window.txt
keys weighted<Enter>
expect Fuse 2 versions by weighted
keys <Esc>
KEYS
"$tui" --store store --script keys || fail "the dashboard"
grep -q '★' window.txt && grep -q '^.*rebasin  *[0-9.]*  *[0-9.]*%' window.txt || fail "$(cat window.txt)"
"$lepton" verify --store store >/dev/null
echo "all ways to fuse were tried and shown"
