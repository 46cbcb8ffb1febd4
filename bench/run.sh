#!/bin/sh
# `make bench`: everything that is measured, each beside its competitor in the same run. BENCH has options for
# bench/kernels.py, such as BENCH='--quick' or BENCH='--march=avx2 --csv table.csv hard-.*'.
set -eu
BUILD=${BUILD:-build}
PYTHON=${PYTHON:-python3}

echo "Compile time and peak memory, best of several runs that take turns"
echo
"$PYTHON" bench/compile_time.py --kc "$BUILD/kc" --clang "${CLANG:-clang-19}" --runs 5

echo
# shellcheck disable=SC2086
"$PYTHON" bench/kernels.py --kc "$BUILD/kc" --cc "${CC:-gcc}" --cxx "${CXX:-g++}" --clang "${CLANG:-clang-19}" \
    --out "$BUILD/bench" ${BENCH:-}

echo
echo "Parallel loops and tasks: libkcrt beside other libraries"
echo
"$PYTHON" bench/scheduling.py --build "$BUILD" --rounds 3
