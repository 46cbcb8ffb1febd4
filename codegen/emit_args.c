#include "codegen/emit_args.h"

#include <string.h>

ArgBlock arg_block_of(Emit *e, const IrFn *fn) {
    const AbiFn *abi = &e->fns[fn->id].abi;
    ArgBlock block = {.count = abi->param_count};
    block.fields = arena_array(e->scratch, LLVMTypeRef, block.count);
    for (uint32_t i = 0; i < block.count; i++) block.fields[i] = abi->params[i].memory;
    block.type = LLVMStructTypeInContext(e->llvm, block.fields, block.count, false);
    return block;
}

LLVMValueRef arg_block_fill(FnEmit *f, const ArgBlock *block, const Op *call) {
    LLVMValueRef context = stack_slot(f, block->type, "shared");
    for (uint32_t i = 0; i < block->count; i++) {
        LLVMValueRef at = LLVMBuildStructGEP2(f->b, block->type, context, i, "");
        LLVMBuildStore(f->b, value_packed(f, call->operands[i]), at);
    }
    return context;
}

LLVMValueRef arg_block_load(LLVMBuilderRef b, const ArgBlock *block, LLVMValueRef from, uint32_t i) {
    LLVMValueRef at = LLVMBuildStructGEP2(b, block->type, from, i, "");
    return LLVMBuildLoad2(b, block->fields[i], at, "");
}

LLVMBuilderRef entry_start(Emit *e, const IrFn *fn, LLVMTypeRef *params, uint32_t count,
                           LLVMValueRef *entry) {
    const char *name = arena_printf(e->scratch, "%s.entry", text_of(e->module->cx, fn->name));
    *entry = LLVMGetNamedFunction(e->mod, name);
    if (*entry != NULL) return NULL;
    *entry = LLVMAddFunction(e->mod, name, LLVMFunctionType(e->i32, params, count, false));
    LLVMSetLinkage(*entry, LLVMInternalLinkage);
    fn_attributes_add(e, *entry);
    LLVMBuilderRef b = LLVMCreateBuilderInContext(e->llvm);
    LLVMPositionBuilderAtEnd(b, LLVMAppendBasicBlockInContext(e->llvm, *entry, "start"));
    return b;
}

LLVMValueRef entry_call(Emit *e, LLVMBuilderRef b, const IrFn *fn, LLVMValueRef *args) {
    const EmitFn *callee = &e->fns[fn->id];
    return LLVMBuildCall2(b, callee->abi.type, callee->fn, args, callee->abi.llvm_count, "");
}

LLVMValueRef trace_name(FnEmit *f, const IrFn *fn) {
    const char *text = arena_printf(f->e->scratch, "%s:%d", text_of(f->e->module->cx, fn->source_name),
                                    (int)place_line(f, fn->span));
    return const_text(f->e, text, strlen(text));
}
