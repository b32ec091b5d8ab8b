#!/bin/sh
# A disk that is full, that has no name left for a file, or that becomes read-only while training runs: training goes on, it
# is said once, the store is kept again as soon as it can be, nothing is half-written, and the weights are those of a
# training that had room all the time.
#     sh tests/e2e/disk.sh BUILD TREE
# Needs to mount small file systems in memory: as root, or where users may have name spaces of their own.
set -eu
build=$1
tree=$2
if [ -z "${LEPTON_DISK_INSIDE:-}" ]; then
	LEPTON_DISK_INSIDE=1
	export LEPTON_DISK_INSIDE
	unshare --map-root-user --mount true 2>/dev/null || {
		echo "no file system can be mounted here (unshare --mount is refused): skipped"
		exit 77
	}
	exec unshare --map-root-user --mount sh "$0" "$@"
fi
. "$tree/tests/e2e/common.sh.inc"
trap 'umount -l "$work/disk" 2>/dev/null; rm -rf "$work" || true' EXIT
small_spec spec.json
sed -i 's/"epochs": 3/"epochs": 90/' spec.json
mkdir disk
"$lepton" train spec.json --workers 2 --store untouched --quiet
hashes untouched >expected

# on OPTIONS: a new disk with a store in which training has begun; $pid is the training
on() {
	umount disk 2>/dev/null || true
	mount -t tmpfs -o "$1" none disk
	"$lepton" train spec.json --workers 2 --store disk/store --quiet 2>said &
	pid=$!
	tries=0
	until [ "$(sqlite3 disk/store/store.db 'SELECT count(*) > 2 FROM checkpoints' 2>/dev/null)" = 1 ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 100 ] || fail "$1: no checkpoint: $(cat said)"
		sleep 0.05
	done
}

# trouble WORDS: training says so, once, and is still there
trouble() {
	tries=0
	until grep -q "$1" said; do
		tries=$((tries + 1))
		[ "$tries" -lt 200 ] || fail "nothing was said of $1: $(cat said)"
		sleep 0.05
	done
	kill -0 "$pid" || fail "training ended: $(cat said)"
}

# well: training ends well, having said two lines, and the store has it all
well() {
	wait "$pid" || fail "training ended with $?: $(cat said)"
	[ "$(wc -l <said)" = 2 ] || fail "not one line of trouble and one of its end: $(cat said)"
	tail -1 said | grep -q 'can be written to again' || fail "$(cat said)"
	"$lepton" verify --store disk/store
	hashes disk/store | cmp - expected || fail "other weights"
	[ "$(sqlite3 disk/store/store.db "SELECT count(*) FROM versions WHERE state='done'")" = 3 ] || fail "not all are done"
	[ -z "$(find disk -name '*.tmp')" ] || fail "temporaries are left"
}

on size=8m
head -c 100m /dev/zero >disk/filler 2>/dev/null && fail "the disk is not full"
trouble 'No space left\|disk is full'
sleep 1
rm disk/filler
well
echo "full: $(head -1 said)"

on size=20m,nr_inodes=900
i=0
while (: >disk/f$i) 2>/dev/null; do i=$((i + 1)); done
trouble 'No space left\|disk is full'
sleep 1
rm -f disk/f*
well
echo "no names left: $(head -1 said)"

# read-only: what is kept can be read, and only that
mount -o remount,ro disk
says "Read-only file system" "$lepton" train spec.json --store disk/store
"$lepton" verify --store disk/store
hashes disk/store | cmp - expected || fail "other weights from a disk that is read-only"
mount -o remount,rw disk
mv disk/store 'disk/100% a#b:c?d'
mount -o remount,ro disk
hashes 'disk/100% a#b:c?d' | cmp - expected || fail "an odd name on a disk that is read-only"
hashes "$work/disk/100% a#b:c?d" | cmp - expected || fail "an odd name from the root"

# to the end without room: the last is said to be lost, in a line, with a status; with room, the same command goes on
on size=8m
head -c 100m /dev/zero >disk/filler 2>/dev/null || true
trouble 'No space left\|disk is full'
wait "$pid" && fail "lost work is no success"
[ "$(wc -l <said)" = 2 ] || fail "$(cat said)"
tail -1 said | grep -q 'could not be kept' || fail "$(cat said)"
echo "never any room: $(tail -1 said)"
rm disk/filler
"$lepton" verify --store disk/store
"$lepton" train spec.json --workers 2 --store disk/store --quiet
hashes disk/store | cmp - expected || fail "other weights after a full disk"
echo "training goes on, and what waited is kept"
