#!/bin/sh
# Builds accuracy_f32, and accuracy_f64 where there is MPFR, in the folder $1 for the -march $2; with `lanes` as the
# third argument, the functions are called with SIMD values instead of arrays:
#   KC=build/kc BUILD=build CC=gcc tests/accuracy/build.sh build/accuracy native
set -eu
out=$1 march=$2
here=$(dirname "$0")
CC=${CC:-cc}
mkdir -p "$out"
kernels=$here/functions.k
if test "${3-}" = lanes; then
    kernels=$out/functions.k
    sed -f "$here/lanes.sed" "$here/functions.k" >"$kernels"
fi
"$KC" build "$kernels" -march="$march" -Wno-simd-split -o "$out/functions.o"
# Without fused multiply-adds a few functions are less exact.
case $march in x86-64) slack=0.8 ;; *) slack=0 ;; esac
flags="-std=gnu11 -DSLACK=$slack -I$out -I$here"
objects="$out/functions.o $BUILD/libkcrt.a"
# shellcheck disable=SC2086
{
    $CC $flags -O3 -ffast-math -c "$here/guess.c" -o "$out/guess.o"
    $CC $flags -O2 -ffp-contract=off "$here/accuracy_f32.c" "$out/guess.o" $objects \
        -o "$out/accuracy_f32" -lm -lpthread
    if echo '#include <mpfr.h>' | $CC -E - >/dev/null 2>&1; then
        $CC $flags -O2 "$here/accuracy_f64.c" $objects -o "$out/accuracy_f64" -lmpfr -lm -lpthread
    fi
}
