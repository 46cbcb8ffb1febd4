/* Statements. Each says whether control may come out at its end. */
#include "ir/lower/lower_internal.h"

static bool lower_stmt(FnLower *f, const Stmt *s);

bool lower_block(FnLower *f, const Block *block, CleanupKind kind) {
    cleanup_open(f, kind);
    for (uint32_t i = 0; i < block->stmts.len; i++) {
        if (!lower_stmt(f, block->stmts.data[i])) {
            cleanup_abandon(f);
            return false;
        }
    }
    cleanup_close(f);
    return true;
}

/* ---- Bindings -------------------------------------------------------------------------------- */

static bool has_window(const Type *type) {
    for (uint32_t i = 0; i < type_parts(type); i++) {
        const Type *part = type_part(type, i);
        if (type_is_array(part) && !type_is_owned_array(part)) return true;
    }
    return false;
}

/* Binds names to the parts of a value, in order; parts without a name are dropped. */
static void bind_names(FnLower *f, const LocalVec *locals, const Type *type, Value *const *parts) {
    uint32_t next = 0;
    for (uint32_t i = 0; i < locals->len; i++) {
        const Local *local = locals->data[i];
        const Type *item = locals->len == 1 ? type : type->items[i];
        if (local) {
            local_bind(f, local, &parts[next]);
            if (has_window(local->type)) keep_temporaries(f);
        }
        next += type_parts(item);
    }
}

static void lower_binding(FnLower *f, const Stmt *s) {
    const LocalVec *locals = &stmt_info_of(f->p->checked, s)->locals;
    const Expr *value = s->binding.value;
    if (!value) {
        for (uint32_t i = 0; i < locals->len; i++) local_declare_empty(f, locals->data[i]);
        return;
    }
    ValueVec parts = {0};
    bool is_single = locals->len == 1;
    const Expr *inner = strip_parens(value);
    if (is_single && local_bind_out(f, locals->data[0], inner)) return;
    if (is_single) {
        lower_parts_as(f, value, locals->data[0]->type, &parts);
    } else if (inner->kind == EXPR_TUPLE) {
        for (uint32_t i = 0; i < locals->len; i++) {
            lower_parts_as(f, inner->items.data[i], locals->data[i]->type, &parts);
        }
    } else {
        lower_parts(f, value, true, &parts);
    }
    f->b.span = s->span;
    bind_names(f, locals, is_single ? locals->data[0]->type : value_type(f, inner), parts.data);
}

/* ---- Assignment ------------------------------------------------------------------------------ */

/* The memory behind an array that is written: a variable's, or a window. */
static Value *target_view(FnLower *f, const Expr *target) {
    return info(f, target)->role == ROLE_WINDOW ? lower_window(f, target) : lower_stored(f, target);
}

static void assign_array(FnLower *f, const Stmt *s, const Expr *target) {
    const ExprInfo *i = info(f, target);
    const Expr *value = s->assign.value;
    if (i->role == ROLE_LOCAL && assignment_rebinds(f, i->local, value)) {
        ValueVec parts = {0};
        lower_parts_as(f, value, i->local->type, &parts);
        f->b.span = s->span;
        local_rebind(f, i->local, parts.data[0]);
        if (has_window(i->local->type)) keep_temporaries(f);
        return;
    }
    ArrayNode *node = array_prepare(f, value);
    Value *view = target_view(f, target);
    f->b.span = s->span;
    array_assign(f, view, shape_type(f, target), node);
}

static void update_array(FnLower *f, const Stmt *s, const Expr *target) {
    Value *view = target_view(f, target);
    const Type *type = shape_type(f, target);
    ArrayNode *old = array_node_view(f, view, type, target->span);
    ArrayNode *node = array_prepare(f, s->assign.value);
    if (s->assign.op == BIN_MATMUL) {
        node = array_node_product(f, old, node, type->elem, s->span);
    } else {
        const FnSymbol *power = stmt_info_of(f->p->checked, s)->fn;
        node = array_node_update(f, s->assign.op, old, node, s->assign.value, power);
    }
    f->b.span = s->span;
    array_assign(f, view, type, node);
}

static void update_scalar(FnLower *f, const Stmt *s, const Expr *target) {
    Place place = lower_place(f, target);
    f->b.span = target->span;
    Value *old = place_get(f, &place);
    Value *value = lower_value(f, s->assign.value);
    f->b.span = s->span;
    const FnSymbol *power = stmt_info_of(f->p->checked, s)->fn;
    Value *changed = apply_update(f, s->assign.op, old, value, s->assign.value, power);
    place_set(f, &place, changed);
}

/* One target of a tuple assignment gets the parts from `parts` on. */
static void assign_parts(FnLower *f, const Expr *target, Value *const *parts, const Type *type) {
    target = strip_parens(target);
    const ExprInfo *i = info(f, target);
    if (!type_is_array(type)) {
        Place place = lower_place(f, target);
        place_set(f, &place, parts[0]);
    } else if (i->role == ROLE_LOCAL && local_slot(f, i->local)->kind == SLOT_VARS) {
        local_rebind(f, i->local, parts[0]);
    } else {
        if (type_is_owned_array(type)) own_temporary(f, parts[0]);
        ArrayNode *node = array_node_view(f, parts[0], type, target->span);
        array_assign(f, target_view(f, target), shape_type(f, target), node);
    }
}

/* `a, b = b, a`: all values first, then the targets from left to right. */
static void assign_tuple(FnLower *f, const Stmt *s, const Expr *target) {
    const LocalVec *locals = &stmt_info_of(f->p->checked, s)->locals;
    ValueVec parts = {0};
    lower_parts(f, s->assign.value, true, &parts);
    const Type *type = value_type(f, s->assign.value);
    uint32_t next = 0;
    f->b.span = s->span;
    for (uint32_t i = 0; i < target->items.len; i++) {
        const Local *local = i < locals->len ? locals->data[i] : NULL;
        if (local) {
            local_bind(f, local, &parts.data[next]);
        } else {
            assign_parts(f, target->items.data[i], &parts.data[next], type->items[i]);
        }
        next += type_parts(type->items[i]);
    }
    if (has_window(type)) keep_temporaries(f);
}

static void assign_new(FnLower *f, const Stmt *s, const LocalVec *locals) {
    ValueVec parts = {0};
    lower_parts_as(f, s->assign.value, locals->data[0]->type, &parts);
    f->b.span = s->span;
    bind_names(f, locals, locals->data[0]->type, parts.data);
}

static void lower_assign(FnLower *f, const Stmt *s) {
    const Expr *target = strip_parens(s->assign.target);
    const LocalVec *locals = &stmt_info_of(f->p->checked, s)->locals;
    if (target->kind == EXPR_TUPLE) {
        assign_tuple(f, s, target);
    } else if (locals->len == 1 && locals->data[0]) {
        assign_new(f, s, locals);
    } else if (type_is_array(info(f, target)->type)) {
        if (s->assign.has_op) update_array(f, s, target);
        else assign_array(f, s, target);
    } else if (s->assign.has_op) {
        update_scalar(f, s, target);
    } else {
        Value *value = lower_value(f, s->assign.value);
        Place place = lower_place(f, target);
        f->b.span = s->span;
        place_set(f, &place, value);
    }
}

/* ---- Control --------------------------------------------------------------------------------- */

const Block *taken_arm(const Stmt *s, const StmtInfo *info) {
    if (!info->is_taken) return NULL;
    if (info->taken < s->if_.arms.len) return &s->if_.arms.data[info->taken].body;
    return s->if_.has_else ? &s->if_.otherwise : NULL;
}

/* A condition, with its temporaries freed before the branch. */
static Value *lower_condition(FnLower *f, const Expr *e) {
    cleanup_open(f, CLEANUP_STATEMENT);
    Value *cond = lower_value(f, e);
    cleanup_close(f);
    return cond;
}

static bool lower_arms(FnLower *f, const Stmt *s, uint32_t arm) {
    if (arm == s->if_.arms.len) {
        return !s->if_.has_else || lower_block(f, &s->if_.otherwise, CLEANUP_BLOCK);
    }
    const IfArm *a = &s->if_.arms.data[arm];
    Value *cond = lower_condition(f, a->cond);
    f->b.span = a->cond->span;
    Op *op = build_if(&f->b, cond, NULL, 0);
    Builder outside = f->b;
    f->b = builder_at_end(op->regions[0], outside.span);
    bool then_ends = lower_block(f, &a->body, CLEANUP_BLOCK);
    f->b = builder_at_end(op->regions[1], outside.span);
    bool else_ends = lower_arms(f, s, arm + 1);
    f->b = outside;
    return then_ends || else_ends;
}

static bool lower_if(FnLower *f, const Stmt *s) {
    if (!s->if_.is_parameter) return lower_arms(f, s, 0);
    const Block *arm = taken_arm(s, stmt_info_of(f->p->checked, s));
    return !arm || lower_block(f, arm, CLEANUP_BLOCK);
}

/* ---- Return ---------------------------------------------------------------------------------- */

/* The values of a result, and the owners that stay alive because of it. */
static void return_parts(FnLower *f, const Expr *e, const Type *type, ValueVec *out, ValueVec *kept) {
    const Expr *inner = strip_parens(e);
    if (type->kind == TYPE_TUPLE && inner->kind == EXPR_TUPLE) {
        for (uint32_t i = 0; i < type->item_count; i++) {
            return_parts(f, inner->items.data[i], type->items[i], out, kept);
        }
        return;
    }
    const Local *local = type_is_owned_array(type) ? returned_owner(f, e) : NULL;
    if (!local) {
        lower_parts_as(f, e, type, out);
        return;
    }
    Value *view;
    local_read(f, local, &view);
    vec_push(arena_of(f), out, view);
    vec_push(arena_of(f), kept, local_slot(f, local)->values[0]);
}

/* The result goes to the caller's memory. */
static void return_out(FnLower *f, const Expr *e) {
    const Expr *inner = strip_parens(e);
    if (f->result_is_out && returned_owner(f, e) == f->result) return;
    const Type *type = f->symbol->result;
    bool is_call = info(f, inner)->role == ROLE_CALL && inner->kind == EXPR_CALL &&
                   fn_has_out(info(f, inner)->fn);
    if (is_call) {
        lower_call_into(f, inner, f->out, type);
        return;
    }
    ArrayNode *node = array_prepare(f, e);
    f->b.span = e->span;
    array_assign(f, f->out, type, node);
}

static void lower_return(FnLower *f, const Stmt *s) {
    ValueVec parts = {0}, kept = {0};
    if (s->expr && f->out) {
        return_out(f, s->expr);
    } else if (s->expr && f->symbol->result->kind == TYPE_VOID) {
        lower_parts(f, s->expr, false, &parts);
        parts.len = 0;
    } else if (s->expr) {
        return_parts(f, s->expr, f->symbol->result, &parts, &kept);
    }
    f->b.span = s->span;
    cleanup_for_return(f, kept.data, kept.len);
    build_return(&f->b, parts.data, parts.len);
}

/* ---- Others ---------------------------------------------------------------------------------- */

static void lower_assert(FnLower *f, const Stmt *s) {
    const IrOptions *options = f->p->options;
    bool is_on = !s->assert_.is_debug || options->checks == CHECKS_ALL || options->opt_level == 0;
    if (!is_on) return;
    Value *cond = lower_condition(f, s->assert_.cond);
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

static bool lower_simple(FnLower *f, const Stmt *s) {
    switch (s->kind) {
    case STMT_EXPR: lower_expr_stmt(f, s->expr); return true;
    case STMT_BINDING: lower_binding(f, s); return true;
    case STMT_ASSIGN: lower_assign(f, s); return true;
    case STMT_IF: return lower_if(f, s);
    case STMT_WHILE: lower_while(f, s); return true;
    case STMT_FOR: return lower_for(f, s);
    case STMT_BREAK:
        cleanup_for_loop_exit(f);
        build_break(&f->b);
        return false;
    case STMT_CONTINUE:
        cleanup_for_loop_exit(f);
        build_continue(&f->b);
        return false;
    case STMT_RETURN: lower_return(f, s); return false;
    case STMT_ASSERT: lower_assert(f, s); return true;
    case STMT_UNSAFE: return lower_block(f, &s->block, CLEANUP_BLOCK);
    case STMT_PASS:
    case STMT_ALIAS: /* known at compile time */
    case STMT_FN:    /* lowered where it is called */
    case STMT_STRUCT:
    case STMT_IMPORT: return true;
    case STMT_ERROR:
    case STMT_RAISE:
    case STMT_TRY:
    case STMT_PARALLEL:
    case STMT_TRAIT:
    case STMT_KIND_COUNT: break;
    }
    KC_BUG("a statement of kind %s reached lowering", stmt_kind_name(s->kind));
}

static bool lower_stmt(FnLower *f, const Stmt *s) {
    f->b.span = s->span;
    cleanup_open(f, CLEANUP_STATEMENT);
    bool goes_on = lower_simple(f, s);
    f->b.span = s->span;
    if (goes_on) cleanup_close(f);
    else cleanup_abandon(f);
    return goes_on;
}
