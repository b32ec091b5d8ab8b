#!/bin/sh
# A run without a screen: started in the background, steered from the command line and by dashboards that come, go, are
# cut off and killed; a dashboard's own run that outlives its terminal. The weights are those of an undisturbed run.
#     sh tests/e2e/attach.sh BUILD TREE
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"
. "$tree/tests/e2e/tmux.sh.inc"
trap 'tm kill-server 2>/dev/null || true; for store in store own front; do "$lepton" quit --store "$store" >/dev/null 2>&1 || true; done; rm -rf "$work" || true' EXIT

# by DEADLINE-SECONDS WHAT COMMAND...: until the command succeeds
by() {
	left=$(($1 * 10))
	what=$2
	shift 2
	until "$@"; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || fail "$what did not come"
		sleep 0.1
	done
}
# dashboard SESSION ARGUMENTS...: in a terminal of its own
dashboard() {
	name=$1
	shift
	tm new-session -d -s "$name" -x 110 -y 30 "'$tui' $*; code=\$?; printf '\\r\\nleft with %d\\r\\n' \$code; cat"
}
state_is() { "$lepton" list --store "$1" | grep -q "^$2 *$3 "; }
nobody() { [ ! -e "$1/socket" ]; }

small_spec spec.json
sed 's/"epochs": 3/"epochs": 60/' spec.json >long.json
"$lepton" train long.json --store plain --quiet --workers 2
hashes plain >expected

# faults: one line each
says 'nothing trains in store none' "$lepton" log --follow --store none
says 'nothing trains in store none' "$lepton" quit --store none
says 'nothing trains in store none' "$lepton" nodes --store none
says 'cannot open none.json: No such file' "$lepton" train none.json --store none --detach
says '--export is for a run that is waited for' "$lepton" train long.json --store none --detach --export x.json
for wrong in '--attach long.json' '--watch' '--attach --watch --alone'; do
	says 'usage: lepton-tui' "$tui" $wrong
done
[ ! -e none ] || fail "a fault has made a store"

# in the background, steered from the command line
"$lepton" train long.json --store store --workers 2 --detach >started
grep -q 'trains on; `lepton-tui --attach --store store` shows it' started || fail "$(cat started)"
[ "$(stat -c %a store/socket)" = 600 ] || fail "the socket is open to others"
says 'in use by process' "$lepton" train long.json --store store
"$lepton" log --follow --store store >followed &
follower=$!
by 10 'cnn running' state_is store cnn running
"$lepton" nodes --store store >nodes
grep -q ': 2 workers, kernels ' nodes || fail "nodes: $(cat nodes)"
[ "$(grep -c '^[12] *[a-z]* ' nodes)" = 2 ] || fail "a worker has no row: $(cat nodes)"
"$lepton" nodes --json --store store | grep -q '^{"nodes":\[{"node":0,.*"workers":\[{"work":"[a-z]*",.*"sharded":\[\]}\]}$' || fail "nodes --json"
"$lepton" pause cnn --store store | grep -q 'cnn paused' || fail "pause"
state_is store cnn paused || fail "cnn is not paused"
"$lepton" compress mlp --method quantize --as small --store store | grep -q 'times smaller' || fail "compress"
"$lepton" clone mlp --as copy --set epochs=1 --store store | grep -q 'copy is a clone of mlp' || fail "clone"
says 'no version "nix"' "$lepton" pause nix --store store

# dashboards: one steers, one watches, one is killed, one loses its terminal
dashboard one --attach --store store
dashboard two --attach --watch --store store
see one 'cnn'
see two 'cnn'
see two 'watching'
tm send-keys -t two p 5 # the log keeps what newer news would cover in the message line
see two 'this dashboard only watches: "steer" in the palette lets it'
tm send-keys -t two 2 # looking round is not steering
see two 'Compare'
tm send-keys -t two 1 :
tm send-keys -t two 'Compress'
see two 'only watches:…' # on its row, cut
tm send-keys -t two C-c
see two 'm loss'
# it may ask for more, and give it back; the run says so to all
tm send-keys -t two : ; tm send-keys -t two 'steer alone' Enter
see two ' alone '
alone_is_told() { "$lepton" log --store store | grep -q 'steers alone now'; }
by 10 'word of who steers alone' alone_is_told
says 'steers this run alone' "$lepton" resume cnn --store store
tm send-keys -t two : ; tm send-keys -t two 'watch: only' Enter
see two 'watching'
tm send-keys -t one p 5
see one 'cnn resumed'
tm send-keys -t one 1
see two '▶ cnn'
tm kill-session -t two
"$lepton" log --store store | grep -q 'attached and watches' || fail "no word of the watcher"
dashboard three --attach --store store
see three 'cnn'
victim=$(tm list-panes -t three -F '#{pane_pid}')
pkill -KILL -P "$victim" || fail "no dashboard to kill"
see three 'left with 137'
tm send-keys -t one D
see one 'goes on; `lepton-tui --attach --store store` comes back'
see one 'left with 0'
nobody_left() { [ "$("$lepton" log --store store | grep -c 'has left')" -ge 3 ]; }
by 10 'the last goodbye' nobody_left

# to its end, with nobody there
by 60 'the end of all' state_is store cnn done
by 60 'the end of all' state_is store cnn-fast done
by 60 'the end of all' state_is store mlp done
by 10 'the end of its process' nobody store
wait "$follower"
grep -q 'attached' followed || fail "the log was not followed"
hashes store | grep -v 'small\|copy' >got
diff expected got || fail "other weights than those of a run in the foreground"
"$lepton" verify --store store

# a dashboard's own run: it outlives the terminal, is found again without a word, and ends with q where it began
sed 's/"epochs": 3/"epochs": 5000/' spec.json >endless.json
dashboard own endless.json --workers 2 --store own
see own 'running, epoch'
tm kill-session -t own
by 10 'its run without it' "$lepton" pause mlp --store own
dashboard again --store own
see again '‖ mlp'
tm send-keys -t again Q
see again 'End this run?'
tm send-keys -t again y
see again 'the engine has ended'
tm send-keys -t again q
see again 'left with 0'
by 10 'the end of the run' nobody own

# with nobody there, a command changes what it is about and nothing else
"$lepton" resume mlp --store own >/dev/null
for version in cnn cnn-fast mlp; do
	state_is own $version queued || fail "$version was not left as it was: $("$lepton" list --store own)"
done
dashboard last endless.json --workers 2 --store own
see last 'running, epoch'
tm send-keys -t last q
see last 'lets it train on.'
tm send-keys -t last y
see last 'keeping checkpoints'
see last 'left with 0'
nobody own || fail "q left a process behind"
"$lepton" verify --store own

# the terminal of a run in the foreground goes: it trains on
setsid "$lepton" train long.json --workers 2 --store front >progress 2>&1 &
by 20 'progress' grep -q 'epoch' progress
pid=$(cat front/lock)
kill -HUP "$pid"
sleep 0.5
kill -0 "$pid" || fail "a hang-up ended the training"
"$lepton" quit --store front | grep -q "process $pid has ended" || fail "quit"
"$lepton" train long.json --workers 2 --store front --quiet
hashes front >got
diff expected got || fail "other weights after a hang-up and an end"
"$lepton" verify --store front
