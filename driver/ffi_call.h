/* Calls of C functions that are only known at run time, through libffi. */
#ifndef KC_DRIVER_FFI_CALL_H
#define KC_DRIVER_FFI_CALL_H

#include "ir/ir.h"

/* Calls the C function at `address` that has the signature of `fn`. `values[i]` points to argument i (the
 * scalar, the struct, or the pointer itself); `result` receives the results as a C struct of them. When `fn`
 * raises, a pointer for each result follows the arguments, and `result` receives the int32_t status. */
void ffi_call_fn(Arena *scratch, const IrFn *fn, void *address, void *const *values, void *result);

/* Size of the C struct of all results, and the offset of each (one result: just that); arrays count as
 * {pointer, shape...}, strided windows have their strides as well. */
size_t result_layout(const IrFn *fn, size_t *offsets);

#endif
