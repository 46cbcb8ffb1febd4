/* A call of a function that has been found: each argument becomes what its parameter wants. */
#include "sema/declare.h"
#include "sema/expr.h"

static bool pass_inout(FnChecker *f, Expr *arg, const CallMatch *match, uint32_t i,
                       const char *what) {
    Context *cx = f->c->cx;
    const ParamInfo *param = &match->fn->params.data[i];
    const char *label = arena_printf(cx->arena, "`%s` changes this argument (`inout %s`)",
                                     called_name(f, match->fn), text_of(cx, param->local->name));
    const Type *type = check_place(f, arg, label), *to = param->local->type;
    if (type_is_error(type) || type_is_error(to)) return !type_is_error(type);
    note_passed(f, arg, match->fn, i);
    bool arrays = type_is_array(type) && type_is_array(to);
    if (arrays && array_lends(type, to) && type->form == to->form) return true;
    if (arrays && type->elem == to->elem && type->rank == to->rank) {
        Diag *d = diag_add(cx, K0276, arg->span, "%s is `%s`, but %s", what, type_text(cx, to),
                           expr_and_type(f, arg));
        diag_label(cx, d, param->span, "changed by `%s`", called_name(f, match->fn));
        diag_note(cx, d, "a function that changes a part of an array takes a `MutView[...]`");
        return false;
    }
    if (arrays) {
        report_array_mismatch(f, arg, to, what, param->span);
        return false;
    }
    if (type == to) return true;
    Diag *d = diag_add(cx, K0248, arg->span, "%s is `%s`, but %s", what, type_text(cx, to),
                       expr_and_type(f, arg));
    diag_note(cx, d, "what a function changes has to have its type exactly");
    return false;
}

/* An `owned` parameter takes the value over. */
static bool pass_owned(FnChecker *f, Expr *arg, const CallMatch *match, uint32_t i) {
    Context *cx = f->c->cx;
    const ParamInfo *param = &match->fn->params.data[i];
    if (param->convention != CONVENTION_OWNED) return true;
    const char *fn = called_name(f, match->fn), *name = text_of(cx, param->local->name);
    take_owned(f, arg,
               arena_printf(cx->arena, "`%s` takes this argument over (`owned %s`)", fn, name));
    return true;
}

/* Each argument becomes what its parameter wants. Sizes come later, all at once. */
static bool pass_argument(FnChecker *f, const CallMatch *match, uint32_t i) {
    Context *cx = f->c->cx;
    const ParamInfo *param = &match->fn->params.data[i];
    Expr *arg = match->args[i];
    const Type *to = param->local->type, *from = expr_type(f, arg);
    const char *what = arena_printf(cx->arena, "argument `%s` of `%s`",
                                    text_of(cx, param->local->name), called_name(f, match->fn));
    if (type_is_error(from)) return false;
    if (type_is_error(to)) return true;
    if (from->kind == TYPE_TASK && param->convention != CONVENTION_OWNED) task_given(f, expr_bare(arg));
    if (param->convention == CONVENTION_INOUT) return pass_inout(f, arg, match, i, what);
    if (match->is_map && from != type_element(from)) {
        if (from->elem == to) return true;
        report_mismatch(f, arg, to, what, param->span);
        return false;
    }
    if (type_is_array(from) && type_is_array(to)) {
        if (array_lends(from, to)) return pass_owned(f, arg, match, i);
        report_array_mismatch(f, arg, to, what, param->span);
        return false;
    }
    return convert_to(f, arg, to, what, param->span) && pass_owned(f, arg, match, i);
}

/* Checks the arguments of the only candidate, each with its parameter's type as its wish. */
static void check_matched(FnChecker *f, const CallMatch *match, uint32_t first) {
    for (uint32_t i = first; i < match->fn->params.len; i++) {
        Expr *arg = match->args[i];
        if (arg) check_expr(f, arg, match->fn->params.data[i].local->type);
    }
}

static bool args_are_values(FnChecker *f, const Expr *call) {
    const ArgVec *args = &call->call.args;
    bool good = true;
    for (uint32_t i = 0; i < args->len; i++) {
        Expr *arg = args->data[i].value;
        const Type *type = expr_type(f, arg);
        if (type->kind == TYPE_VOID || type->kind == TYPE_RANGE) type = check_value(f, arg, NULL);
        good = good && !type_is_error(type);
    }
    return good;
}

static const Type *map_type(FnChecker *f, const Expr *e, const CallMatch *match) {
    Vec(Expr *) given = {0};
    for (uint32_t i = 0; i < match->fn->params.len; i++) {
        if (match->args[i]) vec_push(f->c->cx->arena, &given, match->args[i]);
    }
    return elementwise_type(f, given.data, given.len, match->fn->result, e->call.callee->span);
}

static const Type *finish_call(FnChecker *f, Expr *e, const CallMatch *match) {
    bool good = true;
    uint32_t count = match->fn->params.len;
    for (uint32_t i = 0; i < count; i++) {
        if (match->args[i]) good = pass_argument(f, match, i) && good;
    }
    if (!good) return expr_poison(f, e);
    for (uint32_t i = 0; i < count; i++) {
        if (match->args[i]) check_escaping(f, match->fn, i, match->args[i]);
    }
    const Type *type = match->is_map ? map_type(f, e, match) : call_bind_sizes(f, e, match);
    if (!type) return expr_poison(f, e);
    if (fn_is_init(match->fn)) type = type_struct(f->c->types, match->fn->owner);
    expr_set_args(f, e, match->is_map ? ROLE_MAP : ROLE_CALL, type, match->args, count);
    expr_info(f->c, e)->fn = match->fn;
    note_call(f, match->fn, e->span, match->is_map);
    return type;
}

/* It has no code of its own that could be called. */
static const Type *call_capturing(FnChecker *f, Expr *e) {
    report_later(f->c, e->call.callee->span,
                 "calls of nested functions that use variables of the function around them");
    check_args_alone(f, &e->call.args);
    return expr_poison(f, e);
}

const Type *call_functions(FnChecker *f, Expr *e, const FnSymbolVec *fns, Expr *receiver,
                           const Type *wanted) {
    CallMatch match;
    if (fns->len == 1 && fns->data[0]->captures) return call_capturing(f, e);
    if (fns->len == 0) {
        check_args_alone(f, &e->call.args);
        return expr_poison(f, e);
    }
    if (fns->len == 1) {
        bool matched = call_match(f, e, receiver, fns->data[0], true, &match);
        if (matched) check_matched(f, &match, receiver ? 1 : 0);
        check_args_alone(f, &e->call.args);
        if (!matched || !args_are_values(f, e)) return expr_poison(f, e);
        match.is_map = call_maps(f, &match);
        return finish_call(f, e, &match);
    }
    check_args_alone(f, &e->call.args);
    if (!args_are_values(f, e)) return expr_poison(f, e);
    if (!call_choose(f, e, fns, receiver, wanted, &match)) return expr_poison(f, e);
    return finish_call(f, e, &match);
}
