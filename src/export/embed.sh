#!/bin/sh
# Standard input as a C string: sh embed.sh NAME <FILE. As bytes, since a compiler need not take a string literal of more than 4,095
# characters.
set -eu
echo "const char $1[] = {"
od -An -v -tu1 | sed -e 's/  *\([0-9][0-9]*\)/\1,/g'
echo "0};"
