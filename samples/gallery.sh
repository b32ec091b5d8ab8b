#!/bin/sh
# Draw the pictures of the gallery anew, from the made-up run that the golden screens are drawn from.
#     sh samples/gallery.sh BUILD
set -eu
build=$(cd "${1:?name the build folder}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/../tests/golden/*.jsonl "$work"

# view NAME KEYS [STORY...]: in the dark at 160x45 and in the light at 80x24
view() {
	name=$1
	keys=$2
	shift 2
	stories=${*:-story.jsonl}
	for look in "160x45 lepton wide" "80x24 lepton-light small"; do
		echo "$look" | {
			read -r size _ ending
			echo "size $size"
			printf 'events %s\n' $stories # several words
			printf 'keys %s\nsave %s\n' "$keys" "$work/$name-$ending.svg"
		} >"$work/script"
		theme=${look#* }
		HOME=$work "$build/lepton-tui" --script "$work/script" --theme "$here/../themes/${theme% *}.theme" >/dev/null
		mv "$work/$name-${look##* }.svg" "$here/gallery/"
	done
}

view versions m
view compare 2w
view lineage 3
view deploy 4
view log 5
view classes 6jjj
view mistakes 6jjjM
view inside 6jjjijjjj
view size 7gjjjj
view machine 8
view queue 9
view nodes 0 story.jsonl nodes-shards.jsonl
view cross-hair 'm,,,,,,,,,,,'
view panels y
view bands yyFm curves.jsonl
view heat yyy curves.jsonl
view groups bbbb
view clone 'nlea<Tab>-0.5'
view preview '<Space><Space>f' story.jsonl preview.jsonl
view barrier '<Space><Space>B'
view palette ':'
view themes T
