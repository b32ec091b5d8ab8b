#!/bin/sh
# Every fuzzer for a while: first the inputs that are kept beside it (its seeds, and what it once found), then new ones.
#     sh tests/fuzz/run.sh BUILD TREE [SECONDS-EACH [NEW-INPUTS]]
# BUILD is made by ./configure CC=clang --enable-fuzzing --enable-asan --enable-ubsan. A fuzzer's seeds are in the folder of
# its name, its words in the .dict. What is found is shown in base64; with a folder NEW-INPUTS what was learned is kept there.
set -u
build=$(cd "$1" && pwd) || exit 1 # a fuzzer may go elsewhere
tree=$(cd "$2" && pwd) || exit 1
seconds=${3:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
learned=${4:-$work/learned}
ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_stack_use_after_return=1
UBSAN_OPTIONS=${UBSAN_OPTIONS:-}:print_stacktrace=1
export ASAN_OPTIONS UBSAN_OPTIONS

# one FUZZER: what it says and found
one() {
	fuzzer=$1
	name=${fuzzer##*/fuzz_}
	seeds=$tree/tests/fuzz/$name
	found=$work/found-$name
	log=$work/log-$name
	mkdir -p "$learned/$name" "$found"
	[ -n "$(ls "$seeds" 2>/dev/null)" ] && [ -f "$seeds.dict" ] || {
		echo "FAIL: fuzz_$name has no seeds in $seeds, or no $seeds.dict"
		return 1
	}
	bad=0
	longest=4096
	[ "$name" != tui ] || longest=400 # each byte is a key
	start=$(date +%s)
	"$fuzzer" -seed=1 -timeout=60 -rss_limit_mb=2560 -max_len="$longest" -max_total_time="$seconds" -print_final_stats=1 \
		-dict="$seeds.dict" -artifact_prefix="$found/" "$learned/$name" "$seeds" >"$log" 2>&1 || {
		echo "FAIL: fuzz_$name found:"
		tail -n 40 "$log"
		for input in "$found"/*; do
			[ ! -f "$input" ] || { echo "$input" && base64 "$input"; }
		done
		bad=1
	}
	printf 'fuzz_%s: %s runs in %s s, %s\n' "$name" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
		$(($(date +%s) - start)) "$(grep -o 'cov: [0-9]* ft: [0-9]* corp: [0-9]*' "$log" | tail -n 1)"
	return "$bad"
}

# lane: those that the other has not taken yet. What each says is told in one piece.
lane() {
	for fuzzer in "$build"/fuzz_*; do
		[ -x "$fuzzer" ] && [ -f "$fuzzer" ] && mkdir "$work/taken-${fuzzer##*/}" 2>/dev/null || continue
		one "$fuzzer" >"$work/said-${fuzzer##*/}" || touch "$work/bad"
		cat "$work/said-${fuzzer##*/}"
	done
}

# Two at a time: each has one thread.
lane &
lane
wait
set -- "$work"/taken-*
[ -d "$1" ] || {
	echo "FAIL: no fuzzer in $build"
	exit 1
}
[ ! -e "$work/bad" ]
