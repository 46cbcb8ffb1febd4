# `make install` gives a kc that finds its library, a pkg-config file, and a CMake package.
unset MAKEFLAGS MAKELEVEL MFLAGS
prefix=$PWD/opt/kc
make -C "$ROOT" --no-print-directory -o all BUILD="$BUILD" CC="$CC" SANITIZE="$SANITIZE" PREFIX="$prefix" \
    install >install.log 2>&1 || { cat install.log; exit 1; }

cat >add.k <<'END'
from math import sqrt

@export
fn norm(x: f64, y: f64) -> f64:
    return sqrt(x * x + y * y)

@export
fn get(x: Tensor[i32, n], i: int) -> i32:
    return x[i]
END
cat >main.c <<'END'
#include "add.h"
#include <stdio.h>
#include <kc/kcrt.h>

int main(void) {
    int32_t x[] = {7, 8, 9};
    printf("%g %d\n", norm(3, 4), (int)get(3, x, 2));
    kc_free(kc_alloc(1, 1, 0));
    return 0;
}
END

"$prefix/bin/kc" build add.k -o add.o
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
# shellcheck disable=SC2046
$CC $SANITIZE -std=c11 -Wall -Wextra -Werror $(pkg-config --cflags kc) main.c add.o \
    -o main $(pkg-config --libs kc) -lm
LD_LIBRARY_PATH=$prefix/lib ./main

test -f "$prefix/share/man/man1/kc.1"
grep -q "$prefix" "$prefix/lib/pkgconfig/kc.pc"
! grep -rq '@[A-Z]*@' "$prefix/lib/pkgconfig" "$prefix/lib/cmake" "$prefix/share/man"

if command -v cmake >/dev/null && test -z "$SANITIZE"; then
    cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.20)
project(host C)
find_package(kc REQUIRED)
add_executable(host main.c)
kc_add_kernels(host SOURCES add.k)
END
    cmake -S . -B made -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="${CC%% *}" >cmake.log 2>&1 &&
        cmake --build made >>cmake.log 2>&1 || { cat cmake.log; exit 1; }
    made/host | diff - <(./main 2>/dev/null || LD_LIBRARY_PATH=$prefix/lib ./main)
fi
