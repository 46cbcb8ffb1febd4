/* Vectors: lanes, masks, and accesses to several elements. What works lane by lane is emitted by the
 * files that know the scalars: LLVM's instructions take vectors as well. */
#include "codegen/emit.h"

#include <string.h>

static LLVMTypeRef vector_of(FnEmit *f, const IrType *type) { return type_value(f->e, type); }

static LLVMValueRef shuffled(FnEmit *f, LLVMValueRef a, LLVMValueRef b, const uint16_t *lanes,
                             uint32_t count) {
    LLVMValueRef at[MAX_LANES];
    for (uint32_t i = 0; i < count; i++) at[i] = const_i32(f->e, lanes[i]);
    return LLVMBuildShuffleVector(f->b, a, b, LLVMConstVector(at, count), "");
}

/* `count` lanes from `first` on. */
LLVMValueRef vector_part(FnEmit *f, LLVMValueRef vector, uint32_t first, uint32_t count) {
    uint16_t lanes[MAX_LANES];
    for (uint32_t i = 0; i < count; i++) lanes[i] = (uint16_t)(first + i);
    return shuffled(f, vector, LLVMGetPoison(LLVMTypeOf(vector)), lanes, count);
}

LLVMValueRef splat(FnEmit *f, LLVMValueRef scalar, uint32_t lanes) {
    LLVMValueRef same[MAX_LANES];
    for (uint32_t i = 0; i < lanes; i++) same[i] = scalar;
    if (LLVMIsConstant(scalar)) return LLVMConstVector(same, lanes);
    LLVMTypeRef type = LLVMVectorType(LLVMTypeOf(scalar), lanes);
    LLVMValueRef one =
        LLVMBuildInsertElement(f->b, LLVMGetPoison(type), scalar, const_i32(f->e, 0), "");
    LLVMValueRef zeros = LLVMConstNull(LLVMVectorType(f->e->i32, lanes));
    return LLVMBuildShuffleVector(f->b, one, LLVMGetPoison(type), zeros, "");
}

static LLVMValueRef emit_lanes(FnEmit *f, const IrType *type) {
    LLVMValueRef numbers[MAX_LANES];
    LLVMTypeRef lane = scalar_type(f->e, type->scalar);
    for (uint32_t i = 0; i < type->lanes; i++) numbers[i] = LLVMConstInt(lane, i, false);
    return LLVMConstVector(numbers, type->lanes);
}

static LLVMValueRef lane_number(FnEmit *f, const Value *vector, const Value *lane) {
    LLVMValueRef last = const_i64(f->e, vector->type->lanes - 1);
    return LLVMBuildAnd(f->b, value_llvm(f, lane), last, "");
}

/* ---- Folding --------------------------------------------------------------------------------- */

/* A mask as the bits of an integer, lane 0 in the lowest. */
static LLVMValueRef mask_bits(FnEmit *f, LLVMValueRef mask) {
    unsigned lanes = LLVMGetVectorSize(LLVMTypeOf(mask));
    return LLVMBuildBitCast(f->b, mask, LLVMIntTypeInContext(f->e->llvm, lanes), "");
}

static LLVMValueRef fold_mask(FnEmit *f, ReduceKind kind, LLVMValueRef mask) {
    LLVMValueRef bits = mask_bits(f, mask);
    LLVMTypeRef type = LLVMTypeOf(bits);
    return kind == REDUCE_OR ? LLVMBuildICmp(f->b, LLVMIntNE, bits, LLVMConstNull(type), "")
                             : LLVMBuildICmp(f->b, LLVMIntEQ, bits, LLVMConstAllOnes(type), "");
}

static LLVMValueRef emit_fold(FnEmit *f, const Op *op) {
    const IrType *type = op->operands[0]->type;
    LLVMValueRef vector = value_llvm(f, op->operands[0]);
    if (type->scalar == SCALAR_BOOL) return fold_mask(f, op->attr.reduce, vector);
    for (uint32_t half = type->lanes / 2; half != 0; half /= 2) {
        LLVMValueRef halves[] = {vector_part(f, vector, 0, half), vector_part(f, vector, half, half)};
        vector = arith(f, reduce_step(op->attr.reduce), type->scalar, halves);
    }
    return LLVMBuildExtractElement(f->b, vector, const_i32(f->e, 0), "");
}

/* ---- Masks ----------------------------------------------------------------------------------- */

static LLVMValueRef emit_first(FnEmit *f, LLVMValueRef mask) {
    LLVMValueRef bits = mask_bits(f, mask);
    LLVMValueRef args[] = {bits, LLVMConstInt(f->e->i1, 0, false)};
    LLVMValueRef first = intrinsic(f, "llvm.cttz", LLVMTypeOf(bits), args, 2);
    return LLVMBuildIntCast2(f->b, first, f->e->i64, false, "");
}

static LLVMValueRef emit_tally(FnEmit *f, LLVMValueRef mask) {
    LLVMValueRef bits = mask_bits(f, mask);
    LLVMValueRef count = intrinsic(f, "llvm.ctpop", LLVMTypeOf(bits), &bits, 1);
    return LLVMBuildIntCast2(f->b, count, f->e->i64, false, "");
}

/* ---- Memory ---------------------------------------------------------------------------------- */

LLVMValueRef overloaded(FnEmit *f, const char *name, LLVMTypeRef *types, uint32_t type_count,
                               LLVMValueRef *args, uint32_t count) {
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    LLVMValueRef fn = LLVMGetIntrinsicDeclaration(f->e->mod, id, types, type_count);
    LLVMTypeRef type = LLVMIntrinsicGetType(f->e->llvm, id, types, type_count);
    return LLVMBuildCall2(f->b, type, fn, args, count, "");
}

static LaneAccess access_of(FnEmit *f, const Op *op, uint32_t first, const IrType *vec) {
    const Value *view = op->operands[0];
    LLVMTypeRef elem = type_memory(f->e, view->type->elem);
    bool masked = op->operand_count > first + view->type->rank;
    return (LaneAccess){
        .op = op,
        .view = view,
        .indices = op->operands + first,
        .mask = masked ? value_llvm(f, op->operands[op->operand_count - 1]) : NULL,
        .memory = LLVMVectorType(elem, vec->lanes),
        .align = const_i32(f->e, (int32_t)view->type->elem->align),
        .root = f->values[view->id].root,
    };
}

/* Elements of a strided view follow each other at a distance. */
static bool is_spread(FnEmit *f, const LaneAccess *a) {
    const EmitView *window = value_view(f, a->view);
    return !is_constant_one(view_stride(f, window, window->rank - 1));
}

static LLVMValueRef emit_vload(FnEmit *f, const Op *op) {
    const IrType *type = op_result(op)->type;
    LaneAccess a = access_of(f, op, 1, type);
    LLVMValueRef value, all = NULL;
    bool gathers = op->kind == OP_GATHER || is_spread(f, &a);
    if (gathers) {
        value = emit_gather(f, &a, &all);
    } else if (a.mask != NULL) {
        LLVMValueRef args[] = {element_pointer(f, a.view, a.indices), a.align, a.mask,
                               LLVMConstNull(a.memory)};
        LLVMTypeRef types[] = {a.memory, f->e->ptr};
        value = overloaded(f, "llvm.masked.load", types, 2, args, 4);
    } else {
        value = LLVMBuildLoad2(f->b, a.memory, element_pointer(f, a.view, a.indices), "");
        LLVMSetAlignment(value, a.view->type->elem->align);
    }
    if (!gathers) access_mark(f, value, a.root);
    if (type->scalar == SCALAR_BOOL) return LLVMBuildICmp(f->b, LLVMIntNE, value, LLVMConstNull(a.memory), "");
    f->values[op_result(op)->id].all = all;
    return value;
}

static bool in_stream(const Op *op) {
    const Op *around = op->parent->parent;
    return around != NULL && around->kind == OP_FOR && around->attr.loop.streams;
}

static void stream_mark(FnEmit *f, LLVMValueRef store) {
    LLVMMetadataRef one = LLVMValueAsMetadata(const_i32(f->e, 1));
    metadata_set(f->e, store, "nontemporal", LLVMMDNodeInContext2(f->e->llvm, &one, 1));
}

/* Stores past the caches are seen in no order by others, until here. */
void stream_end(FnEmit *f) {
    if (f->e->target->arch == ARCH_X86_64) overloaded(f, "llvm.x86.sse.sfence", NULL, 0, NULL, 0);
}

static void emit_vstore(FnEmit *f, const Op *op) {
    LaneAccess a = access_of(f, op, 2, op->operands[1]->type);
    LLVMValueRef value = value_llvm(f, op->operands[1]), store;
    if (op->operands[1]->type->scalar == SCALAR_BOOL)
        value = LLVMBuildZExt(f->b, value, a.memory, "");
    if (op->kind == OP_SCATTER || is_spread(f, &a)) {
        emit_scatter(f, &a, value);
        return;
    }
    if (op->kind == OP_PACK) {
        PackTarget to = {element_pointer(f, a.view, a.indices), a.view->type->elem->align, a.root};
        emit_pack(f, value, mask_or_all(f, &a), &to);
        return;
    }
    if (emit_pieces(f, &a, value)) return;
    if (a.mask != NULL) {
        LLVMValueRef args[] = {value, element_pointer(f, a.view, a.indices), a.align, a.mask};
        LLVMTypeRef types[] = {a.memory, f->e->ptr};
        store = overloaded(f, "llvm.masked.store", types, 2, args, 4);
    } else {
        bool streams = in_stream(op);
        store = LLVMBuildStore(f->b, value, element_pointer(f, a.view, a.indices));
        uint32_t lanes = streams ? op->operands[1]->type->lanes : 1;
        LLVMSetAlignment(store, lanes * a.view->type->elem->align);
        if (streams) stream_mark(f, store);
    }
    access_mark(f, store, a.root);
}

/* ---- All of them ----------------------------------------------------------------------------- */

/* Numbers of the runs that a gather took, one for each of its lanes. */
static bool takes_runs_apart(const Op *op) {
    const Op *gather = op->operands[0]->def;
    uint32_t count = op->attr.lanes.count, run = op->operands[0]->type->lanes / count;
    if (gather == NULL || gather->kind != OP_GATHER || gather_run(gather) != run) return false;
    for (uint32_t i = 0; i < count; i++)
        if (op->attr.lanes.at[i] / run != i) return false;
    return true;
}

/* A mask is put on what is taken out of a gather, not on the gather: where numbers are in the order of the mask, and
 * shuffles are free to use the order in which they came. */
static LLVMValueRef emit_shuffle(FnEmit *f, const Op *op) {
    const Value *from = op->operands[0];
    LLVMValueRef all = f->values[from->id].all, other = value_llvm(f, op->operands[1]);
    const uint16_t *at = op->attr.lanes.at;
    if (all == NULL && takes_second_bytes(f, op)) return second_bytes(f, value_llvm(f, from), other, at[0]);
    if (all == NULL || !takes_runs_apart(op))
        return shuffled(f, value_llvm(f, from), other, at, op->attr.lanes.count);
    const Op *gather = from->def;
    LLVMValueRef mask = value_llvm(f, gather->operands[gather->operand_count - 1]);
    return lanes_blank(f, mask, shuffled(f, all, all, at, op->attr.lanes.count));
}

static LLVMValueRef vector_value(FnEmit *f, const Op *op) {
    const IrType *type = op_result(op)->type;
    if (op->kind == OP_LANES) return emit_lanes(f, type);
    if (op->kind == OP_VLOAD || op->kind == OP_GATHER) return emit_vload(f, op);
    LLVMValueRef first = value_llvm(f, op->operands[0]);
    switch ((int)op->kind) {
    case OP_SPLAT: return splat(f, first, LLVMGetVectorSize(vector_of(f, type)));
    case OP_LANE:
        return LLVMBuildExtractElement(
            f->b, first, lane_number(f, op->operands[0], op->operands[1]), "");
    case OP_WITH_LANE:
        return LLVMBuildInsertElement(f->b, first, value_llvm(f, op->operands[2]),
                                      lane_number(f, op->operands[0], op->operands[1]), "");
    case OP_SHUFFLE: return emit_shuffle(f, op);
    case OP_FOLD: return emit_fold(f, op);
    case OP_FIRST: return emit_first(f, first);
    case OP_TALLY: return emit_tally(f, first);
    default: UNREACHABLE();
    }
}

void emit_vector_op(FnEmit *f, const Op *op) {
    if (op->result_count == 0) emit_vstore(f, op);
    else value_set(f, op_result(op), vector_value(f, op));
}
