#!/bin/sh
# Killed outright at random times (SIGKILL), a real training loses at most what came after its last checkpoint: each time
# the store verifies clean, no version is behind where it was, and in the end the weights are, bit for bit, those of a run
# that was never touched. A run that comes to its end is compared and begun anew, until so many were killed.
#     sh tests/e2e/kill.sh BUILD TREE
# LEPTON_KILLS=300 for the long campaign; 20 is for every day.
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"
wanted=${LEPTON_KILLS:-20}
small_spec spec.json
sed -i 's/"epochs": 3/"epochs": 24/' spec.json
longest=1500 # milliseconds; a whole run is a few of these

"$lepton" train spec.json --workers 2 --store untouched --quiet
hashes untouched >expected
[ "$(wc -l <expected)" = 3 ] || fail "three versions were expected"

# steps: "name step" of every version's newest checkpoint
steps() {
	sqlite3 store/store.db "SELECT v.name, max(c.step) FROM versions v JOIN checkpoints c ON c.version=v.id GROUP BY v.id" \
		-separator ' '
}

# check: what a kill left opens, is clean, and is not behind what was there before
check() {
	[ -e store/store.db ] || return 0
	"$lepton" verify --store store >verified 2>&1 || case $(cat verified) in
	*"holds no store yet"*) return 0 ;; # killed before its first commit
	*) fail "after kill $kills at $delay ms: $(cat verified)" ;;
	esac
	steps >now
	while read -r name step; do
		reached=$(sed -n "s/^$name //p" now)
		[ "${reached:-0}" -ge "$step" ] || fail "after kill $kills at $delay ms: $name fell from step $step to ${reached:-none}"
	done <before
	mv now before
}

# ended: the run that came to its end has the weights it should have
ended() {
	finished=$((finished + 1))
	hashes store >found
	cmp expected found || fail "other weights after $kills kills"
	rm -rf store
	: >before
}

kills=0
finished=0
early=0
: >before
while [ "$kills" -lt "$wanted" ]; do
	delay=$(($(od -An -N2 -tu2 /dev/urandom) * longest / 65536))
	"$lepton" train spec.json --workers 2 --store store --quiet 2>said &
	pid=$!
	sleep "$(awk "BEGIN { print $delay / 1000 }")"
	if kill -KILL "$pid" 2>/dev/null; then
		wait "$pid" 2>/dev/null && status=0 || status=$?
		if [ "$status" = 137 ]; then
			kills=$((kills + 1))
			[ -s before ] || early=$((early + 1))
		fi
	else
		wait "$pid" || fail "training ended with $?: $(cat said)"
		status=0
	fi
	check
	[ "$status" != 0 ] || ended
done
"$lepton" train spec.json --workers 2 --store store --quiet
ended
echo "$kills kills ($early before the first checkpoint), $finished runs came to their end with the same weights, every store verified"
