#!/bin/sh
# A short training run, a compression, a fusion, an export and the golden screens under valgrind: no error, nothing lost.
#     sh tests/valgrind.sh BUILD TREE
set -eu
build=$1
tree=$2
. "$tree/tests/e2e/common.sh.inc"
command -v valgrind >/dev/null || {
	echo "valgrind is not installed"
	exit 77
}

# OpenBLAS keeps memory to the end on purpose, so only what is definitely lost counts. AVX-512 is beyond valgrind.
run() {
	LEPTON_KERNELS=avx2 OPENBLAS_CORETYPE=Haswell "$build/libtool" --mode=execute valgrind --quiet --error-exitcode=9 \
		--leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite "$@"
}

small_spec spec.json
sed -i 's/"limit": 3000, "test_limit": 1000/"limit": 400, "test_limit": 100/; s/"epochs": 3/"epochs": 1/' spec.json
run "$lepton" train spec.json --store store --export run.json
run "$lepton" compress cnn-fast --method delta --set base=cnn --as small --store store
run "$lepton" fuse cnn cnn-fast --method weighted --as both --store store
run "$lepton" promote both --store store
run "$lepton" export --all -o all.csv --store store
run "$lepton" verify --store store
[ -x "$build/test_tui_golden" ] || make --silent -C "$build" test_tui_golden
srcdir=$tree run "$build/test_tui_golden"
echo "valgrind found nothing"
