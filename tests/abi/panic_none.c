// kernels: panic_own.k
// no runtime
// exit: 132
/* Without any kc_panic the kernel traps. */
#include "panic_own.h"

#include <sys/resource.h>

int main(void) {
    const struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    const int32_t x[] = {1, 2, 3};
    return pick(3, x, 3);
}
