/* Exported functions refuse negative sizes, and arrays that overlap when one of them may be written. */
#include "overlap.h"

#include <kc/kcrt.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

static jmp_buf back;
static const char *said;

static void handler(const kc_panic_info *info) {
    said = info->message;
    longjmp(back, 1);
}

/* Runs a call and says what it panicked with. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        said = "fine";                                                                             \
        if (setjmp(back) == 0) call;                                                               \
        printf("%s\n", said);                                                                      \
    } while (0)

int main(void) {
    float a[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    volatile int zero = 0; /* or the C compiler finds the mistake itself */
    kc_panic_set_handler(handler);
    TRY(axpy(4, 2.0f, a, a + 4));
    TRY(axpy(4, 2.0f, a, a + 3));
    TRY(axpy(4, 2.0f, a, a + zero));
    TRY(axpy(0, 2.0f, a, a + zero));
    TRY(axpy(-1, 2.0f, a, a + 4));
    TRY(dot(a, 8, a, 8));
    TRY(dot(a, -8, a, 8));
    TRY(doubled(4, a, a + 2));
    TRY(doubled(4, a, a + 4));
    TRY(fill(a, 4, a + 4, 4));
    TRY(fill(a, 5, a + 4, 4));
    TRY(fill(a + 4, 4, a, 5));
    return 0;
}
