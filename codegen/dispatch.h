/* Inside codegen: objects that hold several variants and choose among them when they run.
 *
 * The exported `f` loads the number of the chosen variant and jumps to `f__avx2`. The first call of
 * any function of the object finds the number: what the processor and the system offer (CPUID and
 * XGETBV, or getauxval), against what each variant needs, against KC_ARCH in the environment. All
 * threads find the same, so that the number is one relaxed atomic and there is nothing to lock; it
 * is internal, as all is but the entries, so that objects cannot meet. There is no constructor and
 * no ifunc: those run at load time, before a host can set anything. */
#ifndef KC_CODEGEN_DISPATCH_H
#define KC_CODEGEN_DISPATCH_H

#include "codegen/emit.h"

/* Adds the entries to a module; the variants' functions are in it, or in another part of the
 * object. */
void dispatch_add(Emit *e, const Variant *variants, uint32_t count);

/* ---- dispatch_probe.c ------------------------------------------------------------------------ */

enum { PROBE_WORDS = 3 };

/* Which bits of the probe's words a list of features ("+avx,+avx2") asks for. */
void probe_masks(TargetArch arch, const char *needs, uint64_t words[PROBE_WORDS]);
/* LLVM text of `{ i64, i64, i64 } @kc.probe()`, what this machine has. */
void probe_text(TargetArch arch, StrBuf *out);
/* What the probe calls, weakly, or NULL. */
const char *probe_symbol(TargetArch arch);

#endif
