/* Calls that are split over threads: the arguments go into a struct on the stack, and libkcrt calls a
 * function that takes them out again, for one part of the range after another. */
#include "codegen/emit.h"
#include "kc/kcrt.h"

#include <string.h>

enum { RANGE_PARAMS = 2 }; /* `from` and `to` differ between the parts */

/* The struct: `from`, then the parameters after the range. */
typedef struct Shared {
    LLVMTypeRef type;
    LLVMTypeRef *fields;
    uint32_t count;
} Shared;

static Shared shared_of(Emit *e, const AbiFn *abi) {
    Shared shared = {.count = abi->param_count - RANGE_PARAMS + 1};
    shared.fields = arena_array(e->scratch, LLVMTypeRef, shared.count);
    shared.fields[0] = e->i64;
    for (uint32_t i = 1; i < shared.count; i++)
        shared.fields[i] = abi->params[RANGE_PARAMS + i - 1].memory;
    shared.type = LLVMStructTypeInContext(e->llvm, shared.fields, shared.count, false);
    return shared;
}

/* ---- What libkcrt calls ---------------------------------------------------------------------- */

static LLVMValueRef shared_load(LLVMBuilderRef b, const Shared *shared, LLVMValueRef from, uint32_t i) {
    LLVMValueRef at = LLVMBuildStructGEP2(b, shared->type, from, i, "");
    return LLVMBuildLoad2(b, shared->fields[i], at, "");
}

/* Of `raises` functions, the result is a struct whose first field says whether it failed. */
static LLVMValueRef status_of(Emit *e, LLVMBuilderRef b, const IrFn *fn, LLVMValueRef call) {
    if (!fn->raises) return const_i32(e, KC_OK);
    LLVMValueRef failed = LLVMBuildExtractValue(b, call, 0, "");
    return LLVMBuildZExt(b, failed, e->i32, ""); /* KC_RAISED is 1 */
}

static void entry_body(Emit *e, LLVMValueRef entry, const IrFn *fn, const Shared *shared) {
    const EmitFn *callee = &e->fns[fn->id];
    LLVMBuilderRef b = LLVMCreateBuilderInContext(e->llvm);
    LLVMPositionBuilderAtEnd(b, LLVMAppendBasicBlockInContext(e->llvm, entry, "start"));
    LLVMValueRef *args = arena_array(e->scratch, LLVMValueRef, callee->abi.llvm_count);
    LLVMValueRef context = LLVMGetParam(entry, 0), from = shared_load(b, shared, context, 0);
    for (uint32_t i = 0; i < RANGE_PARAMS; i++)
        args[i] = LLVMBuildNSWAdd(b, from, LLVMGetParam(entry, 1 + i), "");
    for (uint32_t i = 1; i < shared->count; i++)
        args[RANGE_PARAMS + i - 1] = shared_load(b, shared, context, i);
    LLVMValueRef call = LLVMBuildCall2(b, callee->abi.type, callee->fn, args, callee->abi.llvm_count, "");
    LLVMBuildRet(b, status_of(e, b, fn, call));
    LLVMDisposeBuilder(b);
}

/* kc_status entry(void *context, int64_t begin, int64_t end), where iterations count from 0. */
static LLVMValueRef entry_function(Emit *e, const IrFn *fn, const Shared *shared) {
    const char *name = arena_printf(e->scratch, "%s.entry", text_of(e->module->cx, fn->name));
    LLVMValueRef entry = LLVMGetNamedFunction(e->mod, name);
    if (entry != NULL) return entry;
    LLVMTypeRef params[] = {e->ptr, e->i64, e->i64};
    entry = LLVMAddFunction(e->mod, name, LLVMFunctionType(e->i32, params, 3, false));
    LLVMSetLinkage(entry, LLVMInternalLinkage);
    fn_attributes_add(e, entry);
    entry_body(e, entry, fn, shared);
    return entry;
}

/* ---- The call -------------------------------------------------------------------------------- */

/* What traces call it. */
static LLVMValueRef loop_name(FnEmit *f, const IrFn *fn) {
    const char *text = arena_printf(f->e->scratch, "%s:%d", text_of(f->e->module->cx, fn->source_name),
                                    (int)place_line(f, fn->span));
    return const_text(f->e, text, strlen(text));
}

void emit_range_call(FnEmit *f, const Op *op) {
    Emit *e = f->e;
    const IrFn *fn = op->attr.callee;
    Shared shared = shared_of(e, &e->fns[fn->id].abi);
    LLVMValueRef context = stack_slot(f, shared.type, "shared");
    LLVMValueRef from = value_llvm(f, op->operands[0]), to = value_llvm(f, op->operands[1]);
    for (uint32_t i = 0; i < shared.count; i++) {
        LLVMValueRef at = LLVMBuildStructGEP2(f->b, shared.type, context, i, "");
        const Value *value = op->operands[i == 0 ? 0 : RANGE_PARAMS + i - 1];
        LLVMBuildStore(f->b, value_packed(f, value), at);
    }
    LLVMValueRef args[] = {LLVMBuildSub(f->b, to, from, ""), value_llvm(f, op->operands[2]),
                           entry_function(e, fn, &shared), context, loop_name(f, fn)};
    LLVMValueRef status = runtime_call(f, RT_PARALLEL_FOR, args);
    if (op->result_count > 0)
        value_set(f, op_result(op), LLVMBuildICmp(f->b, LLVMIntNE, status, const_i32(e, KC_OK), ""));
}
