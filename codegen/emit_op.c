/* One operation: the switch to the file that knows it. */
#include "codegen/emit.h"

LLVMValueRef arith(FnEmit *f, OpKind kind, Scalar scalar, LLVMValueRef *args) {
    if (!scalar_is_float(scalar)) return emit_int(f, kind, scalar, args);
    if (scalar_bits(scalar) == 16) return emit_small_float(f, kind, scalar, args);
    return emit_float(f, kind, args);
}

/* Arithmetic on scalars and vectors: operands and result in registers. */
static LLVMValueRef arith_op(FnEmit *f, const Op *op) {
    LLVMValueRef args[3] = {NULL}, counted = number_along_loop(f, op);
    if (counted != NULL) return counted;
    KC_CHECK(op->operand_count <= ARRAY_LEN(args));
    for (uint32_t i = 0; i < op->operand_count; i++) args[i] = value_llvm(f, op->operands[i]);
    const IrType *type = op->operands[0]->type;
    if (!ir_is_lanewise(type)) KC_BUG("%s of something else than scalars", op_info(op)->mnemonic);
    LLVMValueRef made = op->kind == OP_MAX   ? emit_clamped_cast(f, op)
                        : op->kind == OP_AND ? emit_masked_cast(f, op)
                                             : NULL;
    if (made == NULL && (op->kind == OP_MIN || op->kind == OP_MAX)) made = emit_extremes(f, op);
    return made != NULL ? made : arith(f, op->kind, type->scalar, args);
}

static void emit_compare_op(FnEmit *f, const Op *op) {
    LLVMValueRef args[] = {value_llvm(f, op->operands[0]), value_llvm(f, op->operands[1])};
    Scalar scalar = op->operands[0]->type->scalar;
    value_set(f, op_result(op), emit_compare(f, op->kind, scalar, args));
}

static void emit_const(FnEmit *f, const Op *op) {
    const IrType *type = op_result(op)->type;
    LLVMTypeRef llvm = type_value(f->e, type);
    uint64_t bits = op->attr.bits;
    LLVMValueRef value;
    if (llvm == f->e->f64) {
        value = LLVMConstBitCast(LLVMConstInt(f->e->i64, bits, false), llvm);
    } else if (llvm == f->e->f32) {
        value = LLVMConstBitCast(LLVMConstInt(f->e->i32, bits & UINT32_MAX, false), llvm);
    } else {
        unsigned width = LLVMGetIntTypeWidth(llvm);
        if (width < 64) bits &= ((uint64_t)1 << width) - 1;
        value = LLVMConstInt(llvm, bits, false);
    }
    value_set(f, op_result(op), value);
}

static void emit_text(FnEmit *f, const Op *op) {
    LLVMValueRef parts[] = {const_text(f->e, op->attr.text.bytes, op->attr.text.length),
                            const_i64(f->e, op->attr.text.length)};
    value_set(f, op_result(op), LLVMConstStructInContext(f->e->llvm, parts, 2, false));
}

/* ---- Structs --------------------------------------------------------------------------------- */

static void emit_struct(FnEmit *f, const Op *op) {
    const IrType *type = op_result(op)->type;
    LLVMValueRef whole = LLVMGetPoison(type_value(f->e, type));
    for (uint32_t i = 0; i < op->operand_count; i++) {
        const Value *field = op->operands[i];
        LLVMValueRef part = value_to_memory(f, field->type, value_packed(f, field));
        whole = LLVMBuildInsertValue(f->b, whole, part, i, "");
    }
    value_set(f, op_result(op), whole);
}

static void emit_extract(FnEmit *f, const Op *op) {
    LLVMValueRef part =
        LLVMBuildExtractValue(f->b, value_llvm(f, op->operands[0]), op->attr.index, "");
    value_set_packed(f, op_result(op), value_from_memory(f, op_result(op)->type, part));
}

static void emit_insert(FnEmit *f, const Op *op) {
    const Value *field = op->operands[1];
    LLVMValueRef part = value_to_memory(f, field->type, value_packed(f, field));
    LLVMValueRef whole = value_llvm(f, op->operands[0]);
    value_set(f, op_result(op), LLVMBuildInsertValue(f->b, whole, part, op->attr.index, ""));
}

/* ---- Choice, conversion ---------------------------------------------------------------------- */

static LLVMValueRef choose(FnEmit *f, LLVMValueRef cond, LLVMValueRef a, LLVMValueRef b) {
    return a == b ? a : LLVMBuildSelect(f->b, cond, a, b, "");
}

static void emit_select_view(FnEmit *f, const Op *op, LLVMValueRef cond) {
    const EmitView *a = value_view(f, op->operands[1]), *b = value_view(f, op->operands[2]);
    EmitView *view = arena_new(f->e->scratch, EmitView);
    *view = *a;
    view->data = choose(f, cond, a->data, b->data);
    for (uint32_t i = 0; i < a->rank; i++) {
        view->dim[i] = choose(f, cond, a->dim[i], b->dim[i]);
        if (a->strided) view->stride[i] = choose(f, cond, a->stride[i], b->stride[i]);
    }
    value_set_view(f, op_result(op), view, 0);
}

static void emit_select(FnEmit *f, const Op *op) {
    LLVMValueRef cond = value_llvm(f, op->operands[0]);
    if (op_result(op)->type->kind == IR_VIEW) {
        emit_select_view(f, op, cond);
        return;
    }
    LLVMValueRef a = value_llvm(f, op->operands[1]), b = value_llvm(f, op->operands[2]);
    LLVMValueRef extreme = emit_masked_extreme(f, op);
    value_set(f, op_result(op), extreme != NULL ? extreme : choose(f, cond, a, b));
}

static void emit_convert(FnEmit *f, const Op *op) {
    LLVMTypeRef to = type_value(f->e, op_result(op)->type);
    value_set(f, op_result(op), op->kind == OP_CAST
                                    ? emit_cast(f, op)
                                    : LLVMBuildBitCast(f->b, value_llvm(f, op->operands[0]), to, ""));
}

static void emit_jump(FnEmit *f, const Op *op) {
    if (f->loop == NULL) KC_BUG("%s outside a loop", op_info(op)->mnemonic);
    branch_to(f, op->kind == OP_BREAK ? f->loop->on_break : f->loop->on_continue);
}

void emit_op(FnEmit *f, const Op *op) {
    f->place = op->span;
    debug_place(f, op->span);
    switch (op->kind) {
    case OP_CONST: emit_const(f, op); return;
    case OP_TEXT: emit_text(f, op); return;
    case OP_ADD: case OP_SUB: case OP_MUL: case OP_DIV: case OP_FLOORDIV: case OP_MOD: case OP_FMA:
    case OP_NEG: case OP_ABS: case OP_MIN: case OP_MAX: case OP_SQRT: case OP_FLOOR: case OP_CEIL:
    case OP_TRUNC:
    case OP_RINT:
    case OP_COPYSIGN:
    case OP_AND:
    case OP_OR:
    case OP_XOR:
    case OP_NOT:
    case OP_SHL:
    case OP_SHR:
    case OP_POPCOUNT:
    case OP_CLZ:
    case OP_CTZ:
    case OP_SATADD:
    case OP_SATSUB: value_set(f, op_result(op), arith_op(f, op)); return;
    case OP_EQ: case OP_NE: case OP_LT: case OP_LE: case OP_GT: case OP_GE:
        emit_compare_op(f, op);
        return;
    case OP_SELECT: emit_select(f, op); return;
    case OP_CAST: case OP_BITCAST: emit_convert(f, op); return;
    case OP_SETTLE: value_set(f, op_result(op), emit_settled(f, value_llvm(f, op->operands[0]))); return;
    case OP_SPLAT: case OP_LANES: case OP_LANE: case OP_WITH_LANE: case OP_SHUFFLE: case OP_FOLD:
    case OP_FIRST: case OP_TALLY: case OP_VLOAD: case OP_VSTORE: case OP_GATHER: case OP_SCATTER:
    case OP_PACK:
        emit_vector_op(f, op);
        return;
    case OP_BITS:
    case OP_LOOKUP:
    case OP_DOT:
    case OP_SAD:
    case OP_COMPRESS:
    case OP_EXPAND:
    case OP_PREFETCH: case OP_LEAD: emit_lanes_op(f, op); return;
    case OP_STRUCT: emit_struct(f, op); return;
    case OP_EXTRACT: emit_extract(f, op); return;
    case OP_INSERT: emit_insert(f, op); return;
    case OP_VAR: case OP_GET: case OP_SET: case OP_FIELD: case OP_LANE_ITEM:
        emit_memory_op(f, op);
        return;
    case OP_VIEW: case OP_STRIDED: case OP_BUF: case OP_DIM: case OP_STRIDE: case OP_SLICE:
    case OP_LOAD: case OP_STORE: case OP_ITEM: case OP_NULLVIEW: case OP_DATA: case OP_CELLS:
        emit_view_op(f, op);
        return;
    case OP_APART: value_set(f, op_result(op), emit_apart(f, op)); return;
    case OP_ALLOC: case OP_FREE: case OP_LIST: case OP_ITEMS: case OP_APPEND: case OP_TAKE:
    case OP_ARENA: case OP_ROOM: case OP_ALLOC_IN: case OP_RESET: case OP_ARENA_STAT:
        emit_heap_op(f, op);
        return;
    case OP_LEND: case OP_MOVE: case OP_DUP: case OP_DROP: case OP_KEEP: case OP_END:
    case OP_UNSAFE: case OP_REDUCES: case OP_SPAWN: case OP_WAIT: case OP_TASK:
    case OP_MAP: case OP_ELEM: case OP_ASSIGN: case OP_REDUCE: case OP_SCAN:
        KC_BUG("%s reached code generation", op_info(op)->mnemonic);
    case OP_IF: emit_if(f, op); return;
    case OP_FOR: emit_for(f, op); return;
    case OP_WHILE: emit_while(f, op); return;
    case OP_YIELD: return; /* read by the op that owns the region */
    case OP_BREAK: case OP_CONTINUE: emit_jump(f, op); return;
    case OP_RETURN: emit_return(f, op->operands, op->operand_count); return;
    case OP_TRY: case OP_RAISE: case OP_FAIL: case OP_CAUGHT: emit_error_op(f, op); return;
    case OP_CALL:
        if (op->attr.callee->is_range) emit_range_call(f, op);
        else if (op->attr.callee->is_task) emit_task_call(f, op);
        else emit_call(f, op);
        return;
    case OP_JOIN: emit_join(f, op); return;
    case OP_GRAPH: emit_graph(f, op); return;
    case OP_CHECK: emit_check(f, op); return;
    case OP_PRINT: emit_print(f, op); return;
    case OP_COUNT: break;
    }
    UNREACHABLE();
}

const Op *emit_region(FnEmit *f, const Region *region) {
    for (const Op *op = region->first; op != NULL && !f->closed; op = op->next) {
        emit_op(f, op);
        if (op->kind == OP_YIELD) return op;
    }
    return NULL;
}
