/* NumPy's .npy files (format versions 1 to 3, C order, little-endian). Source: the NumPy enhancement
 * proposal "A Simple File Format for NumPy Arrays". */
#ifndef KC_DRIVER_NPY_H
#define KC_DRIVER_NPY_H

#include "driver/value.h"

/* Reads an array whose elements must be of type `elem` and whose rank must be `rank`: nothing is
 * converted. False with a reason. */
bool npy_read(Arena *arena, const char *path, const IrType *elem, uint32_t rank, Datum *out,
              const char **reason);
/* Writes a scalar or array of scalars. bfloat16, which NumPy lacks, is refused. */
bool npy_write(const char *path, const Datum *datum, const char **reason);

#endif
