#!/bin/sh
# How heavy the dashboard is beside htop and btop: core time and bytes to the terminal, at 160x45, one after another.
#
#     sh samples/screen_weight.sh [BUILD] [SECONDS]       BUILD: the folder with lepton-tui (build)
#
# lepton-tui shows 16 seed CNNs that train, all marked; then the same run with all of them paused; then the dashboards of
# htop and btop as they come, while nothing trains. Needs tmux, htop, btop and data/mnist (samples/get-data.sh).
set -eu
tree=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "${1:-$tree/build}" && pwd)
seconds=${2:-20}
work=$(mktemp -d)
export HOME="$work" XDG_CONFIG_HOME="$work" XDG_STATE_HOME="$work"
session=lepton-weight-$$
leave() {
	tmux kill-session -t "$session" 2>/dev/null || true
	"$build/lepton" quit --store "$work/store" >/dev/null 2>&1 || true
	rm -rf "$work"
}
trap leave EXIT
trap 'exit 1' INT TERM

for program in tmux htop btop; do
	command -v "$program" >/dev/null || { echo "screen_weight.sh: needs $program: apt-get install $program" >&2; exit 1; }
done

ticks() { cat "/proc/$1"/task/*/stat | awk '{ sub(/.*\) /, ""); sum += $12 + $13 } END { print sum + 0 }'; }

# weigh NAME KEYS COMMAND...: what it takes once it stands
weigh() {
	name=$1
	keys=$2
	shift 2
	tmux new-session -d -x 160 -y 45 -s "$session" "exec $*"
	sleep 4
	[ -z "$keys" ] || tmux send-keys -t "$session" $keys
	sleep 2
	pid=$(tmux display-message -p -t "$session" '#{pane_pid}')
	tmux pipe-pane -t "$session" "cat >'$work/bytes'"
	before=$(ticks "$pid")
	sleep "$seconds"
	after=$(ticks "$pid")
	tmux pipe-pane -t "$session"
	awk -v name="$name" -v ticks=$((after - before)) -v bytes="$(wc -c <"$work/bytes")" -v seconds="$seconds" 'BEGIN {
		printf "%-28s %6.2f %% of a core  %8.0f bytes/s\n", name, ticks / seconds, bytes / seconds }'
	tmux kill-session -t "$session"
}

"$build/lepton" train "$tree/samples/sixteen.json" --store "$work/store" --detach >/dev/null
weigh 'lepton-tui, 16 training' a "'$build/lepton-tui' --attach --store '$work/store'"
"$build/lepton" pause $(seq -f v/%g 16) --store "$work/store" >/dev/null
weigh 'lepton-tui, all paused' a "'$build/lepton-tui' --attach --store '$work/store'"
"$build/lepton" quit --store "$work/store" >/dev/null
weigh 'htop' '' htop
weigh 'btop' '' btop
