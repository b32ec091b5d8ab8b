#!/bin/sh
# The dashboard on a real terminal (tmux), by keys alone: four versions train on MNIST; one is paused, resumed, compressed,
# two are fused, one is promoted, and the run is exported; at 80x24 and 160x45. Polls for text with a deadline, never
# sleeps for luck. LEPTON_SCREENS=DIR keeps the screens.
#     sh tests/e2e/dashboard.sh BUILD TREE
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"
. "$tree/tests/e2e/tmux.sh.inc"
screens=${LEPTON_SCREENS:-$work}
key() { tm send-keys -t lepton "$@"; }
screen() { tm capture-pane -p -t lepton; }
shows() { see lepton "$@"; } # TEXT [SECONDS]

# leave: Esc on its own (with a key close behind it would be Meta), until the bottom line offers to quit again
leave() {
	key Escape
	shows 'q quit'
}

keep() { screen >"$screens/$1-$size.txt"; }

steer() {
	size=$1x$2
	store=$work/store-$size
	export=$work/run-$size.json
	stty_line='stty -a | tr "\n" " "'
	tm new-session -d -s lepton -x "$1" -y "$2" \
		"$stty_line >before; '$tui' spec4.json --store '$store'; echo left with \$?; $stty_line >after; cat"
	shows 'running, epoch' 30
	keep running
	key p
	shows 'cnn paused'
	keep paused
	key p
	shows 'cnn resumed'
	key G # the last: mlp-b
	key c
	shows 'Compress mlp-b: how?'
	key -l quantize
	key Enter
	shows 'Compress mlp-b by quantize'
	keep compress-form
	key C-s
	shows 'mlp-b-quantize' 30
	shows 'smaller' 30
	keep compressed
	leave
	key g
	key Down
	key Down
	key Space # marks and goes down
	key Space
	key f
	shows 'average'
	key -l weighted
	key Enter
	shows 'Fuse'
	keep fuse-form
	key C-s
	shows 'best parent' 30
	keep fused
	leave
	key g
	key P
	shows 'Promote'
	key Enter
	shows 'production'
	keep promoted
	leave
	key 4
	shows 'production'
	keep deploy
	key 1
	key E
	shows ': test loss' 30 # of the last of those that are marked
	key e
	shows 'Export'
	key C-u
	key -l "$export"
	key Enter
	left=100
	until [ -s "$export" ]; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || {
			screen
			fail "no $export"
		}
		sleep 0.1
	done
	for view in 2 3 5; do
		key "$view"
		sleep 0.3
		keep "view-$view"
	done
	key '?'
	sleep 0.3
	keep help
	leave
	key 1
	key q
	sleep 0.5
	keep quit
	key y
	shows 'left with 0'
	tm kill-session -t lepton
	cmp before after || fail "the terminal's settings were not restored"
	python3 - "$tree/samples/run.schema.json" "$export" <<'PY'
import json, sys
schema, run = (json.load(open(p)) for p in sys.argv[1:3])
try:
    import jsonschema
    jsonschema.validate(run, schema)
except ImportError:
    print("python3-jsonschema is not installed: the schema is not checked")
names = [v["name"] for v in run["versions"]]
assert "mlp-b-quantize" in names, names
assert any(v["operation"]["op"] == "fuse" for v in run["versions"]), names
assert run["aliases"].get("production"), run["aliases"]
test = next(v["test"] for v in run["versions"] if "report" in v["test"])
confusion = test["report"]["confusion"]
samples = test["report"]["samples"]
assert sum(map(sum, confusion)) == samples, test
assert abs(sum(row[i] for i, row in enumerate(confusion)) / samples - test["accuracy"]) < 1e-9, test
print(len(names), "versions exported:", ", ".join(names))
PY
	"$lepton" verify --store "$store"
}

small_spec spec.json
python3 - <<'PY'
import copy, json
spec = json.load(open("spec.json"))
spec["data"].pop("limit"), spec["data"].pop("test_limit")
spec["defaults"]["epochs"] = 200
b = {"name": "mlp-b", "base": "mlp", "optimizer": {"learning_rate": 0.002}}
spec["versions"].append(b)
json.dump(spec, open("spec4.json", "w"))
PY
steer 80 24
steer 160 45
echo "steered by keys alone at two sizes"
