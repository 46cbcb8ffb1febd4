# A module of many functions is compiled in parts, on however many processors there are: the same bytes, and functions
# that call each other, panics and -g as before.
{
    for i in $(seq 60); do
        printf '@export\nfn sum_%d(x: Tensor[f32, n], i: int) -> f32:\n    return sum(x * %d.0) + x[i]\n\n' $i $i
    done
    printf '@noinline\nfn twice(x: f32) -> f32:\n    return x + x\n\n'
    printf '@export\nfn first(x: f32) -> f32:\n    return twice(x)\n\n@export\nfn last(x: f32) -> f32:\n    return twice(x + 1.0)\n'
} >many.k
cat >main.c <<'END_C'
#include "many.h"
#include <stdio.h>

int main(void) {
    const float x[3] = {1, 2, 3};
    printf("%g %g %g %g\n", sum_1(3, x, 1), sum_60(3, x, 2), first(4), last(5));
    sum_60(3, x, 7);
}
END_C
for march in x86-64 x86-64-v2,avx2; do
    kc build many.k -march=$march -o many.o
    for threads in 1 7; do
        kc build many.k -march=$march -j$threads -o again.o
        cmp many.o again.o
    done
    kc build many.k -march=$march -g -o debug.o
    nm -u many.o
    test "$(readelf -SW many.o | grep -c ' \.text ')" -gt 2
    for object in many debug; do
        $CC $SANITIZE main.c $object.o -Wl,-u,kc_panic "$BUILD/libkcrt.a" -lpthread -o main
        ./main 2>&1 || true
    done
    ld -r many.o -o joined.o
    test "$(nm many.o | grep -c ' T ')" = "$(nm joined.o | grep -c ' T ')"
done
kc info --deps many.o
