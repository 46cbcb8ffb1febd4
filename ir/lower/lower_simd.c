/* SIMD values: made, taken apart, lanes that move. Arithmetic on them is in lower_apply.c, memory
 * in lower_simd_memory.c. */
#include "ir/lower/lower_internal.h"

static uint32_t width_of(const Value *value) { return value->type->lanes; }

Value *widen(FnLower *f, Value *value, const IrType *type) {
    if (value->type == type || type->kind != IR_VEC) return value;
    const IrType *scalar = ir_scalar(module_of(f), type->scalar);
    return build_splat(&f->b, build_cast(&f->b, value, scalar), type->lanes);
}

Value *to_width(FnLower *f, Value *value, const IrType *type) {
    return value->type->kind == IR_VEC ? build_cast(&f->b, value, type) : widen(f, value, type);
}

/* A constant of the integers or floats that the lanes are. */
static Value *count_up(FnLower *f, const IrType *type) {
    IrModule *m = module_of(f);
    if (scalar_is_int(type->scalar)) return build_lanes(&f->b, type->scalar, type->lanes);
    Value *numbers = build_lanes(&f->b, SCALAR_I32, type->lanes);
    return build_cast(&f->b, numbers, ir_vec(m, type->scalar, type->lanes));
}

static Value *lower_iota(FnLower *f, const Expr *e, const IrType *type) {
    const ExprInfo *i = info(f, e);
    Value *start = i->arg_count ? lower_value(f, i->args[0]) : NULL;
    f->b.span = e->span;
    Value *numbers = count_up(f, type);
    return start ? build_binary(&f->b, OP_ADD, numbers, widen(f, start, type)) : numbers;
}

static Value *lower_made(FnLower *f, const Expr *e, const IrType *type) {
    const ExprInfo *i = info(f, e);
    Value **lanes = arena_array(arena_of(f), Value *, i->arg_count);
    for (uint32_t k = 0; k < i->arg_count; k++) lanes[k] = lower_value(f, i->args[k]);
    f->b.span = e->span;
    Value *made = build_splat(&f->b, lanes[0], type->lanes);
    for (uint32_t k = 1; k < i->arg_count; k++) {
        made = build_with_lane(&f->b, made, build_i64(&f->b, k), lanes[k]);
    }
    return made;
}

/* ---- Lanes ----------------------------------------------------------------------------------- */

/* The number of a lane, checked unless sema knew it. */
static Value *lane_number(FnLower *f, const Expr *index, uint32_t lanes) {
    Value *number = as_i64(f, lower_value(f, index));
    int64_t known;
    if (!value_is_int(number, &known)) {
        check2(f, CHECK_INDEX, number, build_i64(&f->b, lanes));
    }
    return number;
}

Value *lower_lane(FnLower *f, const Expr *e) {
    Value *vector = lower_value(f, e->index.base);
    Value *number = lane_number(f, info(f, e)->args[0], width_of(vector));
    f->b.span = e->span;
    return build_lane(&f->b, vector, number);
}

void set_lane(FnLower *f, const Expr *target, Value *value, Span span) {
    Path path = path_of(f, target->index.base);
    Value *number =
        lane_number(f, info(f, target)->args[0], info(f, target->index.base)->type->lanes);
    Place place = place_open(f, &path, true);
    Value *vector = place_get(f, &place);
    f->b.span = span;
    place_set(f, &place, build_with_lane(&f->b, vector, number, value));
}

/* `v[i] op= value` */
static void update_lane(FnLower *f, const Stmt *s, const Expr *target) {
    Path path = path_of(f, target->index.base);
    Value *number =
        lane_number(f, info(f, target)->args[0], info(f, target->index.base)->type->lanes);
    Value *value = lower_value(f, s->assign.value);
    Place place = place_open(f, &path, true);
    Value *vector = place_get(f, &place);
    f->b.span = s->span;
    const FnSymbol *power = stmt_info_of(f->p->checked, s)->fn;
    Value *old = build_lane(&f->b, vector, number);
    value = apply_update(f, s->assign.op, old, value, s->assign.value, power);
    place_set(f, &place, build_with_lane(&f->b, vector, number, value));
}

void lower_lane_assign(FnLower *f, const Stmt *s, const Expr *target) {
    if (s->assign.has_op)
        update_lane(f, s, target);
    else
        set_lane(f, target, lower_value(f, s->assign.value), s->span);
}

/* ---- Shuffles -------------------------------------------------------------------------------- */

/* Lane i of the result is lane `first + i * step` of both together, counted modulo `around`. */
typedef struct Pattern {
    uint32_t count, first, step, around;
} Pattern;

static Value *rearrange(FnLower *f, Value *a, Value *b, Pattern p) {
    uint16_t from[MAX_LANES];
    for (uint32_t i = 0; i < p.count; i++) from[i] = (uint16_t)((p.first + i * p.step) % p.around);
    return build_shuffle(&f->b, a, b, from, p.count);
}

static uint32_t constant_of(const FnLower *f, const Expr *e) {
    return (uint32_t)info(f, e)->constant->integer;
}

static Value *lower_shuffle(FnLower *f, const Expr *e, Value *v) {
    const ExprInfo *i = info(f, e);
    uint32_t count = i->type->lanes, first = i->arg_count - count;
    Value *other = first == 2 ? lower_value(f, i->args[1]) : v;
    uint16_t from[MAX_LANES];
    for (uint32_t k = 0; k < count; k++) from[k] = (uint16_t)constant_of(f, i->args[first + k]);
    f->b.span = e->span;
    return build_shuffle(&f->b, v, other, from, count);
}

/* Lanes of the two by turns. */
static Value *interleave(FnLower *f, Value *a, Value *b) {
    uint32_t lanes = width_of(a);
    uint16_t from[MAX_LANES];
    for (uint32_t i = 0; i < 2 * lanes; i++) from[i] = (uint16_t)(i / 2 + (i % 2) * lanes);
    return build_shuffle(&f->b, a, b, from, 2 * lanes);
}

/* `part` in place of lanes of `v`: first as wide as it, then chosen lane by lane. */
static Value *insert(FnLower *f, Value *v, uint32_t first, Value *part) {
    uint32_t lanes = width_of(v), few = width_of(part);
    uint16_t from[MAX_LANES];
    Value *wide = part;
    if (few != lanes) {
        for (uint32_t i = 0; i < lanes; i++) from[i] = (uint16_t)(i % few);
        wide = build_shuffle(&f->b, part, part, from, lanes);
    }
    for (uint32_t i = 0; i < lanes; i++) {
        bool inside = i >= first && i < first + few;
        from[i] = (uint16_t)(inside ? lanes + i - first : i);
    }
    return build_shuffle(&f->b, v, wide, from, lanes);
}

void lower_halves(FnLower *f, const Expr *e, ValueVec *out) {
    Value *v = lower_value(f, info(f, e)->args[0]);
    uint32_t lanes = width_of(v);
    f->b.span = e->span;
    for (uint32_t half = 0; half < 2; half++) {
        Pattern every_second = {lanes / 2, half, 2, lanes};
        vec_push(arena_of(f), out, rearrange(f, v, v, every_second));
    }
}

/* ---- Methods --------------------------------------------------------------------------------- */

static Value *lower_moved(FnLower *f, const Expr *e, Value *v) {
    const ExprInfo *i = info(f, e);
    uint32_t lanes = width_of(v), first;
    switch ((int)i->builtin) {
    case BUILTIN_V_REVERSE:
        return rearrange(f, v, v, (Pattern){lanes, lanes - 1, lanes - 1, lanes});
    case BUILTIN_V_ROTATE:
        return rearrange(f, v, v, (Pattern){lanes, constant_of(f, i->args[1]), 1, lanes});
    case BUILTIN_V_SLICE:
        first = constant_of(f, i->args[1]);
        return rearrange(f, v, v, (Pattern){i->type->lanes, first, 1, lanes});
    default: KC_BUG("`%s` is no move of lanes", builtin_name(i->builtin));
    }
}

static ReduceKind fold_of(Builtin builtin) {
    switch ((int)builtin) {
    case BUILTIN_V_REDUCE_ADD: return REDUCE_ADD;
    case BUILTIN_V_REDUCE_MUL: return REDUCE_MUL;
    case BUILTIN_V_REDUCE_MIN: return REDUCE_MIN;
    case BUILTIN_V_REDUCE_MAX: return REDUCE_MAX;
    case BUILTIN_V_REDUCE_AND:
    case BUILTIN_V_ALL: return REDUCE_AND;
    default: return REDUCE_OR;
    }
}

static Value *lower_with_other(FnLower *f, const Expr *e, Value *v) {
    const ExprInfo *i = info(f, e);
    Value *other = lower_value(f, i->args[i->builtin == BUILTIN_V_INSERT ? 2 : 1]);
    f->b.span = e->span;
    switch ((int)i->builtin) {
    case BUILTIN_V_INTERLEAVE: return interleave(f, v, other);
    case BUILTIN_V_JOIN:
        return rearrange(f, v, other, (Pattern){2 * width_of(v), 0, 1, 2 * width_of(v)});
    case BUILTIN_V_INSERT: return insert(f, v, constant_of(f, i->args[1]), other);
    case BUILTIN_V_LOOKUP: return build_binary(&f->b, OP_LOOKUP, v, other);
    case BUILTIN_V_COMPRESS: return build_binary(&f->b, OP_COMPRESS, v, other);
    case BUILTIN_V_EXPAND: return build_binary(&f->b, OP_EXPAND, v, other);
    case BUILTIN_V_ADD_SAT: return build_binary(&f->b, OP_SATADD, v, other);
    case BUILTIN_V_SUB_SAT: return build_binary(&f->b, OP_SATSUB, v, other);
    default: {
        const IrType *wide = ir_type_of(f->p, i->type);
        return build_binary(&f->b, OP_MUL, build_cast(&f->b, v, wide),
                            build_cast(&f->b, other, wide));
    }
    }
}

Value *lower_simd(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    if (i->builtin == BUILTIN_V_IOTA) return lower_iota(f, e, ir_type_of(f->p, i->type));
    if (i->builtin == BUILTIN_V_MAKE) return lower_made(f, e, ir_type_of(f->p, i->type));
    Value *v = lower_value(f, i->args[0]);
    f->b.span = e->span;
    switch ((int)i->builtin) {
    case BUILTIN_V_SHUFFLE: return lower_shuffle(f, e, v);
    case BUILTIN_V_BITCAST: return build_bitcast(&f->b, v, ir_type_of(f->p, i->type));
    case BUILTIN_V_COUNT: return build_unary(&f->b, OP_TALLY, v);
    case BUILTIN_V_FIRST: return build_unary(&f->b, OP_FIRST, v);
    case BUILTIN_V_MOVEMASK: return build_unary(&f->b, OP_BITS, v);
    case BUILTIN_V_REDUCE_ADD:
    case BUILTIN_V_REDUCE_MUL:
    case BUILTIN_V_REDUCE_MIN:
    case BUILTIN_V_REDUCE_MAX:
    case BUILTIN_V_REDUCE_AND:
    case BUILTIN_V_REDUCE_OR:
    case BUILTIN_V_ANY:
    case BUILTIN_V_ALL: return build_fold(&f->b, fold_of(i->builtin), v);
    case BUILTIN_V_REVERSE:
    case BUILTIN_V_ROTATE:
    case BUILTIN_V_SLICE: return lower_moved(f, e, v);
    default: return lower_with_other(f, e, v);
    }
}
