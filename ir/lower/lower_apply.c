/* One operation on scalar values. Scalar expressions apply it to their operands, elementwise ones to
 * elements inside a region: the meaning is written down once. */
#include "ir/lower/lower_lanes.h"

/* The arguments of a call; parameters without one stand for their default value. */
static Expr **arguments_of(FnLower *f, const ExprInfo *i) {
    bool is_call = i->role == ROLE_CALL || i->role == ROLE_MAP;
    if (!is_call) return i->args;
    Expr **args = arena_array(arena_of(f), Expr *, i->arg_count);
    for (uint32_t k = 0; k < i->arg_count; k++) {
        args[k] = i->args[k] ? i->args[k] : i->fn->params.data[k].initial;
    }
    return args;
}

void operands_of(FnLower *f, const Expr *e, Operands *out) {
    const ExprInfo *i = info(f, e);
    if (e->kind == EXPR_BINARY) {
        out->pair[0] = e->binary.lhs;
        out->pair[1] = e->binary.rhs;
        out->items = out->pair;
        out->count = 2;
    } else if (e->kind == EXPR_UNARY) {
        out->pair[0] = e->unary.operand;
        out->items = out->pair;
        out->count = 1;
    } else if (e->kind == EXPR_COMPARE) {
        out->items = e->compare.operands.data;
        out->count = e->compare.operands.len;
    } else {
        out->items = arguments_of(f, i);
        out->count = i->arg_count;
    }
}

/* ---- Fused multiply and add ------------------------------------------------------------------ */

/* The product that `e` is, as far as the source goes, with its value; it is taken out of the code. */
static Op *take_product(const FnLower *f, const Expr *e, Value *value) {
    const ExprInfo *outer = info(f, e);
    e = strip_parens(e);
    const ExprInfo *i = info(f, e);
    bool is_product = e->kind == EXPR_BINARY && e->binary.op == BIN_MUL && !outer->constant &&
                      i->role == ROLE_OPERATOR && !i->constant && !i->converted;
    if (!is_product || !value->def || value->def->kind != OP_MUL) return NULL;
    return value->def;
}

/* In the mode `fast` LLVM joins products and sums, after it has brought them into the best order. */
static bool may_contract(const FnLower *f, const Value *value) {
    if (!f->p->options->has_fma || f->fp != FP_CONTRACT) return false;
    return ir_is_lanewise(value->type) &&
           (value->type->scalar == SCALAR_F32 || value->type->scalar == SCALAR_F64);
}

Value *apply_sum(FnLower *f, BinaryOp op, const Expr *lhs, const Expr *rhs, Value *a, Value *b) {
    OpKind kind = op == BIN_ADD ? OP_ADD : OP_SUB;
    if (!may_contract(f, a)) return build_binary(&f->b, kind, a, b);
    Op *product = lhs ? take_product(f, lhs, a) : NULL;
    Value *addend = b;
    bool is_left = product != NULL;
    if (!product) {
        product = take_product(f, rhs, b);
        addend = a;
    }
    if (!product) return build_binary(&f->b, kind, a, b);
    Value *x = product->operands[0], *y = product->operands[1];
    op_unlink(product);
    if (op == BIN_SUB && is_left) addend = build_unary(&f->b, OP_NEG, addend);
    if (op == BIN_SUB && !is_left) x = build_unary(&f->b, OP_NEG, x);
    return build_fma(&f->b, x, y, addend);
}

/* ---- Operators ------------------------------------------------------------------------------- */

static void check_overflow(FnLower *f, CheckKind kind, Value *a, Value *b) {
    if (f->p->options->checks != CHECKS_ALL || !ir_is_lanewise(a->type)) return;
    if (ir_is_int(a->type)) check2(f, kind, a, b);
    bool lanes = a->type->kind == IR_VEC && scalar_is_int(a->type->scalar);
    for (uint32_t i = 0; lanes && i < a->type->lanes; i++) {
        Value *at = build_i64(&f->b, i);
        check2(f, kind, build_lane(&f->b, a, at), build_lane(&f->b, b, at));
    }
}

/* No lane is 0. */
static void check_divisor_lanes(FnLower *f, Value *divisor) {
    if (!checks_on(f)) return;
    Value *zero = build_zero(&f->b, divisor->type);
    Value *some = build_fold(&f->b, REDUCE_AND, build_binary(&f->b, OP_NE, divisor, zero));
    check1(f, CHECK_DIVISOR, as_i64(f, some));
}

/* A quotient's divisor must not be 0; constants that are not need no check. */
static void check_divisor(FnLower *f, Value *divisor) {
    int64_t number;
    if (divisor->type->kind == IR_VEC && scalar_is_int(divisor->type->scalar)) {
        bool splat = divisor->def && divisor->def->kind == OP_SPLAT;
        if (!splat)
            check_divisor_lanes(f, divisor);
        else
            check_divisor(f, divisor->def->operands[0]);
        return;
    }
    bool is_known = value_is_int(divisor, &number) && number != 0;
    if (ir_is_int(divisor->type) && !is_known) check1(f, CHECK_DIVISOR, divisor);
}

Value *apply_binary(FnLower *f, BinaryOp op, Value *a, Value *b, Span span) {
    f->b.span = span;
    if (op != BIN_POW) b = build_cast(&f->b, b, a->type);
    switch (op) {
    case BIN_ADD: check_overflow(f, CHECK_ADD, a, b); return build_binary(&f->b, OP_ADD, a, b);
    case BIN_SUB: check_overflow(f, CHECK_SUB, a, b); return build_binary(&f->b, OP_SUB, a, b);
    case BIN_MUL: check_overflow(f, CHECK_MUL, a, b); return build_binary(&f->b, OP_MUL, a, b);
    case BIN_DIV: return build_binary(&f->b, OP_DIV, a, b);
    case BIN_FLOORDIV: check_divisor(f, b); return build_binary(&f->b, OP_FLOORDIV, a, b);
    case BIN_MOD: check_divisor(f, b); return build_binary(&f->b, OP_MOD, a, b);
    case BIN_OR:
    case BIN_BIT_OR: return build_binary(&f->b, OP_OR, a, b);
    case BIN_BIT_XOR: return build_binary(&f->b, OP_XOR, a, b);
    case BIN_AND:
    case BIN_BIT_AND: return build_binary(&f->b, OP_AND, a, b);
    case BIN_SHL: return build_binary(&f->b, OP_SHL, a, b);
    case BIN_SHR: return build_binary(&f->b, OP_SHR, a, b);
    case BIN_POW: return lower_power(f, a, b, span);
    case BIN_MATMUL:
    case BINARY_OP_COUNT: break;
    }
    KC_BUG("`%s` is not an operation on scalars", binary_op_spelling(op));
}

Value *apply_compare(FnLower *f, CompareOp op, Value *a, Value *b) {
    switch (op) {
    case CMP_EQ: return build_binary(&f->b, OP_EQ, a, b);
    case CMP_NE: return build_binary(&f->b, OP_NE, a, b);
    case CMP_LT: return build_binary(&f->b, OP_LT, a, b);
    case CMP_LE: return build_binary(&f->b, OP_LE, a, b);
    case CMP_GT: return build_binary(&f->b, OP_GT, a, b);
    case CMP_GE: return build_binary(&f->b, OP_GE, a, b);
    }
    UNREACHABLE();
}

static Value *apply_unary(FnLower *f, UnaryOp op, Value *a) {
    switch (op) {
    case UN_POS: return a;
    case UN_NEG:
        if (ir_is_lanewise(a->type) && scalar_is_int(a->type->scalar))
            check_overflow(f, CHECK_SUB, build_zero(&f->b, a->type), a);
        return build_unary(&f->b, OP_NEG, a);
    case UN_BIT_NOT:
    case UN_NOT: return build_unary(&f->b, OP_NOT, a);
    case UNARY_OP_COUNT: break;
    }
    UNREACHABLE();
}

static Value *apply_chain(FnLower *f, const Expr *e, Value *const *values) {
    Value *all = NULL;
    for (uint32_t i = 0; i < e->compare.ops.len; i++) {
        Value *holds = apply_compare(f, e->compare.ops.data[i], values[i], values[i + 1]);
        all = all ? build_binary(&f->b, OP_AND, all, holds) : holds;
    }
    return all;
}

/* A float, or a vector of them. */
static bool is_float_value(const Value *value) {
    return ir_is_lanewise(value->type) && scalar_is_float(value->type->scalar);
}

static Value *apply_operator(FnLower *f, const Expr *e, Value *const *values) {
    if (e->kind == EXPR_UNARY) return apply_unary(f, e->unary.op, values[0]);
    if (e->kind == EXPR_COMPARE) return apply_chain(f, e, values);
    KC_CHECK(e->kind == EXPR_BINARY);
    BinaryOp op = e->binary.op;
    bool is_sum = op == BIN_ADD || op == BIN_SUB;
    if (is_sum && is_float_value(values[0])) {
        return apply_sum(f, op, e->binary.lhs, e->binary.rhs, values[0], values[1]);
    }
    return apply_binary(f, op, values[0], values[1], e->span);
}

/* ---- Builtins -------------------------------------------------------------------------------- */

static Value *apply_extreme(FnLower *f, OpKind kind, Value *const *values, uint32_t count) {
    Value *result = values[0];
    for (uint32_t i = 1; i < count; i++) result = build_binary(&f->b, kind, result, values[i]);
    return result;
}

/* Rounding an integer changes nothing. */
static Value *apply_rounding(FnLower *f, OpKind kind, Value *a) {
    return is_float_value(a) ? build_unary(&f->b, kind, a) : a;
}

static Value *apply_builtin(FnLower *f, Builtin builtin, const IrType *type, Value *const *v,
                            uint32_t count) {
    switch ((int)builtin) {
    case BUILTIN_MIN: return apply_extreme(f, OP_MIN, v, count);
    case BUILTIN_MAX: return apply_extreme(f, OP_MAX, v, count);
    case BUILTIN_ABS: return build_unary(&f->b, OP_ABS, v[0]);
    case BUILTIN_SELECT:
    case BUILTIN_WHERE: return build_select(&f->b, v[0], v[1], v[2]);
    case BUILTIN_ROUND: return apply_rounding(f, OP_RINT, v[0]);
    case BUILTIN_FLOOR: return apply_rounding(f, OP_FLOOR, v[0]);
    case BUILTIN_CEIL: return apply_rounding(f, OP_CEIL, v[0]);
    case BUILTIN_TRUNC: return apply_rounding(f, OP_TRUNC, v[0]);
    case BUILTIN_BITCAST: return build_bitcast(&f->b, v[0], type);
    case BUILTIN_SQRT: return build_unary(&f->b, OP_SQRT, v[0]);
    case BUILTIN_FMA: return build_fma(&f->b, v[0], v[1], v[2]);
    case BUILTIN_COPYSIGN: return build_binary(&f->b, OP_COPYSIGN, v[0], v[1]);
    case BUILTIN_POPCOUNT: return build_unary(&f->b, OP_POPCOUNT, v[0]);
    case BUILTIN_CLZ: return build_unary(&f->b, OP_CLZ, v[0]);
    case BUILTIN_CTZ: return build_unary(&f->b, OP_CTZ, v[0]);
    default: break;
    }
    KC_BUG("`%s` is not an operation on scalars", builtin_name(builtin));
}

/* ---- Calls ----------------------------------------------------------------------------------- */

/* A function of numbers; x ** k with a small constant k needs none. */
static Value *apply_call(FnLower *f, const Expr *e, Value *const *values, uint32_t count) {
    int64_t k;
    if (e->kind == EXPR_BINARY && power_is_small(info(f, e->binary.rhs)->constant, &k)) {
        return lower_small_power(f, values[0], k);
    }
    return lower_number_call(f, info(f, e)->fn, values, count);
}

/* Numbers meet SIMD values in all lanes; one bool chooses between whole values. */
static Value *const *widen_operands(FnLower *f, const ExprInfo *i, Value *const *values,
                                    uint32_t count) {
    const IrType *wide = NULL;
    for (uint32_t k = 0; k < count; k++)
        if (values[k]->type->kind == IR_VEC) wide = values[k]->type;
    bool is_choice =
        i->role == ROLE_BUILTIN && (i->builtin == BUILTIN_WHERE || i->builtin == BUILTIN_SELECT);
    if (!wide) return values;
    Value **wider = arena_array(arena_of(f), Value *, count);
    for (uint32_t k = 0; k < count; k++) {
        bool stays = (is_choice && k == 0) || values[k]->type->kind == IR_VEC;
        wider[k] = stays ? values[k] : build_splat(&f->b, values[k], wide->lanes);
    }
    return wider;
}

Value *apply(FnLower *f, const Expr *e, const Type *type, Value *const *values, uint32_t count) {
    const ExprInfo *i = info(f, e);
    const IrType *ir = ir_type_of(f->p, type);
    f->b.span = e->span;
    Value *result;
    bool is_call = i->role == ROLE_CALL || i->role == ROLE_MAP;
    if (i->role != ROLE_CONVERT && !is_call) values = widen_operands(f, i, values, count);
    if (is_call) {
        result = apply_call(f, e, values, count);
    } else if (i->role == ROLE_BUILTIN) {
        result = apply_builtin(f, i->builtin, ir, values, count);
    } else if (i->role == ROLE_CONVERT) {
        result = values[0];
    } else {
        KC_CHECK(i->role == ROLE_OPERATOR);
        result = apply_operator(f, e, values);
    }
    if (ir->kind == IR_VEC) return to_width(f, result, ir);
    return ir->kind == IR_SCALAR ? build_cast(&f->b, result, ir) : result;
}

Value *apply_update(FnLower *f, BinaryOp op, Value *a, Value *b, const Expr *rhs,
                    const FnSymbol *power) {
    bool is_float = is_float_value(a);
    b = widen(f, b, a->type);
    if (is_float && (op == BIN_ADD || op == BIN_SUB)) return apply_sum(f, op, NULL, rhs, a, b);
    bool calls = is_float && op == BIN_POW && is_float_value(b);
    if (!calls) return apply_binary(f, op, a, b, f->b.span);
    int64_t k;
    if (power_is_small(info(f, rhs)->constant, &k)) return lower_small_power(f, a, k);
    Value *values[] = {a, b};
    KC_CHECK(power);
    return lower_number_call(f, power, values, 2);
}
