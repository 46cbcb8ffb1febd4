/* Arenas. */
#include "ir/lower/lower_internal.h"

Value *lower_arena(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    Value *bytes = lower_bound(f, i->args[0]);
    f->b.span = e->span;
    check1(f, CHECK_LENGTH, bytes);
    Value *arena = build_unary(&f->b, OP_ARENA, bytes);
    arena->def->attr.flag = i->flag;
    return arena;
}

/* The arena, then the sizes. */
static void arena_operands(FnLower *f, const Expr *e, Value **operands) {
    const ExprInfo *i = info(f, e);
    Path path = path_of(f, i->args[0]);
    lower_alloc_dims(f, i->args + 1, i->arg_count - 1, e->span, operands + 1);
    Place place = place_open(f, &path, false);
    operands[0] = place_as_ref(f, &place);
    f->b.span = e->span;
}

/* a.tensor[T](d0, ..): where there is no room this is an error of the program, not of kc. */
Value *lower_arena_alloc(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    const IrType *type = ir_type_of(f->p, i->type);
    Value *operands[1 + MAX_RANK];
    arena_operands(f, e, operands);
    Value *room = build_binary(&f->b, OP_ROOM, operands[0], operands[1]);
    op_set_operands(room->def, operands, i->arg_count);
    room->def->attr.type = type;
    require(f, room, "arena exhausted");
    Op *op = build_op(&f->b, OP_ALLOC_IN, operands, i->arg_count, &type, 1, 0);
    op->attr.flag = !i->flag;
    return op_result(op);
}

static Value *arena_ref(FnLower *f, const Expr *e, bool to_write) {
    Value *ref = lower_ref(f, info(f, e)->args[0], to_write);
    f->b.span = e->span;
    return ref;
}

void lower_reset(FnLower *f, const Expr *e) {
    Value *ref = arena_ref(f, e, true);
    build_op(&f->b, OP_RESET, &ref, 1, NULL, 0, 0);
}

Value *lower_arena_stat(FnLower *f, const Expr *e) {
    Value *bytes = build_unary(&f->b, OP_ARENA_STAT, arena_ref(f, e, false));
    bytes->def->attr.index = (uint32_t)(info(f, e)->builtin - BUILTIN_M_USED);
    return bytes;
}
