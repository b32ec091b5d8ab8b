#!/bin/sh
# Films that real people rated: the RMSE of both ways against the recorded one of least squares by numpy on the same rows, answers for pairs,
# ranking figures, the same bits for any number of workers, and what is wrong said in one line.
#     sh tests/e2e/recommend.sh BUILD TREE
# The ratings lie in LEPTON_TABLES (movielens/movielens.csv), or come from a Debian package.
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"
ratings=${LEPTON_TABLES:-$PWD/tables}/movielens
if [ ! -e "$ratings/movielens.csv" ]; then
	sh "$tree/samples/get-data.sh" movielens "$ratings" >got 2>&1 || {
		echo "cannot get the ratings: $(cat got)"
		exit 77
	}
fi

mkdir data
python3 - "$ratings/movielens.csv" <<'PY'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
for part, keep in ("train", lambda i: i % 5), ("test", lambda i: i % 5 == 0):
    with open(f"data/{part}.csv", "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["userId", "movieId", "rating"])
        out.writerows([r["userId"], r["movieId"], r["rating"]] for i, r in enumerate(rows) if keep(i))
PY
cat >spec.json <<'END'
{"data": {"format": "ratings", "path": "data", "validation_split": 0}, "defaults": {"learner": "matrix_factorization"},
 "versions": [{"name": "als", "factors": 16, "regularization": 0.1, "epochs": 10}, {"name": "sgd", "algorithm": "sgd", "factors": 16}]}
END
"$lepton" train spec.json --store store --export run.json --quiet
python3 - "$tree/samples/run.schema.json" "$tree/tests/oracles/als_numpy.txt" <<'PY'
import json, sys
import jsonschema
run = json.load(open("run.json"))
jsonschema.validate(run, json.load(open(sys.argv[1])))
mean, biases, factors = map(float, open(sys.argv[2]).read().splitlines()[1].split())
ours = {v["name"]: v["test"]["rmse"] for v in run["versions"]}
print(f"RMSE: mean {mean:.4f}, biases {biases:.4f}, numpy's als {factors:.4f}, ours {ours}")
assert abs(ours["als"] - factors) < 0.01, (ours, factors)  # other first factors
assert ours["sgd"] < biases and ours["als"] < mean, ours
PY

# ---- the sample as it is; answers for pairs; figures
mkdir samples
sed "s|../data/movielens|$ratings|" "$tree/samples/recommend.json" >samples/recommend.json
"$lepton" train samples/recommend.json --store films --quiet
"$lepton" evaluate als --store films --report --json >report.json
python3 - <<'PY'
import json
r = json.load(open("report.json"))
assert 0.8 < r["rmse"] < 0.95 and abs(r["rmse"] - r["report"]["rmse"]) < 1e-4, r
assert r["report"]["users"] > 500 and 0 < r["report"]["ndcg_at_10"] < 1, r
PY
printf 'movieId,userId\n31,1\n1029,1\n31,nobody\n' >ask.csv
"$lepton" predict als ask.csv --store films >answer
[ "$(head -n 1 answer)" = rating ] || fail "predict begins with $(head -n 1 answer)"
[ "$(wc -l <answer)" = 4 ] || fail "three pairs have $(wc -l <answer) lines of answer"
awk 'NR > 1 && ($1 < 0 || $1 > 6) { exit 1 }' answer || fail "ratings from 0.5 to 5 foretold as $(cat answer)"
"$lepton" evaluate als --data data --store films >all
case $(cat all) in *'on 20001 samples'*) ;; *) fail "evaluate --data: $(cat all)" ;; esac
"$lepton" compress als-wide --method quantize --as small --store films >said 2>&1 || fail "compress: $(cat said)"
"$lepton" evaluate small --store films --json >score.json
python3 -c 'import json; s = json.load(open("score.json")); assert s["rmse"] < 0.95, s'

# ---- the same bits
head -n 8000 data/train.csv >few.csv
sed 's|"data", "validation_split": 0|"few.csv"|' spec.json >few.json
for workers in 1 2 3; do
	"$lepton" train few.json --store few.$workers --workers $workers --quiet
	hashes few.$workers >hashes.$workers
done
cmp hashes.1 hashes.2 && cmp hashes.1 hashes.3 || fail 'the weights depend on the number of workers'

# ---- what is wrong
printf '1\t2\t3\n1\t5\tbad\n' >bad.csv
sed 's|few.csv|bad.csv|' few.json >bad.json
says 'bad.csv:2: column "rating": "bad" is no number' "$lepton" train bad.json --store bad.store
sed 's|"ratings",|"ratings", "items": "x",|' few.json >bad.json
says 'did you mean "item"?' "$lepton" train bad.json --store bad.store
sed 's|"factors": 16|"factor": 16|' few.json >bad.json
says 'did you mean "factors"?' "$lepton" train bad.json --store bad.store
