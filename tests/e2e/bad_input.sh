#!/bin/sh
# Bad input gets one clear line on standard error, the right exit code, and changes nothing.
#     sh tests/e2e/bad_input.sh BUILD TREE
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"

count=0

# expect CODE TEXT COMMAND...: the command leaves with CODE and says one line that holds TEXT
expect() {
	code=$1
	text=$2
	shift 2
	set +e
	"$@" >out 2>err </dev/null
	got=$?
	set -e
	[ "$got" = "$code" ] || fail "$*: exit $got, not $code: $(cat err)"
	[ "$(wc -l <err)" = 1 ] || fail "$*: not one line: $(cat err)"
	grep -qF -- "$text" err || fail "$*: \"$(cat err)\" does not say \"$text\""
	count=$((count + 1))
}

small_spec spec.json
"$lepton" train spec.json --epochs 1 --store store --quiet
hashes store >before

# arguments
expect 2 'did you mean "train"' "$lepton" trian spec.json
expect 2 'unknown verb "frobnicate"' "$lepton" frobnicate
expect 2 'say what to do' "$lepton"
expect 2 'did you mean --store' "$lepton" list --stroe x
expect 2 '--workers takes a whole number from 1' "$lepton" train spec.json --workers none
expect 2 '--workers takes a whole number from 1' "$lepton" train spec.json --workers 0
expect 2 '--store needs a value' "$lepton" list --store
expect 2 'usage: lepton show' "$lepton" show --store store
expect 2 'usage: lepton diff' "$lepton" diff cnn --store store
expect 2 'KEY=VALUE' "$lepton" clone cnn --as x --set nothing --store store
expect 2 '--method M' "$lepton" compress cnn --store store
expect 2 'say where to' "$lepton" export --all --store store
expect 2 '--quiet takes no value' "$lepton" train spec.json --quiet=1

# the spec
expect 1 'no-such.json' "$lepton" train no-such.json --store none
printf '{"experiment": "x",\n "versions": [}' >broken.json
expect 2 'broken.json:2' "$lepton" train broken.json --store none
sed 's/"epochs": 3/"epoch": 3/' spec.json >unknown.json
expect 2 'did you mean "epochs"' "$lepton" train unknown.json --store none
sed 's/"epochs": 3/"epochs": "three"/' spec.json >type.json
expect 2 'type.json:5' "$lepton" train type.json --store none
sed 's/"epochs": 3/"epochs": -3/' spec.json >range.json
expect 2 'epochs' "$lepton" train range.json --store none
sed 's/"base": "cnn", "optimizer"/"base": "nobody", "optimizer"/' spec.json >base.json
expect 2 'nobody' "$lepton" train base.json --store none
sed 's/"name": "mlp"/"name": "cnn"/' spec.json >twice.json
expect 2 'cnn' "$lepton" train twice.json --store none
sed 's/"units": 10/"units": 7/' spec.json >classes.json
expect 1 '10' "$lepton" train classes.json --store none
sed 's/"kernel_size": \[3, 3\]/"kernel_size": [30, 30]/' spec.json >kernel.json
expect 1 'Conv2D' "$lepton" train kernel.json --store none
sed 's/"type": "MaxPooling2D"/"type": "MaxPoling2D"/' spec.json >layer.json
expect 2 'MaxPooling2D' "$lepton" train layer.json --store none

# the data
sed "s|$mnist|$work/nowhere|" spec.json >nodata.json
expect 1 'nowhere' "$lepton" train nodata.json --store none
mkdir bad
for f in train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte; do
	ln -s "$mnist/$f" "bad/$f"
done
sed "s|$mnist|$work/bad|" spec.json >bad.json
damage() { # FILE BYTES-KEPT: a truncated copy
	rm "bad/$1"
	head -c "$2" "$mnist/$1" >"bad/$1"
}
damage t10k-images-idx3-ubyte 100000
expect 1 't10k-images-idx3-ubyte' "$lepton" train bad.json --store none
damage t10k-images-idx3-ubyte 3
expect 1 't10k-images-idx3-ubyte' "$lepton" train bad.json --store none
{ printf 'XXXX' && tail -c +5 "$mnist/t10k-images-idx3-ubyte"; } >bad/t10k-images-idx3-ubyte
expect 1 't10k-images-idx3-ubyte' "$lepton" train bad.json --store none
{ cat "$mnist/t10k-images-idx3-ubyte" && printf 'more'; } >bad/t10k-images-idx3-ubyte
expect 1 't10k-images-idx3-ubyte' "$lepton" train bad.json --store none
[ ! -e none ] || fail "a failed start has made a store"

# the store
expect 2 'none' "$lepton" list --store none
expect 2 'none' "$lepton" compress cnn --method delta --store none
printf 'not a store' >file
expect 1 'file' "$lepton" train spec.json --store file
"$lepton" train spec.json --epochs 500 --store busy --quiet 2>/dev/null &
holder=$!
tries=0
until "$lepton" list --store busy 2>/dev/null | grep -q running; do
	tries=$((tries + 1))
	[ "$tries" -lt 200 ] || fail "the long run does not start"
	sleep 0.1
done
expect 1 "$holder" "$lepton" train spec.json --store busy
kill -KILL "$holder"
wait "$holder" 2>/dev/null || true

# versions, methods, settings, formats
expect 2 'did you mean' "$lepton" show cn --store store
expect 2 'nobody' "$lepton" promote nobody --store store
expect 2 'nobody' "$lepton" evaluate nobody --store store
expect 2 'quantize' "$lepton" compress cnn --method quantise --store store
expect 2 'average' "$lepton" fuse cnn cnn-fast --method avrage --as x --store store
expect 2 'alpha' "$lepton" compress cnn --method delta --set alfa=1 --store store
expect 1 'mlp' "$lepton" fuse cnn mlp --method average --as x --store store
expect 1 'cnn and mlp have unlike shapes' "$lepton" barrier cnn mlp --store store
expect 2 'did you mean --points' "$lepton" barrier cnn mlp --point 5 --store store
expect 2 "leave out --method" "$lepton" fuse cnn cnn-fast --preview --as x --store store
expect 2 "preview takes two versions" "$lepton" fuse cnn --preview --store store
expect 2 'learning_rate' "$lepton" clone cnn --as x --set optimizer.learning_rat=1 --store store
expect 1 'mlp' "$lepton" clone cnn --as mlp --store store
expect 1 'roll' "$lepton" rollback --store store
expect 2 'json' "$lepton" export --all --format jsn -o x --store store
expect 1 'no-such-folder' "$lepton" export --all -o no-such-folder/x.json --store store
expect 1 'nothing.raw' "$lepton" predict cnn nothing.raw --store store
expect 1 '784' "$lepton" predict cnn spec.json --store store

# the dashboard: no such option, no such word
expect 2 'did you mean --theme' "$tui" --themes x
expect 2 '--pictures takes auto, kitty, sixel or blocks' "$tui" --pictures png
expect 2 '--pictures needs a HOW' "$tui" --pictures ''

hashes store >after
cmp before after || fail "bad input has changed the store"
"$lepton" verify --store store >/dev/null
echo "$count faults, each said in one line"
