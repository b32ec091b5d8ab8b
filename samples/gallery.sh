#!/bin/sh
# Draw the pictures of the gallery anew, from the made-up run that the golden screens are drawn from.
#     sh samples/gallery.sh BUILD
set -eu
build=$(cd "${1:?name the build folder}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/../tests/golden/*.jsonl "$work"

# view NAME KEYS [STORY]: in the dark at 160x45 and in the light at 80x24
view() {
	for look in "160x45 lepton wide" "80x24 lepton-light small"; do
		set -- "$1" "$2" "${3:-}" $look
		printf 'size %s\n%s\nkeys %s\nsave %s\n' "$4" "events story.jsonl$3" "$2" "$work/$1-$6.svg" >"$work/script"
		HOME=$work "$build/lepton-tui" --script "$work/script" --theme "$here/../themes/$5.theme" >/dev/null
		mv "$work/$1-$6.svg" "$here/gallery/"
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
view nodes 0 "
events nodes-shards.jsonl"
view panels y
view preview '<Space><Space>f' "
events preview.jsonl"
view barrier '<Space><Space>B'
view palette ':'
view themes T
