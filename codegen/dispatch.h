/* Inside codegen: objects that hold several variants and choose among them when they run.
 *
 * The exported `f` jumps where an address in memory says: to `f__avx2`, once the object has chosen. Before that the
 * addresses are those of functions that choose: by what the processor and the system offer (CPUID and XGETBV, or
 * getauxval), against what each variant needs, against KC_ARCH in the environment. The first call of any function of the
 * object chooses for all of them. All threads find the same, so that each address is one relaxed atomic and there is
 * nothing to lock; they are internal, as all is but the entries, so that objects cannot meet. There is no constructor
 * and no ifunc: those run at load time, before a host can set anything. */
#ifndef KC_CODEGEN_DISPATCH_H
#define KC_CODEGEN_DISPATCH_H

#include "codegen/emit.h"

typedef struct Dispatch {
    Emit *e;
    const Variant *variants;
    uint32_t count;
    const IrFn **fns; /* the exported ones */
    uint32_t fn_count;
} Dispatch;

/* Adds the entries to a module; the variants' functions are in it, or in another part of the
 * object. */
void dispatch_add(Emit *e, const Variant *variants, uint32_t count);

/* Whether there may be a processor that runs none of them. */
bool dispatch_may_fail(const Dispatch *d);

/* ---- dispatch_choice.c ----------------------------------------------------------------------- */

/* LLVM text of `ptr @kc.choose(i64 %entry, ptr %panic)` and all that it calls: makes all entries jump to the best
 * variant, and returns that of one of them; panics with a kc_panic_info where no variant runs. Needs
 * `ptr @kc.chosen[entry]`, where the entries jump to, and `ptr @kc.variants[variant][entry]`. */
void dispatch_text(const Dispatch *d, StrBuf *out);

/* ---- dispatch_probe.c ------------------------------------------------------------------------ */

enum { PROBE_WORDS = 3 };

/* Which bits of the probe's words a list of features ("+avx,+avx2") asks for. */
void probe_masks(TargetArch arch, const char *needs, uint64_t words[PROBE_WORDS]);
/* LLVM text of `{ i64, i64, i64 } @kc.probe()`, what this machine has. */
void probe_text(TargetArch arch, StrBuf *out);
/* What the probe calls, weakly, or NULL. */
const char *probe_symbol(TargetArch arch);

#endif
