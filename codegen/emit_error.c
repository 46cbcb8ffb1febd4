/* Errors: FAIL writes the thread's error, RAISE goes to the handler or out of the function. */
#include "codegen/emit.h"

static void emit_try(FnEmit *f, const Op *op) {
    LLVMBasicBlockRef handler = block_new(f, "except"), done = block_new(f, "try.done");
    LLVMBasicBlockRef outer = f->on_raise;
    f->on_raise = handler;
    emit_region(f, op->regions[0]);
    branch_to(f, done);
    f->on_raise = outer;
    block_enter(f, handler);
    emit_region(f, op->regions[1]);
    branch_to(f, done);
    block_enter(f, done);
}

static void emit_raise(FnEmit *f) {
    if (f->on_raise != NULL) branch_to(f, f->on_raise);
    else emit_failure(f);
}

/* A str is a pointer and a length; the runtime wants the terminated text, which literals are. */
static void emit_fail(FnEmit *f, const Op *op) {
    LLVMValueRef text = value_llvm(f, op->operands[0]);
    LLVMValueRef args[] = {LLVMBuildExtractValue(f->b, text, 0, ""), place_path(f, op->span),
                           const_i32(f->e, place_line(f, op->span))};
    runtime_call(f, RT_ERROR_SET, args);
}

static void emit_caught(FnEmit *f, const Op *op) {
    LLVMValueRef text = LLVMGetPoison(type_value(f->e, op_result(op)->type));
    text = LLVMBuildInsertValue(f->b, text, runtime_call(f, RT_ERROR_TEXT, NULL), 0, "");
    text = LLVMBuildInsertValue(f->b, text, runtime_call(f, RT_ERROR_LENGTH, NULL), 1, "");
    value_set(f, op_result(op), text);
}

void emit_error_op(FnEmit *f, const Op *op) {
    switch ((int)op->kind) {
    case OP_TRY: emit_try(f, op); return;
    case OP_RAISE: emit_raise(f); return;
    case OP_FAIL: emit_fail(f, op); return;
    case OP_CAUGHT: emit_caught(f, op); return;
    default: UNREACHABLE();
    }
}
