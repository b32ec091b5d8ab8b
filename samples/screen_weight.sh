#!/bin/sh
# How heavy the dashboard is beside htop and btop: core time, bytes to the terminal by their kind (letters, ways of the cursor,
# colours), and milliseconds to the first frame, at 160x45, one after another.
#
#     sh samples/screen_weight.sh [BUILD] [SECONDS]       BUILD: the folder with lepton-tui (build)
#
# lepton-tui shows 16 seed CNNs that train, all marked, and htop and btop, as they come, the machine meanwhile; then
# lepton-tui shows the same run with all of them paused, and htop and btop the machine while nothing trains. The first frame is there with the 2,000th byte; the median of five
# starts is given. Needs tmux, htop, btop, python3 and data/mnist (samples/get-data.sh).
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

for program in tmux htop btop python3; do
	command -v "$program" >/dev/null || { echo "screen_weight.sh: needs $program: apt-get install $program" >&2; exit 1; }
done

ticks() { cat "/proc/$1"/task/*/stat | awk '{ sub(/.*\) /, ""); sum += $12 + $13 } END { print sum + 0 }'; }

# How long until it stands, in milliseconds.
first() {
	python3 - "$@" <<'PY'
import fcntl, os, pty, select, signal, statistics, struct, sys, termios, time


def once():
    begin = time.monotonic()
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 45, 160, 0, 0))
        os.execv("/bin/sh", ["sh", "-c", "exec " + sys.argv[1]])
    got = 0
    while got < 2000 and time.monotonic() < begin + 20:  # modes and a clear are some hundred bytes, a frame several thousand
        if select.select([fd], [], [], 0.05)[0]:
            got += len(os.read(fd, 65536))
    last = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    os.close(fd)
    os.waitpid(pid, 0)
    return (last - begin) * 1000


print(round(statistics.median(once() for _ in range(5))))
PY
}

# What the bytes are, of each a second.
kinds() {
	python3 - "$1" "$seconds" <<'PY'
import re, sys

kinds = {"letters": 0, "ways": 0, "colours": 0}
for piece in re.findall(rb"\x1b\[[?0-9;:]*[@-~]|\x1b[()].|\x1b.|[\r\n\b\x0f]|[^\x1b\r\n\b\x0f]+", open(sys.argv[1], "rb").read()):
    colors = piece.startswith(b"\x1b[") and piece.endswith(b"m")
    kinds["colours" if colors else "letters" if piece[0] >= 32 else "ways"] += len(piece)
print(" + ".join(f"{round(size / float(sys.argv[2]))} {kind}" for kind, size in kinds.items()))
PY
}

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
	tmux kill-session -t "$session"
	awk -v name="$name" -v ticks=$((after - before)) -v bytes="$(wc -c <"$work/bytes")" -v seconds="$seconds" \
		-v kinds="$(kinds "$work/bytes")" -v first="$(first "$*")" 'BEGIN {
		printf "%-26s %5.2f %% of a core  %6.0f bytes/s (%s)  first frame %4d ms\n", name, ticks / seconds, bytes / seconds, kinds, first }'
}

"$build/lepton" train "$tree/samples/sixteen.json" --store "$work/store" --detach >/dev/null
weigh 'lepton-tui, 16 training' a "'$build/lepton-tui' --attach --store '$work/store'"
weigh 'htop, while they train' '' htop
weigh 'btop, while they train' '' btop
"$build/lepton" pause $(seq -f v/%g 16) --store "$work/store" >/dev/null
weigh 'lepton-tui, all paused' a "'$build/lepton-tui' --attach --store '$work/store'"
"$build/lepton" quit --store "$work/store" >/dev/null
weigh 'htop' '' htop
weigh 'btop' '' btop
