/* Which variable is the result: the one that every `return` names. When the caller provides the memory and
 * the variable begins as a new array of that shape, it lives there from the beginning. */
#include "ir/lower/lower_array.h"

static void scan_stmt(void *data, Stmt *s);
static void scan_expr(void *data, Expr *e);

static void scan_block(FnLower *f, const Block *block) {
    for (uint32_t i = 0; i < block->stmts.len; i++) scan_stmt(f, block->stmts.data[i]);
}

static void mark(FnLower *f, const Expr *e) {
    e = strip_parens(e);
    const ExprInfo *i = info(f, e);
    if (e->kind == EXPR_NAME && i->role == ROLE_LOCAL) f->is_given[i->local->id] = true;
}

/* Arguments that the callee may give another value. */
static void mark_replaced(FnLower *f, const ExprInfo *i) {
    for (uint32_t k = 0; k < i->arg_count; k++) {
        if (i->args[k] && i->fn->params.data[k].local->is_replaced) mark(f, i->args[k]);
    }
}

static void scan_expr(void *data, Expr *e) {
    FnLower *f = data;
    const AstWalk walk = {f, scan_expr, scan_stmt};
    const ExprInfo *i = info(f, e);
    if (e->kind == EXPR_TRANSFER) mark(f, e->operand);
    if (i->is_copied) mark(f, e);
    if (i->role == ROLE_CALL && e->kind == EXPR_CALL) mark_replaced(f, i);
    if (i->role == ROLE_BUILTIN && i->builtin == BUILTIN_M_RESIZE) mark(f, i->args[0]);
    if (i->role == ROLE_RUN_LOOP) scan_block(f, i->body);
    expr_walk(e, &walk);
}

static void scan_assign(FnLower *f, const Stmt *s) {
    const Expr *target = strip_parens(s->assign.target);
    if (target->kind == EXPR_TUPLE) {
        for (uint32_t k = 0; k < target->items.len; k++) mark(f, target->items.data[k]);
    } else if (stmt_info_of(f->p->checked, s)->replaces) {
        mark(f, target);
    }
}

const Local *returned_owner(const FnLower *f, const Expr *e) {
    e = strip_parens(e);
    if (e->kind == EXPR_TRANSFER) e = strip_parens(e->operand);
    const ExprInfo *i = info(f, e);
    bool is_local = e->kind == EXPR_NAME && i->role == ROLE_LOCAL;
    if (!is_local || !type_is_owned_array(i->local->type)) return NULL;
    bool owns = !i->local->is_param || i->local->convention == CONVENTION_OWNED;
    return owns ? i->local : NULL;
}

/* `return t`, `return t^`: no move that anybody sees, because nothing follows. */
static void scan_return(FnLower *f, Expr *e) {
    const Local *local = e ? returned_owner(f, e) : NULL;
    if (!local && e) scan_expr(f, e);
    if (!local || (f->result && f->result != local)) f->has_other_results = true;
    if (local) f->result = local;
}

/* What is compiled in; other arms are not even checked. */
static bool scan_parameter(FnLower *f, const Stmt *s) {
    const StmtInfo *i = stmt_info_of(f->p->checked, s);
    if (s->kind == STMT_IF && s->if_.is_parameter) {
        const Block *arm = taken_arm(s, i);
        if (arm) scan_block(f, arm);
        return true;
    }
    if (s->kind != STMT_FOR || !s->for_.is_parameter) return false;
    for (uint32_t k = 0; k < i->unrolled.len; k++) scan_block(f, &i->unrolled.data[k]);
    return true;
}

static void scan_stmt(void *data, Stmt *s) {
    FnLower *f = data;
    const AstWalk walk = {f, scan_expr, scan_stmt};
    if (s->kind == STMT_RETURN) {
        scan_return(f, s->expr);
        return;
    }
    if (s->kind == STMT_FN || scan_parameter(f, s)) return;
    if (s->kind == STMT_ASSIGN) scan_assign(f, s);
    stmt_walk(s, &walk);
}

void scan_results(FnLower *f) {
    scan_block(f, &f->symbol->decl->body);
    if (f->has_other_results) f->result = NULL;
}

/* ---- In the caller's memory ------------------------------------------------------------------ */

static bool fits_out(const FnLower *f, const Type *type) {
    const Type *out = f->symbol->result;
    if (!f->out || type->rank != out->rank || type->elem != out->elem) return false;
    for (uint32_t i = 0; i < type->rank; i++) {
        if (size_has_hidden(type->dims[i])) return false;
        Sizes *sizes = f->p->checked->sizes;
        if (size_relate(sizes, type->dims[i], out->dims[i]) != SIZES_EQUAL) return false;
    }
    return true;
}

/* out = node. */
static void fill_elements(FnLower *f, const Type *type, ArrayNode *node, Span span) {
    f->b.span = span;
    Value *out = build_lend(&f->b, f->out, true);
    array_assign_to(f, out, type, out, node);
}

static void fill_alloc(FnLower *f, const Type *type, const Expr *value) {
    const ExprInfo *i = info(f, value);
    Value *dims[MAX_RANK];
    lower_alloc_dims(f, i->args, i->arg_count, value->span, dims);
    if (i->flag) return;
    Value *zero = build_zero(&f->b, ir_type_of(f->p, type->elem));
    fill_elements(f, type, array_node_value(f, zero, type->elem, value->span), value->span);
}

/* Evaluates a new array straight into `out`; false, with nothing done, where the value is in memory of its
 * own already. */
static bool fill_out(FnLower *f, const Type *type, const Expr *value) {
    const ExprInfo *i = info(f, value);
    bool is_copy = i->role == ROLE_BUILTIN && i->builtin == BUILTIN_M_COPY;
    if (i->role == ROLE_ALLOC) {
        fill_alloc(f, type, value);
    } else if (i->role == ROLE_CALL && value->kind == EXPR_CALL && fn_has_out(i->fn)) {
        f->b.span = value->span;
        lower_call_into(f, value, build_lend(&f->b, f->out, true), type);
    } else if (is_copy || !is_in_memory(f, value)) {
        fill_elements(f, type, array_prepare(f, is_copy ? i->args[0] : value), value->span);
    } else {
        return false;
    }
    return true;
}

bool local_bind_out(FnLower *f, const Local *local, const Expr *value) {
    if (local != f->result || f->is_given[local->id]) return false;
    if (!type_is_owned_array(value_type(f, value)) || !fits_out(f, local->type)) return false;
    if (!fill_out(f, local->type, value)) return false;
    f->result_is_out = true;
    f->b.span = local->span;
    IrVar var = {local->name, VAR_OUT, type_text(f->p->cx, local->type), local->span};
    Value *memory = build_get(&f->b, f->out), *ref = build_place(&f->b, memory->type, &var);
    build_set(&f->b, ref, memory);
    local_bind_place(f, local, ref);
    return true;
}
