#!/bin/sh
# text_lines.sh MAILS DIR: DIR/train.txt and DIR/test.txt, a line "__label__CLASS text" for each mail, every fifth in the test.
set -eu
find "$1/ham" "$1/spam" -type f | LC_ALL=C sort | LC_ALL=C awk -v from="${#1}" -v to="$2" '{
	split(substr($0, from + 2), part, "/")
	printf "__label__%s ", part[1] >(out = to "/" (NR % 5 == 0 ? "test.txt" : "train.txt"))
	while ((getline line <$0) > 0) { gsub(/[\r\t\001-\037]/, " ", line); printf "%s ", line >out }
	close($0)
	print "" >out
}'
