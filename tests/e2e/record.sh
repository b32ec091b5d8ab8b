#!/bin/sh
# `lepton-tui --record`: a session on a real terminal (tmux) and one by script are recorded, and played again in tmux, whose screen
# must then be the one that was seen. A bad file is told before anything starts; a full disk ends the recording alone.
#     sh tests/e2e/record.sh BUILD TREE
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"
. "$tree/tests/e2e/tmux.sh.inc"

# played FILE.cast FILE.txt: the screen of a terminal that was sent all of the recording
played() {
	python3 - "$1" <<'PY' >size
import json, sys
lines = open(sys.argv[1], encoding="utf-8", newline="\n").read().split("\n")
assert lines.pop() == "", "the last line has no end"
head, events = json.loads(lines[0]), [json.loads(line) for line in lines[1:]]
assert head["version"] == 2 and head["timestamp"] > 1e9, head
times = [e[0] for e in events]
assert times == sorted(times) and times[0] == 0, times
assert {e[1] for e in events} <= {"o", "r"}, {e[1] for e in events}
sizes = [f"{head['width']}x{head['height']}"] + [e[2] for e in events if e[1] == "r"]
with open("output", "w", encoding="utf-8", newline="") as f:
    # from the last size on: a terminal of that size shows the same as one that had it all
    last = max((i for i, e in enumerate(events) if e[1] == "r"), default=-1)
    f.write("".join(e[2] for e in events[last + 1:]))
print(*sizes[-1].split("x"))
PY
	read -r cols rows <size
	tm new-session -d -s play -x "$cols" -y "$rows" 'stty -echo; cat output; touch played; sleep 600'
	left=100
	until [ -e played ]; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || fail "$1 was not played"
		sleep 0.1
	done
	rm played
	sleep 0.2 # what cat wrote is on its way to tmux
	tm capture-pane -p -t play >"$2"
	tm kill-session -t play
}

small_spec spec.json
"$lepton" train spec.json --quiet

# By script, without a terminal: its last screen.
cat >show.script <<'END'
size 120x40
wait cnn
keys 2
keys 3
size 90x30
keys 1ggj
keys T
keys <Esc>
keys m
save last.txt
END
"$tui" --script show.script --store .lepton --record script.cast 2>/dev/null
played script.cast again.txt
sed 's/ *$//' last.txt >seen
sed 's/ *$//' again.txt >again
diff seen again || fail "the recording of the script ends with another screen"
grep -q '"r", "90x30"' script.cast || fail "the new size is not in the recording"
echo "a script's recording plays to the same screen"

# On a terminal: what was seen when it ended. Its first line has a clock.
tm new-session -d -s lepton -x 100 -y 32 "echo \$\$ >pid; exec '$tui' --store .lepton --record live.cast"
see lepton 'cnn-fast'
tm send-keys -t lepton 3
see lepton 'lineage'
tm send-keys -t lepton '?'
see lepton 'Lineage'
tm send-keys -t lepton Escape
sleep 0.3
tm send-keys -t lepton 1
see lepton 'versions'
sleep 1
tm capture-pane -p -t lepton >seen.txt
kill "$(cat pid)"
left=100
while kill -0 "$(cat pid)" 2>/dev/null; do
	left=$((left - 1))
	[ "$left" -gt 0 ] || fail "it did not end"
	sleep 0.1
done
tm kill-session -t lepton 2>/dev/null || true
played live.cast again.txt
sed -e 1d -e 's/ *$//' seen.txt >seen
sed -e 1d -e 's/ *$//' again.txt >again
diff seen again || fail "the recording of the terminal ends with another screen"
echo "a session's recording plays to the same screen"

says 'cannot record to missing/x.cast: No such file' "$tui" --script show.script --store .lepton --record missing/x.cast

# A disk that is always full: said in the dashboard, which goes on.
cat >full.script <<'END'
size 100x30
wait No space left 10
keys 3
wait lineage 10
END
[ ! -e /dev/full ] || "$tui" --script full.script --store .lepton --record /dev/full 2>/dev/null || fail "a full disk ended the session"
echo "a bad file is refused, and a full disk ends the recording alone"
