/* Loops. */
#include "ir/lower/lower_array.h"

/* A bound of a range, or what stands for one that is not written. */
static Value *range_bound(FnLower *f, const Expr *e, int64_t otherwise) {
    return e ? as_i64(f, lower_value(f, e)) : build_i64(&f->b, otherwise);
}

static Iteration range_prepare(FnLower *f, const Expr *iter) {
    const ExprInfo *i = info(f, iter);
    Iteration it = {0};
    it.lo = range_bound(f, i->arg_count > 0 ? i->args[0] : NULL, 0);
    it.hi = range_bound(f, i->arg_count > 1 ? i->args[1] : NULL, 0);
    it.step = range_bound(f, i->arg_count > 2 ? i->args[2] : NULL, 1);
    int64_t number;
    f->b.span = iter->span;
    if (!value_is_int(it.step, &number)) check1(f, CHECK_STEP, it.step);
    return it;
}

Iteration iteration_prepare(FnLower *f, const Expr *iter, bool splice) {
    iter = strip_parens(iter);
    if (info(f, iter)->role == ROLE_RANGE) return range_prepare(f, iter);
    Iteration it = {.lo = build_i64(&f->b, 0), .step = build_i64(&f->b, 1)};
    const Type *type = value_type(f, iter);
    if (!type_is_array(type)) {
        Path path = path_of(f, iter);
        Place place = place_open(f, &path, false);
        it.items = place_view(f, &place, false, iter->span);
        it.hi = build_dim(&f->b, it.items, 0);
        return it;
    }
    it.node = splice && type->rank == 1
                  ? array_prepare(f, iter)
                  : array_node_view(f, lower_view(f, iter, false), shape_type(f, iter), iter->span);
    it.hi = it.node->dims[0];
    return it;
}

static bool is_number(const Value *value, int64_t wanted) {
    int64_t number;
    return value_is_int(value, &number) && number == wanted;
}

/* ceil((hi - lo) / step), and never less than 0. */
Value *iteration_count(FnLower *f, const Iteration *it) {
    if (it->node || it->items) return it->hi;
    Value *zero = build_i64(&f->b, 0), *one = build_i64(&f->b, 1);
    Value *up = is_number(it->lo, 0) ? it->hi : build_binary(&f->b, OP_SUB, it->hi, it->lo);
    if (is_number(it->step, 1)) return build_binary(&f->b, OP_MAX, up, zero);
    Value *rises = build_binary(&f->b, OP_GT, it->step, zero);
    Value *distance = build_select(&f->b, rises, up, build_unary(&f->b, OP_NEG, up));
    Value *step = build_unary(&f->b, OP_ABS, it->step);
    Value *rounded = build_binary(&f->b, OP_ADD, distance, build_binary(&f->b, OP_SUB, step, one));
    Value *count = build_binary(&f->b, OP_FLOORDIV, rounded, step);
    return build_binary(&f->b, OP_MAX, count, zero);
}

Value *iteration_number(FnLower *f, const Iteration *it, Value *k) {
    if (!is_number(it->step, 1)) k = build_binary(&f->b, OP_MUL, k, it->step);
    return is_number(it->lo, 0) ? k : build_binary(&f->b, OP_ADD, it->lo, k);
}

/* An array of several dimensions gives its rows. */
static Value *row_of(FnLower *f, const ArrayNode *node, Value *number, bool strided) {
    Value *ranges[3 * MAX_RANK] = {number, build_i64(&f->b, 1), build_i64(&f->b, 1)};
    for (uint32_t i = 1; i < node->rank; i++) {
        ranges[3 * i] = build_i64(&f->b, 0);
        ranges[3 * i + 1] = node->dims[i];
        ranges[3 * i + 2] = build_i64(&f->b, 1);
    }
    return build_slice(&f->b, node->value, ranges, 1, strided);
}

void iteration_bind(FnLower *f, const Iteration *it, const Local *local, Value *number) {
    Value *value;
    if (it->items && is_placed(local->type)) {
        local_bind_place(f, local, build_item(&f->b, it->items, &number));
        return;
    }
    if (it->items) {
        value = build_load(&f->b, it->items, &number);
    } else if (type_is_array(local->type)) {
        value = row_of(f, it->node, number, type_is_strided(local->type));
    } else if (it->node) {
        value = array_element(f, it->node, &number);
    } else {
        value = build_cast(&f->b, number, ir_type_of(f->p, local->type));
    }
    local_bind(f, local, &value);
}

Op *iteration_loop(FnLower *f, const Iteration *it, const Local *local) {
    Op *op = build_for(&f->b, it->lo, it->hi, it->step, (OpLoop){0});
    if (!it->node && !it->items && local) op->regions[0]->params[0]->name = local->name;
    return op;
}

static bool lower_unrolled(FnLower *f, const Stmt *s) {
    const StmtInfo *i = stmt_info_of(f->p->checked, s);
    for (uint32_t k = 0; k < i->unrolled.len; k++) {
        if (!lower_block(f, &i->unrolled.data[k], false)) return false;
    }
    return true;
}

bool lower_for(FnLower *f, const Stmt *s) {
    if (s->for_.is_parameter) return lower_unrolled(f, s);
    const Local *local = stmt_info_of(f->p->checked, s)->locals.data[0];
    Iteration it = iteration_prepare(f, s->for_.iter, false);
    Value *grain = s->for_.grain != NULL ? lower_bound(f, s->for_.grain) : NULL;
    end_statement(f, s->for_.iter->span);
    f->b.span = s->for_.target.span;
    Op *loop = iteration_loop(f, &it, local);
    loop->attr.loop.is_parallel = s->for_.is_parallel;
    loop->attr.loop.is_simd = s->for_.is_simd;
    if (grain != NULL && s->for_.is_parallel) loop_set_grain(loop, grain);
    Builder outside = f->b;
    f->b = builder_at_end(loop->regions[0], s->for_.target.span);
    lower_reduces(f, s);
    f->b.span = s->for_.target.span;
    iteration_bind(f, &it, local, loop->regions[0]->params[0]);
    lower_block(f, &s->for_.body, true);
    f->b = outside;
    if (s->for_.is_parallel) loop_catch(f, loop);
    return true;
}

void lower_while(FnLower *f, const Stmt *s) {
    f->b.span = s->while_.cond->span;
    Op *loop = build_while(&f->b);
    Builder outside = f->b;
    f->b = builder_at_end(loop->regions[0], outside.span);
    Value *cond = lower_condition(f, s->while_.cond);
    f->b.span = outside.span;
    build_yield(&f->b, &cond, 1);
    f->b = builder_at_end(loop->regions[1], outside.span);
    lower_block(f, &s->while_.body, true);
    f->b = outside;
}
