/* Powers by repeated squaring (Knuth, TAOCP volume 2, 4.6.3, binary method).
 *
 * A constant exponent becomes a few multiplications. Another integer exponent becomes a call of a
 * small function of the module's own, `pow_i32` and so on, so that elementwise powers keep one
 * simple region; with overflow checks each power has its own copy, which carries its place in the source. */
#include "ir/lower/lower_lanes.h"

enum { MAX_SMALL_POWER = 8 };

bool power_is_small(const Const *exponent, int64_t *k) {
    if (!exponent) return false;
    if (exponent->kind == CONST_INT) {
        if (exponent->integer < -MAX_SMALL_POWER || exponent->integer > MAX_SMALL_POWER) return false;
        *k = (int64_t)exponent->integer;
        return true;
    }
    if (exponent->kind != CONST_FLOAT) return false;
    if (!(exponent->real >= -MAX_SMALL_POWER && exponent->real <= MAX_SMALL_POWER)) return false;
    *k = (int64_t)exponent->real;
    return (double)*k == exponent->real;
}

static Value *product(FnLower *f, Value *a, Value *b) {
    return apply_binary(f, BIN_MUL, a, b, f->b.span);
}

static Value *one_of(FnLower *f, const IrType *type) {
    const IrType *scalar = ir_scalar(module_of(f), type->scalar);
    Value *one =
        ir_is_float(scalar) ? build_float(&f->b, scalar, 1.0) : build_int(&f->b, scalar, 1);
    return widen(f, one, type);
}

/* base ** k for k >= 0. */
static Value *unrolled(FnLower *f, Value *base, uint64_t k) {
    Value *result = NULL;
    for (; k; k >>= 1) {
        if (k & 1) result = result ? product(f, result, base) : base;
        if (k > 1) base = product(f, base, base);
    }
    return result ? result : one_of(f, base->type);
}

Value *lower_small_power(FnLower *f, Value *base, int64_t k) {
    if (k >= 0) return unrolled(f, base, (uint64_t)k);
    Value *below = unrolled(f, base, (uint64_t)-k);
    return build_binary(&f->b, OP_DIV, one_of(f, base->type), below);
}

/* ---- The function ---------------------------------------------------------------------------- */

/* One step: `if k & 1: result *= base`, `k >>= 1`, and `if k: base *= base`. */
static void build_step(FnLower *f, Value *result, Value *base, Value *rest) {
    Builder outside = f->b;
    const IrType *u64 = ir_scalar(module_of(f), SCALAR_U64);
    Value *one = build_int(&f->b, u64, 1), *zero = build_int(&f->b, u64, 0);
    Value *k = build_get(&f->b, rest);
    Value *is_odd = build_binary(&f->b, OP_NE, build_binary(&f->b, OP_AND, k, one), zero);
    Op *odd = build_if(&f->b, is_odd, NULL, 0);
    Value *half = build_binary(&f->b, OP_SHR, k, one);
    build_set(&f->b, rest, half);
    Op *more = build_if(&f->b, build_binary(&f->b, OP_NE, half, zero), NULL, 0);
    f->b = builder_at_end(odd->regions[0], outside.span);
    build_set(&f->b, result, product(f, build_get(&f->b, result), build_get(&f->b, base)));
    f->b = builder_at_end(more->regions[0], outside.span);
    Value *square = build_get(&f->b, base);
    build_set(&f->b, base, product(f, square, square));
    f->b = outside;
}

static void build_power_body(FnLower *f, Value *x, Value *k) {
    Value *result = build_var(&f->b, x->type, NO_NAME);
    Value *base = build_var(&f->b, x->type, NO_NAME);
    Value *rest = build_var(&f->b, k->type, NO_NAME);
    build_set(&f->b, result, one_of(f, x->type));
    build_set(&f->b, base, x);
    build_set(&f->b, rest, k);
    Op *loop = build_while(&f->b);
    Builder outside = f->b;
    f->b = builder_at_end(loop->regions[0], outside.span);
    Value *zero = build_int(&f->b, k->type, 0);
    Value *goes_on = build_binary(&f->b, OP_NE, build_get(&f->b, rest), zero);
    build_yield(&f->b, &goes_on, 1);
    f->b = builder_at_end(loop->regions[1], outside.span);
    build_step(f, result, base, rest);
    f->b = outside;
    Value *answer = build_get(&f->b, result);
    build_return(&f->b, &answer, 1);
}

static Name power_name(const FnLower *f, const IrType *type) {
    Lowering *p = f->p;
    const char *spelling = scalar_spelling(type->scalar);
    bool is_checked = p->options->checks == CHECKS_ALL && ir_is_int(type);
    const char *text = is_checked ? arena_printf(p->arena, "kc.pow_%s.%u", spelling,
                                                 (unsigned)p->module->fns.len)
                                  : arena_printf(p->arena, "kc.pow_%s", spelling);
    return name_in_mode(p, text, f->fp);
}

static IrFn *power_fn(FnLower *f, const IrType *type, Span span) {
    Lowering *p = f->p;
    Name name = power_name(f, type);
    IrFn *fn = ir_fn_find(p->module, name);
    if (fn) return fn;
    fn = ir_fn_create(p->module, name, span);
    fn->source_name = f->fn->source_name;
    fn->fp = f->fp;
    IrParam *x = ir_param_add(fn, PARAM_SCALAR, name_of_str(p->cx->names, "x"), type);
    Value *x_value = x->value;
    IrParam *k = ir_param_add(fn, PARAM_SCALAR, name_of_str(p->cx->names, "k"),
                              ir_scalar(p->module, SCALAR_U64));
    vec_push(p->arena, &fn->results, type);
    FnLower inner = {.p = p, .fn = fn, .fp = f->fp, .b = builder_at_end(fn->body, span)};
    build_power_body(&inner, x_value, k->value);
    return fn;
}

Value *lower_power(FnLower *f, Value *base, Value *exponent, Span span) {
    int64_t k;
    f->b.span = span;
    bool in_all = exponent->def && exponent->def->kind == OP_SPLAT;
    if (in_all) exponent = exponent->def->operands[0];
    if (value_is_int(exponent, &k) && k >= 0) return unrolled(f, base, (uint64_t)k);
    if (base->type->kind == IR_VEC) {
        LaneLoop loop = lane_loop_open(f, base->type);
        Value *x = lane_loop_take(f, &loop, base), *y = lane_loop_take(f, &loop, exponent);
        return lane_loop_close(f, &loop, lower_power(f, x, y, span));
    }
    if (scalar_is_signed(exponent->type->scalar)) check1(f, CHECK_EXPONENT, exponent);
    Value *args[] = {
        base, build_cast(&f->b, exponent, ir_scalar(module_of(f), SCALAR_U64))};
    return op_result(build_call(&f->b, power_fn(f, base->type, span), args, 2));
}
