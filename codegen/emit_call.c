/* Calls and returns, by the C ABI where C is on the other side. */
#include "codegen/emit.h"

enum { STATUS_OK = 0, STATUS_RAISED = 1 }; /* kc_status of kc/kcrt.h */

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
static LLVMValueRef results_packed(FnEmit *f, Value *const *results, uint32_t count) {
    if (count == 1 && !f->ir->raises) {
        LLVMValueRef value = value_packed(f, results[0]);
        bool plain = f->out->abi.result.kind == ABI_PLAIN;
        return plain ? value : value_to_memory(f, results[0]->type, value);
    }
    LLVMValueRef all = LLVMGetPoison(type_of_results(f->e, f->ir));
    uint32_t at = 0;
    if (f->ir->raises)
        all = LLVMBuildInsertValue(f->b, all, LLVMConstInt(f->e->i8, 0, false), at++, "");
    for (uint32_t i = 0; i < count; i++) {
        LLVMValueRef part = value_to_memory(f, results[i]->type, value_packed(f, results[i]));
        all = LLVMBuildInsertValue(f->b, all, part, at++, "");
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

static LLVMValueRef out_pointer(const FnEmit *f, uint32_t result) {
    return LLVMGetParam(f->out->fn, f->out->abi.outs + result);
}

/* Of a C function that raises. */
static void return_ok(FnEmit *f, Value *const *results, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        LLVMValueRef value = value_to_memory(f, results[i]->type, value_packed(f, results[i]));
        memory_store(f, value, out_pointer(f, i), ROOT_SLOT);
    }
    LLVMBuildRet(f->b, const_i32(f->e, STATUS_OK));
}

static void return_value(FnEmit *f, LLVMValueRef value) {
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

void emit_return(FnEmit *f, Value *const *results, uint32_t count) {
    if (f->ir->raises && fn_speaks_c(f->ir)) return_ok(f, results, count);
    else if (count == 0 && !f->ir->raises) LLVMBuildRetVoid(f->b);
    else return_value(f, results_packed(f, results, count));
    f->closed = true;
}

/* The results of a failure are zeros, so that freeing them is harmless. */
void emit_failure(FnEmit *f) {
    Emit *e = f->e;
    const IrFn *fn = f->ir;
    KC_CHECK(fn->raises);
    if (fn_speaks_c(fn)) {
        for (uint32_t i = 0; i < fn->results.len; i++) {
            LLVMTypeRef type = type_memory(e, fn->results.data[i]);
            memory_store(f, LLVMConstNull(type), out_pointer(f, i), ROOT_SLOT);
        }
        LLVMBuildRet(f->b, const_i32(e, STATUS_RAISED));
    } else {
        LLVMValueRef zeros = LLVMConstNull(type_of_results(e, fn));
        LLVMValueRef failed = LLVMConstInt(e->i8, 1, false);
        return_value(f, LLVMBuildInsertValue(f->b, zeros, failed, 0, ""));
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

static void result_set(FnEmit *f, const Value *result, LLVMValueRef in_memory) {
    value_set_packed(f, result, value_from_memory(f, result->type, in_memory));
}

static void spread_results(FnEmit *f, const Op *op, const AbiPass *pass, LLVMValueRef all) {
    if (op->result_count == 1 && !op->attr.callee->raises) {
        if (pass->kind == ABI_PLAIN) value_set_packed(f, op->results[0], all);
        else result_set(f, op->results[0], all);
        return;
    }
    for (uint32_t i = 0; i < op->result_count; i++)
        result_set(f, op->results[i], LLVMBuildExtractValue(f->b, all, i, ""));
}

/* A C function that raises: its status, and what it left behind the pointers. */
static void status_results(FnEmit *f, const Op *op, LLVMValueRef status, LLVMValueRef *outs) {
    LLVMValueRef ok = const_i32(f->e, STATUS_OK);
    value_set(f, op->results[0], LLVMBuildICmp(f->b, LLVMIntNE, status, ok, ""));
    for (uint32_t i = 1; i < op->result_count; i++) {
        LLVMTypeRef type = type_memory(f->e, op->results[i]->type);
        result_set(f, op->results[i], memory_load(f, type, outs[i - 1], ROOT_SLOT));
    }
}

/* Room for the results. What C does not write when it fails is zero. */
static void outs_make(FnEmit *f, const IrFn *fn, LLVMValueRef *outs) {
    for (uint32_t i = 0; i < fn->results.len; i++) {
        LLVMTypeRef type = type_memory(f->e, fn->results.data[i]);
        outs[i] = stack_slot(f, type, "");
        if (fn->is_extern) memory_store(f, LLVMConstNull(type), outs[i], ROOT_SLOT);
    }
}

/* Stack slots are shared by all iterations of a loop until LLVM makes registers of them, so a call
 * that uses some is never marked as parallel. */
static bool uses_slots(const Op *op, const AbiFn *abi) {
    if (abi->result.kind == ABI_POINTER) return true;
    if (op->attr.callee->raises) return true;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        AbiKind kind = abi->params[i].kind;
        if (kind == ABI_STACK || kind == ABI_POINTER) return true;
        if (op->operands[i]->type->kind == IR_REF) return true;
    }
    return false;
}

void emit_call(FnEmit *f, const Op *op) {
    const IrFn *fn = op->attr.callee;
    const EmitFn *callee = &f->e->fns[fn->id];
    const AbiFn *abi = &callee->abi;
    bool has_status = fn->raises && fn_speaks_c(fn);
    if (fn->is_extern) need_record(f, LLVMGetValueName(callee->fn));
    LLVMValueRef *args = arena_array(f->e->scratch, LLVMValueRef, abi->llvm_count);
    LLVMValueRef room = NULL;
    if (abi->result.kind == ABI_POINTER) args[0] = room = stack_slot(f, abi->result.memory, "");
    for (uint32_t i = 0; i < op->operand_count; i++)
        pass_argument(f, &abi->params[i], op->operands[i], args);
    if (has_status) outs_make(f, fn, args + abi->outs);
    LLVMValueRef call = LLVMBuildCall2(f->b, abi->type, callee->fn, args, abi->llvm_count, "");
    call_attributes(f, callee, call);
    if (!uses_slots(op, abi)) access_mark(f, call, 0);
    if (has_status) status_results(f, op, call, args + abi->outs);
    else if (op->result_count != 0)
        spread_results(f, op, &abi->result, call_result(f, callee, call, room));
}
