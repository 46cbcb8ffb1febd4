/* Calls of libkcrt, and the list of what a module needs from outside. */
#include "codegen/emit.h"

#include <string.h>

/* The first use of each symbol from outside is remembered: `kc info --deps` shows it. */
void need_record(FnEmit *f, const char *symbol) { need_add(f->e, symbol, f->place); }

void need_add(Emit *e, const char *symbol, Span place) {
    for (uint32_t i = 0; i < e->needs.len; i++)
        if (strcmp(e->needs.data[i].symbol, symbol) == 0) return;
    Need need = {arena_strndup(e->scratch, symbol, strlen(symbol)), place};
    vec_push(e->scratch, &e->needs, need);
}

static LLVMTypeRef letter_type(Emit *e, char letter) {
    switch (letter) {
    case 'p': return e->ptr;
    case 'l': return e->i64;
    case 'i': return e->i32;
    case 'f': return e->f32;
    case 'd': return e->f64;
    case 'v': return e->none;
    }
    UNREACHABLE();
}

enum { MAX_PARAMS = 5 };

static LLVMTypeRef runtime_type(Emit *e, const char *signature) {
    LLVMTypeRef params[MAX_PARAMS];
    uint32_t count = 0;
    for (const char *c = signature + 1; *c != '\0'; c++) params[count++] = letter_type(e, *c);
    return LLVMFunctionType(letter_type(e, signature[0]), params, count, false);
}

/* LLVM's numbers for `memory` (two bits each: arguments, what nobody else sees, the rest) and
 * `allockind`. */
enum {
    MEMORY_HIDDEN = 3 << 2,
    MEMORY_ARGUMENT_AND_HIDDEN = 3 | 3 << 2,
    ALLOC_KIND_ALLOC = 1,
    ALLOC_KIND_FREE = 4,
    ALLOC_KIND_UNINIT = 8,
    ALLOC_KIND_ZEROED = 16
};

static void allocation_attributes(Emit *e, LLVMValueRef fn, const RuntimeInfo *info) {
    LLVMAttributeIndex whole = LLVMAttributeFunctionIndex;
    if (info->flags & RT_FLAG_NEW) {
        attribute_add(e, fn, LLVMAttributeReturnIndex, "noalias", 0);
        attribute_add(e, fn, LLVMAttributeReturnIndex, "align", 64);
    }
    if (!(info->flags & (RT_FLAG_HEAP | RT_FLAG_ENDS))) return;
    attribute_add(e, fn, whole, "willreturn", 0);
    string_attribute(e, fn, "alloc-family", info->flags & RT_FLAG_SCRATCH ? "kc_scratch_alloc" : "kc_alloc");
    if (info->flags & RT_FLAG_HEAP) {
        attribute_add(e, fn, whole, "memory", MEMORY_HIDDEN);
        attribute_add(e, fn, whole, "allocsize", (uint64_t)0 << 32 | 1); /* parameters 0 and 1 */
    } else {
        attribute_add(e, fn, whole, "memory", MEMORY_ARGUMENT_AND_HIDDEN);
        attribute_add(e, fn, whole, "allockind", ALLOC_KIND_FREE);
        attribute_add(e, fn, 1, "allocptr", 0);
        attribute_add(e, fn, 1, "nocapture", 0);
    }
}

static LLVMValueRef runtime_declare(Emit *e, const RuntimeInfo *info, LLVMTypeRef type) {
    LLVMValueRef fn = LLVMGetNamedFunction(e->mod, info->symbol);
    if (fn != NULL) return fn;
    fn = LLVMAddFunction(e->mod, info->symbol, type);
    attribute_add(e, fn, LLVMAttributeFunctionIndex, "nounwind", 0);
    allocation_attributes(e, fn, info);
    return fn;
}

LLVMValueRef runtime_call(FnEmit *f, RuntimeKind kind, LLVMValueRef *args) {
    const RuntimeInfo *info = &runtime_infos[kind];
    need_record(f, info->symbol);
    LLVMTypeRef type = runtime_type(f->e, info->signature);
    LLVMValueRef fn = runtime_declare(f->e, info, type);
    LLVMValueRef call = LLVMBuildCall2(f->b, type, fn, args, LLVMCountParamTypes(type), "");
    if (info->flags & RT_FLAG_HEAP) {
        bool zeroed = LLVMConstIntGetZExtValue(args[2]) != 0;
        uint64_t how = ALLOC_KIND_ALLOC | (zeroed ? ALLOC_KIND_ZEROED : ALLOC_KIND_UNINIT);
        LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex,
                                 attribute(f->e, "allockind", how));
    }
    return call;
}
