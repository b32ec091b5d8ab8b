#!/bin/sh
# Tags and notes: from the spec, from the command line on a store at rest and on a run that trains, inherited by
# clones, kept over restarts, in the summary, and refused where they cannot be.
#     sh tests/e2e/tags.sh BUILD TREE
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"
small_spec spec.json
sed -i 's/{"name": "cnn-fast",/{"name": "cnn-fast", "tags": ["quick", "big"], "note": "three times\\nthe rate", /; s/"epochs": 3/"epochs": 2/' spec.json
"$lepton" train spec.json --store store --quiet

shows() { # shows VERSION LINE: `lepton show` has this line
	"$lepton" show "$1" --store store | grep -qx "$2" || fail "$1: no line \"$2\" in $("$lepton" show "$1" --store store | head -8)"
}
lacks() {
	"$lepton" show "$1" --store store | grep -q "$2" && fail "$1 has $2"
	return 0
}
shows cnn-fast 'tags  *big quick' # in alphabetical order
shows cnn-fast 'written  *three times'
shows cnn-fast 'written  *the rate'
lacks cnn '^tags'
"$lepton" show cnn-fast --store store | grep '^hyperparameters' | grep -q 'quick\|three times' && fail "labels among the hyper-parameters"

# a store at rest
[ "$("$lepton" tag cnn cnn-fast +seen -quick --store store)" = "cnn: seen, cnn-fast: big seen" ] || fail "what tag says"
shows cnn-fast 'tags  *big seen'
"$lepton" tag cnn = new old --store store >out
shows cnn 'tags  *new old'
"$lepton" tag cnn = --store store >out
lacks cnn '^tags'
"$lepton" note cnn 'ein Wort: <b>größer</b>' --store store >out
shows cnn 'written  *ein Wort: <b>größer</b>'
"$lepton" note cnn-fast '' --store store >out
lacks cnn-fast '^written'

# clones have the tags, not the note, unless they are given others
"$lepton" clone cnn-fast --as heir --store store >out
shows heir 'tags  *big seen'
"$lepton" note cnn-fast 'mine alone' --store store >out
"$lepton" clone cnn-fast --as other --set 'tags=["z","a"]' --set note=hers --store store >out
shows other 'tags  *a z'
shows other 'written  *hers'
lacks heir '^written'

# the summary holds to its schema; the report escapes
"$lepton" export --all --format json -o run.json --store store
python3 - "$tree/samples/run.schema.json" run.json <<'PY'
import json, sys
schema, run = (json.load(open(p)) for p in sys.argv[1:3])
try:
    import jsonschema
    jsonschema.validate(run, schema)
except ImportError:
    print("python3-jsonschema is not installed: the schema is not checked")
by = {v["name"]: v for v in run["versions"]}
assert by["cnn-fast"]["tags"] == ["big", "seen"] and by["cnn-fast"]["note"] == "mine alone", by["cnn-fast"]
assert by["heir"]["tags"] == ["big", "seen"] and "note" not in by["heir"]
assert "tags" not in by["cnn"] and by["cnn"]["note"] == "ein Wort: <b>größer</b>"
PY
"$lepton" report -o page.html --store store >out
grep -q '<span class="chip tag">seen</span>' page.html || fail "no tag in the report"
grep -q 'ein Wort: &lt;b&gt;größer' page.html || fail "the note is not in the report, or not escaped"

# refused, in one line
says 'a tag has 1 to 31 bytes' "$lepton" tag cnn +abcdefghijklmnopqrstuvwxyzabcdefgh --store store
says 'holds a comma' "$lepton" tag cnn +a,b --store store
says 'say what changes' "$lepton" tag cnn --store store
says 'something is missing' "$lepton" tag +big --store store
says 'no version' "$lepton" tag nobody +big --store store
says 'something is missing' "$lepton" note cnn --store store
says 'at most 2000 bytes' "$lepton" note cnn "$(printf '%02001d' 0)" --store store
says 'at most 16 tags' "$lepton" tag cnn +1 +2 +3 +4 +5 +6 +7 +8 +9 +a +b +c +d +e +f +g +h --store store
lacks cnn '^tags'
sed 's/"tags": \["quick", "big"\]/"tags": ["two words"]/' spec.json >bad.json
says 'bad.json:' "$lepton" train bad.json --store none
grep -q '"tags".*holds a blank' err || fail "$(cat err)"
sed 's/"tags": \["quick", "big"\]/"tags": "big"/' spec.json >bad.json
says 'takes a list of words' "$lepton" train bad.json --store none

# while it trains: kept, and heard by whoever follows
sed 's/"epochs": 2/"epochs": 400/' spec.json >long.json
"$lepton" train long.json --store live --detach >out
for i in $(seq 100); do # all versions are said within a moment
	"$lepton" show mlp --store live >out 2>&1 && break
	sleep 0.1
done
"$lepton" tag cnn mlp +live --store live >out || fail "$(cat out)"
"$lepton" note mlp 'written while it trained' --store live >out
"$lepton" list --store live --json >now.json
python3 - now.json <<'PY'
import json, sys
by = {v["name"]: v for v in json.load(open(sys.argv[1]))["versions"]}
assert by["cnn"]["tags"] == ["live"] and by["mlp"]["tags"] == ["live"], by["cnn"].get("tags")
assert by["mlp"]["note"] == "written while it trained"
PY
"$lepton" quit --store live >out
"$lepton" verify --store live | grep -q sound || fail "verify"
"$lepton" tag cnn -live +rested --store live >out # restored from its checkpoint, its tags with it
"$lepton" show cnn --store live | grep -qx 'tags  *rested' || fail "the tags after a restart"
"$lepton" show mlp --store live | grep -q 'written while it trained' || fail "the note after a restart"
echo "tags: all well"
