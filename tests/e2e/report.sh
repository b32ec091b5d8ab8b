#!/bin/sh
# `lepton evaluate --report` against figures counted here, the slow way, from what `lepton predict` answers row by row.
#     sh tests/e2e/report.sh BUILD TREE
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"

# Three classes that overlap, the rare one with a comma and a quote in its name; and a quantity.
mkdir classes quantity
python3 - <<'PY'
import csv, random
random.seed(5)
names = ['often', 'at times', 'rare, "odd"']
for part, n in ("train", 600), ("test", 250):
    with open(f"classes/{part}.csv", "w", newline="") as a, open(f"quantity/{part}.csv", "w", newline="") as b:
        a, b = csv.writer(a), csv.writer(b)
        a.writerow(["x", "y", "kind"])
        b.writerow(["x", "y", "price"])
        for _ in range(n):
            k = random.choices(range(3), [6, 3, 1])[0]
            x, y = random.gauss(k, 1), random.gauss(-k, 1.5)
            a.writerow([f"{x:.2f}", f"{y:.2f}", names[k]])
            b.writerow([f"{x:.2f}", f"{y:.2f}", f"{300 + 40 * x - 25 * y + random.gauss(0, 20):.1f}"])
PY
layers='"layers": [{"type": "Input", "shape": [2]}, {"type": "Dense", "units": 8, "activation": "tanh"},'
cat >classes.json <<END
{"data": {"format": "csv", "path": "classes", "target": "kind", "validation_split": 0.1}, "versions": [
	{"name": "net", "epochs": 15, "batch_size": 16, $layers {"type": "Dense", "units": 3, "activation": "softmax"}]},
	{"name": "tree", "learner": "decision_tree", "max_depth": 3}]}
END
cat >quantity.json <<END
{"data": {"format": "csv", "path": "quantity", "target": "price", "task": "regression", "validation_split": 0.1},
"versions": [
	{"name": "net", "loss": "mse", "epochs": 20, "batch_size": 16, $layers {"type": "Dense", "units": 1}]},
	{"name": "tree", "learner": "decision_tree", "max_depth": 3}]}
END
for kind in classes quantity; do
	"$lepton" train $kind.json --store $kind.store --quiet
	for version in net tree; do
		"$lepton" evaluate $version --store $kind.store --report --json >$kind-$version.json
		"$lepton" evaluate $version --store $kind.store --report >$kind-$version.txt
		"$lepton" predict $version $kind/test.csv --store $kind.store >$kind-$version.csv
	done
done

python3 - <<'PY'
import csv, json

def rows(path):
    with open(path, newline="") as f:
        return list(csv.reader(f))

def near(what, ours, theirs, allowed):
    assert abs(ours - theirs) <= allowed, (what, ours, theirs)

def pairs(scores, of):
    right = sum((a > b) + (a == b) / 2 for a, t in zip(scores, of) if t for b, u in zip(scores, of) if not u)
    return right / (sum(of) * (len(of) - sum(of)))

truth = [r[-1] for r in rows("classes/test.csv")[1:]]
for version in "net", "tree":
    got = json.load(open(f"classes-{version}.json"))
    report, answers = got["report"], rows(f"classes-{version}.csv")
    names = answers[0][1:]
    said = [r[0] for r in answers[1:]]
    assert [c["name"] for c in report["classes"]] == names, names
    assert report["confusion"] == [[sum(t == a and s == b for t, s in zip(truth, said)) for b in names] for a in names]
    near("accuracy", report["accuracy"], got["accuracy"], 1e-9)
    assert report["top_5_accuracy"] is None
    figures = []
    for i, c in enumerate(report["classes"]):
        found = sum(t == s == c["name"] for t, s in zip(truth, said))
        told, there = said.count(c["name"]), truth.count(c["name"])
        precision, recall = found / told if told else 0, found / there
        f1 = 2 * precision * recall / (precision + recall) if found else 0
        # predict prints six digits: what they make equal counts half
        auc = pairs([float(r[i + 1]) for r in answers[1:]], [t == c["name"] for t in truth])
        assert c["support"] == there
        near("precision", c["precision"], precision, 1e-12)
        near("recall", c["recall"], recall, 1e-12)
        near("f1", c["f1"], f1, 1e-12)
        near("auc", c["auc"], auc, 1e-3)
        figures.append((precision, recall, f1, auc))
    for key, column in zip(("precision", "recall", "f1", "auc"), zip(*figures)):
        near(key, report[key], sum(column) / 3, 1e-3)
    text = open(f"classes-{version}.txt").read()
    assert "confusion" in text and 'rare, "odd"' in text and f'{report["auc"]:.4f}' in text, text
    print("classes", version, "accuracy", round(report["accuracy"], 4), "AUC", round(report["auc"], 4))

truth = [float(r[-1]) for r in rows("quantity/test.csv")[1:]]
mean = sum(truth) / len(truth)
for version in "net", "tree":
    report = json.load(open(f"quantity-{version}.json"))["report"]
    answers = [float(r[0]) for r in rows(f"quantity-{version}.csv")[1:]]
    errors = [a - t for a, t in zip(answers, truth)]
    squares = sum(e * e for e in errors)
    near("rmse", report["rmse"], (squares / len(errors)) ** 0.5, 1e-3)
    near("mean", report["mean_absolute_error"], sum(map(abs, errors)) / len(errors), 1e-3)
    near("r2", report["r2"], 1 - squares / sum((t - mean) ** 2 for t in truth), 1e-5)
    assert "R2" in open(f"quantity-{version}.txt").read()
    print("quantity", version, "RMSE", round(report["rmse"], 2), "R2", round(report["r2"], 4))
PY

# Trees made smaller: to the bit they answer as before; pruned to nothing they are one leaf; a network is told what to take.
for kind in classes quantity; do
	"$lepton" compress tree --method trees --set thresholds=32 --set values=32 --as exact --store $kind.store >/dev/null
	"$lepton" predict exact $kind/test.csv --store $kind.store >exact.csv
	cmp exact.csv $kind-tree.csv || fail "$kind: the trees kept to the bit answer otherwise"
	"$lepton" compress tree --method trees --set prune=1 --as leaf --store $kind.store >/dev/null
	"$lepton" predict leaf $kind/test.csv --store $kind.store | sort -u >leaf.csv
	[ "$(wc -l <leaf.csv)" -le 2 ] || fail "$kind: a leaf gives $(wc -l <leaf.csv) answers"
	small=$("$lepton" show exact --store $kind.store | awk '$1 == "bytes" { print $2 }')
	large=$("$lepton" show tree --store $kind.store | awk '$1 == "bytes" { print $2 }')
	[ "$small" -lt "$large" ] || fail "$kind: $small bytes are no less than $large"
	"$lepton" compress net --method trees --store $kind.store 2>err && fail "a network was taken for trees"
	grep -q 'net is a network, and this method works on trees' err || fail "compress trees says $(cat err)"
	"$lepton" compress tree --method quantize --store $kind.store 2>err && fail "trees were quantized"
	grep -q 'it does not apply to trees' err || fail "compress quantize says $(cat err)"
	"$lepton" verify --store $kind.store >/dev/null
done
echo "trees became smaller and answer as before"
