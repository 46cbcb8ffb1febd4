/* Reductions of generators: `sum(e for i in range(n) if c)`.
 *
 * Where the bounds do not depend on the generator's own variables, the clauses are the dimensions of one
 * REDUCE, and a condition chooses between the element and the identity. The other cases (triangular
 * bounds; conditions in the middle; a minimum, mean or position of some elements only) are loops that update
 * variables. */
#include "ir/lower/lower_array.h"

/* ---- One REDUCE ------------------------------------------------------------------------------ */

/* A bound that can be computed before the loops, whether or not they run: constants, sizes, and
 * variables from outside. */
static bool is_outer(const FnLower *f, const Expr *e, const ExprInfo *generator, uint32_t clauses) {
    e = strip_parens(e);
    const ExprInfo *i = info(f, e);
    if (i->constant || i->role == ROLE_SIZE) return true;
    if (i->role == ROLE_LOCAL) {
        for (uint32_t k = 0; k < clauses; k++) {
            if (generator->locals[k] == i->local) return false;
        }
        return true;
    }
    bool sums = i->role == ROLE_OPERATOR && e->kind == EXPR_BINARY && is_cheap(f, e);
    return sums && is_outer(f, e->binary.lhs, generator, clauses) &&
           is_outer(f, e->binary.rhs, generator, clauses);
}

static bool is_outer_iteration(const FnLower *f, const Expr *iter, const ExprInfo *generator,
                               uint32_t clauses) {
    const ExprInfo *i = info(f, strip_parens(iter));
    if (i->role != ROLE_RANGE) return is_outer(f, iter, generator, clauses);
    for (uint32_t k = 0; k < i->arg_count; k++) {
        if (i->args[k] && !is_outer(f, i->args[k], generator, clauses)) return false;
    }
    return true;
}

static bool has_conditions(const Expr *g) {
    for (uint32_t i = 0; i < g->generator.clauses.len; i++) {
        if (g->generator.clauses.data[i].conditions.len) return true;
    }
    return false;
}

static bool is_one_space(const FnLower *f, const Expr *g, const Reduction *r) {
    uint32_t count = g->generator.clauses.len;
    if ((r->needs_elements || r->is_mean) && has_conditions(g)) return false;
    if (count > MAX_RANK || may_raise(f, g)) return false;
    for (uint32_t i = 0; i < count; i++) {
        const GeneratorClause *clause = &g->generator.clauses.data[i];
        if (i + 1 < count && clause->conditions.len) return false;
        if (i > 0 && !is_outer_iteration(f, clause->iter, info(f, g), i)) return false;
    }
    return true;
}

/* The element where all conditions from `next` on hold, the identity elsewhere. */
typedef struct Guarded {
    const Expr *generator;
    const Reduction *reduction;
    uint32_t next;
} Guarded;

static Value *guarded_element(FnLower *f, const Guarded *g);

static void guarded_arm(FnLower *f, const void *user, bool then, Value **values) {
    const Guarded *g = user;
    values[0] = then ? guarded_element(f, g) : reduction_identity(f, g->reduction);
}

static Value *guarded_element(FnLower *f, const Guarded *g) {
    const Expr *element = g->generator->generator.element;
    const ExprVec *conditions = &vec_last(&g->generator->generator.clauses).conditions;
    if (g->next == conditions->len) {
        Value *value = lower_value(f, element);
        return build_cast(&f->b, value, g->reduction->type);
    }
    Value *cond = lower_value(f, conditions->data[g->next]);
    Guarded rest = {g->generator, g->reduction, g->next + 1};
    Value *result;
    f->b.span = element->span;
    lower_choice(f, cond, &g->reduction->type, 1, guarded_arm, &rest, &result);
    return result;
}

static Value *lower_space(FnLower *f, const Expr *e, const Expr *g, const Reduction *r) {
    uint32_t rank = g->generator.clauses.len;
    Iteration its[MAX_RANK];
    Value *dims[MAX_RANK];
    for (uint32_t i = 0; i < rank; i++) {
        its[i] = iteration_prepare(f, g->generator.clauses.data[i].iter, true);
        dims[i] = iteration_count(f, &its[i]);
    }
    f->b.span = e->span;
    Value *count = r->needs_elements || r->is_mean ? element_count(f, dims, rank) : NULL;
    if (r->needs_elements) check1(f, CHECK_NONEMPTY, count);
    Op *op = build_reduce(&f->b, r->kind, r->result, dims, rank);
    Builder outside = f->b;
    f->b = builder_at_end(op->regions[0], e->span);
    uint32_t temporaries = f->temporaries;
    for (uint32_t i = 0; i < rank; i++) {
        Value *number = iteration_number(f, &its[i], op->regions[0]->params[i]);
        iteration_bind(f, &its[i], info(f, g)->locals[i], number);
    }
    Guarded all = {g, r, 0};
    Value *element = guarded_element(f, &all);
    f->b.span = e->span;
    end_region(f, temporaries);
    build_yield(&f->b, &element, 1);
    f->b = outside;
    return reduction_finish(f, r, op_result(op), count);
}

/* ---- Loops ----------------------------------------------------------------------------------- */

/* The variables that the loops update. */
typedef struct Running {
    const Expr *generator;
    const Reduction *reduction;
    Value *combined; /* so far; of positions: the best element */
    Value *position; /* of the best element */
    Value *count;    /* elements so far */
} Running;

static Value *running_var(FnLower *f, Value *initial) {
    Value *var = build_var(&f->b, initial->type, NO_NAME);
    build_set(&f->b, var, initial);
    return var;
}

static Value *combine(FnLower *f, ReduceKind kind, Value *a, Value *b) {
    switch (kind) {
    case REDUCE_ADD: return apply_binary(f, BIN_ADD, a, b, f->b.span);
    case REDUCE_MUL: return apply_binary(f, BIN_MUL, a, b, f->b.span);
    case REDUCE_MIN: return build_binary(&f->b, OP_MIN, a, b);
    case REDUCE_MAX: return build_binary(&f->b, OP_MAX, a, b);
    case REDUCE_AND: return build_binary(&f->b, OP_AND, a, b);
    case REDUCE_OR: return build_binary(&f->b, OP_OR, a, b);
    case REDUCE_ARGMIN:
    case REDUCE_ARGMAX: break;
    }
    UNREACHABLE();
}

/* Whether `element` beats the best so far: it is the first, or better, or the first NaN. */
static Value *is_better(FnLower *f, const Running *run, Value *element, Value *count) {
    Value *best = build_get(&f->b, run->combined);
    OpKind compare = run->reduction->kind == REDUCE_ARGMIN ? OP_LT : OP_GT;
    Value *first = build_binary(&f->b, OP_EQ, count, build_i64(&f->b, 0));
    Value *better = build_binary(&f->b, OP_OR, first,
                                 build_binary(&f->b, compare, element, best));
    if (!ir_is_float(element->type)) return better;
    Value *is_nan = build_binary(&f->b, OP_NE, element, element);
    Value *was_number = build_binary(&f->b, OP_EQ, best, best);
    return build_binary(&f->b, OP_OR, better, build_binary(&f->b, OP_AND, is_nan, was_number));
}

static void update_position(FnLower *f, const Running *run, Value *element) {
    Value *count = build_get(&f->b, run->count);
    Op *op = build_if(&f->b, is_better(f, run, element, count), NULL, 0);
    Builder outside = f->b;
    f->b = builder_at_end(op->regions[0], outside.span);
    build_set(&f->b, run->combined, element);
    build_set(&f->b, run->position, count);
    f->b = outside;
}

static void update(FnLower *f, const Running *run) {
    const Expr *e = run->generator->generator.element;
    Value *element = build_cast(&f->b, lower_value(f, e), run->reduction->type);
    f->b.span = e->span;
    if (reduction_finds(run->reduction)) {
        update_position(f, run, element);
    } else {
        Value *combined = build_get(&f->b, run->combined);
        build_set(&f->b, run->combined, combine(f, run->reduction->kind, combined, element));
    }
    Value *count = build_get(&f->b, run->count);
    build_set(&f->b, run->count, build_binary(&f->b, OP_ADD, count, build_i64(&f->b, 1)));
}

static void run_clause(FnLower *f, const Running *run, uint32_t clause);

static void run_conditions(FnLower *f, const Running *run, uint32_t clause, uint32_t next) {
    const ExprVec *conditions = &run->generator->generator.clauses.data[clause].conditions;
    if (next == conditions->len) {
        run_clause(f, run, clause + 1);
        return;
    }
    Value *cond = lower_value(f, conditions->data[next]);
    Op *op = build_if(&f->b, cond, NULL, 0);
    Builder outside = f->b;
    f->b = builder_at_end(op->regions[0], outside.span);
    uint32_t temporaries = f->temporaries;
    run_conditions(f, run, clause, next + 1);
    end_region(f, temporaries);
    f->b = outside;
}

static void run_clause(FnLower *f, const Running *run, uint32_t clause) {
    if (clause == run->generator->generator.clauses.len) {
        update(f, run);
        return;
    }
    Iteration it = iteration_prepare(f, run->generator->generator.clauses.data[clause].iter, true);
    const Local *local = info(f, run->generator)->locals[clause];
    Op *loop = iteration_loop(f, &it, local);
    Builder outside = f->b;
    f->b = builder_at_end(loop->regions[0], outside.span);
    uint32_t temporaries = f->temporaries;
    iteration_bind(f, &it, local, loop->regions[0]->params[0]);
    run_conditions(f, run, clause, 0);
    end_region(f, temporaries);
    f->b = outside;
}

static Value *lower_running(FnLower *f, const Expr *e, const Expr *g, const Reduction *r) {
    f->b.span = e->span;
    bool finds = reduction_finds(r);
    Value *zero = build_i64(&f->b, 0);
    Running run = {.generator = g, .reduction = r};
    run.combined = running_var(f, finds ? build_zero(&f->b, r->type) : reduction_identity(f, r));
    run.position = finds ? running_var(f, zero) : NULL;
    run.count = running_var(f, zero);
    run_clause(f, &run, 0);
    f->b.span = e->span;
    Value *count = build_get(&f->b, run.count);
    if (r->needs_elements) check1(f, CHECK_NONEMPTY, count);
    if (finds) return build_get(&f->b, run.position);
    return reduction_finish(f, r, build_get(&f->b, run.combined), count);
}

Value *lower_generator(FnLower *f, const Expr *e) {
    const Expr *g = strip_parens(info(f, e)->args[0]);
    KC_CHECK(g->kind == EXPR_GENERATOR);
    Reduction r = reduction_of(f, e, value_type(f, g->generator.element));
    Value *value = is_one_space(f, g, &r) ? lower_space(f, e, g, &r) : lower_running(f, e, g, &r);
    return build_cast(&f->b, value, ir_type_of(f->p, info(f, e)->type));
}
