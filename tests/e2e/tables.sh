#!/bin/sh
# Trees and networks on real tables against the figures of scikit-learn that tests/oracles/tables_sklearn.py recorded on the
# same rows: an accuracy may be half a point lower, a RMSE 1.5 % higher; better is no fault.
#     sh tests/e2e/tables.sh BUILD TREE
# Tables lie in LEPTON_TABLES (NAME/NAME.csv), or come from Debian's packages.
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"
recorded=$tree/tests/oracles/tables_sklearn.txt
tables=${LEPTON_TABLES:-$PWD/tables}

# deal NAME TARGET FOLD HOLES: train.csv and test.csv in ./data, as the oracle has them
deal() {
	rm -rf data
	mkdir data
	awk -F , -v OFS=, -v target="$2" -v fold="$3" -v holes="$4" '
		NR == 1 { for (c = 1; c <= NF; c++) if ($c == target) at = c; print >"data/train.csv"; print >"data/test.csv"; next }
		{ i = NR - 2; j = 0
		  for (c = 1; c <= NF && holes; c++) if (c != at && (7 * i + 3 * j++) % 11 == 0) $c = ""
		  print >(i % 5 == fold ? "data/test.csv" : "data/train.csv") }' "$tables/$1/$1.csv"
}

# spec TARGET TASK FEATURES >FILE: the oracle's models
spec() {
	features=
	extra=
	if [ "$2" = regression ]; then
		features=', "max_features": 0.34'
		extra=', {"name": "linear", "loss": "mse", "epochs": 200, "batch_size": 32,
			"optimizer": {"learning_rate": 0.01, "schedule": {"name": "cosine"}},
			"layers": [{"type": "Input", "shape": ['$3']}, {"type": "Dense", "units": 1}]}'
	fi
	cat <<END
{"data": {"format": "csv", "path": "data", "target": "$1", "task": "$2", "validation_split": 0}, "versions": [
	{"name": "tree", "learner": "decision_tree", "min_samples_leaf": 2},
	{"name": "forest", "learner": "random_forest", "n_estimators": 100$features},
	{"name": "boosted", "learner": "gradient_boosting", "n_estimators": 60}$extra]}
END
}

# Our figures of a table, "MODEL FIGURE" a line for each fold and model, into ours
train() {
	: >ours
	fold=0
	while [ "$fold" -lt "$4" ]; do
		deal "$1" "$2" "$fold" "$5"
		spec "$2" "$3" "$(head -n 1 data/train.csv | awk -F , '{ print NF - 1 }')" >spec.json
		rm -rf store
		"$lepton" train spec.json --store store --export run.json --quiet 2>err || fail "$1: $(cat err)"
		python3 -c 'import json
for v in json.load(open("run.json"))["versions"]:
    print(v["name"], v["test"].get("rmse", v["test"]["accuracy"]))' >>ours
		fold=$((fold + 1))
	done
}

bad=0
before=
while read -r name target task folds holes model theirs; do
	[ "$name" != '#' ] || continue
	if [ ! -e "$tables/$name/$name.csv" ]; then
		sh "$tree/samples/get-data.sh" "$name" "$tables/$name" >got 2>&1 || {
			echo "cannot get the table $name: $(cat got)"
			exit 77
		}
	fi
	[ "$before" = "$name $holes" ] || train "$name" "$target" "$task" "$folds" "$holes"
	before="$name $holes"
	awk -v model="$model" -v theirs="$theirs" -v task="$task" -v what="$name holes=$holes" '
		$1 == model { sum += $2; n++ }
		END { ours = n ? sum / n : 0
		      good = n && (task == "regression" ? ours <= theirs * 1.015 : ours >= theirs - 0.005)
		      printf "%-24s %-8s scikit-learn %8.4f  lepton %8.4f %s\n", what, model, theirs, ours, good ? "" : "WORSE"
		      exit !good }' ours || bad=1
done <"$recorded"
exit $bad
