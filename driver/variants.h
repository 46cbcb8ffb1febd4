/* One object for several targets: the sources are compiled once for each, in a Compilation and a
 * Context of its own, since a size may depend on the width (`simdwidthof`). What a user is told is
 * told once. The first Compilation owns the others, which end with it. */
#ifndef KC_DRIVER_VARIANTS_H
#define KC_DRIVER_VARIANTS_H

#include "driver/compile.h"

/* Runs `steps` for all targets, in threads; false when there were errors. What the first target's compilation has
 * to say comes first, and alone if that did not work. */
bool variants_compile(Compilation *c, bool (*steps)(Compilation *c));
/* Whether one header can describe all of them: K0502. */
bool variants_agree(Compilation *c);
/* Of the text of all files that were read. */
uint64_t source_hash(const Compilation *c);

#endif
