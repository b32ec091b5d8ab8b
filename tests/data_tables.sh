#!/bin/sh
# A table from the command line: train, score and answer for other rows, importance, and a regression.
set -u
lepton=${LEPTON:-./lepton}
work=$(mktemp -d "${TMPDIR:-/tmp}/lepton table.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
bad=0

expect() { # CODE WORDS COMMAND…: exits so, and says the words
	code=$1 words=$2
	shift 2
	said=$("$@" 2>&1)
	got=$?
	case $said in *"$words"*) found=yes ;; *) found=no ;; esac
	if [ "$got" -ne "$code" ] || [ "$found" = no ]; then
		printf '%s: exit %s, said: %s; expected exit %s with: %s\n' "$*" "$got" "$said" "$code" "$words"
		bad=1
	fi
}

# "long" decides, "noise" does not; one in seven is missing.
awk 'BEGIN { print "long,noise,colour,kind"; for (i = 0; i < 300; i++) {
	long = (i * 37) % 100; print (i % 7 ? long : "") "," (i * 61) % 97 "," (i % 3 ? "red" : "blue") "," (long > 50 ? "a" : "b") } }' >"$work/t.csv"
cat >"$work/spec.json" <<'END'
{"experiment": "table", "data": {"format": "csv", "path": "t.csv"}, "defaults": {"epochs": 5, "batch_size": 32}, "versions": [
	{"name": "net", "layers": [{"type": "Input", "shape": [4]}, {"type": "Dense", "units": 2, "activation": "softmax"}]},
	{"name": "tree", "learner": "decision_tree", "max_depth": 1}]}
END
cat >"$work/numbers.json" <<'END'
{"experiment": "numbers", "data": {"format": "csv", "path": "t.csv", "target": "noise", "task": "regression", "ignore": ["kind"]}, "versions": [
	{"name": "net", "loss": "mse", "layers": [{"type": "Input", "shape": [3]}, {"type": "Dense", "units": 1}]},
	{"name": "boosted", "learner": "gradient_boosting", "n_estimators": 5}]}
END
expect 0 'test accuracy' "$lepton" train "$work/spec.json" --store "$work/store"
expect 0 'importance       100.0% long' "$lepton" show tree --store "$work/store"
expect 0 '"feature_importance"' "$lepton" list --json --store "$work/store"
printf 'colour,noise,long\nred,1,90\nred,1,10\n' >"$work/ask.csv"
expect 0 "$(printf 'kind,a,b\na,')" "$lepton" predict tree "$work/ask.csv" --store "$work/store"
expect 1 'ask.csv:1: column "kind" of the training data is missing' "$lepton" evaluate tree --data "$work/ask.csv" --store "$work/store"
printf 'colour,noise,long,kind\nred,1,90,a\ngreen,1,10,b\n' >"$work/score.csv"
expect 0 'test accuracy 1.0000 on 2 samples' "$lepton" evaluate tree --data "$work/score.csv" --store "$work/store"
expect 0 'on 2 samples' "$lepton" evaluate net --data "$work/score.csv" --store "$work/store"
expect 0 'test rmse' "$lepton" train "$work/numbers.json" --store "$work/store2"
expect 0 'test_rmse' "$lepton" list --store "$work/store2"
expect 0 'noise' "$lepton" predict net "$work/t.csv" --store "$work/store2"
sed -i 's/"shape": \[4\]/"shape": [5]/' "$work/spec.json"
expect 1 'set "shape": [4]' "$lepton" train "$work/spec.json" --store "$work/store3"
printf '7,8,red\n' >>"$work/t.csv"
expect 1 't.csv:302: 3 cells, expected 4 as in the first row' "$lepton" train "$work/numbers.json" --store "$work/store3"
[ ! -e "$work/store3" ] || { echo 'a store was made for a fault'; bad=1; }
exit $bad
