/* Calls that are split over threads: libkcrt calls a function for one part of the range after another. */
#include "codegen/emit_args.h"
#include "kc/kcrt.h"

enum { RANGE_PARAMS = 2 }; /* `from` and `to` differ between the parts */

/* Of `raises` functions, the result is a struct whose first field says whether it failed. */
static LLVMValueRef status_of(Emit *e, LLVMBuilderRef b, const IrFn *fn, LLVMValueRef call) {
    if (!fn->raises) return const_i32(e, KC_OK);
    LLVMValueRef failed = LLVMBuildExtractValue(b, call, 0, "");
    return LLVMBuildZExt(b, failed, e->i32, ""); /* KC_RAISED is 1 */
}

/* kc_status entry(void *context, int64_t begin, int64_t end), where iterations count from 0. */
static LLVMValueRef entry_function(Emit *e, const IrFn *fn, const ArgBlock *block) {
    LLVMTypeRef params[] = {e->ptr, e->i64, e->i64};
    LLVMValueRef entry;
    LLVMBuilderRef b = entry_start(e, fn, params, 3, &entry);
    if (b == NULL) return entry;
    LLVMValueRef *args = arena_array(e->scratch, LLVMValueRef, e->fns[fn->id].abi.llvm_count);
    LLVMValueRef context = LLVMGetParam(entry, 0), from = arg_block_load(b, block, context, 0);
    for (uint32_t i = 0; i < RANGE_PARAMS; i++)
        args[i] = LLVMBuildNSWAdd(b, from, LLVMGetParam(entry, 1 + i), "");
    for (uint32_t i = RANGE_PARAMS; i < block->count; i++)
        args[i] = arg_block_load(b, block, context, i);
    LLVMBuildRet(b, status_of(e, b, fn, entry_call(e, b, fn, args)));
    LLVMDisposeBuilder(b);
    return entry;
}

void emit_range_call(FnEmit *f, const Op *op) {
    const IrFn *fn = op->attr.callee;
    ArgBlock block = arg_block_of(f->e, fn);
    LLVMValueRef context = arg_block_fill(f, &block, op);
    LLVMValueRef from = value_llvm(f, op->operands[0]), to = value_llvm(f, op->operands[1]);
    LLVMValueRef args[] = {LLVMBuildSub(f->b, to, from, ""), value_llvm(f, op->operands[2]),
                           entry_function(f->e, fn, &block), context, trace_name(f, fn)};
    LLVMValueRef status = runtime_call(f, RT_PARALLEL_FOR, args);
    if (op->result_count > 0)
        value_set(f, op_result(op),
                  LLVMBuildICmp(f->b, LLVMIntNE, status, const_i32(f->e, KC_OK), ""));
}
