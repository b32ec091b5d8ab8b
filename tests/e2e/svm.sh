#!/bin/sh
# SVMs and linear models through the real lepton: to the end, scored, killed and begun anew, and without the solver.
#     sh tests/e2e/svm.sh BUILD TREE
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"
if ! grep -q '^#define HAVE_LIBSVM' "$build/config.h" || ! grep -q '^#define HAVE_LIBLINEAR' "$build/config.h"; then
	echo "built without LIBSVM or LIBLINEAR (Debian: libsvm-dev, liblinear-dev)"
	exit 77
fi

cat >svm.json <<SPEC
{"experiment": "svm", "data": {"format": "idx", "path": "$mnist", "validation_split": 0.1, "limit": 1500, "test_limit": 500},
 "versions": [
  {"name": "rbf", "learner": "svm", "C": 10, "gamma": 0.02},
  {"name": "line", "learner": "linear", "C": 0.1},
  {"name": "logistic", "learner": "linear", "loss": "logistic"}]}
SPEC

# to the end; the store's weights give the figures that were told
"$lepton" train svm.json --store store >out 2>err || fail "svm.json: $(cat out err)"
for name in rbf line logistic; do
	"$lepton" show "$name" --store store >shown
	grep -q '^state  *done$' shown || fail "$(cat shown)"
	grep -q '^training  *by LIB.*no checkpoint before its end; cut off, it begins anew$' shown || fail "$(cat shown)"
	"$lepton" evaluate "$name" --store store | grep -q "test loss .*, test accuracy $(printf '%.4f' "$(sed -n 's/^test_accuracy  *//p' shown)") " ||
		fail "$name: evaluate differs from $(cat shown)"
done
"$lepton" promote rbf --store store
"$lepton" compress line --method quantize --as small --store store | grep -q 'test accuracy' || fail "compress"
"$lepton" compress rbf --method quantize --store store 2>err && fail "an svm was compressed"
"$lepton" verify --store store >/dev/null
head -c 784 /dev/zero >black
"$lepton" predict logistic black --store store | awk '{ sum += $2 } END { exit !(NR == 10 && sum > 0.999 && sum < 1.001) }' ||
	fail "predict"

# killed while they train: no solver lingers, and the same command ends with the same bits
"$lepton" train svm.json --store killed --quiet &
engine=$!
sleep 0.4
solvers=$(ps -o pid= --ppid "$engine" || true)
kill -KILL "$engine"
wait "$engine" 2>/dev/null || true
for pid in $solvers; do
	tries=0
	while kill -0 "$pid" 2>/dev/null; do
		tries=$((tries + 1))
		[ "$tries" -lt 100 ] || fail "a solver outlives lepton"
		sleep 0.1
	done
done
"$lepton" train svm.json --store killed --quiet 2>err || fail "not begun anew: $(cat err)"
hashes store | grep -v '^small' >whole
hashes killed >anew
cmp -s whole anew || fail "other weights after a kill: $(cat whole anew)"

# no solver: one line, and the others go on
LEPTON_SOLVER=/no/such/solver "$lepton" train svm.json --store none >out 2>err && fail "without a solver it exits with 0"
grep -q '^rbf .*cannot start "/no/such/solver": No such file' out || fail "$(cat out err)"

# settings are refused in the line they are in
sed 's/"gamma": 0.02/"gama": 0.02/' svm.json >bad.json
"$lepton" train bad.json --store bad 2>err && fail "a wrong key was taken"
grep -q 'bad.json:3: .*unknown key "gama"; did you mean "gamma"?' err || fail "$(cat err)"
echo "SVMs and linear models train, are scored, killed and begun anew as they should"
