# -g gives lines and variables that gdb understands, and changes no instruction.
cat >kernel.k <<'END'
@export
fn count_above(x: Tensor[i32, n], limit: i32) -> i32:
    var count: i32 = 0
    for i in range(n):
        let item = x[i]
        if item > limit:
            count += item
    return count

@noinline
fn kept(v: SIMD[i32, 4], m: SIMD[bool, 4]) -> SIMD[i32, 4]:
    return select(m, v, 0)

@export
fn sum_of_four(x: Tensor[i32, 4]) -> i32:
    let v = x.load[4](0)
    return kept(v, v > 1).reduce_add()
END
cat >main.c <<'END'
#include "kernel.h"
#include <stdio.h>

int main(void) {
    int32_t x[] = {1, 20, 300};
    printf("%d\n", (int)count_above(3, x, 10));
    return 0;
}
END

for level in 0 3; do
    kc build kernel.k -O$level -o plain.o
    kc build kernel.k -O$level -g -o kernel.o
    for object in plain kernel; do
        objdump -d --no-show-raw-insn $object.o | sed '1,3d' >$object.text
    done
    cmp plain.text kernel.text
    readelf -SW kernel.o | grep -q '\.debug_info'
    ! readelf -SW plain.o | grep '\.debug_info'
done

command -v gdb >/dev/null || { echo "no gdb"; exit 77; }
kc build kernel.k -O0 -g -o kernel.o
$CC -g main.c kernel.o -o main
gdb -q -batch -nx -ex 'set debuginfod enabled off' -ex 'set confirm off' \
    -ex 'break kernel.k:7' -ex run -ex 'info args' -ex 'info locals' -ex next -ex bt ./main \
    >gdb.log 2>&1 || { cat gdb.log; exit 1; }
if grep -q 'ptrace' gdb.log; then
    echo "gdb may not trace here"
    exit 77
fi
wanted='kernel.k:7
limit = 10
item = 20
in main'
while read -r text; do
    grep -qF "$text" gdb.log || { echo "gdb does not say: $text"; cat gdb.log; exit 1; }
done <<<"$wanted"
