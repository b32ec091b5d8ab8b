#!/bin/sh
# What the dashboard takes from the training: 16 versions of the seed CNN, all marked, in a terminal of 160x45.
#
#     sh samples/dashboard_cost.sh [BUILD] [SECONDS]      BUILD: the folder with lepton-tui (build)
#
# Prints the core time of the dashboard's process, and of the thread that tells it events, as a share of the workers' in
# the same seconds. Needs tmux and data/mnist (samples/get-data.sh). The machine should have nothing else to do.
set -eu
tree=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "${1:-$tree/build}" && pwd)
seconds=${2:-20}
work=$(mktemp -d)
session=lepton-cost-$$
trap 'tmux kill-session -t "$session" 2>/dev/null || true; "$build/lepton" quit --store "$work/store" >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

command -v tmux >/dev/null || { echo "dashboard_cost.sh: needs tmux: apt-get install tmux" >&2; exit 1; }

# ticks PID NAME: of the process's threads whose names match, in hundredths of a second
ticks() {
	cat "/proc/$1"/task/*/stat | awk -v name="$2" '$2 ~ name { sum += $14 + $15 } END { print sum + 0 }'
}

tmux new-session -d -x 160 -y 45 -s "$session" "exec '$build/lepton-tui' '$tree/samples/sixteen.json' --config /dev/null --store '$work/store'"
sleep 5
tmux send-keys -t "$session" a
dashboard=$(tmux display-message -p -t "$session" '#{pane_pid}')
trainer=$(cat "$work/store/lock")
spent() { echo $(($(ticks "$dashboard" .) + $(ticks "$trainer" '^.lepton/net'))); }
sleep 5
draw=$(spent)
train=$(ticks "$trainer" '^.lepton/[0-9]')
sleep "$seconds"
draw=$(($(spent) - draw))
train=$(($(ticks "$trainer" '^.lepton/[0-9]') - train))
awk -v draw="$draw" -v train="$train" 'BEGIN {
	if (train <= 0) { print "dashboard_cost.sh: the workers did nothing" > "/dev/stderr"; exit 1 }
	printf "drawing %.2f s, training %.2f s of the cores: %.2f %%\n", draw / 100, train / 100, 100 * draw / train
}'
