/* What a program allocates: tensors, lists, arenas. All of it is calls of libkcrt. */
#include "codegen/emit.h"
#include "ir/analysis/local.h"
#include "kc/kcrt.h"

/* ---- Tensors --------------------------------------------------------------------------------- */

/* How many elements; -1, which the runtime refuses, when the product does not fit. */
static LLVMValueRef element_count(FnEmit *f, Value *const *sizes, uint32_t rank) {
    LLVMValueRef count = value_llvm(f, sizes[0]);
    LLVMValueRef overflowed = NULL;
    for (uint32_t i = 1; i < rank; i++) {
        LLVMValueRef args[] = {count, value_llvm(f, sizes[i])};
        LLVMValueRef both = intrinsic(f, "llvm.smul.with.overflow", f->e->i64, args, 2);
        LLVMValueRef bit = LLVMBuildExtractValue(f->b, both, 1, "");
        count = LLVMBuildExtractValue(f->b, both, 0, "");
        overflowed = overflowed == NULL ? bit : LLVMBuildOr(f->b, overflowed, bit, "");
    }
    if (overflowed == NULL) return count;
    return LLVMBuildSelect(f->b, overflowed, const_i64(f->e, -1), count, "");
}

/* `bytes` is what was asked for. */
static void check_memory(FnEmit *f, const Op *op, LLVMValueRef holds, LLVMValueRef bytes) {
    check_that(f, op, CHECK_MEMORY, holds, &bytes, 1, NULL);
}

/* The runtime checks this too; here it stays where LLVM leaves the allocation out. */
static LLVMValueRef is_possible(FnEmit *f, LLVMValueRef count, uint32_t size) {
    LLVMValueRef most = const_i64(f->e, KC_MEMORY_MAX / (size > 0 ? size : 1));
    return LLVMBuildICmp(f->b, LLVMIntULE, count, most, "");
}

static void tensor_set(FnEmit *f, const Op *op, LLVMValueRef data, Value *const *sizes) {
    EmitView *view = arena_new(f->e->scratch, EmitView);
    view->rank = op_result(op)->type->rank;
    view->data = data;
    for (uint32_t i = 0; i < view->rank; i++) view->dim[i] = value_llvm(f, sizes[i]);
    value_set_view(f, op_result(op), view, 0);
}

static LLVMValueRef local_room(FnEmit *f, const Op *op) {
    const IrType *elem = op_result(op)->type->elem;
    uint64_t count = 1;
    for (uint32_t i = 0; i < op->operand_count; i++)
        count *= LLVMConstIntGetZExtValue(value_llvm(f, op->operands[i]));
    LLVMValueRef room = stack_slot(f, LLVMArrayType2(type_memory(f->e, elem), count), "");
    LLVMSetAlignment(room, 64);
    return room;
}

static LLVMValueRef handle_get(FnEmit *f, const Value *ref) {
    return memory_load(f, f->e->ptr, value_llvm(f, ref), root_of_ref(f, ref));
}

static void emit_alloc(FnEmit *f, const Op *op) {
    bool in_arena = op->kind == OP_ALLOC_IN;
    const IrType *type = op_result(op)->type;
    Value *const *sizes = op->operands + in_arena;
    if (alloc_is_local(op)) {
        tensor_set(f, op, local_room(f, op), sizes);
        return;
    }
    LLVMValueRef count = element_count(f, sizes, type->rank);
    LLVMValueRef size = const_i64(f->e, type->elem->size);
    LLVMValueRef args[4], *rest = args;
    if (in_arena) *rest++ = handle_get(f, op->operands[0]);
    *rest++ = count;
    *rest++ = size;
    *rest = const_i32(f->e, op->attr.flag);
    bool is_scratch = scratch_has(f->e->scratch_use, f->ir, op_result(op));
    RuntimeKind from = in_arena ? RT_ARENA_ALLOC : is_scratch ? RT_SCRATCH_ALLOC : RT_ALLOC;
    LLVMValueRef data = runtime_call(f, from, args);
    LLVMValueRef holds = LLVMBuildIsNotNull(f->b, data, "");
    if (!in_arena) holds = LLVMBuildAnd(f->b, holds, is_possible(f, count, type->elem->size), "");
    check_memory(f, op, holds, LLVMBuildMul(f->b, count, size, ""));
    tensor_set(f, op, data, sizes);
}

static void emit_free(FnEmit *f, const Op *op) {
    const Value *value = op->operands[0];
    bool is_arena = value->type->kind == IR_ARENA;
    if (value->def != NULL && value->def->kind == OP_ALLOC && alloc_is_local(value->def)) return;
    LLVMValueRef memory = value->type->kind == IR_VIEW ? value_view(f, value)->data
                          : is_arena ? value_llvm(f, value)
                                     : LLVMBuildExtractValue(f->b, value_llvm(f, value), 0, "");
    bool is_scratch = scratch_has(f->e->scratch_use, f->ir, value);
    runtime_call(f, is_arena ? RT_ARENA_FREE : is_scratch ? RT_SCRATCH_FREE : RT_FREE, &memory);
}

/* ---- Arenas ---------------------------------------------------------------------------------- */

static void emit_arena(FnEmit *f, const Op *op) {
    LLVMValueRef bytes = value_llvm(f, op->operands[0]);
    LLVMValueRef args[] = {bytes, const_i32(f->e, op->attr.flag)};
    LLVMValueRef arena = runtime_call(f, RT_ARENA_CREATE, args);
    check_memory(f, op, LLVMBuildIsNotNull(f->b, arena, ""), bytes);
    value_set(f, op_result(op), arena);
}

static void emit_room(FnEmit *f, const Op *op) {
    LLVMValueRef count = element_count(f, op->operands + 1, op->operand_count - 1);
    LLVMValueRef args[] = {handle_get(f, op->operands[0]), count,
                           const_i64(f->e, op->attr.type->elem->size)};
    LLVMValueRef has = runtime_call(f, RT_ARENA_HAS_ROOM, args);
    value_set(f, op_result(op),
              LLVMBuildICmp(f->b, LLVMIntNE, has, const_i32(f->e, 0), ""));
}

static void emit_arena_stat(FnEmit *f, const Op *op) {
    static const RuntimeKind stats[] = {RT_ARENA_USED, RT_ARENA_PEAK, RT_ARENA_CAPACITY};
    KC_CHECK(op->attr.index < ARRAY_LEN(stats));
    LLVMValueRef arena = handle_get(f, op->operands[0]);
    value_set(f, op_result(op), runtime_call(f, stats[op->attr.index], &arena));
}

static void emit_reset(FnEmit *f, const Op *op) {
    LLVMValueRef arena = handle_get(f, op->operands[0]);
    runtime_call(f, RT_ARENA_RESET, &arena);
}

/* ---- Lists ----------------------------------------------------------------------------------- */

static void emit_items(FnEmit *f, const Op *op) {
    const Value *ref = op->operands[0];
    LLVMTypeRef type = type_list_struct(f->e);
    LLVMValueRef list = value_llvm(f, ref), length = LLVMBuildStructGEP2(f->b, type, list, 1, "");
    EmitView *view = arena_new(f->e->scratch, EmitView);
    view->rank = 1;
    view->data = memory_load(f, f->e->ptr, list, root_of_ref(f, ref));
    view->dim[0] = memory_load(f, f->e->i64, length, root_of_ref(f, ref));
    value_set_view(f, op_result(op), view, 0);
}

/* Where one more element goes when there is no room left. */
static LLVMValueRef place_in_more(FnEmit *f, const Op *op, LLVMValueRef size) {
    LLVMValueRef args[] = {value_llvm(f, op->operands[0]), size};
    LLVMValueRef place = runtime_call(f, RT_LIST_APPEND, args);
    check_memory(f, op, LLVMBuildIsNotNull(f->b, place, ""), size);
    return place;
}

/* Nearly always there is room, and then no call. */
static LLVMValueRef place_at_end(FnEmit *f, const Op *op, LLVMValueRef size) {
    Emit *e = f->e;
    uint32_t root = root_of_ref(f, op->operands[0]);
    LLVMTypeRef type = type_list_struct(e);
    LLVMValueRef list = value_llvm(f, op->operands[0]);
    LLVMValueRef length_at = LLVMBuildStructGEP2(f->b, type, list, 1, "");
    LLVMValueRef capacity_at = LLVMBuildStructGEP2(f->b, type, list, 2, "");
    LLVMValueRef length = memory_load(f, e->i64, length_at, root);
    LLVMValueRef capacity = memory_load(f, e->i64, capacity_at, root);
    LLVMBasicBlockRef room = block_new(f, "room"), full = block_new(f, "full");
    LLVMBasicBlockRef done = block_new(f, "append"), from[] = {room, NULL};
    branch_likely(f, LLVMBuildICmp(f->b, LLVMIntSLT, length, capacity, ""), room, full);
    block_enter(f, room);
    LLVMValueRef offset = LLVMBuildNSWMul(f->b, length, size, "");
    LLVMValueRef data = memory_load(f, e->ptr, list, root);
    LLVMValueRef places[] = {LLVMBuildInBoundsGEP2(f->b, e->i8, data, &offset, 1, ""), NULL};
    memory_store(f, LLVMBuildNSWAdd(f->b, length, const_i64(e, 1), ""), length_at, root);
    branch_to(f, done);
    block_enter(f, full);
    places[1] = place_in_more(f, op, size);
    from[1] = LLVMGetInsertBlock(f->b);
    branch_to(f, done);
    block_enter(f, done);
    LLVMValueRef place = LLVMBuildPhi(f->b, e->ptr, "");
    LLVMAddIncoming(place, places, from, 2);
    return place;
}

static void emit_append(FnEmit *f, const Op *op) {
    const IrType *elem = op->operands[0]->type->elem->elem;
    const Value *value = op->operands[1];
    LLVMValueRef packed = value_to_memory(f, elem, value_packed(f, value));
    memory_store(f, packed, place_at_end(f, op, const_i64(f->e, elem->size)), ROOT_SLOT);
}

static void emit_take(FnEmit *f, const Op *op) {
    const IrType *elem = op_result(op)->type;
    LLVMTypeRef type = type_memory(f->e, elem);
    LLVMValueRef room = stack_slot(f, type, "");
    LLVMValueRef args[] = {value_llvm(f, op->operands[0]), value_llvm(f, op->operands[1]),
                           const_i64(f->e, elem->size), room};
    runtime_call(f, RT_LIST_TAKE, args);
    LLVMValueRef taken = memory_load(f, type, room, ROOT_SLOT);
    value_set_packed(f, op_result(op), value_from_memory(f, elem, taken));
}

void emit_heap_op(FnEmit *f, const Op *op) {
    switch ((int)op->kind) {
    case OP_ALLOC:
    case OP_ALLOC_IN: emit_alloc(f, op); return;
    case OP_FREE: emit_free(f, op); return;
    case OP_ARENA: emit_arena(f, op); return;
    case OP_ROOM: emit_room(f, op); return;
    case OP_ARENA_STAT: emit_arena_stat(f, op); return;
    case OP_RESET: emit_reset(f, op); return;
    case OP_LIST: value_set(f, op_result(op), LLVMConstNull(type_list_struct(f->e))); return;
    case OP_ITEMS: emit_items(f, op); return;
    case OP_APPEND: emit_append(f, op); return;
    case OP_TAKE: emit_take(f, op); return;
    default: UNREACHABLE();
    }
}
