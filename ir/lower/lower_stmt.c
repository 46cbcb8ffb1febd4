/* Statements. Each says whether control may come out at its end. */
#include "ir/lower/lower_spawn.h"
#include "ir/lower/lower_array.h"

static bool lower_stmt(FnLower *f, const Stmt *s);

bool has_left(const FnLower *f) {
    const Op *last = f->b.before ? f->b.before->prev : f->b.region->last;
    return last && op_ends(last);
}

static bool has_ended(const FnLower *f) {
    const Op *last = f->b.before ? f->b.before->prev : f->b.region->last;
    return last && (op_ends(last) || last->kind == OP_END);
}

void end_statement(FnLower *f, Span span) {
    if (has_ended(f)) return;
    f->b.span = span;
    build_op(&f->b, OP_END, NULL, 0, NULL, 0, 0);
}

/* ---- Blocks ---------------------------------------------------------------------------------- */

static bool is_inside(const Region *inner, const Region *outer) {
    for (; inner; inner = inner->parent ? inner->parent->parent : NULL) {
        if (inner == outer) return true;
    }
    return false;
}

/* The variable is in the block, or in one around it. */
void pin(FnLower *f, Value *ref) {
    const Region *home = ref->def ? ref->def->parent : f->fn->body;
    if (is_inside(f->pins->region, home)) vec_push(arena_of(f), &f->pins->refs, ref);
}

/* Keeps what the blocks from here to the function's, or to the loop's, have pinned. */
static void keep_pinned(FnLower *f, const Pins *pins) {
    for (uint32_t i = pins->refs.len; i-- > 0;) {
        Value *ref = pins->refs.data[i];
        const IrType *held = ref->type->elem;
        bool is_placed_ref = ir_type_owns(held) || ir_type_looks(held);
        if (is_placed_ref) build_op(&f->b, OP_KEEP, &ref, 1, NULL, 0, 0);
    }
}

static void keep_on_the_way(FnLower *f, bool to_loop) {
    for (const Pins *pins = f->pins; pins; pins = pins->outer) {
        keep_pinned(f, pins);
        if (to_loop && pins->is_loop) return;
    }
}

bool lower_block(FnLower *f, const Block *block, bool is_loop) {
    Pins pins = {.outer = f->pins, .region = f->b.region, .is_loop = is_loop};
    f->pins = &pins;
    bool ends = true;
    for (uint32_t i = 0; ends && i < block->stmts.len; i++) {
        ends = lower_stmt(f, block->stmts.data[i]);
    }
    if (ends && pins.refs.len) {
        f->b.span = span_after(block->span);
        keep_pinned(f, &pins);
        end_statement(f, f->b.span);
    }
    f->pins = pins.outer;
    return ends;
}

/* ---- Control --------------------------------------------------------------------------------- */

const Block *taken_arm(const Stmt *s, const StmtInfo *info) {
    if (!info->is_taken) return NULL;
    if (info->taken < s->if_.arms.len) return &s->if_.arms.data[info->taken].body;
    return s->if_.has_else ? &s->if_.otherwise : NULL;
}

Value *lower_condition(FnLower *f, const Expr *e) {
    Value *cond = lower_value(f, e);
    end_statement(f, e->span);
    return cond;
}

static bool lower_arms(FnLower *f, const Stmt *s, uint32_t arm) {
    if (arm == s->if_.arms.len) {
        return !s->if_.has_else || lower_block(f, &s->if_.otherwise, false);
    }
    const IfArm *a = &s->if_.arms.data[arm];
    Value *cond = lower_condition(f, a->cond);
    f->b.span = a->cond->span;
    Op *op = build_if(&f->b, cond, NULL, 0);
    Builder outside = f->b;
    f->b = builder_at_end(op->regions[0], outside.span);
    bool then_ends = lower_block(f, &a->body, false);
    f->b = builder_at_end(op->regions[1], outside.span);
    bool else_ends = lower_arms(f, s, arm + 1);
    f->b = outside;
    return then_ends || else_ends;
}

static bool lower_if(FnLower *f, const Stmt *s) {
    if (!s->if_.is_parameter) return lower_arms(f, s, 0);
    const Block *arm = taken_arm(s, stmt_info_of(f->p->checked, s));
    return !arm || lower_block(f, arm, false);
}

static bool lower_unsafe(FnLower *f, const Stmt *s) {
    Op *op = build_op(&f->b, OP_UNSAFE, NULL, 0, NULL, 0, 1);
    Builder outside = f->b;
    f->b = builder_at_end(op->regions[0], s->span);
    bool ends = lower_block(f, &s->block, false);
    f->b = outside;
    return ends;
}

/* `break`, `continue`, and the `return` of a nested function that a loop runs. */
static bool lower_jump(FnLower *f, const Stmt *s) {
    keep_on_the_way(f, true);
    if (s->kind == STMT_BREAK) build_break(&f->b);
    else build_continue(&f->b);
    return false;
}

/* ---- Return ---------------------------------------------------------------------------------- */

/* The result goes to the caller's memory. */
static void return_out(FnLower *f, const Expr *e) {
    const Expr *inner = strip_parens(e);
    const Local *owner = returned_owner(f, e);
    if (f->result_is_out && owner == f->result) return;
    const Type *type = f->symbol->result;
    bool is_call = info(f, inner)->role == ROLE_CALL && inner->kind == EXPR_CALL &&
                   fn_has_out(info(f, inner)->fn);
    if (is_call) {
        f->b.span = e->span;
        lower_call_into(f, inner, build_lend(&f->b, f->out, true), type);
        return;
    }
    bool is_owner = is_in_memory(f, e) && type_is_owned_array(info(f, inner)->type);
    ArrayNode *node;
    if (is_owner) {
        Value *ref = temporary_of(f, lower_owned(f, e));
        f->b.span = e->span;
        node = array_node_view(f, build_lend(&f->b, ref, false), info(f, inner)->type, e->span);
    } else {
        node = array_prepare(f, e);
    }
    f->b.span = e->span;
    Value *out = build_lend(&f->b, f->out, true);
    array_assign_to(f, out, type, out, node);
}

static bool lower_return(FnLower *f, const Stmt *s) {
    if (stmt_info_of(f->p->checked, s)->ends_iteration) return lower_jump(f, s);
    ValueVec parts = {0};
    if (s->expr && f->out) {
        return_out(f, s->expr);
    } else if (s->expr && f->symbol->result->kind == TYPE_VOID) {
        lower_parts(f, s->expr, false, &parts);
        parts.len = 0;
    } else if (s->expr) {
        lower_parts_as(f, s->expr, f->symbol->result, &parts);
    }
    f->b.span = s->span;
    keep_on_the_way(f, false);
    end_statement(f, s->span);
    build_return(&f->b, parts.data, parts.len);
    return false;
}

/* ---- Others ---------------------------------------------------------------------------------- */

static void lower_assert(FnLower *f, const Stmt *s) {
    const IrOptions *options = f->p->options;
    bool is_on = !s->assert_.is_debug || options->checks == CHECKS_ALL || options->opt_level == 0;
    if (!is_on) return;
    Value *cond = lower_value(f, s->assert_.cond);
    StrBuf text = {0};
    const Expr *message = s->assert_.message;
    const Const *constant = message ? info(f, message)->constant : NULL;
    if (constant && constant->kind == CONST_STR) {
        strbuf_add(&text, constant->bytes, constant->length);
    } else {
        strbuf_puts(&text, "assertion failed: ");
        expr_print(f->p->cx, s->assert_.cond, &text);
    }
    f->b.span = s->assert_.cond->span;
    build_check(&f->b, CHECK_TRUE, &cond, arena_strndup(arena_of(f), strbuf_text(&text), text.len));
    strbuf_free(&text);
}

static void lower_expr_stmt(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    if (i->constant || i->role == ROLE_NONE) return;
    if (type_is_array(value_type(f, e)) && !is_in_memory(f, e)) {
        array_prepare(f, e);
        return;
    }
    ValueVec parts = {0};
    lower_parts(f, e, false, &parts);
}

/* A nested function that is not only the body of a loop: all are checked. */
static void lower_nested(FnLower *f, const Stmt *s) {
    const FnSymbol *symbol = stmt_info_of(f->p->checked, s)->fn;
    if (symbol) lower_fn_ref(f->p, symbol, f->fp);
}

/* Statements without others inside. */
static void lower_simple(FnLower *f, const Stmt *s) {
    if (s->kind == STMT_EXPR) lower_expr_stmt(f, s->expr);
    else if (s->kind == STMT_BINDING) lower_binding(f, s);
    else if (s->kind == STMT_ASSIGN) lower_assign(f, s);
    else if (s->kind == STMT_ASSERT) lower_assert(f, s);
    end_statement(f, s->span);
}

void lower_part(FnLower *f, const Stmt *s) {
    f->b.span = s->span;
    lower_simple(f, s);
}

static bool lower_stmt(FnLower *f, const Stmt *s) {
    f->b.span = s->span;
    switch (s->kind) {
    case STMT_EXPR:
    case STMT_BINDING:
    case STMT_ASSIGN:
    case STMT_ASSERT:
    case STMT_PASS: lower_simple(f, s); return true;
    case STMT_IF: return lower_if(f, s);
    case STMT_WHILE: lower_while(f, s); return true;
    case STMT_FOR: return lower_for(f, s);
    case STMT_BREAK:
    case STMT_CONTINUE: return lower_jump(f, s);
    case STMT_RETURN: return lower_return(f, s);
    case STMT_UNSAFE: return lower_unsafe(f, s);
    case STMT_PARALLEL: lower_graph(f, s); return true;
    case STMT_TRY: return lower_try(f, s);
    case STMT_RAISE: lower_raise(f, s); return false;
    case STMT_FN: lower_nested(f, s); return true;
    case STMT_ALIAS: /* known at compile time */
    case STMT_STRUCT:
    case STMT_IMPORT: return true;
    case STMT_ERROR:
    case STMT_TRAIT:
    case STMT_KIND_COUNT: break;
    }
    KC_BUG("a statement of kind %s reached lowering", stmt_kind_name(s->kind));
}
