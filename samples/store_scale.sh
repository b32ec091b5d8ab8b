#!/bin/sh
# How long a store of very many points takes to open and to draw: 1,000 versions of 10,000 points.
#
#     sh samples/store_scale.sh [BUILD] [VERSIONS] [POINTS]      BUILD: the folder with store_scale (build)
#
# Beside it how long the same bytes take to read, and how a frame's cost grows from 1,000 points a version to a
# hundred times as many. Where it may (root), it drops the file cache before each; else all of it is warm, and it says so.
# `make -C build store_scale` makes the program, whose source is tests/store_scale.c. The stores are made in TMPDIR.
set -eu
tree=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "${1:-$tree/build}" && pwd)
versions=${2:-1000}
points=${3:-10000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

[ -x "$build/store_scale" ] || { echo "store_scale.sh: no $build/store_scale: make -C $build store_scale" >&2; exit 1; }

# cold: the next to read reads from the disk
cold() {
	sync
	if echo 3 2>/dev/null >/proc/sys/vm/drop_caches; then echo cold; else echo warm; fi
}

"$build/store_scale" make "$work/store" "$versions" "$points"
du -sb "$work/store" | awk -v n="$versions" -v p="$points" \
	'{ printf "%d versions of %d points: %.1f MB, %.1f bytes a point\n", n, p, $1 / 1e6, $1 / n / p }'
for round in 1 2 3; do
	printf '%s, ' "$(cold)"
	"$build/store_scale" read "$work/store"
	printf '%s, ' "$(cold)"
	"$build/store_scale" open "$work/store"
done
"$build/store_scale" make "$work/few" 16 1000
"$build/store_scale" make "$work/many" 16 100000
for store in few many few many; do
	printf '16 versions, %s points: ' "$store"
	"$build/store_scale" open "$work/$store"
done
