#!/bin/sh
# `make bench`: everything that is measured, each beside its competitor in the same run.
set -eu
BUILD=${BUILD:-build}
PYTHON=${PYTHON:-python3}
OUT=$BUILD/bench
mkdir -p "$OUT"

echo "compile time, peak memory and size of saxpy (best of 40, taking turns)"
"$PYTHON" bench/compile_time.py --kc "$BUILD/kc" --clang "${CLANG:-clang-19}"

"$PYTHON" bench/kernels.py --kc "$BUILD/kc" --cc "${CC:-gcc}" --clang "${CLANG:-clang-19}" --out "$OUT"

echo "saxpy and gelu over ten million floats, by kc and by ${CC:-cc} -O3 -march=native"
for kernel in saxpy gelu; do
    "$BUILD/kc" build "examples/$kernel.k" -march=native -o "$OUT/$kernel.o"
done
${CC:-cc} -std=c11 -D_POSIX_C_SOURCE=200809L -O3 -march=native -I"$OUT" -o "$OUT/speed" examples/hosts/speed.c \
    "$OUT/saxpy.o" "$OUT/gelu.o" -lm
"$OUT/speed"
