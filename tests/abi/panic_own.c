// no runtime
/* A host may bring its own kc_panic, and leave it by longjmp. */
#include "kc/kcrt.h"
#include "panic_own.h"

#include <assert.h>
#include <setjmp.h>
#include <string.h>

static jmp_buf back;
static kc_panic_info seen;

void kc_panic(const kc_panic_info *info) {
    seen = *info;
    longjmp(back, 1);
}

int main(void) {
    const int32_t x[] = {1, 2, 3};
    if (setjmp(back) == 0) {
        assert(pick(3, x, 1) == 2);
        pick(3, x, 12);
        return 1;
    }
    assert(strcmp(seen.message, "index out of range") == 0);
    assert(strcmp(seen.function, "pick") == 0);
    assert(strstr(seen.file, "panic_own.k") != NULL);
    assert(seen.line == 5 && seen.value_count == 2);
    assert(strcmp(seen.value_names[0], "index") == 0 && seen.values[0] == 12);
    assert(strcmp(seen.value_names[1], "size") == 0 && seen.values[1] == 3);
    return 0;
}
