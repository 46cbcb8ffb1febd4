/* Arguments as `kc run` takes them: literals, `@file.npy`, raw files, and generators of test data. */
#ifndef KC_DRIVER_ARGUMENT_H
#define KC_DRIVER_ARGUMENT_H

#include "driver/value.h"

/* `text` is one of
 *   a literal                    2.5   [1, 2]   (1, 2)
 *   @x.npy                       an array of exactly this type and rank
 *   @x.raw  @x.raw:480x640       raw elements; without a shape all of a one-dimensional array
 *   zeros:S ones:S iota:S random:S  with S as 1000 or 3x4; iota counts from 0, random is uniform in
 *                                [0, 1) for floats and 0 to 99 for integers, from `*seed`
 * False with a reason. */
bool argument_read(Arena *arena, const char *text, const IrType *elem, uint32_t rank,
                   uint64_t *seed, Datum *out, const char **reason);

#endif
