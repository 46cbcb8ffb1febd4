/* Expressions that write types, and the sizes in them. */
#include "sema/expr.h"

/* ---- Does it name a type? -------------------------------------------------------------------- */

static bool symbol_is_type(FnChecker *f, Symbol *symbol) {
    switch (symbol->kind) {
    case SYM_STRUCT:
    case SYM_SCALAR:
    case SYM_ARRAY:
    case SYM_KIND: return true;
    case SYM_ALIAS:
        alias_evaluate(f->c, symbol);
        return !symbol->alias.constant && !symbol->alias.global && symbol->alias.type &&
               !type_is_error(symbol->alias.type);
    case SYM_FNS:
    case SYM_TRAIT:
    case SYM_MODULE:
    case SYM_BUILTIN:
    case SYM_RUN_LOOP:
    case SYM_LATER:
    case SYM_LOCAL:
    case SYM_SIZE: return false;
    }
    UNREACHABLE();
}

bool expr_names_type(FnChecker *f, const Expr *e) {
    if (e->kind == EXPR_PAREN) return expr_names_type(f, e->operand);
    if (e->kind == EXPR_INDEX) {
        Symbol *symbol = expr_symbol(f, e->index.base);
        return symbol && (symbol->kind == SYM_ARRAY || symbol->kind == SYM_KIND);
    }
    Symbol *symbol = expr_symbol(f, e);
    return symbol && symbol_is_type(f, symbol);
}

/* ---- Sizes ----------------------------------------------------------------------------------- */

/* A local that never changes stands for itself. */
static const Size *size_of_local(FnChecker *f, const Expr *e, const Local *local) {
    Symbol *symbol = e->kind == EXPR_NAME ? scope_find(f->scope, e->name) : NULL;
    bool fixed = !local->is_var && local->type == type_int(f->c->types);
    if (!fixed || !symbol || symbol->kind != SYM_LOCAL || symbol->local != local) {
        return size_fresh(f, e->span);
    }
    if (!local->size) {
        symbol->local->size =
            size_sym_new(f->c->sizes, SIZE_LOCAL, local->name, local->span, local);
    }
    return size_of_sym(f->c->sizes, local->size);
}

static const Size *size_of_binary(FnChecker *f, const Expr *e) {
    Sizes *sizes = f->c->sizes;
    const Size *size = NULL;
    BinaryOp op = e->binary.op;
    if (op == BIN_ADD || op == BIN_SUB || op == BIN_MUL) {
        const Size *a = size_of_expr(f, e->binary.lhs), *b = size_of_expr(f, e->binary.rhs);
        size = op == BIN_ADD   ? size_add(sizes, a, b)
               : op == BIN_SUB ? size_sub(sizes, a, b)
                               : size_mul(sizes, a, b);
    }
    return size ? size : size_fresh(f, e->span);
}

/* `x.len()`, `len(x)`, `x.shape[1]`: sizes of the type. */
static const Size *size_of_array(FnChecker *f, const Expr *e) {
    const ExprInfo *info = expr_info(f->c, e);
    uint32_t item = 0;
    if (info->role == ROLE_ITEM) {
        item = info->index;
        info = expr_info(f->c, e->index.base);
        if (info->role != ROLE_BUILTIN || info->builtin != BUILTIN_M_SHAPE) return NULL;
    } else if (info->role != ROLE_BUILTIN ||
               (info->builtin != BUILTIN_LEN && info->builtin != BUILTIN_M_LEN)) {
        return NULL;
    }
    const Type *array = expr_type(f, info->args[0]);
    return type_is_array(array) ? array->dims[item] : NULL;
}

const Size *size_of_expr(FnChecker *f, const Expr *e) {
    const Type *type = expr_type(f, e);
    int64_t value;
    if (expr_known_int(f, e, &value)) return size_int(f, value);
    const ExprInfo *info = expr_info(f->c, e);
    bool exact = type == type_int(f->c->types) && !info->converted;
    if (!exact) return size_fresh(f, e->span);
    if (e->kind == EXPR_PAREN) return size_of_expr(f, e->operand);
    if (info->role == ROLE_SIZE) return size_of_sym(f->c->sizes, info->size);
    if (info->role == ROLE_LOCAL) return size_of_local(f, e, info->local);
    const Size *of_array = size_of_array(f, e);
    if (of_array) return of_array;
    if (info->role != ROLE_OPERATOR) return size_fresh(f, e->span);
    if (e->kind == EXPR_BINARY) return size_of_binary(f, e);
    if (e->kind == EXPR_UNARY && e->unary.op == UN_NEG) {
        return size_difference(f, size_int(f, 0), size_of_expr(f, e->unary.operand), e->span);
    }
    return size_fresh(f, e->span);
}

static bool names_a_value(const Symbol *symbol) {
    return symbol->kind == SYM_LOCAL || symbol->kind == SYM_SIZE || symbol->kind == SYM_ALIAS;
}

/* Makes size names of the signature of those names in `e` that mean nothing else. */
static void bind_size_names(FnChecker *f, Expr *e) {
    if (e->kind == EXPR_PAREN) bind_size_names(f, e->operand);
    if (e->kind == EXPR_UNARY) bind_size_names(f, e->unary.operand);
    if (e->kind == EXPR_BINARY) {
        bind_size_names(f, e->binary.lhs);
        bind_size_names(f, e->binary.rhs);
    }
    if (e->kind != EXPR_NAME || !f->fn) return;
    Symbol *symbol = scope_find(f->scope, e->name);
    if (symbol && names_a_value(symbol)) return;
    const SizeSym *sym = size_sym_new(f->c->sizes, SIZE_PARAM, e->name, e->span, NULL);
    scope_add(f->c, f->scope, SYM_SIZE, e->name, e->span)->size = sym;
    vec_push(f->c->cx->arena, &f->fn->sizes, sym);
}

static bool is_polynomial(FnChecker *f, const Expr *e) {
    if (expr_constant(f, e) || e->kind == EXPR_NAME) return true;
    if (e->kind == EXPR_PAREN) return is_polynomial(f, e->operand);
    if (e->kind == EXPR_UNARY) return e->unary.op == UN_NEG && is_polynomial(f, e->unary.operand);
    if (e->kind != EXPR_BINARY) return false;
    BinaryOp op = e->binary.op;
    return (op == BIN_ADD || op == BIN_SUB || op == BIN_MUL) && is_polynomial(f, e->binary.lhs) &&
           is_polynomial(f, e->binary.rhs);
}

static const Size *report_size(FnChecker *f, const Expr *e, const char *message, const char *note) {
    Diag *d = diag_add(f->c->cx, K0279, e->span, "%s", message);
    if (note) diag_note(f->c->cx, d, "%s", note);
    return NULL;
}

/* One dimension as written in a type; NULL after reporting. */
static const Size *resolve_size(FnChecker *f, Expr *e, bool bind_sizes) {
    if (e->kind == EXPR_UNKNOWN) return size_fresh(f, e->span);
    if (e->kind == EXPR_SLICE) {
        return report_size(f, e, "a slice is not a size", "an unknown size is `?`");
    }
    if (expr_names_type(f, e) && !bind_sizes) {
        return report_size(f, e, "a type stands where a size is expected",
                           "an array has one element type, then its sizes: `Tensor[f32, h, w]`");
    }
    if (bind_sizes) bind_size_names(f, e);
    check_expr(f, e, type_int(f->c->types));
    if (!convert_index(f, e, "a size")) return NULL;
    int64_t value;
    if (expr_known_int(f, e, &value) && value < 0) {
        return report_size(f, e, "a size cannot be negative", NULL);
    }
    if (bind_sizes && !is_polynomial(f, e)) {
        return report_size(f, e,
                           "the size of a parameter is made of names, numbers, `+`, `-` and `*`",
                           "use `?`, and say what has to hold with `assert`");
    }
    return size_of_expr(f, e);
}

/* ---- Array types ----------------------------------------------------------------------------- */

static const Type *poison(FnChecker *f) { return type_error(f->c->types); }

/* `Tensor[P, n, soa]`, `layout=soa` */
static bool is_soa(FnChecker *f, const Arg *arg) {
    Name soa = name_of_str(f->c->cx->names, "soa");
    return !name_eq(arg->key.name, NO_NAME) ||
           (arg->value->kind == EXPR_NAME && name_eq(arg->value->name, soa) &&
            !scope_find(f->scope, soa));
}

static const Type *resolve_array(FnChecker *f, Expr *e, ArrayForm form, bool bind_sizes) {
    Context *cx = f->c->cx;
    const ArgVec *args = &e->index.args;
    if (args->len - 1 > MAX_RANK) {
        diag_add(cx, K0280, e->span, "an array has at most %d dimensions, and this one has %u",
                 MAX_RANK, args->len - 1);
        return poison(f);
    }
    const Type *elem = resolve_element(f, args->data[0].value, bind_sizes);
    const Size *dims[MAX_RANK];
    bool good = !type_is_error(elem);
    for (uint32_t i = 1; i < args->len; i++) {
        if (is_soa(f, &args->data[i])) {
            report_later(f->c, args->data[i].value->span,
                         "arrays of structs stored field by field (`soa`)");
            return poison(f);
        }
        dims[i - 1] = resolve_size(f, args->data[i].value, bind_sizes);
        good = good && dims[i - 1];
    }
    if (!good) return poison(f);
    if (args->len > 1) return type_array(f->c->types, form, elem, dims, args->len - 1);
    dims[0] = size_fresh(f, e->span);
    return type_array(f->c->types, form, elem, dims, 1);
}

/* ---- Types ----------------------------------------------------------------------------------- */

static const Type *report_not_a_type(FnChecker *f, const Expr *e, const char *is,
                                     const char *note) {
    Diag *d = diag_add(f->c->cx, K0249, e->span, "%s is %s, not a type", expr_quote(f, e), is);
    if (note) diag_note(f->c->cx, d, "%s", note);
    return poison(f);
}

static const Type *type_of_alias(FnChecker *f, Expr *e, Symbol *symbol) {
    alias_evaluate(f->c, symbol);
    const Type *type = symbol->alias.type;
    if (!type || type_is_error(type)) return poison(f);
    bool is_value = symbol->alias.constant || symbol->alias.global;
    return is_value ? report_not_a_type(f, e, "a value", NULL) : type;
}

static const Type *report_bare_array(FnChecker *f, const Expr *e) {
    Diag *d =
        diag_add(f->c->cx, K0280, e->span, "%s needs the type of its elements", expr_quote(f, e));
    diag_note(f->c->cx, d, "as in `Tensor[f32, n]`");
    return poison(f);
}

static const Type *type_of_symbol(FnChecker *f, Expr *e, Symbol *symbol) {
    switch (symbol->kind) {
    case SYM_STRUCT: return type_struct(f->c->types, symbol->strukt);
    case SYM_SCALAR: return type_scalar(f->c->types, symbol->scalar);
    case SYM_ALIAS: return type_of_alias(f, e, symbol);
    case SYM_ARRAY: return report_bare_array(f, e);
    case SYM_KIND: return resolve_kind(f, e, symbol->type_kind);
    case SYM_LATER: report_later(f->c, e->span, symbol->feature); return poison(f);
    case SYM_TRAIT: report_later(f->c, e->span, "traits"); return poison(f);
    case SYM_FNS:
    case SYM_BUILTIN:
    case SYM_RUN_LOOP: return report_not_a_type(f, e, "a function", NULL);
    case SYM_MODULE:
        return report_not_a_type(f, e, "a module", "write `module.Name` for a type that is in it");
    case SYM_LOCAL:
    case SYM_SIZE: return report_not_a_type(f, e, "a value", NULL);
    }
    UNREACHABLE();
}

static const Type *type_of_name(FnChecker *f, Expr *e) {
    Symbol *symbol = expr_symbol(f, e);
    if (symbol) return type_of_symbol(f, e, symbol);
    if (e->kind == EXPR_NAME) {
        report_unknown_name(f, e->name, e->span);
        return poison(f);
    }
    const ModuleSymbol *module = expr_module(f, e->member.base);
    if (!module) return report_not_a_type(f, e, "a member of a value", NULL);
    report_no_member(f, module, e->member.name);
    return poison(f);
}

/* `f32[n]`, `P[n]`: an array in another language. */
static const Type *report_indexed_type(FnChecker *f, Expr *e) {
    Context *cx = f->c->cx;
    Span base = e->index.base->span;
    Diag *d = diag_add(cx, K0280, e->span, "an array type is written `Tensor[%s, ...]`",
                       type_text(cx, resolve_type(f, e->index.base, false)));
    Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "write it so");
    fix_replace(cx, fix, span_before(base), "Tensor[");
    fix_replace(cx, fix, (Span){base.file, base.end, e->index.args.data[0].value->span.start},
                ", ");
    return poison(f);
}

static const Type *type_of_index(FnChecker *f, Expr *e, bool bind_sizes) {
    Symbol *symbol = expr_symbol(f, e->index.base);
    if (!symbol) {
        return e->index.base->kind == EXPR_NAME || e->index.base->kind == EXPR_MEMBER
                   ? type_of_name(f, e->index.base)
                   : report_not_a_type(f, e, "a value", NULL);
    }
    if (symbol->kind == SYM_ARRAY) return resolve_array(f, e, symbol->form, bind_sizes);
    if (symbol->kind == SYM_KIND) return resolve_kind(f, e, symbol->type_kind);
    if (symbol->kind == SYM_STRUCT && symbol->strukt->decl->generics.len) {
        report_later(f->c, e->span, "generics");
        return poison(f);
    }
    if (symbol_is_type(f, symbol)) return report_indexed_type(f, e);
    return type_of_symbol(f, e->index.base, symbol);
}

static const Type *type_of_tuple(FnChecker *f, Expr *e, bool bind_sizes) {
    const Type **items = arena_array(f->c->cx->arena, const Type *, e->items.len);
    bool good = true;
    for (uint32_t i = 0; i < e->items.len; i++) {
        items[i] = resolve_type(f, e->items.data[i], bind_sizes);
        good = good && !type_is_error(items[i]);
    }
    return good ? type_tuple(f->c->types, items, e->items.len) : poison(f);
}

static const Type *type_of_kind(FnChecker *f, Expr *e, bool bind_sizes) {
    switch (e->kind) {
    case EXPR_ERROR: return poison(f);
    case EXPR_NAME:
    case EXPR_MEMBER: return type_of_name(f, e);
    case EXPR_INDEX: return type_of_index(f, e, bind_sizes);
    case EXPR_TUPLE: return type_of_tuple(f, e, bind_sizes);
    case EXPR_PAREN: return resolve_type(f, e->operand, bind_sizes);
    case EXPR_UNKNOWN:
        return report_not_a_type(f, e, "an unknown size",
                                 "`?` stands among the sizes of an array: `Tensor[f32, ?]`");
    case EXPR_LIST:
        return report_not_a_type(f, e, "a list", "an array type is written `Tensor[f32, n]`");
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_BOOL:
    case EXPR_STRING:
    case EXPR_UNARY:
    case EXPR_BINARY:
    case EXPR_COMPARE:
    case EXPR_COND:
    case EXPR_CALL:
    case EXPR_SLICE:
    case EXPR_TRANSFER:
    case EXPR_RANGE:
    case EXPR_GENERATOR:
    case EXPR_SPAWN: return report_not_a_type(f, e, "a value", NULL);
    case EXPR_KIND_COUNT: break;
    }
    UNREACHABLE();
}

const Type *resolve_type(FnChecker *f, Expr *e, bool bind_sizes) {
    enum { MAX_TYPE_DEPTH = 1000 };
    if (f->depth > MAX_TYPE_DEPTH) {
        diag_add(f->c->cx, K0129, e->span, "this type is nested too deeply");
        return poison(f);
    }
    f->depth++;
    const Type *type = type_of_kind(f, e, bind_sizes);
    f->depth--;
    return type;
}
