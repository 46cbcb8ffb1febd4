/* IR compiled for this machine and loaded into the test. */
#ifndef KC_TESTS_UNIT_JIT_HELPERS_H
#define KC_TESTS_UNIT_JIT_HELPERS_H

#include "codegen/codegen.h"
#include "kc/kcrt.h"
#include "tests/unit/unit.h"

#include <string.h>

/* What a sanitizer watches is kc, which does the same at each level; what LLVM makes of it is for the plain build. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { HIGHEST_LEVEL = 0 };
#else
enum { HIGHEST_LEVEL = 3 };
#endif

/* NULL where this machine does not run such code. `object` holds the bytes; the caller frees it after
 * jit_destroy. */
static inline Jit *jit_of_target(const IrModule *module, const Target *target, int level, StrBuf *object) {
    if (!target_is_runnable(target)) return NULL;
    CodegenOptions options = {.target = target, .opt_level = level < HIGHEST_LEVEL ? level : HIGHEST_LEVEL};
    codegen_emit(module, &options, OUTPUT_OBJECT, object);
    const JitSymbol symbols[] = {{"kc_fma_f32", (void *)(uintptr_t)kc_fma_f32},
                                 {"kc_fma_f64", (void *)(uintptr_t)kc_fma_f64},
                                 {"memcpy", (void *)(uintptr_t)memcpy},
                                 {"memset", (void *)(uintptr_t)memset},
                                 {NULL, NULL}};
    const char *reason = NULL;
    Jit *jit = jit_load(object->data, object->len, symbols, &reason);
    if (jit == NULL) fail_msg("%s", reason);
    return jit;
}

static inline Jit *jit_of_module(Context *cx, const IrModule *module, const char *march, int level,
                                 StrBuf *object) {
    Target target;
    assert_true(target_resolve(cx, NULL, march, &target));
    return jit_of_target(module, &target, level, object);
}

#endif
