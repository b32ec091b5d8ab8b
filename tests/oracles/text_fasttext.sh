#!/bin/sh
# The accuracy of fastText on mails that tests/e2e/text.sh trains on too, for text_fasttext.txt beside this script:
#     sh tests/oracles/text_fasttext.sh data/spam-assassin >tests/oracles/text_fasttext.txt
# Needs Debian's package fasttext. Mails are sorted by name; every fifth is the test's; a line of text for each.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
lines=$(dirname "$0")/text_lines.sh
sh "$lines" "$1" "$work"
cd "$work"
echo "# fastText $(dpkg-query -W -f '${Version}' fasttext): words in a run, learning rate, epochs, accuracy on the test"
for ngrams in 1 2; do
	for rate in 0.1 0.5 1; do
		for epochs in 5 25; do
			fasttext supervised -input train.txt -output model -dim 16 -wordNgrams $ngrams -lr $rate -epoch $epochs -bucket 131072 \
				-thread 1 -seed 1 >/dev/null 2>&1
			printf '%s %s %s %s\n' $ngrams $rate $epochs "$(fasttext test model.bin test.txt | awk '$1 == "P@1" { print $2 }')"
		done
	done
done
