/* Arrays that are made: `Tensor[f32](n)`, `a.tensor[f32](n)` in an arena. */
#include "sema/expr.h"

static const Type *report_alloc(FnChecker *f, Expr *e, Span span, const char *message,
                                const char *note) {
    Diag *d = diag_add(f->c->cx, K0278, span, "%s", message);
    diag_note(f->c->cx, d, "%s", note);
    check_args_alone(f, &e->call.args);
    return expr_poison(f, e);
}

/* `Tensor[f32, n](...)`: the sizes belong into the parentheses. */
static const Type *report_sizes_in_type(FnChecker *f, Expr *e, Expr *type_expr) {
    Context *cx = f->c->cx;
    const ArgVec *written = &type_expr->index.args;
    Span first = written->data[0].value->span, last = vec_last(written).value->span;
    Diag *d =
        diag_add(cx, K0278, type_expr->span, "the sizes of a new array stand in its parentheses");
    const Source *source = source_of(&cx->sources, last);
    Span sizes = {last.file, written->data[1].value->span.start, last.end};
    Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "write them there");
    fix_replace(cx, fix, (Span){first.file, first.end, last.end}, "");
    if (e->call.args.len == 0) {
        Span inside = {e->span.file, e->span.end - 1, e->span.end - 1};
        fix_replace(cx, fix, inside,
                    arena_strndup(cx->arena, source->text + sizes.start, sizes.end - sizes.start));
    }
    check_args_alone(f, &e->call.args);
    return expr_poison(f, e);
}

static bool check_sizes(FnChecker *f, Expr *e, const Size **dims) {
    Context *cx = f->c->cx;
    const ArgVec *args = &e->call.args;
    bool good = true;
    for (uint32_t i = 0; i < args->len; i++) {
        Expr *size = args->data[i].value;
        check_expr(f, size, type_int(f->c->types));
        if (!convert_index(f, size, "a size")) {
            good = false;
            continue;
        }
        int64_t value;
        if (expr_known_int(f, size, &value) && value < 0) {
            diag_add(cx, K0279, size->span, "a size cannot be negative, and this is %lld",
                     (long long)value);
            good = false;
        }
        dims[i] = size_of_expr(f, size);
    }
    return good;
}

/* The element type and shape of the array that is made; NULL after reporting. */
static const Type *alloc_type(FnChecker *f, Expr *e, Expr *type_expr) {
    if (type_expr->kind != EXPR_INDEX) {
        const char *note = "write it in square brackets: `Tensor[f32](n)`";
        report_alloc(f, e, type_expr->span, "the element type of the new array is missing", note);
        return NULL;
    }
    const Type *type = resolve_type(f, type_expr, false);
    if (type_is_error(type)) {
        check_args_alone(f, &e->call.args);
        return NULL;
    }
    if (type->form != FORM_TENSOR) {
        report_alloc(f, e, type_expr->span, "only a Tensor is made like this",
                     "the others look into an array that is there: `x.view()`, `x[a:b]`");
        return NULL;
    }
    if (type_expr->index.args.len > 1) {
        report_sizes_in_type(f, e, type_expr);
        return NULL;
    }
    return type;
}

/* Records an allocation of elements of type `elem`: args[0] is the arena, if there is one. */
static const Type *finish_alloc(FnChecker *f, Expr *e, const Type *elem, Expr *arena, bool uninit) {
    const ArgVec *args = &e->call.args;
    if (!check_arg_count(f, e, 1, MAX_RANK, "Tensor")) return expr_poison(f, e);
    const Size *dims[MAX_RANK];
    if (!check_sizes(f, e, dims)) return expr_poison(f, e);
    Expr *operands[MAX_RANK + 1];
    uint32_t first = arena ? 1 : 0;
    operands[0] = arena;
    for (uint32_t i = 0; i < args->len; i++) operands[first + i] = args->data[i].value;
    const Type *type = type_array(f->c->types, FORM_TENSOR, elem, dims, args->len);
    expr_set_args(f, e, arena ? ROLE_ARENA_ALLOC : ROLE_ALLOC, type, operands, first + args->len);
    expr_info(f->c, e)->flag = uninit;
    return type;
}

const Type *check_alloc(FnChecker *f, Expr *e, Expr *type_expr, bool uninit) {
    const Type *type = alloc_type(f, e, type_expr);
    if (!type) return expr_poison(f, e);
    return finish_alloc(f, e, type->elem, NULL, uninit);
}

/* ---- In arenas ------------------------------------------------------------------------------- */

bool names_arena_tensor(FnChecker *f, const Expr *e) {
    const Expr *member = e->kind == EXPR_INDEX ? e->index.base : e;
    if (member->kind != EXPR_MEMBER || expr_module(f, member->member.base)) return false;
    return name_eq(member->member.name.name, name_of_str(f->c->cx->names, "tensor"));
}

const Type *check_arena_alloc(FnChecker *f, Expr *e, Expr *method, bool uninit) {
    Expr *arena = method->kind == EXPR_INDEX ? method->index.base->member.base : method->member.base;
    const Type *type = expr_type(f, arena);
    if (type->kind != TYPE_ARENA) {
        Ident name = (method->kind == EXPR_INDEX ? method->index.base : method)->member.name;
        if (!type_is_error(type)) report_no_field(f, type, name);
        check_args_alone(f, &e->call.args);
        return expr_poison(f, e);
    }
    if (method->kind != EXPR_INDEX) {
        return report_alloc(f, e, method->span, "the element type of the new array is missing",
                            "write it in square brackets: `a.tensor[f32](n)`");
    }
    const ArgVec *types = &method->index.args;
    const Type *elem = resolve_element(f, types->data[0].value, false);
    if (types->len > 1) {
        return report_alloc(f, e, method->span, "the sizes of a new array stand in its parentheses",
                            "as in `a.tensor[f32](h, w)`");
    }
    if (type_is_error(elem)) {
        check_args_alone(f, &e->call.args);
        return expr_poison(f, e);
    }
    return finish_alloc(f, e, elem, arena, uninit);
}
