#!/bin/sh
# From a clean clone to real data training, in one command:
#
#     sh samples/quickstart.sh
#
# Installs the Debian packages it needs, configures and builds in ./build, fetches MNIST into ./data, and
# starts the dashboard on samples/mnist.json. Without a terminal it trains the same spec and writes the
# run summary to build/mnist-run.json. Running it again only does what is left to do.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
build=$here/build
packages="gcc libc6-dev make autoconf automake libtool pkg-config libopenblas-dev libsqlite3-dev libsodium-dev
	libcjson-dev zlib1g-dev libncurses-dev libsvm-dev liblinear-dev"

say() {
	printf 'quickstart: %s\n' "$*"
}

missing_packages() {
	for package in $packages; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || printf '%s ' "$package"
	done
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null 2>&1; then
		sudo "$@"
	else
		say "not root and no sudo here: as root, run: $*" >&2
		exit 1
	fi
}

install_packages() {
	missing=$(missing_packages)
	[ -n "$missing" ] || return 0
	command -v apt-get >/dev/null 2>&1 || {
		say "this needs Debian's apt-get; elsewhere install the counterparts of: $missing" >&2
		exit 1
	}
	say "installing $missing"
	as_root apt-get update -qq
	# shellcheck disable=SC2086
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# libtool and make break on a source path with a space, so such a tree is built through a link without one.
plain_path() {
	case $here in
	*[!A-Za-z0-9_./+,@-]*)
		link=$(mktemp -d)/lepton
		ln -s "$here" "$link"
		trap 'rm -rf "$(dirname "$link")"' EXIT
		here=$link
		build=$here/build
		;;
	esac
}

compile() {
	[ -x "$here/configure" ] || (cd "$here" && ./autogen.sh >/dev/null 2>&1) || {
		say "autogen.sh failed: run it by hand to see why" >&2
		exit 1
	}
	mkdir -p "$build"
	cd "$build"
	if ! [ -f Makefile ] || ! make -q --silent am--refresh >/dev/null 2>&1; then
		say "configuring"
		../configure --quiet
	fi
	say "building"
	make --silent -j"$(nproc)" all
	cd "$here"
}

fetch_data() {
	sh "$here/samples/get-data.sh" mnist "$here/data/mnist"
}

start() {
	if [ -t 0 ] && [ -t 1 ]; then
		exec "$build/lepton-tui" "$here/samples/mnist.json" --store "$here/.lepton"
	fi
	say "no terminal here: training without the dashboard"
	"$build/lepton" train "$here/samples/mnist.json" --store "$here/.lepton" --export "$build/mnist-run.json"
	say "the run summary is in build/mnist-run.json"
}

install_packages
plain_path
compile
fetch_data
start
