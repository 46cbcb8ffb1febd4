/* Tasks: a kc_task for each variable that says how one went, and the arguments, on the stack of who starts it.
 * A variable has one task at a time, so that a loop uses the same memory in each iteration. */
#include "codegen/emit_args.h"
#include "kc/kcrt.h"

/* Of the variable; its address is the first argument of the task's function. */
static LLVMValueRef task_slot(FnEmit *f, const Value *failed) {
    if (f->task_slots == NULL)
        f->task_slots = arena_array(f->e->scratch, LLVMValueRef, f->ir->next_value);
    LLVMValueRef *slot = &f->task_slots[failed->id];
    if (*slot == NULL) {
        *slot = stack_slot(f, LLVMArrayType2(f->e->i64, sizeof(kc_task) / sizeof(uint64_t)), "task");
        LLVMSetAlignment(*slot, _Alignof(kc_task));
    }
    return *slot;
}

LLVMValueRef task_entry(Emit *e, const IrFn *fn) {
    LLVMValueRef entry;
    LLVMBuilderRef b = entry_start(e, fn, &e->ptr, 1, &entry);
    if (b == NULL) return entry;
    ArgBlock block = arg_block_of(e, fn);
    LLVMValueRef *args = arena_array(e->scratch, LLVMValueRef, e->fns[fn->id].abi.llvm_count);
    for (uint32_t i = 0; i < block.count; i++)
        args[i] = arg_block_load(b, &block, LLVMGetParam(entry, 0), i);
    entry_call(e, b, fn, args);
    LLVMValueRef failed = LLVMBuildLoad2(b, e->i8, args[0], "");
    LLVMBuildRet(b, LLVMBuildZExt(b, failed, e->i32, "")); /* KC_RAISED is 1 */
    LLVMDisposeBuilder(b);
    return entry;
}

static void task_set(FnEmit *f, LLVMValueRef slot, size_t offset, LLVMValueRef value) {
    LLVMValueRef at = const_i64(f->e, (int64_t)offset);
    LLVMBuildStore(f->b, value, LLVMBuildGEP2(f->b, f->e->i8, slot, &at, 1, ""));
}

void emit_task_call(FnEmit *f, const Op *op) {
    const IrFn *fn = op->attr.callee;
    ArgBlock block = arg_block_of(f->e, fn);
    LLVMValueRef slot = task_slot(f, op->operands[0]);
    task_set(f, slot, offsetof(kc_task, body), task_entry(f->e, fn));
    task_set(f, slot, offsetof(kc_task, context), arg_block_fill(f, &block, op));
    task_set(f, slot, offsetof(kc_task, name), trace_name(f, fn));
    runtime_call(f, RT_TASK_SPAWN, &slot);
}

void emit_join(FnEmit *f, const Op *op) {
    LLVMValueRef slot = task_slot(f, op->operands[0]);
    runtime_call(f, op->attr.flag ? RT_TASK_JOIN : RT_TASK_WAIT, &slot);
}
