#!/bin/sh
# The dashboard without a screen: commands through a pipe, a dumb terminal, wrong settings, and keys of one's own.
#     sh tests/e2e/lines.sh BUILD TREE
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"
. "$tree/tests/e2e/tmux.sh.inc"
small_spec small.json
sed 's/"epochs": 3,/"epochs": 25,/; s/"limit": 3000/"limit": 6000/' small.json >spec.json

# a pipe: input ends, the run goes on to its end; every version's last epoch is told
printf 'pause mlp\npaus cnn\npause cnnn\npause mlp\n' | "$tui" spec.json --store piped >out 2>err || fail "exit $?: $(cat err)"
for words in 'Type an action' 'mlp paused' 'did you mean pause?' 'did you mean "cnn"?' 'mlp resumed' 'cnn: epoch 25 of 25, loss' \
	'cnn-fast: epoch 25 of 25' 'mlp: epoch 25 of 25' 'validation accuracy' 'mlp has finished training'; do
	grep -qF -- "$words" out || fail "\"$words\" was not said: $(cat out)"
done
grep -q "$(printf '\033')" out && fail "an escape sequence came through the pipe"
done_in piped 3 || fail "not all were trained"
[ "$(grep -c ': epoch ' out)" -le 40 ] || fail "too many of 75 epochs were told"

# the same weights as of a run that nobody talked to
"$lepton" train spec.json --store quiet --quiet
hashes piped >a
hashes quiet >b
cmp a b || fail "talking has changed the weights"

# nobody reads: it leaves, and training goes on
"$tui" spec.json --store unread </dev/null | head -n 1 >/dev/null
tries=0
until done_in unread 3; do
	tries=$((tries + 1))
	[ "$tries" -lt 300 ] || fail "training did not go on when the reader left"
	sleep 0.1
done

# a dumb terminal: a clone by its form, then the end
tm new-session -d -s dumb -x 100 -y 40 "TERM=dumb '$tui' --store piped; echo left with \$?; cat"
see dumb 'Type an action'
tm send-keys -t dumb 'compress mlp' Enter
see dumb 'Compress mlp: how?'
tm send-keys -t dumb 'quantize' Enter
see dumb 'Compress mlp by quantize'
tm send-keys -t dumb '<C-s>' Enter
see dumb 'mlp-quantize is ready' 30
tm send-keys -t dumb . Enter
tm send-keys -t dumb quit Enter
see dumb 'left with 0'

# settings: keys of one's own, and what is wrong is said, once, and keeps nobody out
mkdir -p "$HOME/.config/lepton/themes"
cp "$tree/themes/fjord.theme" "$HOME/.config/lepton/themes/" # wherever the build may look
printf 'bind pause = F2\ntheme = fjrod\nbind puase = x\n' >"$HOME/.config/lepton/config"
"$tui" --keys | grep -q '^pause  *\* F2 ' || fail "--keys: $("$tui" --keys | grep pause)"
"$tui" --check-config >out 2>err && fail "--check-config is content"
grep -qF 'config:3: no action is called "puase"; did you mean pause?' err || fail "$(cat err)"
grep -qF 'did you mean "fjord"?' err || fail "$(cat err)"
tm new-session -d -s bound -x 80 -y 24 "TERM=xterm-256color '$tui' --store piped; echo left with \$?; cat"
see bound 'config:3: no action is called "puase"'
tm send-keys -t bound '?'
see bound 'Help: Versions'
tm send-keys -t bound q
see bound 'q quit'
tm send-keys -t bound q
see bound 'left with 0'

# the manuals are made from the tables, and are clean
"$tui" --man >lepton-tui.1
grep -qF '.It Ic p Pq Li pause' lepton-tui.1 || fail "the manual has no pause"
"$lepton" --man >options
sed -e '/^@OPTIONS@$/r options' -e '/^@OPTIONS@$/d' "$tree/man/lepton.1.in" >lepton.1
"$lepton" --help | sed -n 's/^  \([a-z]*\)  *.*/\1/p' >verbs
while read -r verb; do
	grep -q "^.Ss lepton $verb " lepton.1 || fail "the manual has no options of $verb"
	"$lepton" "$verb" --help | grep -o '^  --[a-z0-9-]*' | while read -r option; do
		grep -qF -- "$(printf '%s' "$option" | sed 's/^--/.It Fl Fl /; s/\([a-z0-9]\)-/\1\\-/g')" options ||
			fail "the manual has no $option of $verb"
	done
done <verbs
[ "$(wc -l <verbs)" -gt 20 ] || fail "lepton --help lists $(wc -l <verbs) verbs"
if man --version >/dev/null 2>&1; then
	for page in lepton.1 lepton-tui.1; do
		man --warnings -l "$page" 2>warnings >/dev/null || fail "man cannot read $page"
		[ ! -s warnings ] || fail "$page: $(cat warnings)"
	done
fi
if command -v mandoc >/dev/null; then
	mandoc -T lint -W warning lepton.1 lepton-tui.1 || fail "mandoc warns"
fi
echo "lines, settings and manuals are right"
