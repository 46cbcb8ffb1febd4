# Variants on processors that have less, and with KC_ARCH: the best that runs, never an illegal instruction.
command -v qemu-x86_64 >/dev/null || { echo "qemu-x86_64 is missing"; exit 77; }
cat >width.k <<'END'
@export
fn width() -> i32:
    return i32(simdwidthof[f32]())

@export
fn total(x: Tensor[f32, n]) -> f32:
    return sum(x * x)
END
cat >main.c <<'END'
#include "width.h"
#include <stdio.h>

int main(void) {
    float x[100];
    for (int i = 0; i < 100; i++) x[i] = (float)(i % 5);
    printf("%d %g\n", (int)width(), total(100, x));
    return 0;
}
END
kc build width.k -march=x86-64-v2,avx2,avx512 -o width.o
# The runtime from its sources: the built one may hold a sanitizer, which does not link statically.
$CC -O1 -D_POSIX_C_SOURCE=200809L -I"$ROOT" -I"$ROOT/runtime" main.c width.o "$ROOT"/runtime/*.c -lpthread -static -o width
on() {
    echo "$*: $(qemu-x86_64 "$@" ./width 2>/dev/null)"
}
unset KC_ARCH
on -cpu Nehalem
on -cpu SandyBridge
on -cpu Haswell
on -cpu Haswell,-fma
on -cpu Haswell,-bmi2
on -cpu Haswell,-xsave
on -cpu max
on -cpu max -E KC_ARCH=x86-64-v2
on -cpu max -E KC_ARCH=x86-64-v3
on -cpu max -E KC_ARCH=avx512
on -cpu max -E KC_ARCH=x86-64
on -cpu max -E KC_ARCH=
on -cpu max -E KC_ARCH=avx22
on -cpu core2duo
qemu-x86_64 -cpu core2duo ./width 2>&1 | grep -o "this processor runs .*" || true
# Processors by name: what is asked for is what LLVM may use of each.
for march in haswell,ivybridge,penryn znver3,avx2,x86-64 icelake-server,skylake,x86-64-v2; do
    kc build width.k -march=$march -o width.o
    $CC -O1 -D_POSIX_C_SOURCE=200809L -I"$ROOT" -I"$ROOT/runtime" main.c width.o "$ROOT"/runtime/*.c -lpthread -static -o width
    echo "$march"
    on -cpu Penryn
    on -cpu IvyBridge
    on -cpu Haswell
    on -cpu Haswell,-rdrand
    on -cpu max
    on -cpu max -E KC_ARCH=${march%%,*}
    on -cpu max -E KC_ARCH=${march##*,}
done
for build in "aarch64 neon,sve,sve2 cortex-a53 max" "riscv64 rv64gc,rvv rv64,v=false rv64,v=true"; do
    set -- $build
    command -v qemu-$1 >/dev/null && command -v $1-linux-gnu-gcc >/dev/null || continue
    kc build width.k --target=$1-linux-gnu -march=$2 -o width.o
    $1-linux-gnu-gcc -static main.c width.o -o width
    for model in $3 $4; do
        [ "$(qemu-$1 -cpu $model ./width 2>/dev/null | cut -d' ' -f2)" = 600 ] || exit 1
    done
done
