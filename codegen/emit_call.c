/* Calls and returns, by the C ABI where C is on the other side. */
#include "codegen/emit.h"

#include <string.h>

/* The first use of each symbol from outside is remembered: `kc info --deps` shows it. */
void need_record(FnEmit *f, const char *symbol) {
    Emit *e = f->e;
    for (uint32_t i = 0; i < e->needs.len; i++)
        if (strcmp(e->needs.data[i].symbol, symbol) == 0) return;
    Need need = {arena_strndup(e->scratch, symbol, strlen(symbol)), f->place};
    vec_push(e->scratch, &e->needs, need);
}

LLVMValueRef runtime_function(FnEmit *f, const char *name, LLVMTypeRef type, bool returns_new) {
    Emit *e = f->e;
    need_record(f, name);
    LLVMValueRef fn = LLVMGetNamedFunction(e->mod, name);
    if (fn != NULL) return fn;
    fn = LLVMAddFunction(e->mod, name, type);
    attribute_add(e, fn, LLVMAttributeFunctionIndex, "nounwind", 0);
    if (!returns_new) return fn;
    attribute_add(e, fn, LLVMAttributeReturnIndex, "noalias", 0);
    attribute_add(e, fn, LLVMAttributeReturnIndex, "align", 64);
    return fn;
}

static LLVMValueRef piece_address(FnEmit *f, LLVMValueRef slot, const AbiPiece *piece) {
    if (piece->offset == 0) return slot;
    LLVMValueRef at = const_i64(f->e, piece->offset);
    return LLVMBuildInBoundsGEP2(f->b, f->e->i8, slot, &at, 1, "");
}

/* Room for a struct that is also read and written in whole registers, past its own end. */
static LLVMValueRef pieces_slot(FnEmit *f, const AbiPass *pass) {
    uint32_t words = (abi_size(pass->memory) + 7) / 8;
    for (uint32_t i = 0; i < pass->piece_count; i++) {
        uint32_t end = pass->pieces[i].offset + abi_size(pass->pieces[i].type);
        if ((end + 7) / 8 > words) words = (end + 7) / 8;
    }
    LLVMValueRef slot = stack_slot(f, LLVMArrayType2(f->e->i64, words), "");
    return slot;
}

/* Pieces from and to a value in memory form. */
static void value_to_pieces(FnEmit *f, const AbiPass *pass, LLVMValueRef value,
                            LLVMValueRef *pieces) {
    LLVMValueRef slot = pieces_slot(f, pass);
    memory_store(f, value, slot, ROOT_SLOT);
    for (uint32_t i = 0; i < pass->piece_count; i++)
        pieces[i] = LLVMBuildLoad2(f->b, pass->pieces[i].type,
                                   piece_address(f, slot, &pass->pieces[i]), "");
}

LLVMValueRef slot_from_pieces(FnEmit *f, const AbiPass *pass, LLVMValueRef *pieces) {
    LLVMValueRef slot = pieces_slot(f, pass);
    for (uint32_t i = 0; i < pass->piece_count; i++)
        LLVMBuildStore(f->b, pieces[i], piece_address(f, slot, &pass->pieces[i]));
    return slot;
}

/* ---- Return ---------------------------------------------------------------------------------- */

/* All results as one LLVM value: in memory form where C sees it in memory. */
static LLVMValueRef results_packed(FnEmit *f, const Op *op) {
    if (op->operand_count == 1) {
        LLVMValueRef value = value_packed(f, op->operands[0]);
        bool plain = f->out->abi.result.kind == ABI_PLAIN;
        return plain ? value : value_to_memory(f, op->operands[0]->type, value);
    }
    LLVMValueRef all = LLVMGetPoison(type_of_results(f->e, f->ir));
    for (uint32_t i = 0; i < op->operand_count; i++) {
        const Value *operand = op->operands[i];
        LLVMValueRef part = value_to_memory(f, operand->type, value_packed(f, operand));
        all = LLVMBuildInsertValue(f->b, all, part, i, "");
    }
    return all;
}

static void return_pieces(FnEmit *f, LLVMValueRef value) {
    const AbiPass *pass = &f->out->abi.result;
    LLVMValueRef pieces[2];
    value_to_pieces(f, pass, value, pieces);
    if (pass->piece_count == 1) {
        LLVMBuildRet(f->b, pieces[0]);
        return;
    }
    LLVMTypeRef type = LLVMGetReturnType(f->out->abi.type);
    LLVMValueRef both = LLVMBuildInsertValue(f->b, LLVMGetPoison(type), pieces[0], 0, "");
    LLVMBuildRet(f->b, LLVMBuildInsertValue(f->b, both, pieces[1], 1, ""));
}

void emit_return(FnEmit *f, const Op *op) {
    if (op->operand_count == 0) {
        LLVMBuildRetVoid(f->b);
    } else {
        LLVMValueRef value = results_packed(f, op);
        switch (f->out->abi.result.kind) {
        case ABI_PLAIN: LLVMBuildRet(f->b, value); break;
        case ABI_PIECES: return_pieces(f, value); break;
        case ABI_POINTER:
            memory_store(f, value, LLVMGetParam(f->out->fn, 0), ROOT_SLOT);
            LLVMBuildRetVoid(f->b);
            break;
        case ABI_STACK: UNREACHABLE();
        }
    }
    f->closed = true;
}

/* ---- Call ------------------------------------------------------------------------------------ */

static void pass_argument(FnEmit *f, const AbiPass *pass, const Value *value, LLVMValueRef *args) {
    LLVMValueRef packed = value_packed(f, value);
    switch (pass->kind) {
    case ABI_PLAIN: args[pass->first] = packed; return;
    case ABI_PIECES: value_to_pieces(f, pass, packed, args + pass->first); return;
    case ABI_STACK:
    case ABI_POINTER: {
        LLVMValueRef slot = stack_slot(f, pass->memory, "");
        memory_store(f, packed, slot, ROOT_SLOT);
        args[pass->first] = slot;
        return;
    }
    }
}

static void call_attributes(FnEmit *f, const EmitFn *callee, LLVMValueRef call) {
    Emit *e = f->e;
    /* A user's function may bear the name of one that LLVM thinks it knows. */
    LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex, attribute(e, "nobuiltin", 0));
    fn_abi_attributes(e, &callee->abi, call, true);
}

static LLVMValueRef call_result(FnEmit *f, const EmitFn *callee, LLVMValueRef call,
                                LLVMValueRef room) {
    const AbiPass *pass = &callee->abi.result;
    if (pass->kind == ABI_PLAIN) return call;
    if (pass->kind == ABI_POINTER) return memory_load(f, pass->memory, room, ROOT_SLOT);
    LLVMValueRef pieces[2] = {call, NULL};
    for (uint32_t i = 0; pass->piece_count == 2 && i < 2; i++)
        pieces[i] = LLVMBuildExtractValue(f->b, call, i, "");
    return memory_load(f, pass->memory, slot_from_pieces(f, pass, pieces), ROOT_SLOT);
}

static void spread_results(FnEmit *f, const Op *op, const AbiPass *pass, LLVMValueRef all) {
    if (op->result_count == 1) {
        const IrType *type = op->results[0]->type;
        bool plain = pass->kind == ABI_PLAIN;
        value_set_packed(f, op->results[0], plain ? all : value_from_memory(f, type, all));
        return;
    }
    for (uint32_t i = 0; i < op->result_count; i++) {
        LLVMValueRef part = LLVMBuildExtractValue(f->b, all, i, "");
        value_set_packed(f, op->results[i], value_from_memory(f, op->results[i]->type, part));
    }
}

/* Stack slots are shared by all iterations of a loop until LLVM makes registers of them, so a call
 * that uses some is never marked as parallel. */
static bool uses_slots(const Op *op, const AbiFn *abi) {
    if (abi->result.kind == ABI_POINTER) return true;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        AbiKind kind = abi->params[i].kind;
        if (kind == ABI_STACK || kind == ABI_POINTER) return true;
        if (op->operands[i]->type->kind == IR_REF) return true;
    }
    return false;
}

void emit_call(FnEmit *f, const Op *op) {
    const EmitFn *callee = &f->e->fns[op->attr.callee->id];
    const AbiFn *abi = &callee->abi;
    if (op->attr.callee->is_extern) need_record(f, LLVMGetValueName(callee->fn));
    LLVMValueRef *args = arena_array(f->e->scratch, LLVMValueRef, abi->llvm_count);
    LLVMValueRef room = NULL;
    if (abi->result.kind == ABI_POINTER) args[0] = room = stack_slot(f, abi->result.memory, "");
    for (uint32_t i = 0; i < op->operand_count; i++)
        pass_argument(f, &abi->params[i], op->operands[i], args);
    LLVMValueRef call = LLVMBuildCall2(f->b, abi->type, callee->fn, args, abi->llvm_count, "");
    call_attributes(f, callee, call);
    if (!uses_slots(op, abi)) access_mark(f, call, 0);
    if (op->result_count != 0)
        spread_results(f, op, &abi->result, call_result(f, callee, call, room));
}
