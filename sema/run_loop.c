/* `parallelize[body](n)` and `vectorize[body, W](n)`: loops whose body is a nested function. */
#include "sema/declare.h"
#include "sema/expr.h"

static const char *loop_name(bool is_simd) { return is_simd ? "vectorize" : "parallelize"; }

static Diag *report_body(FnChecker *f, Span span, const FnSymbol *fn, const char *message) {
    Diag *d = diag_add(f->c->cx, K0379, span, "%s", message);
    if (fn != NULL) {
        diag_label(f->c->cx, d, fn->decl->signature, "`%s` is declared here",
                   text_of(f->c->cx, fn->name));
    }
    return d;
}

static bool takes_counter(Checker *c, const FnSymbol *fn) {
    return fn->params.len == 1 && fn->params.data[0].local->type == type_int(c->types) &&
           fn->params.data[0].convention == CONVENTION_BORROWED;
}

static bool runs_already(const FnChecker *f, const FnSymbol *fn) {
    for (const Inlining *at = f->inlining; at != NULL; at = at->outer) {
        if (at->fn == fn) return true;
    }
    return false;
}

/* Whether a loop can run the function; reports what is in the way. */
static bool body_fits(FnChecker *f, Span span, const FnSymbol *fn) {
    Checker *c = f->c;
    const char *name = text_of(c->cx, fn->name);
    if (type_is_error(fn->result)) return false;
    for (uint32_t i = 0; i < fn->params.len; i++) {
        if (type_is_error(fn->params.data[i].local->type)) return false;
    }
    const char *message = NULL;
    if (!takes_counter(c, fn)) {
        message = "the body of a loop has one parameter, the number of the iteration: `i: int`";
    } else if (fn->result->kind != TYPE_VOID) {
        message =
            arena_printf(c->cx->arena, "the body of a loop gives no result, but `%s` does", name);
    } else if (runs_already(f, fn)) {
        message = arena_printf(c->cx->arena, "`%s` would run itself", name);
    }
    if (message != NULL) report_body(f, span, fn, message);
    return message == NULL;
}

/* The nested function that stands in the square brackets, or NULL after reporting. */
static const NestedFn *find_body(FnChecker *f, const Expr *e, bool is_simd) {
    Context *cx = f->c->cx;
    const Symbol *symbol = e->kind == EXPR_NAME ? scope_find(f->scope, e->name) : NULL;
    if (e->kind == EXPR_ERROR) return NULL;
    if (e->kind == EXPR_NAME && symbol == NULL) {
        report_unknown_name(f, e->name, e->span);
        return NULL;
    }
    if (symbol != NULL && symbol->kind == SYM_ALIAS && symbol->alias.type != NULL &&
        type_is_error(symbol->alias.type)) {
        return NULL;
    }
    const FnSymbol *fn = symbol != NULL && symbol->kind == SYM_FNS && symbol->fns.len == 1
                             ? symbol->fns.data[0]
                             : NULL;
    const NestedFn *nested = fn != NULL ? nested_find(f->c, fn) : NULL;
    if (nested == NULL) {
        const char *name = loop_name(is_simd);
        Diag *d = report_body(f, e->span, fn,
                              arena_printf(cx->arena,
                                           "`%s` runs a function that is declared inside "
                                           "the function around it",
                                           name));
        diag_note(cx, d, "as in `fn body(i: int): ...`, and then `%s[body](n)`", name);
        return NULL;
    }
    return !nested->is_broken && body_fits(f, e->span, fn) ? nested : NULL;
}

/* `[body]`, `[body, W]`. */
static const NestedFn *check_brackets(FnChecker *f, const Expr *callee, bool is_simd) {
    Context *cx = f->c->cx;
    const ArgVec *args = &callee->index.args;
    for (uint32_t i = 0; i < args->len; i++) {
        if (args->data[i].key.name.id == 0 && args->data[i].value->kind != EXPR_SLICE) continue;
        diag_add(cx, K0379, args->data[i].value->span, "`%s` takes the name of a function here",
                 loop_name(is_simd));
        return NULL;
    }
    uint32_t most = is_simd ? 2 : 1;
    if (args->len > most) {
        Diag *d =
            diag_add(cx, K0252, args->data[most].value->span, "`%s` takes %s in square brackets",
                     loop_name(is_simd), is_simd ? "a function and a width" : "one function");
        if (!is_simd) {
            diag_note(cx, d,
                      "the number of workers stands behind the count: `parallelize[body](n, 4)`");
        }
        return NULL;
    }
    if (args->len == 2) {
        Expr *width = args->data[1].value;
        int64_t lanes;
        const Const *constant = check_constant(f, width, type_int(f->c->types), "the width");
        if (constant == NULL) return NULL;
        if (!expr_known_int(f, width, &lanes) || lanes < 1) {
            diag_add(cx, K0379, width->span, "the width is the number of lanes, at least 1");
            return NULL;
        }
    }
    return find_body(f, args->data[0].value, is_simd);
}

/* A copy of the body is checked for each loop that runs it. What there is to warn of has been said where
 * it is declared. */
static void add_body(FnChecker *f, const Expr *e, const NestedFn *nested) {
    Context *cx = f->c->cx;
    const Local *param = nested->fn->params.data[0].local;
    Local **counter = arena_array(cx->arena, Local *, 1);
    *counter = local_new(f, param->name, param->span, param->type, false);
    (*counter)->is_counter = true;
    Block copy = block_clone(f->c->ids, &nested->fn->decl->body);
    Block *body = arena_copy(cx->arena, &copy, sizeof copy);
    uint32_t said = cx->diags.all.len, errors = cx->diags.errors;
    check_run_body(f, nested, body, *counter);
    if (cx->diags.errors == errors) cx->diags.all.len = said;
    ExprInfo *info = expr_info(f->c, e);
    info->body = body;
    info->locals = counter;
}

const Type *check_run_loop(FnChecker *f, Expr *e, bool is_simd) {
    Expr *callee = e->call.callee;
    uint32_t most = is_simd ? 1 : 2;
    if (callee->kind != EXPR_INDEX) {
        Diag *d = diag_add(f->c->cx, K0379, callee->span, "`%s` does not say what it runs",
                           loop_name(is_simd));
        diag_note(f->c->cx, d,
                  "the name of a nested function stands in square brackets: `%s[body](n)`",
                  loop_name(is_simd));
        check_args_alone(f, &e->call.args);
        return expr_poison(f, e);
    }
    const NestedFn *nested = check_brackets(f, callee, is_simd);
    if (!check_arg_count(f, e, 1, most, loop_name(is_simd))) return expr_poison(f, e);
    Expr *args[2] = {NULL, NULL};
    uint32_t count = e->call.args.len;
    bool good = nested != NULL;
    for (uint32_t i = 0; i < count; i++) {
        args[i] = e->call.args.data[i].value;
        check_expr(f, args[i], type_int(f->c->types));
        good = convert_index(f, args[i],
                             i == 0 ? "the number of iterations" : "the number of workers") &&
               good;
    }
    if (!good) return expr_poison(f, e);
    expr_set_args(f, e, ROLE_RUN_LOOP, type_void(f->c->types), args, count);
    expr_info(f->c, e)->flag = is_simd;
    note_call(f, nested->fn, e->span, false);
    add_body(f, e, nested);
    return type_void(f->c->types);
}
