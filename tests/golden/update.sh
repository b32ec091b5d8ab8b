#!/bin/sh
# Draw the golden screens anew: tests/golden/update.sh BUILD. Look at `git diff tests/golden` before committing.
set -e
source=$(cd "$(dirname "$0")/../.." && pwd)
cd "${1:?name the build folder}"
make -s test_tui_golden
srcdir=$source LEPTON_GOLDEN_UPDATE=1 ./test_tui_golden
git -C "$source" diff --stat -- tests/golden
