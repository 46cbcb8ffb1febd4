/* Choices: `a if c else b`, `and`, `or`, chains of comparisons. */
#include "ir/lower/lower_internal.h"

/* ---- The IF ---------------------------------------------------------------------------------- */

void end_region(FnLower *f, uint32_t before) {
    if (f->temporaries != before) end_statement(f, f->b.span);
}

/* What owns or looks goes through a place, everything else through the results of the IF. */
typedef struct Choice {
    Value **places;
    const IrType **types; /* of the results */
    uint32_t type_count;
} Choice;

static Choice choice_prepare(FnLower *f, const IrType *const *types, uint32_t count) {
    Choice c = {arena_array(arena_of(f), Value *, count),
                arena_array(arena_of(f), const IrType *, count), 0};
    for (uint32_t i = 0; i < count; i++) {
        bool placed = ir_type_owns(types[i]) || ir_type_looks(types[i]);
        if (placed) c.places[i] = temporary_place(f, types[i]);
        else c.types[c.type_count++] = types[i];
    }
    return c;
}

static void choice_yield(FnLower *f, const Choice *c, Value **values, uint32_t count,
                         uint32_t temporaries) {
    ValueVec yielded = {0};
    for (uint32_t i = 0; i < count; i++) {
        if (c->places[i]) build_set(&f->b, c->places[i], values[i]);
        else vec_push(arena_of(f), &yielded, values[i]);
    }
    end_region(f, temporaries);
    build_yield(&f->b, yielded.data, yielded.len);
}

void lower_choice(FnLower *f, Value *cond, const IrType *const *types, uint32_t count, ArmFn arm,
                  const void *user, Value **values) {
    Choice c = choice_prepare(f, types, count);
    Op *op = build_if(&f->b, cond, c.types, c.type_count);
    Builder outside = f->b;
    for (int side = 0; side < 2; side++) {
        uint32_t temporaries = f->temporaries;
        f->b = builder_at_end(op->regions[side], outside.span);
        arm(f, user, side == 0, values);
        choice_yield(f, &c, values, count, temporaries);
    }
    f->b = outside;
    uint32_t next = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!c.places[i]) values[i] = op->results[next++];
        else if (ir_type_owns(types[i])) values[i] = build_move(&f->b, c.places[i]);
        else values[i] = build_get(&f->b, c.places[i]);
    }
}

/* ---- What is worth an IF --------------------------------------------------------------------- */

static bool cheap_within(const FnLower *f, const Expr *e, int *budget);

static bool cheap_binary(const FnLower *f, const Expr *e, int *budget) {
    bool may_trap = f->p->options->checks == CHECKS_ALL && type_is_integer(info(f, e)->type);
    switch (e->binary.op) {
    case BIN_ADD:
    case BIN_SUB:
    case BIN_MUL:
        if (may_trap) return false;
        break;
    case BIN_OR:
    case BIN_AND:
    case BIN_BIT_OR:
    case BIN_BIT_XOR:
    case BIN_BIT_AND:
    case BIN_SHL:
    case BIN_SHR: break;
    case BIN_DIV:
    case BIN_FLOORDIV:
    case BIN_MOD:
    case BIN_MATMUL:
    case BIN_POW:
    case BINARY_OP_COUNT: return false;
    }
    return cheap_within(f, e->binary.lhs, budget) && cheap_within(f, e->binary.rhs, budget);
}

static bool cheap_operator(const FnLower *f, const Expr *e, int *budget) {
    if (e->kind == EXPR_BINARY) return cheap_binary(f, e, budget);
    if (e->kind == EXPR_UNARY) {
        bool negates = e->unary.op == UN_NEG && f->p->options->checks == CHECKS_ALL;
        return !negates && cheap_within(f, e->unary.operand, budget);
    }
    if (e->kind != EXPR_COMPARE) return false;
    for (uint32_t i = 0; i < e->compare.operands.len; i++) {
        if (!cheap_within(f, e->compare.operands.data[i], budget)) return false;
    }
    return true;
}

static bool cheap_within(const FnLower *f, const Expr *e, int *budget) {
    if (--*budget < 0) return false;
    if (e->kind == EXPR_PAREN) return cheap_within(f, e->operand, budget);
    const ExprInfo *i = info(f, e);
    if (type_is_array(i->type)) return false;
    if (i->constant) return true;
    if (i->role == ROLE_LOCAL || i->role == ROLE_SIZE) return true;
    if (i->role == ROLE_FIELD) return cheap_within(f, e->member.base, budget);
    if (i->role == ROLE_CONVERT) return cheap_within(f, i->args[0], budget);
    return i->role == ROLE_OPERATOR && cheap_operator(f, e, budget);
}

bool is_cheap(const FnLower *f, const Expr *e) {
    int budget = 8;
    return cheap_within(f, e, &budget);
}

/* ---- and, or, if else ------------------------------------------------------------------------ */

/* `a and b`, `a or b`: the arm that needs `b` computes it, the other one knows the answer. */
static void logic_arm(FnLower *f, const void *user, bool then, Value **values) {
    const Expr *e = user;
    bool is_and = e->binary.op == BIN_AND;
    values[0] = then == is_and ? lower_value(f, e->binary.rhs) : build_bool(&f->b, !is_and);
}

Value *lower_logic(FnLower *f, const Expr *e) {
    Value *lhs = lower_value(f, e->binary.lhs), *result;
    if (is_cheap(f, e->binary.rhs)) {
        Value *rhs = lower_value(f, e->binary.rhs);
        return apply_binary(f, e->binary.op, lhs, rhs, e->span);
    }
    const IrType *type = ir_bool(module_of(f));
    f->b.span = e->span;
    lower_choice(f, lhs, &type, 1, logic_arm, e, &result);
    return result;
}

typedef struct Arms {
    const Expr *e;
    bool own;
} Arms;

static void cond_arm(FnLower *f, const void *user, bool then, Value **values) {
    const Arms *arms = user;
    const Expr *e = then ? arms->e->cond.then : arms->e->cond.otherwise;
    ValueVec parts = {0};
    lower_parts(f, e, arms->own, &parts);
    for (uint32_t i = 0; i < parts.len; i++) values[i] = parts.data[i];
}

void cond_parts(FnLower *f, const Expr *e, bool own, ValueVec *out) {
    const Type *type = info(f, e)->type;
    uint32_t count = type_parts(type);
    const IrType **types = arena_array(arena_of(f), const IrType *, count);
    Value **values = arena_array(arena_of(f), Value *, count);
    for (uint32_t i = 0; i < count; i++) types[i] = ir_type_of(f->p, type_part(type, i));
    Arms arms = {e, own};
    Value *cond = lower_value(f, e->cond.cond);
    f->b.span = e->span;
    lower_choice(f, cond, types, count, cond_arm, &arms, values);
    for (uint32_t i = 0; i < count; i++) vec_push(arena_of(f), out, values[i]);
}

Value *lower_cond(FnLower *f, const Expr *e) {
    if (is_cheap(f, e->cond.then) && is_cheap(f, e->cond.otherwise)) {
        Value *cond = lower_value(f, e->cond.cond);
        Value *then = lower_value(f, e->cond.then);
        Value *otherwise = lower_value(f, e->cond.otherwise);
        f->b.span = e->span;
        return build_select(&f->b, cond, then, otherwise);
    }
    ValueVec parts = {0};
    cond_parts(f, e, true, &parts);
    return parts.data[0];
}

/* ---- Comparison chains ----------------------------------------------------------------------- */

typedef struct Chain {
    const Expr *e;
    uint32_t next; /* the operand to compare with */
    Value *left;
} Chain;

static Value *lower_chain(FnLower *f, const Chain *chain);

static void chain_arm(FnLower *f, const void *user, bool then, Value **values) {
    values[0] = then ? lower_chain(f, user) : build_bool(&f->b, false);
}

/* The comparisons from operand `next` on; each operand is evaluated once, and only when all before
 * hold. */
static Value *lower_chain(FnLower *f, const Chain *chain) {
    const Expr *e = chain->e;
    Value *right = lower_value(f, e->compare.operands.data[chain->next]);
    f->b.span = e->span;
    Value *holds = apply_compare(f, e->compare.ops.data[chain->next - 1], chain->left, right);
    Chain rest = {e, chain->next + 1, right};
    if (rest.next == e->compare.operands.len) return holds;
    bool cheap = true;
    for (uint32_t i = rest.next; i < e->compare.operands.len; i++) {
        cheap = cheap && is_cheap(f, e->compare.operands.data[i]);
    }
    if (cheap) return build_binary(&f->b, OP_AND, holds, lower_chain(f, &rest));
    const IrType *type = ir_bool(module_of(f));
    Value *result;
    lower_choice(f, holds, &type, 1, chain_arm, &rest, &result);
    return result;
}

Value *lower_compare(FnLower *f, const Expr *e) {
    Chain chain = {e, 1, lower_value(f, e->compare.operands.data[0])};
    return lower_chain(f, &chain);
}
