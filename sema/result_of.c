/* `-> View[f32, ?] of a`: the parameter that a returned window looks into. */
#include "sema/declare.h"

/* Whether a value of type `from` has elements that a window with elements of type `elem` can look into. */
static bool has_elements(const Type *from, const Type *elem) {
    switch (from->kind) {
    case TYPE_ERROR: return true;
    case TYPE_ARRAY: return from->elem == elem;
    case TYPE_LIST: return from->elem == elem || has_elements(from->elem, elem);
    case TYPE_STRUCT:
        for (uint32_t i = 0; i < from->strukt->fields.len; i++) {
            const Type *field = from->strukt->fields.data[i].type;
            if (field != NULL && has_elements(field, elem)) return true;
        }
        return false;
    case TYPE_TUPLE:
        for (uint32_t i = 0; i < from->item_count; i++) {
            if (has_elements(from->items[i], elem)) return true;
        }
        return false;
    case TYPE_VOID:
    case TYPE_SCALAR:
    case TYPE_VECTOR:
    case TYPE_INT_LITERAL:
    case TYPE_FLOAT_LITERAL:
    case TYPE_STR:
    case TYPE_RANGE:
    case TYPE_ARENA:
    case TYPE_TASK:
    case TYPE_POINTER:
    case TYPE_FAILURE: return false;
    }
    UNREACHABLE();
}

/* Whether some window in a value of type `result` can look into one of type `from`. */
static bool can_supply(const Type *from, const Type *result) {
    if (result->kind == TYPE_STRUCT) {
        for (uint32_t i = 0; i < result->strukt->fields.len; i++) {
            const Type *field = result->strukt->fields.data[i].type;
            if (field != NULL && type_looks(field) && can_supply(from, field)) return true;
        }
        return false;
    }
    for (uint32_t i = 0; result->kind == TYPE_TUPLE && i < result->item_count; i++) {
        if (type_looks(result->items[i]) && can_supply(from, result->items[i])) return true;
    }
    return type_is_array(result) && has_elements(from, result->elem);
}

static void report_no_param(FnChecker *f, Ident of) {
    Context *cx = f->c->cx;
    Diag *d = diag_add(cx, K0235, of.span, "there is no parameter `%s`", text_of(cx, of.name));
    diag_note(cx, d, "after `of` stands the parameter that the returned view looks into");
    Vec(const char *) names = {0};
    for (uint32_t i = 0; i < f->fn->params.len; i++) {
        vec_push(cx->arena, &names, text_of(cx, f->fn->params.data[i].local->name));
    }
    const char *near = nearest_text(text_of(cx, of.name), names.data, names.len);
    if (near == NULL) return;
    Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "did you mean `%s`?", near);
    fix_replace(cx, fix, of.span, near);
}

static void report_no_window(FnChecker *f, const FnDecl *decl) {
    Context *cx = f->c->cx;
    Diag *d =
        diag_add(cx, K0235, decl->result_of.span, "`%s` gives a `%s`, which looks into nothing",
                 text_of(cx, f->fn->name), type_text(cx, f->fn->result));
    diag_label(cx, d, decl->result->span, "`of` is for results that are views");
    Fix *fix =
        diag_fix(cx, d, FIX_AUTOMATIC, "leave `of %s` out", text_of(cx, decl->result_of.name));
    Span tail = {decl->result->span.file, decl->result->span.end, decl->result_of.span.end};
    fix_replace(cx, fix, tail, "");
}

static void report_no_elements(FnChecker *f, Ident of, const ParamInfo *param) {
    Context *cx = f->c->cx;
    const char *name = text_of(cx, of.name);
    Diag *d = diag_add(cx, K0235, of.span, "a `%s` cannot look into `%s`, which is `%s`",
                       type_text(cx, f->fn->result), name, type_text(cx, param->local->type));
    diag_label(cx, d, param->span, "`%s` is declared here", name);
}

void declare_result_of(FnChecker *f, const FnDecl *decl) {
    FnSymbol *fn = f->fn;
    Ident of = decl->result_of;
    if (type_is_error(fn->result)) return;
    if (!type_looks(fn->result)) {
        report_no_window(f, decl);
        return;
    }
    for (uint32_t i = 0; i < fn->params.len; i++) {
        const ParamInfo *param = &fn->params.data[i];
        if (!name_eq(param->local->name, of.name)) continue;
        fn->result_of = (int32_t)i;
        if (!can_supply(param->local->type, fn->result)) report_no_elements(f, of, param);
        return;
    }
    report_no_param(f, of);
}
