/* Which of several functions of one name a call means: exact types first, then what costs least. */
#include "sema/expr.h"

const char *fn_source(FnChecker *f, const FnSymbol *fn) {
    return fn->source ? fn->source : text_of(f->c->cx, fn->name);
}

/* ---- Types ----------------------------------------------------------------------------------- */

/* Whether the function is one of scalars to a scalar, so that it can be applied elementwise. */
static bool is_scalar_fn(const FnSymbol *fn) {
    if (fn->params.len == 0 || !fn->result || fn->result->kind != TYPE_SCALAR) return false;
    for (uint32_t i = 0; i < fn->params.len; i++) {
        const ParamInfo *param = &fn->params.data[i];
        if (param->convention == CONVENTION_INOUT) return false;
        if (!param->local->type || param->local->type->kind != TYPE_SCALAR) return false;
    }
    return true;
}

/* Or a SIMD value. */
static bool some_array(FnChecker *f, Expr *const *args, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const Type *type = args[i] ? expr_type(f, args[i]) : NULL;
        if (type && type != type_element(type)) return true;
    }
    return false;
}

bool call_maps(FnChecker *f, const CallMatch *match) {
    return is_scalar_fn(match->fn) && some_array(f, match->args, match->fn->params.len);
}

enum { COST_LEND = 1, COST_MAP = 2, COST_LITERAL = 4, COST_LITERAL_OTHER = 8, COST_WIDEN = 64 };

/* What it costs to let a value of type `from` stand for a parameter; -1 when it cannot. */
static int type_cost(const FnChecker *f, const Type *from, const Type *to, const Type *wanted) {
    if (from == to || type_is_error(from) || type_is_error(to)) return 0;
    if (type_is_array(from) && type_is_array(to)) {
        if (!array_lends(from, to)) return -1;
        return from->form == to->form ? 0 : COST_LEND;
    }
    if (to->kind != TYPE_SCALAR) return -1;
    if (type_is_literal(from) && type_is_number(to)) {
        if (type_is_float(from) && !type_is_float(to)) return -1;
        if (number_hint(wanted) == to) return COST_LITERAL - 1;
        Scalar usual = type_is_float(from) ? SCALAR_F64 : SCALAR_I64;
        bool near = to->scalar == usual || (type_is_integer(from) && to->scalar == SCALAR_F64);
        return to->scalar == usual ? COST_LITERAL : near ? COST_LITERAL + 1 : COST_LITERAL_OTHER;
    }
    bool widens = f->is_def && from->kind == TYPE_SCALAR && scalar_widens(from->scalar, to->scalar);
    return widens ? COST_WIDEN + (int)scalar_bits(to->scalar) / 8 : -1;
}

static bool argument_fits(FnChecker *f, CallMatch *match, uint32_t i, const Type *wanted) {
    const ParamInfo *param = &match->fn->params.data[i];
    const Type *from = expr_type(f, match->args[i]), *to = param->local->type;
    if (match->is_map) from = type_element(from);
    int cost = type_cost(f, from, to, wanted);
    bool exact =
        param->convention == CONVENTION_INOUT && from != to && !(type_is_array(from) && cost == 0);
    if (cost < 0 || (exact && !type_is_error(from))) {
        Context *cx = f->c->cx;
        match->why = arena_printf(
            cx->arena, "`%s` is `%s`, but %s", text_of(cx, param->local->name), type_text(cx, to),
            type_is_literal(from) ? "a number is given"
                                  : arena_printf(cx->arena, "`%s` is given", type_text(cx, from)));
        return false;
    }
    match->cost += (uint32_t)cost;
    return true;
}

/* Judges the types of a call that has been distributed, its arguments checked. */
static bool types_fit(FnChecker *f, CallMatch *match, const Type *wanted) {
    match->is_map = call_maps(f, match);
    if (match->is_map) match->cost += COST_MAP;
    for (uint32_t i = 0; i < match->fn->params.len; i++) {
        if (match->args[i] && !argument_fits(f, match, i, wanted)) return false;
    }
    return true;
}

/* ---- Overloads ------------------------------------------------------------------------------- */

static void list_candidates(FnChecker *f, Diag *d, const CallMatch *matches, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const char *why = matches[i].why;
        diag_note(f->c->cx, d, "%s%s%s", fn_source(f, matches[i].fn), why ? ": " : "",
                  why ? why : "");
    }
}

static void report_none(FnChecker *f, const Expr *call, const CallMatch *matches, uint32_t count) {
    Context *cx = f->c->cx;
    StrBuf given = {0};
    for (uint32_t i = 0; i < call->call.args.len; i++) {
        const Type *type = expr_type(f, call->call.args.data[i].value);
        const char *text = type->kind == TYPE_INT_LITERAL ? "an integer"
                           : type->kind == TYPE_FLOAT_LITERAL
                               ? "a float"
                               : arena_printf(cx->arena, "`%s`", type_text(cx, type));
        strbuf_printf(&given, "%s%s", i ? ", " : "", text);
    }
    const char *name = called_name(f, matches[0].fn);
    Diag *d = call->call.args.len == 0
                  ? diag_add(cx, K0254, call->span, "no `%s` can be called without arguments", name)
                  : diag_add(cx, K0254, call->span, "no `%s` takes %s", name, strbuf_text(&given));
    strbuf_free(&given);
    list_candidates(f, d, matches, count);
}

static void report_ambiguous(FnChecker *f, const Expr *call, const CallMatch *matches,
                             uint32_t count, uint32_t cost) {
    Context *cx = f->c->cx;
    Diag *d = diag_add(cx, K0255, call->span, "more than one `%s` fits this call equally well",
                       called_name(f, matches[0].fn));
    for (uint32_t i = 0; i < count; i++) {
        if (matches[i].why || matches[i].cost != cost) continue;
        diag_note(cx, d, "%s", fn_source(f, matches[i].fn));
    }
    diag_note(cx, d, "say the type of a number, as in `f32(1.0)`");
}

bool call_choose(FnChecker *f, const Expr *call, const FnSymbolVec *fns, Expr *receiver,
                 const Type *wanted, CallMatch *match) {
    CallMatch *matches = arena_array(f->c->cx->arena, CallMatch, fns->len);
    uint32_t best = UINT32_MAX, equals = 0;
    for (uint32_t i = 0; i < fns->len; i++) {
        if (!call_match(f, call, receiver, fns->data[i], false, &matches[i]) ||
            !types_fit(f, &matches[i], wanted)) {
            continue;
        }
        if (best == UINT32_MAX || matches[i].cost < matches[best].cost) {
            best = i;
            equals = 1;
        } else if (matches[i].cost == matches[best].cost) {
            equals++;
        }
    }
    if (best == UINT32_MAX) {
        report_none(f, call, matches, fns->len);
        return false;
    }
    if (equals > 1) {
        report_ambiguous(f, call, matches, fns->len, matches[best].cost);
        return false;
    }
    *match = matches[best];
    return true;
}
