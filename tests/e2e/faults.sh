#!/bin/sh
# Each call of the system and each allocation of whole processes fails in turn, once and for ever: of a training from
# nothing, of the compression of what it made, and of a promotion. Each time the process ends by itself, says what was wrong
# in lines of its own and leaks nothing; the store is whole; and the same command, given again, comes to the very weights.
#     sh tests/e2e/faults.sh BUILD TREE
# BUILD is made with --enable-error-injection and, for leaks to be seen, --enable-asan. A few calls of each kind, at even
# distances, are made to fail; with LEPTON_FAULTS=N so many of each, with LEPTON_FAULTS=all every one. Which these are moves
# on by one with each commit; the line at the end says what to set to have the same again. LEPTON_FAULTS_OF: some of the
# three commands. All of them take some ten minutes of one core without the sanitizers:
#     ../configure --enable-error-injection CFLAGS=-O1; TMPDIR=/dev/shm LEPTON_FAULTS=all sh tests/e2e/faults.sh BUILD TREE
set -eu
build=$1
tree=$2
grep -q '^#define LEPTON_ERROR_INJECTION 1' "$build/config.h" || {
	echo "this build has no --enable-error-injection"
	exit 77
}
LEPTON_MNIST=${LEPTON_MNIST:-unused}
. "$tree/tests/e2e/common.sh.inc"
sample=${LEPTON_FAULTS:-8}
phase=${LEPTON_FAULTS_PHASE:-$(git -C "$tree" rev-list --count HEAD 2>/dev/null || echo 0)}
swept=${LEPTON_FAULTS_OF:-train compress promote}
tried=0
failures=0
ASAN_OPTIONS=exitcode=86:abort_on_error=0
LSAN_OPTIONS=exitcode=86
export ASAN_OPTIONS LSAN_OPTIONS

awk 'BEGIN { print "long,wide,kind"; for (i = 0; i < 120; i++) print (i * 37) % 100 "," (i * 61) % 97 "," ((i * 37) % 100 > 50 ? "a" : "b") }' >t.csv
cat >spec.json <<'SPEC'
{"experiment": "faults", "seed": 1, "data": {"format": "csv", "path": "t.csv", "test_split": 0.2, "validation_split": 0.2},
 "defaults": {"epochs": 2, "batch_size": 16}, "versions": [
	{"name": "net", "layers": [{"type": "Input", "shape": [2]}, {"type": "Dense", "units": 8, "activation": "relu"},
		{"type": "Dense", "units": 2, "activation": "softmax"}]},
	{"name": "tree", "learner": "decision_tree", "max_depth": 3}]}
SPEC

# The three commands, on the store named $store.
train() { "$lepton" train spec.json --workers 1 --quiet --store "$store"; }
compress() { "$lepton" compress net --method quantize --as small --store "$store"; }
promote() { "$lepton" promote small --store "$store"; }

# play VERB ASSIGNMENT...: that command with these in its environment
play() {
	verb=$1
	shift
	env "$@" timeout 120 sh -c '. ./commands; "$0"' "$verb"
}

# state: what the store holds that must not depend on any fault. No parser of JSON: it would take longer than all else.
state() {
	"$lepton" list --json --store "$store" | sed -n '
		/^			"name": "/h
		/^			"state": "/H
		/^			"weights_hash": "/{ H; g; s/[	"\n]//g; p; }
		/^		"[^"]*": {"version": /{ s/"time.*//; p; }' | sort
}

# again VERB: given again, after what failed was told to go on
again() {
	"$lepton" list --store "$store" 2>/dev/null | awk '$2 == "failed" { print $1 }' >failed
	while read -r name; do "$lepton" resume "$name" --store "$store" </dev/null || return; done <failed
	"$1"
}

# before VERB: a store as that command finds it
before() {
	rm -rf "$store"
	[ "$1" = train ] || cp -r "before-$1" "$store"
}

wrong() {
	echo "--- $verb with $variable=$wish: $*"
	cat said out
	failures=$((failures + 1))
}

# one VERB VARIABLE WISH: that call fails; then the same command again
one() {
	verb=$1 variable=$2 wish=$3 status=0
	tried=$((tried + 1))
	before "$verb"
	play "$verb" "$variable=$wish" >out 2>said || status=$?
	case $status in
	0 | 1) ;;
	*) wrong "exit $status" && return ;;
	esac
	! grep -v '^lepton' said >strange || { wrong "it says what is no line of lepton's" && return; }
	[ "$status" = 0 ] || [ -s said ] || { wrong "failed, and said nothing" && return; }
	[ "$(wc -l <said)" -le 4 ] || { wrong "said too much" && return; }
	if [ -f "$store/store.db" ]; then
		"$lepton" verify --store "$store" >out 2>said || grep -q 'holds no store yet' said || { wrong "verify finds" && return; }
	fi
	state >state-now 2>/dev/null || :
	if ! cmp -s state-now "after-$verb"; then
		[ "$status" != 0 ] || { wrong "it did not fail, and yet: $(cat state-now)" && return; }
		again "$verb" >out 2>said || { wrong "given again it fails" && return; }
		state >state-now
		cmp state-now "after-$verb" >out 2>&1 || { wrong "$(cat state-now) is not $(cat "after-$verb")" && return; }
	fi
}

# sweep VERB VARIABLE COUNT: those of the sample, once and for ever
sweep() {
	stride=1
	[ "$sample" = all ] || stride=$(($3 / sample + 1))
	n=$((phase % stride + 1))
	while [ "$n" -le "$3" ]; do
		one "$1" "$2" "$n$([ "$2" = LEPTON_FAIL_ALLOC ] || echo ":$(error_of "$n")")"
		one "$1" "$2" "$n+$([ "$2" = LEPTON_FAIL_ALLOC ] || echo ":$(error_of "$n")")"
		n=$((n + stride))
	done
}

error_of() {
	case $(($1 % 5)) in 0) echo EIO ;; 1) echo ENOSPC ;; 2) echo EROFS ;; 3) echo EMFILE ;; 4) echo EACCES ;; esac
}

{
	echo "lepton='$lepton' store='$work/store'"
	sed -n '/^train() /,/^promote() /p' "$tree/tests/e2e/faults.sh"
} >commands
store=$work/store
for verb in train compress promote; do
	cp -r "$store" "before-$verb" 2>/dev/null || :
	play "$verb" LEPTON_FAIL_IO=0 LEPTON_FAIL_ALLOC=0 LEPTON_FAIL_COUNT="$work/count-$verb" >out 2>&1 || fail "$verb: $(cat out)"
	state >"after-$verb"
done
[ "$(wc -l <after-promote)" = 4 ] || fail "three versions and an alias, not: $(cat after-promote)"
for verb in $swept; do
	read -r calls allocations <"count-$verb"
	[ "$calls" -gt 10 ] && [ "$allocations" -gt 100 ] || fail "$verb: $calls calls and $allocations allocations were counted"
	sweep "$verb" LEPTON_FAIL_IO "$calls"
	sweep "$verb" LEPTON_FAIL_ALLOC "$allocations"
	echo "$verb: $calls calls of the system, $allocations allocations"
done
echo "$tried faults (LEPTON_FAULTS=$sample LEPTON_FAULTS_PHASE=$phase), $failures of them not borne"
[ "$failures" = 0 ]
