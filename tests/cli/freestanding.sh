# Without kc_panic a failed check traps; with the host's own it is called with the values.
cat >kernel.k <<'END'
@export
fn get(x: Tensor[i32, n], i: int) -> i32:
    return x[i]
END
cat >trap.c <<'END'
#include "kernel.h"
int main(void) {
    int32_t x[] = {1, 2, 3};
    return get(3, x, 5);
}
END
cat >own.c <<'END'
#include "kernel.h"
#include <kc/kcrt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
void kc_panic(const kc_panic_info *info) {
    printf("%s in %s, line %d:", info->message, info->function, (int)info->line);
    for (int i = 0; i < info->value_count; i++)
        printf(" %s %" PRId64, info->value_names[i], info->values[i]);
    printf("\n");
    exit(0);
}
int main(void) {
    int32_t x[] = {1, 2, 3};
    return get(3, x, 5);
}
END
kc build kernel.k -o kernel.o
$CC trap.c kernel.o -o trap
status=0
(./trap) 2>/dev/null || status=$?
test "$status" -ge 128 || { echo "no trap: exit status $status"; exit 1; }
$CC -I"$ROOT/runtime" own.c kernel.o -o own
./own
# libkcrt's own handler prints the place and aborts.
$CC $SANITIZE trap.c kernel.o -Wl,-u,kc_panic "$BUILD/libkcrt.a" -o aborts
status=0
(./aborts) 2>err || status=$?
test "$status" -eq 134 || { echo "no abort: exit status $status"; exit 1; }
cat err
