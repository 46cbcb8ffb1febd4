#include "ir/lower/lower_lanes.h"

/* A mask has no places for its lanes; bytes have. */
static const IrType *place_type(FnLower *f, const IrType *type) {
    return type->scalar == SCALAR_BOOL ? ir_vec(module_of(f), SCALAR_U8, type->lanes) : type;
}

LaneLoop lane_loop_open(FnLower *f, const IrType *type) {
    IrModule *m = module_of(f);
    const IrType *held = place_type(f, type);
    LaneLoop loop = {.type = type, .result = build_var(&f->b, held, NO_NAME)};
    build_set(&f->b, loop.result, widen(f, build_zero(&f->b, ir_scalar(m, held->scalar)), held));
    Op *op = build_for(&f->b, build_i64(&f->b, 0), build_i64(&f->b, type->lanes), build_i64(&f->b, 1),
                       (OpLoop){.is_lanes = true});
    loop.outside = f->b;
    loop.lane = op->regions[0]->params[0];
    f->b = builder_at_end(op->regions[0], f->b.span);
    return loop;
}

Value *lane_loop_take(FnLower *f, const LaneLoop *loop, Value *value) {
    if (value->type->kind != IR_VEC) return value;
    bool is_same = value->def != NULL && value->def->kind == OP_SPLAT;
    return is_same ? value->def->operands[0] : build_lane(&f->b, value, loop->lane);
}

Value *lane_loop_close(FnLower *f, const LaneLoop *loop, Value *value) {
    const IrType *held = loop->result->type->elem;
    Value *place = build_lane_item(&f->b, loop->result, loop->lane);
    build_set(&f->b, place, build_cast(&f->b, value, place->type->elem));
    f->b = loop->outside;
    Value *all = build_get(&f->b, loop->result);
    return held == loop->type ? all : build_binary(&f->b, OP_NE, all, build_zero(&f->b, held));
}

/* As many lanes as an argument has; 0: all are numbers. */
static uint32_t lanes_of(Value *const *values, uint32_t count) {
    for (uint32_t k = 0; k < count; k++)
        if (values[k]->type->kind == IR_VEC) return values[k]->type->lanes;
    return 0;
}

Value *lower_number_call(FnLower *f, const FnSymbol *symbol, Value *const *values, uint32_t count) {
    uint32_t lanes = lanes_of(values, count);
    if (lanes == 0) return lower_scalar_call(f, symbol, values, count);
    Value **numbers = arena_array(arena_of(f), Value *, count);
    Scalar scalar = ir_type_of(f->p, symbol->result)->scalar;
    LaneLoop loop = lane_loop_open(f, ir_vec(module_of(f), scalar, lanes));
    for (uint32_t k = 0; k < count; k++) numbers[k] = lane_loop_take(f, &loop, values[k]);
    return lane_loop_close(f, &loop, lower_scalar_call(f, symbol, numbers, count));
}
