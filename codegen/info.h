/* What an object says of itself: a section `.kc.info` that is not loaded, of lines of text:
 *
 *     kc 0.1.0
 *     target x86_64-unknown-linux-gnu avx2
 *     variant avx2 __avx2 256 +avx,+avx2      (one for each, where there are several)
 *     fn saxpy fn saxpy(a: f32, x: Tensor[f32, n], inout y: Tensor[f32, n])
 *     need kc_alloc blur.k:12
 *
 * `kc info` reads it back. */
#ifndef KC_CODEGEN_INFO_H
#define KC_CODEGEN_INFO_H

#include "codegen/emit.h"

#define INFO_SECTION ".kc.info"

void info_section_add(Emit *e);

#endif
