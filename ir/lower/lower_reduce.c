/* Reductions and scans of arrays: the elements are computed inside the REDUCE or SCAN, no array is made. */
#include "ir/lower/lower_array.h"

bool is_reduction(const FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    Builtin builtin = builtin_of_method(i->builtin);
    return builtin >= BUILTIN_SUM && builtin <= BUILTIN_ARGMAX && i->arg_count == 1 &&
           type_is_array(value_type(f, i->args[0]));
}

Reduction reduction_of(FnLower *f, const Expr *e, const Type *elem) {
    const ExprInfo *i = info(f, e);
    const IrType *result = ir_type_of(f->p, i->type);
    Reduction r = {.kind = REDUCE_ADD, .type = result, .result = result};
    switch ((int)builtin_of_method(i->builtin)) {
    case BUILTIN_SUM: break;
    case BUILTIN_MEAN: r.is_mean = true; break;
    case BUILTIN_PROD: r.kind = REDUCE_MUL; break;
    case BUILTIN_MIN: r.kind = REDUCE_MIN; break;
    case BUILTIN_MAX: r.kind = REDUCE_MAX; break;
    case BUILTIN_ANY: r.kind = REDUCE_OR; break;
    case BUILTIN_ALL: r.kind = REDUCE_AND; break;
    case BUILTIN_ARGMIN: r.kind = REDUCE_ARGMIN; break;
    case BUILTIN_ARGMAX: r.kind = REDUCE_ARGMAX; break;
    default: KC_BUG("`%s` is not a reduction", builtin_name(i->builtin));
    }
    if (reduction_finds(&r)) {
        r.type = ir_type_of(f->p, elem);
        r.result = ir_i64(module_of(f));
    }
    r.needs_elements = r.kind == REDUCE_MIN || r.kind == REDUCE_MAX || reduction_finds(&r);
    return r;
}

Value *element_count(FnLower *f, Value *const *dims, uint32_t rank) {
    Value *count = dims[0];
    for (uint32_t i = 1; i < rank; i++) count = build_binary(&f->b, OP_MUL, count, dims[i]);
    return count;
}

Value *reduction_finish(FnLower *f, const Reduction *r, Value *combined, Value *count) {
    if (!r->is_mean) return combined;
    return build_binary(&f->b, OP_DIV, combined, build_cast(&f->b, count, combined->type));
}

Value *reduction_identity(FnLower *f, const Reduction *r) {
    return build_reduce_start(&f->b, r->kind, r->type);
}

static bool has_elements(const ArrayNode *node) {
    for (uint32_t i = 0; i < node->rank; i++) {
        int64_t size;
        if (!size_is_const(node->sizes[i], &size) || size < 1) return false;
    }
    return true;
}

/* The region of `op` yields the node's elements as `type`. */
static void fill_space(FnLower *f, const Op *op, const ArrayNode *node, const IrType *type, Span span) {
    Builder outside = f->b;
    f->b = builder_at_end(op->regions[0], span);
    Value *element = array_element(f, node, op->regions[0]->params);
    f->b.span = span;
    element = build_cast(&f->b, element, type);
    build_yield(&f->b, &element, 1);
    f->b = outside;
}

Value *lower_reduction(FnLower *f, const Expr *e) {
    ArrayNode *node = array_prepare(f, info(f, e)->args[0]);
    Reduction r = reduction_of(f, e, node->elem);
    f->b.span = e->span;
    Value *count = r.is_mean || r.needs_elements ? element_count(f, node->dims, node->rank) : NULL;
    if (r.needs_elements && !has_elements(node)) check1(f, CHECK_NONEMPTY, count);
    Op *op = build_reduce(&f->b, r.kind, r.result, node->dims, node->rank);
    fill_space(f, op, node, r.type, e->span);
    return reduction_finish(f, &r, op_result(op), count);
}

/* ---- Scans ----------------------------------------------------------------------------------- */

bool is_scan(Builtin builtin) { return builtin >= BUILTIN_CUMSUM && builtin <= BUILTIN_CUMMIN; }

static ReduceKind scan_kind(Builtin builtin) {
    switch ((int)builtin) {
    case BUILTIN_CUMSUM: return REDUCE_ADD;
    case BUILTIN_CUMPROD: return REDUCE_MUL;
    case BUILTIN_CUMMAX: return REDUCE_MAX;
    case BUILTIN_CUMMIN: return REDUCE_MIN;
    default: KC_BUG("`%s` is not a scan", builtin_name(builtin));
    }
}

Value *lower_scan(FnLower *f, const Expr *e, const ArrayNode *of) {
    const IrType *type = ir_type_of(f->p, of->elem);
    f->b.span = e->span;
    Op *op = build_scan(&f->b, scan_kind(info(f, e)->builtin), type, of->dims[0]);
    fill_space(f, op, of, type, e->span);
    return op_result(op);
}
