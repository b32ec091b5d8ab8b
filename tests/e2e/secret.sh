#!/bin/sh
# Encryption at rest, signatures and versions as files, with the programs as they are.
#   sh tests/e2e/secret.sh BUILD-DIR SOURCE-DIR
set -eu
build=$1 tree=$2
. "$tree/tests/e2e/common.sh.inc"
PATH=/usr/bin:$PATH # Debian's python3, whose numpy tests/run.sh installs
unset LEPTON_KEY_FILE LEPTON_PASSPHRASE_FILE || true
small_spec spec.json

# state DIR: every file's name and contents, as one hash
state() {
	find "$1" -type f | sort | xargs sha256sum | sha256sum
}

"$lepton" key new -o key >/dev/null
"$lepton" key new -o other >/dev/null
[ "$(stat -c %a key)" = 600 ] || fail "a key that others can read"
says "is there already" "$lepton" key new -o key

# ---- the same training, in the clear and encrypted
"$lepton" train spec.json --store plain --quiet
"$lepton" train spec.json --store sealed --key-file key --quiet
hashes plain >plain.hashes
LEPTON_KEY_FILE=key hashes sealed >sealed.hashes
cmp plain.hashes sealed.hashes || fail "encryption changes what is trained"

# ---- nothing in the clear: words of the spec, and the weights of the plain twin, 16 bytes of each 64
cat >scan.py <<'PY'
import os, sys
def files(store):
    paths = [os.path.join(at, name) for at, _, names in os.walk(store) for name in names]
    return [path for path in paths if os.path.isfile(path)]  # a killed run leaves its socket
needles = {b"cnn-fast", b"learning_rate", b"categorical", b"SQLite format", b"LEPTOBJ1", b"experiment"}
for path in files("plain/objects"):
    data = open(path, "rb").read()[60:-32]
    needles.update(data[at:at + 16] for at in range(0, len(data) - 16, 64) if len(set(data[at:at + 16])) > 8)
found = set()
for path in files(sys.argv[1]):
    data = open(path, "rb").read()
    seen = {data[at:at + 16] for at in range(len(data) - 15)} if len(data) < 4 << 20 else set()
    found |= {n for n in needles if (n in seen if len(n) == 16 else n in data)}
print(len(needles), len(found))
sys.exit(bool(found))
PY
python3 scan.py sealed || fail "something is in the clear"
! python3 scan.py plain >/dev/null || fail "the scan finds nothing even where all is in the clear"

# ---- opened by Python alone: objects, names, pages
python3 "$tree/tests/oracles/unseal.py" sealed key opened >count
python3 - <<'PY'
import sqlite3
db = sqlite3.connect("opened/store.db")
assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
assert [row[0] for row in db.execute("select name from versions order by id")] == ["cnn", "cnn-fast", "mlp"]
objects = db.execute("select count(*) from objects").fetchone()[0]
assert open("count").read() == f"{objects} objects\n", objects
PY

# ---- keys that do not fit: one line, exit code 1, nothing written
before=$(state sealed)
for verb in "list" "verify" "train spec.json" "show cnn" "log" "clone cnn --as x" "export cnn -o x.json" "key list" "key rotate" \
	"keep" "gc --dry-run" "sign cnn --key none" "predict cnn spec.json" "evaluate cnn"; do
	# shellcheck disable=SC2086
	says "is encrypted: give its key" "$lepton" $verb --store sealed
	# shellcheck disable=SC2086
	says "wrong key: this key file other does not open" "$lepton" $verb --store sealed --key-file other
done
code=0
"$lepton" list --store sealed 2>/dev/null || code=$?
[ "$code" = 1 ] || fail "exit code $code for a missing key"
[ "$(state sealed)" = "$before" ] || fail "a wrong key left a trace"
before=$(state plain)
says "is not encrypted" "$lepton" list --store plain --key-file key
says "is not encrypted" env LEPTON_KEY_FILE=key "$lepton" clone cnn --as x --store plain
[ "$(state plain)" = "$before" ] || fail "a key left a trace in a plain store"
says "one key is enough" "$lepton" list --store sealed --key-file key --passphrase-file key
(umask 077 && cp spec.json nokey)
says "is no key file" "$lepton" list --store sealed --key-file nokey
chmod 644 other
says "can be read by others" "$lepton" list --store sealed --key-file other
chmod 600 other

# ---- a passphrase: by a file, and asked for on a terminal, unseen
printf 'correct horse battery\n' >pass
chmod 600 pass
"$lepton" key add --store sealed --key-file key --new-passphrase-file pass >keys
[ "$(cat keys)" = "1  key file
2  passphrase" ] || fail "keys: $(cat keys)"
LEPTON_PASSPHRASE_FILE=pass "$lepton" list --store sealed >/dev/null
cat >ask.py <<'PY'
import os, pty, sys, termios
def ask(word, question=b"Passphrase: ", verb=["list", "--store", "sealed"]):
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(sys.argv[1], [sys.argv[1], *verb, "--passphrase"])
    shown = b""
    while question not in shown:
        shown += os.read(fd, 1024)
    os.write(fd, word)
    if question != b"Passphrase: ":
        while b"Again: " not in shown:
            shown += os.read(fd, 1024)
        os.write(fd, word)
    try:
        while True:
            part = os.read(fd, 1024)
            if not part:
                break
            shown += part
    except OSError:
        pass
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown
code, shown = ask(b"correct horse battery\n")
assert code == 0 and b"cnn-fast" in shown and b"horse" not in shown, (code, shown)
code, shown = ask(b"wrong horse\n")
assert code == 1 and b"wrong key: this passphrase does not open" in shown and b"horse" not in shown, (code, shown)
code, shown = ask(b"corr\x03")
assert code == 1 and b"given up" in shown, (code, shown)
code, shown = ask(b"a new horse\n", b"New passphrase: ", ["train", "spec.json", "--store", "background", "--detach"])
assert code == 0 and b"trains on" in shown and b"horse" not in shown, (code, shown)  # which has no terminal itself
PY
python3 ask.py "$lepton" || fail "the passphrase asked for"
says "there is no terminal to ask on" setsid -w "$lepton" list --store sealed --passphrase </dev/null

"$lepton" quit --store background >/dev/null 2>&1 || true
printf 'a new horse' >pass2
chmod 600 pass2
"$lepton" list --store background --passphrase-file pass2 | grep -q cnn-fast || fail "a passphrase handed on to a run in the background"

# ---- killed while it trains: the log is sealed too, Python recovers it, and training ends in the same bits
"$lepton" train spec.json --store killed --key-file key --quiet --epochs 3 &
pid=$!
tries=0
until [ -f killed/store.db-wal ] && [ "$(find killed/objects -type f 2>/dev/null | wc -l)" -gt 12 ]; do
	tries=$((tries + 1))
	[ "$tries" -lt 200 ] || break
	sleep 0.05
done
kill -9 "$pid" 2>/dev/null || true
wait "$pid" 2>/dev/null || true
python3 scan.py killed || fail "something is in the clear in a killed store"
if [ -s killed/store.db-wal ]; then
	python3 "$tree/tests/oracles/unseal.py" killed key recovered
	[ "$(sqlite3 recovered/store.db "pragma integrity_check; select count(*) from versions")" = "ok
3" ] || fail "the log that a killed training left, opened by Python"
fi
"$lepton" train spec.json --store killed --key-file key --quiet --epochs 3
LEPTON_KEY_FILE=key hashes killed >killed.hashes
cmp plain.hashes killed.hashes || fail "not the same bits after a kill"

# ---- keys change; a rotation is killed again and again
"$lepton" key change --store killed --key-file key --new-key-file other >/dev/null
says "wrong key" "$lepton" list --store killed --key-file key
for delay in 01 02 03 04 05 06 08 10; do
	"$lepton" key rotate --store killed --key-file other >/dev/null &
	pid=$!
	sleep "0.$delay"
	kill -9 "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
	"$lepton" verify --store killed --key-file other >/dev/null || fail "a rotation killed after 0.$delay s"
done
"$lepton" key rotate --store killed --key-file other
LEPTON_KEY_FILE=other hashes killed >killed.hashes
cmp plain.hashes killed.hashes || fail "not the same bits after a rotation"
python3 "$tree/tests/oracles/unseal.py" killed other rotated >/dev/null

# ---- signed, handed on, let in
public=$("$lepton" key sign-new -o sign)
stranger=$("$lepton" key sign-new -o sign2)
"$lepton" sign cnn --key sign --store sealed --key-file key
"$lepton" verify --store sealed --key-file key --trust "$public" | grep -q "version cnn: signature of .* is good" || fail "verify"

# what else opens a store opens a sealed one: marks, collection with deltas, and mending a page that is damaged
cp -r sealed mended
says "give its key" "$lepton" gc --store mended
"$lepton" keep cnn --store mended --key-file key >/dev/null
"$lepton" keep --store mended --key-file key | grep -q '^cnn@' || fail "keep"
"$lepton" gc --store mended --key-file key | grep -q '^packed: [1-9]' || fail "gc"
"$lepton" verify --store mended --key-file key | grep -q sound || fail "a packed store"
python3 scan.py mended || fail "something is in the clear in a packed store"
pages=$(($(stat -c %s mended/store.db) / 4096))
printf 'damaged' | dd of=mended/store.db bs=1 seek=$((pages / 2 * 4096 + 100)) conv=notrunc 2>/dev/null
"$lepton" verify --store mended --key-file key >/dev/null 2>&1 && fail "a damaged page was not found"
files=$(find mended/objects -type f | wc -l)
"$lepton" verify --repair --store mended --key-file key >repaired 2>&1 || true # a signature may be of what is lost
grep -q 'the damaged one is kept as store.db.damaged' repaired || fail "$(cat repaired)"
[ "$(find mended/objects -type f | wc -l)" = "$files" ] || fail "weights were thrown after a damaged page: $(cat repaired)"
"$lepton" gc --store mended --key-file key >/dev/null || fail "a mended store cannot be written to"
python3 scan.py mended || fail "something is in the clear in a mended store"
says "cannot be relied on" "$lepton" verify --store sealed --key-file key --trust "$stranger" 2>/dev/null
"$lepton" export cnn --format lepton -o cnn.lepton --store sealed --key-file key
before=$(state plain)
says "none of the trusted keys" "$lepton" import cnn.lepton --as in --store plain --trust "$stranger"
says "there is a version mlp already" "$lepton" import cnn.lepton --as mlp --store plain
says "is no public key" "$lepton" import cnn.lepton --store plain --trust 12
head -c 1000 cnn.lepton >short
says "short: it is cut off" "$lepton" import short --as in --store plain
cp cnn.lepton changed
printf X | dd of=changed bs=1 seek=700 conv=notrunc 2>/dev/null
says "changed: it was damaged on the way" "$lepton" import changed --as in --store plain
"$lepton" import cnn.lepton --as in --store plain --trust "$public"
"$lepton" evaluate in --store plain --json >in.json
"$lepton" evaluate cnn --store plain --json >cnn.json
python3 - <<'PY'
import json
a, b = json.load(open("in.json")), json.load(open("cnn.json"))
a.pop("version", None), b.pop("version", None), a.pop("name", None), b.pop("name", None)
assert a == b, (a, b)
PY
"$lepton" verify --store plain --trust "$public" | grep -q "version in: signature" || fail "the signature did not come along"
"$lepton" clone in --as onward --store plain >/dev/null
echo "secret: all well"
