// kernels: structs.k memory.k owned.k
/* Several headers in one file, in any order, and twice. */
#include "memory.h"
#include "owned.h"
#include "structs.h"
#include "memory.h"

#include <assert.h>

int main(void) {
    Point p = {1, 2};
    move(&p, 1);
    assert(p.x == 2 && one_float((OneFloat){1}).x == 2);
    return KC_MEMORY_ABI == KC_STRUCTS_ABI;
}
