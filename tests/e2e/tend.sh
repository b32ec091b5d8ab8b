#!/bin/sh
# keep and gc while a run trains in the store, which does them; and what has ended rests in the store: a checkpoint of it that
# cannot be read fails what asks for it, and neither the run nor its opening.
#     sh tests/e2e/tend.sh BUILD TREE
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"
trap '"$lepton" quit --store store >/dev/null 2>&1 || true; rm -rf "$work" || true' EXIT

# sql QUERY: of the store, rows as lines
sql() {
	python3 - "$1" <<'PY'
import sqlite3, sys
for row in sqlite3.connect("file:store/store.db?mode=ro", uri=True).execute(sys.argv[1]):
    print(*row)
PY
}

# until_so COMMAND...: the command succeeds within a minute
until_so() {
	for _ in $(seq 600); do
		"$@" && return
		sleep 0.1
	done
	fail "not in a minute: $*"
}

small_spec spec.json
python3 - <<'PY'
import json
spec = json.load(open("spec.json"))
spec["versions"] = spec["versions"][:1] + [dict(spec["versions"][0], name="long", epochs=100000)]
json.dump(spec, open("spec.json", "w"))
PY
"$lepton" train spec.json --workers 2 --store store --detach >/dev/null
is_done() { "$lepton" list --store store | grep -q '^ *cnn .*done'; }
until_so is_done
has_two() { [ "$(sql "SELECT count(*) FROM checkpoints c JOIN versions v ON v.id=c.version WHERE v.name='long'")" -ge 2 ]; }
until_so has_two

# the mark is in the store when the answer is, and the run goes on
"$lepton" keep long cnn --store store >out || fail "keep: $(cat out)"
first=$(sed -n 's/^long: the checkpoint at step \([0-9]*\) is kept$/\1/p' out)
[ -n "$first" ] || fail "$(cat out)"
"$lepton" keep "long@$first" --store store | grep -q "^long@$first: the checkpoint at step $first is kept" || fail "by its step"
[ "$("$lepton" keep --store store | wc -l)" = 2 ] || fail "not two marks: $("$lepton" keep --store store)"
"$lepton" keep cnn --drop --store store | grep -q 'no longer marked' || fail "the mark stays"
says 'there is no checkpoint at step 1;' "$lepton" keep long@1 --store store
says 'no version "nobody"' "$lepton" keep nobody --store store

# checkpoints come and go, the marked one stays
newest() { sql "SELECT max(c.id) FROM checkpoints c JOIN versions v ON v.id=c.version WHERE v.name='long'"; }
before=$(newest)
gone_on() { [ "$(newest)" -gt "$((before + 3))" ]; }
until_so gone_on
[ "$("$lepton" keep --store store)" = "long@$first" ] || fail "$("$lepton" keep --store store)"
"$lepton" gc --dry-run --store store | grep -q '^would go: ' || fail "gc --dry-run"
"$lepton" gc --store store >out || fail "gc: $(cat out)"
[ "$(wc -l <out)" = 3 ] || fail "gc said $(cat out)"
grep -q '^gone: .* checkpoints, ' out && grep -q '^packed: ' out && grep -q '^objects: ' out || fail "gc said $(cat out)"
"$lepton" evaluate "long@$first" --store store | grep -q 'test accuracy' || fail "the marked checkpoint is gone"
"$lepton" verify --store store >out || fail "verify: $(cat out)"
says 'is in use by process' "$lepton" verify --repair --store store
before=$(newest)
until_so gone_on

# who has ended is asked for in the store; what is damaged there fails alone
"$lepton" clone cnn --as again --set epochs=1 --store store | grep -q 'again is a clone of cnn' || fail "clone"
"$lepton" log --store store | grep -q 'cnn: there is no' && fail "clone said $("$lepton" log --store store | tail -3)"
hash=$(sql "SELECT o.hash FROM checkpoints c JOIN versions v ON v.id=c.version JOIN checkpoint_objects p ON p.checkpoint=c.id
	JOIN objects o ON o.hash=p.hash WHERE v.name='cnn' AND p.role='weight' ORDER BY o.bytes DESC" | sort -u)
for h in $hash; do
	file=store/objects/$(echo "$h" | cut -c 1-2)/$(echo "$h" | cut -c 3-)
	[ ! -f "$file" ] || : >"$file"
done
says 'cnn: no checkpoint is whole' "$lepton" compress cnn --method quantize --store store
says 'cnn: no checkpoint is whole' "$lepton" promote cnn --store store
says 'clone: cnn: no checkpoint is whole' "$lepton" clone cnn --as third --store store
before=$(newest)
until_so gone_on
# a paused version keeps the process, which says so
"$lepton" pause long --store store >/dev/null
waits_are_told() { "$lepton" log --store store | grep -q 'nothing is left to do but 1 paused version: the process waits'; }
until_so waits_are_told
"$lepton" resume long --store store >/dev/null
"$lepton" quit --store store >/dev/null

# nor does it keep the store from being opened
"$lepton" stop long --store store | grep -q 'long stopped' || fail "the store cannot be opened"
"$lepton" clone long --as other --set epochs=1 --store store | grep -q 'other is a clone' || fail "clone of one that is whole"
says 'cnn: no checkpoint is whole' "$lepton" clone cnn --as third --store store
"$lepton" gc --store store | grep -q '^gone: ' || fail "gc with nobody there"
echo "ok: keep and gc beside a run; what rests fails alone"
