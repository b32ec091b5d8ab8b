#!/bin/sh
# The dashboard on terminals of other kinds (tmux shows what they would): each TERM has characters that its font has and no
# others, keys and leaving work, the terminal's settings come back; it is stopped and continued; sizes come in a storm; and
# on a line of a kilobyte a second a key is not behind a queue of frames. Polls with a deadline.
#     sh tests/e2e/terminals.sh BUILD TREE
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"
. "$tree/tests/e2e/tmux.sh.inc"
key() { tm send-keys -t lepton "$@"; }
small_spec spec.json
sed 's/"epochs": 3/"epochs": 100000/' spec.json >long.json
"$lepton" train spec.json --store ready --quiet >/dev/null

# look NAME ENVIRONMENT...: several views and windows of a trained store, all that was drawn in NAME
look() {
	name=$1
	shift
	rm -rf store
	cp -R ready store
	tm new-session -d -s lepton -x 80 -y 24 \
		"stty -a >before; env $* '$tui' --store store; echo left with \$?; stty -a >after; cat"
	see lepton 'q quit'
	: >"$name"
	for pressed in E 2 3 6 7 9 1 M Escape b Escape '?' Escape; do
		key "$pressed"
		case $pressed in
		E) see lepton 'test loss' ;;
		2) see lepton 'best first' ;;
		M) see lepton 'got wrong' ;;
		'?') see lepton 'Help: ' ;;
		Escape) see lepton 'q quit' ;;
		esac
		tm capture-pane -p -t lepton >>"$name"
	done
	key q
	see lepton 'left with 0'
	tm kill-session -t lepton
	cmp before after || fail "$name: the terminal's settings were not restored"
}
look xterm TERM=xterm-256color
look screen TERM=screen-256color
look linux TERM=linux
look vt100 TERM=vt100
look plain TERM=xterm-256color LC_ALL=C
python3 - <<'PY'
def drawn(name):
    return {c for c in open(name, encoding="utf-8").read() if ord(c) > 126}


braille = {chr(c) for c in range(0x2800, 0x2900)}
console = set(bytes(range(128, 256)).decode("cp437")) | {chr(c) for c in range(0xA0, 0x100)} | set("•◘○◙♠♣♥♦►◄▲▼■")
for name in "xterm", "screen", "vt100":
    assert drawn(name) & braille, name
odd = drawn("linux") - console
assert not odd, f"the console has no {sorted(odd)}"
assert not drawn("plain"), sorted(drawn("plain"))
PY
echo "five terminals"

python3 - "$tui" <<'PY'
import fcntl, os, pty, re, select, signal, struct, subprocess, sys, termios, time

tui = sys.argv[1]


def size(fd, rows, cols):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))


def start(store, *arguments):
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8")
        os.execv("/bin/sh", ["sh", "-c", "stty rows 24 cols 80; exec \"$@\"", "sh", tui, "--store", store, *arguments])
    return pid, fd


def take(fd, most=65536, seconds=0.2):
    if not select.select([fd], [], [], seconds)[0]:
        return b""
    try:
        return os.read(fd, most)
    except OSError:
        return b""


def until(fd, words, seconds=30):
    got, end = b"", time.monotonic() + seconds
    while words not in got:
        assert time.monotonic() < end, (words, got[-2000:])
        got += take(fd)
    return got


def leave(pid, fd, keys):
    os.write(fd, keys)
    end = time.monotonic() + 60
    while True:
        take(fd)
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            break
        assert time.monotonic() < end, "it did not leave"
    os.close(fd)
    assert os.waitstatus_to_exitcode(status) == 0, status


# Sizes in a storm while it trains: at the end it draws for the last one, and keys work.
pid, fd = start("storm", "long.json")
until(fd, b"running")
for turn in range(60):
    size(fd, 5 + turn * 7 % 60, 10 + turn * 31 % 200)
    take(fd, seconds=0.01)
size(fd, 24, 80)
os.kill(pid, signal.SIGWINCH)
os.write(fd, b"p")
until(fd, b"paused")
# Stopped and continued, as by ^Z and fg: it draws anew.
os.kill(pid, signal.SIGSTOP)
os.kill(pid, signal.SIGCONT)
os.write(fd, b"\x0c")
until(fd, b"quit")
os.write(fd, b"p")
until(fd, b"resumed")
leave(pid, fd, b"qy")
print("a storm of sizes; stopped and continued")

# A kilobyte a second: while it trains, frames wait for the line, they do not queue for it. Between a key and the view that it
# asked for, no more comes than the kernel's buffers of a pseudo-terminal (4 and 8 KB) and two frames (8 KB each) can hold.
pid, fd = start("slow", "long.json")
until(fd, b"running")
end = time.monotonic() + 8
while time.monotonic() < end:
    take(fd, 100)
    time.sleep(0.1)
os.write(fd, b"4")
got = b""
while b"nothing is promoted" not in got:
    piece = take(fd, 1024, 10)
    assert piece, "nothing more came"
    got += piece
    assert len(got) < 28672, f"{len(got)} bytes came before the view"
    time.sleep(0.02)
print(len(got), "bytes between a key and what it does, on a slow line")
leave(pid, fd, b"qy")


# A line of two kilobytes a second behind buffers without end, as ssh has, and a terminal at its end that answers how it is.
# Keys ask for more than it brings: no more waits in it than a frame of the whole screen and a little.
class Line:
    def __init__(self, fd, rate):
        self.fd, self.rate, self.waiting, self.seen, self.asked, self.due = fd, rate, b"", b"", 0, time.monotonic()

    def carry(self):
        piece = take(self.fd, seconds=0.01)
        self.waiting += piece
        now = time.monotonic()
        count = min(int((now - self.due) * self.rate), len(self.waiting))
        self.due = now if count == len(self.waiting) else self.due + count / self.rate
        self.seen, self.waiting = self.seen + self.waiting[:count], self.waiting[count:]
        while (at := self.seen.find(b"\x1b[5n", self.asked)) >= 0:
            self.asked = at + 4
            os.write(self.fd, b"\x1b[0n")

    def until(self, words, seconds=60):
        begin, end = len(self.seen), time.monotonic() + seconds
        while words not in self.seen[begin:]:
            assert time.monotonic() < end, (words, self.seen[-2000:])
            self.carry()


pid, fd = start("answers", "long.json")
line = Line(fd, 2000)
line.until(b"running")
while line.waiting:
    line.carry()
most, turn, begin = 0, 0, time.monotonic()
while time.monotonic() < begin + 8:
    if time.monotonic() > begin + 0.15 * turn:
        os.write(fd, b"21"[turn % 2 : turn % 2 + 1])  # whole views, faster than the line
        turn += 1
    line.carry()
    most = max(most, len(line.waiting))
os.write(fd, b"4")
behind = len(line.waiting)
line.until(b"nothing is promoted")
print(most, "bytes at most in a slow line's buffers,", behind, "before a key's effect")
assert most < 8192, most
assert line.seen.count(b"\x1b[5n") > 8
line.rate = 1 << 20
leave(pid, fd, b"qy")
PY
