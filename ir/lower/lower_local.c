/* Variables: which are SSA values, which are places, and what they hold.
 *
 * Scalars, structs and texts that may be assigned are places (VAR). An array is a place only when the
 * name is given another array, or gives its own away: writing elements leaves the view as it is. */
#include "ir/lower/lower_internal.h"

/* ---- Which arrays move ----------------------------------------------------------------------- */

static bool has_form(const Type *type, ArrayForm dense, ArrayForm strided) {
    return type_is_array(type) && (type->form == dense || type->form == strided);
}

/* A new owner: `x^`, an allocation, the result of a call, a copy. */
static bool is_fresh(const FnLower *f, const Expr *value) {
    if (!type_is_owned_array(value_type(f, value)) || !is_in_memory(f, value)) return false;
    const Expr *e = strip_parens(value);
    const ExprInfo *i = info(f, e);
    bool is_copy = i->role == ROLE_BUILTIN && i->builtin == BUILTIN_M_COPY;
    return e->kind == EXPR_TRANSFER || i->role == ROLE_ALLOC || i->role == ROLE_CALL || is_copy;
}

/* Whether the value may have another size than an array whose size is known at run time only. */
static bool may_resize(const FnLower *f, const Type *type, const Expr *value) {
    const Type *from = shape_type(f, value);
    for (uint32_t i = 0; i < type->rank; i++) {
        if (!size_has_hidden(type->dims[i])) continue;
        bool is_same = type_is_array(from) && from->rank == type->rank &&
                       size_relate(f->p->checked->sizes, from->dims[i], type->dims[i]) == SIZES_EQUAL;
        if (!is_same) return true;
    }
    return false;
}

bool assignment_rebinds(const FnLower *f, const Local *local, const Expr *value) {
    const Type *type = local->type;
    if (has_form(type, FORM_VIEW, FORM_STRIDED)) return true;
    if (has_form(type, FORM_MUTVIEW, FORM_MUTSTRIDED)) {
        bool is_window = has_form(value_type(f, value), FORM_MUTVIEW, FORM_MUTSTRIDED);
        return !local->is_param && is_window && is_in_memory(f, value);
    }
    if (local->is_param && local->convention != CONVENTION_OWNED) return false;
    if (!type_is_array(value_type(f, value))) return false;
    return is_fresh(f, value) || may_resize(f, type, value);
}

static void scan_block(FnLower *f, const Block *block);
static void scan_expr(FnLower *f, const Expr *e);

static void mark(FnLower *f, const Expr *e) {
    e = strip_parens(e);
    const ExprInfo *i = info(f, e);
    if (e->kind == EXPR_NAME && i->role == ROLE_LOCAL) f->is_moved[i->local->id] = true;
}

static void scan_exprs(FnLower *f, const ExprVec *items) {
    for (uint32_t i = 0; i < items->len; i++) scan_expr(f, items->data[i]);
}

static void scan_args(FnLower *f, const ArgVec *args) {
    for (uint32_t i = 0; i < args->len; i++) scan_expr(f, args->data[i].value);
}

static void scan_generator(FnLower *f, const Expr *e) {
    scan_expr(f, e->generator.element);
    for (uint32_t i = 0; i < e->generator.clauses.len; i++) {
        scan_expr(f, e->generator.clauses.data[i].iter);
        scan_exprs(f, &e->generator.clauses.data[i].conditions);
    }
}

static void scan_expr(FnLower *f, const Expr *e) {
    if (!e) return;
    switch (e->kind) {
    case EXPR_TRANSFER:
        mark(f, e->operand);
        scan_expr(f, e->operand);
        break;
    case EXPR_TUPLE:
    case EXPR_LIST: scan_exprs(f, &e->items); break;
    case EXPR_PAREN:
    case EXPR_SPAWN: scan_expr(f, e->operand); break;
    case EXPR_UNARY: scan_expr(f, e->unary.operand); break;
    case EXPR_BINARY:
        scan_expr(f, e->binary.lhs);
        scan_expr(f, e->binary.rhs);
        break;
    case EXPR_COMPARE: scan_exprs(f, &e->compare.operands); break;
    case EXPR_COND:
        scan_expr(f, e->cond.then);
        scan_expr(f, e->cond.cond);
        scan_expr(f, e->cond.otherwise);
        break;
    case EXPR_CALL:
        scan_expr(f, e->call.callee);
        scan_args(f, &e->call.args);
        break;
    case EXPR_INDEX:
        scan_expr(f, e->index.base);
        scan_args(f, &e->index.args);
        break;
    case EXPR_MEMBER: scan_expr(f, e->member.base); break;
    case EXPR_GENERATOR: scan_generator(f, e); break;
    case EXPR_RANGE: /* ranges and slices hold numbers: nothing to give away */
    case EXPR_SLICE:
    case EXPR_ERROR:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_BOOL:
    case EXPR_STRING:
    case EXPR_NAME:
    case EXPR_UNKNOWN:
    case EXPR_KIND_COUNT: break;
    }
}

static void scan_assign(FnLower *f, const Stmt *s) {
    const Expr *target = strip_parens(s->assign.target);
    scan_expr(f, s->assign.value);
    const ExprInfo *i = info(f, target);
    if (target->kind == EXPR_TUPLE) {
        for (uint32_t k = 0; k < target->items.len; k++) mark(f, target->items.data[k]);
    } else if (i->role == ROLE_LOCAL && type_is_array(i->local->type) && !s->assign.has_op &&
               assignment_rebinds(f, i->local, s->assign.value)) {
        mark(f, target);
    }
}

static void scan_if(FnLower *f, const Stmt *s) {
    const StmtInfo *info = stmt_info_of(f->p->checked, s);
    if (s->if_.is_parameter) { /* the other arms are not checked either */
        const Block *arm = taken_arm(s, info);
        if (arm) scan_block(f, arm);
        return;
    }
    for (uint32_t i = 0; i < s->if_.arms.len; i++) {
        scan_expr(f, s->if_.arms.data[i].cond);
        scan_block(f, &s->if_.arms.data[i].body);
    }
    if (s->if_.has_else) scan_block(f, &s->if_.otherwise);
}


static void scan_for(FnLower *f, const Stmt *s) {
    const StmtInfo *i = stmt_info_of(f->p->checked, s);
    scan_expr(f, s->for_.iter);
    if (!s->for_.is_parameter) scan_block(f, &s->for_.body);
    for (uint32_t k = 0; k < i->unrolled.len; k++) scan_block(f, &i->unrolled.data[k]);
}

/* `return t`, `return t^`: no move that anybody sees, because nothing follows. */
static void scan_return(FnLower *f, const Expr *e) {
    const Local *local = e ? returned_owner(f, e) : NULL;
    if (!local) scan_expr(f, e);
    if (!local || (f->result && f->result != local)) f->has_other_results = true;
    if (local) f->result = local;
}

static void scan_stmt(FnLower *f, const Stmt *s) {
    switch (s->kind) {
    case STMT_EXPR: scan_expr(f, s->expr); break;
    case STMT_RETURN: scan_return(f, s->expr); break;
    case STMT_BINDING: scan_expr(f, s->binding.value); break;
    case STMT_ASSIGN: scan_assign(f, s); break;
    case STMT_IF: scan_if(f, s); break;
    case STMT_WHILE: scan_block(f, &s->while_.body); break;
    case STMT_FOR: scan_for(f, s); break;
    case STMT_UNSAFE: scan_block(f, &s->block); break;
    case STMT_ERROR:
    case STMT_ALIAS:
    case STMT_BREAK:
    case STMT_CONTINUE:
    case STMT_PASS:
    case STMT_RAISE:
    case STMT_TRY:
    case STMT_ASSERT:
    case STMT_PARALLEL:
    case STMT_FN:
    case STMT_STRUCT:
    case STMT_TRAIT:
    case STMT_IMPORT:
    case STMT_KIND_COUNT: break;
    }
}

static void scan_block(FnLower *f, const Block *block) {
    for (uint32_t i = 0; i < block->stmts.len; i++) scan_stmt(f, block->stmts.data[i]);
}

void scan_moves(FnLower *f) {
    scan_block(f, &f->symbol->decl->body);
    if (f->has_other_results) f->result = NULL;
}

/* ---- Values ---------------------------------------------------------------------------------- */

Slot *local_slot(FnLower *f, const Local *local) {
    KC_CHECK(local->id < f->symbol->locals.len);
    return &f->slots[local->id];
}

bool local_owns(const Local *local) {
    return type_is_owned_array(local->type) &&
           (!local->is_param || local->convention == CONVENTION_OWNED);
}

const Local *returned_owner(const FnLower *f, const Expr *e) {
    e = strip_parens(e);
    if (e->kind == EXPR_TRANSFER) e = strip_parens(e->operand);
    const ExprInfo *i = info(f, e);
    bool is_local = e->kind == EXPR_NAME && i->role == ROLE_LOCAL;
    return is_local && local_owns(i->local) ? i->local : NULL;
}

static bool part_is_place(const FnLower *f, const Local *local, const Type *part) {
    if (type_is_array(part)) return f->is_moved[local->id];
    return local->is_var || local->is_assigned;
}

static void name_value(Value *value, Name name) {
    if (value->name.id == 0) value->name = name;
}

static Value *new_place(FnLower *f, const Local *local, Value *value) {
    Value *ref = build_var(&f->b, value->type, local->name);
    name_value(ref, local->name);
    build_set(&f->b, ref, value);
    return ref;
}

void local_bind(FnLower *f, const Local *local, Value *const *values) {
    Slot *slot = local_slot(f, local);
    slot->count = type_parts(local->type);
    slot->values = arena_array(arena_of(f), Value *, slot->count);
    bool is_place = false;
    for (uint32_t i = 0; i < slot->count; i++) {
        is_place = is_place || part_is_place(f, local, type_part(local->type, i));
    }
    slot->kind = is_place ? SLOT_VARS : SLOT_VALUES;
    for (uint32_t i = 0; i < slot->count; i++) {
        slot->values[i] = is_place ? new_place(f, local, values[i]) : values[i];
        if (slot->count == 1) name_value(slot->values[i], local->name);
        bool owns = type_is_owned_array(type_part(local->type, i)) &&
                    (!local->is_param || local->convention == CONVENTION_OWNED);
        bool is_out = f->result_is_out && local == f->result;
        if (owns && !is_out) own_named(f, slot->values[i]);
    }
}

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

bool local_bind_out(FnLower *f, const Local *local, const Expr *value) {
    bool is_alloc = value->kind == EXPR_CALL && info(f, value)->role == ROLE_ALLOC;
    if (local != f->result || !is_alloc || f->is_moved[local->id]) return false;
    if (!fits_out(f, local->type)) return false;
    Value *dims[MAX_RANK];
    lower_alloc_dims(f, value, dims);
    f->b.span = value->span;
    f->result_is_out = true;
    if (!info(f, value)->flag) {
        Value *zero = build_zero(&f->b, ir_type_of(f->p, local->type->elem));
        ArrayNode *node = array_node_value(f, zero, local->type->elem, value->span);
        array_assign(f, f->out, local->type, node);
    }
    local_bind(f, local, &f->out);
    return true;
}

/* What a variable holds before its first assignment. An array of known sizes has its memory already. */
static Value *empty_value(FnLower *f, const Type *type) {
    const IrType *ir = ir_type_of(f->p, type);
    if (type->kind == TYPE_STR) return build_text(&f->b, "", 0);
    if (!type_is_array(type)) return build_zero(&f->b, ir);
    Value *dims[MAX_RANK];
    for (uint32_t i = 0; i < type->rank; i++) {
        dims[i] = type_is_owned_array(type) ? size_value(f, type->dims[i]) : NULL;
        if (!dims[i]) return null_view(f, ir);
    }
    return build_alloc(&f->b, ir->elem, dims, type->rank, true);
}

void local_declare_empty(FnLower *f, const Local *local) {
    uint32_t count = type_parts(local->type);
    Value **values = arena_array(arena_of(f), Value *, count);
    for (uint32_t i = 0; i < count; i++) values[i] = empty_value(f, type_part(local->type, i));
    local_bind(f, local, values);
}

void local_rebind(FnLower *f, const Local *local, Value *view) {
    Slot *slot = local_slot(f, local);
    KC_CHECK(slot->kind == SLOT_VARS && slot->count == 1);
    if (local_owns(local)) {
        Value *old = build_get(&f->b, slot->values[0]);
        build_op(&f->b, OP_FREE, &old, 1, NULL, 0, 0);
    }
    build_set(&f->b, slot->values[0], view);
}

void local_read(FnLower *f, const Local *local, Value **values) {
    const Slot *slot = local_slot(f, local);
    if (slot->kind == SLOT_NONE && local->constant) {
        values[0] = lower_const(f, local->constant, local->type);
        return;
    }
    KC_CHECK(slot->kind != SLOT_NONE);
    for (uint32_t i = 0; i < slot->count; i++) {
        bool is_place = slot->kind == SLOT_VARS;
        values[i] = is_place ? build_get(&f->b, slot->values[i]) : slot->values[i];
    }
}
